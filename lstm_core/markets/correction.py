"""An LSTM or a GRU that forecasts variance: by itself, or as the correction of an econometric forecast.

ln f_t = ln base_t + network(the 22 days before t), with base = 1 for the plain network. What is learnt is the logarithm
of what the base leaves unexplained, so that a network which has learnt nothing gives the base back. Notebook 09 and the
study "volatility" use it. Shapes: N days, T = 22 days a window, D = 4 inputs.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from lstm_core._checks import choose
from lstm_core.forecaster import Forecaster
from lstm_core.markets.econometric import ECONOMETRIC
from lstm_core.markets.variance import WARM, learnable, rescale, target
from lstm_core.training import History, fit

__all__ = ["BASES", "Correction", "inputs"]

BASES = ("none", "LHAR", "GJR, ranges")
INPUT_LIMIT = 8.0  # standard deviations: one crash is not to outweigh a decade
WATCHED = 0.15  # the last part of the training rows, which says when to stop


def inputs(days: pd.DataFrame, train: int) -> np.ndarray:
    """Return (N, T, D): row t holds ln variance, r / √variance, min(r, 0) and r of the days t−T … t−1.

    In units of the first `train` rows' mean and standard deviation, cut at eight of them; zeros where there is no past.
    """
    r, v = days["return"].to_numpy(), days["variance"].to_numpy()
    columns = np.column_stack([np.log(v), r / np.sqrt(v), np.minimum(r, 0), r])
    z = np.clip((columns - columns[:train].mean(0)) / columns[:train].std(0), -INPUT_LIMIT, INPUT_LIMIT)
    x = np.lib.stride_tricks.sliding_window_view(z, WARM, axis=0)[:-1].swapaxes(1, 2)
    return np.concatenate([np.zeros((WARM, *x.shape[1:])), x]).astype(np.float32)


@dataclass(frozen=True)
class Correction:
    """A model of `variance`, trained afresh at every call. Raises ValueError for a base that is not one of `BASES`."""

    base: str = "LHAR"
    cell: str = "lstm"
    hidden: int = 16
    seed: int = 0
    epochs: int = 40  # at most
    lr: float = 3e-3
    patience: int = 8

    def __call__(self, days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
        """Return the forecasts (N,) of all rows, learnt from the first `train`."""
        return self.trained(days, train, horizon)[0]

    def trained(self, days: pd.DataFrame, train: int, horizon: int = 1) -> tuple[np.ndarray, History]:
        """Return the forecasts (N,) and how the training went: squared error of logarithms, AdamW, batches of 256.

        The last 15 % of the training rows, after a gap in which no window or target reaches from one part into the
        other, say when to stop. As with every model, one factor from the training rows ends it: see `rescale`.
        """
        ln_base = np.zeros(len(days))
        if choose("base", self.base, BASES) != "none":
            ln_base = np.log(ECONOMETRIC[self.base](days, train, horizon))
        x, y, rows = inputs(days, train), np.log(target(days, horizon)) - ln_base, learnable(train, horizon)
        until = rows.stop - int(WATCHED * (rows.stop - rows.start))
        taught, watched = slice(rows.start, until - max(WARM, horizon)), slice(until, rows.stop)
        centre, spread = y[taught].mean(), y[taught].std()
        z = ((y - centre) / spread)[:, None].astype(np.float32)
        net = Forecaster(x.shape[2], self.hidden, self.cell, seed=self.seed)
        history = fit(
            net, (x[taught], z[taught]), (x[watched], z[watched]), epochs=self.epochs, lr=self.lr, batch_size=256,
            seed=self.seed, optimizer="adamw", weight_decay=0.01, patience=self.patience, progress=False,
        )  # fmt: skip
        with torch.no_grad():
            said = net(torch.from_numpy(x))[:, 0].double().numpy()
        return rescale(np.exp(ln_base + centre + spread * said), days, train, horizon), history

"""An LSTM or a GRU that forecasts variance: by itself, or as the correction of an econometric forecast.

ln f_t = ln base_t + network(the 22 days before t), with base = 1 for the plain network. What is learnt is the logarithm
of what the base leaves unexplained, so that a network which has learnt nothing gives the base back. Notebook 09 and the
study "volatility" use it. Shapes: N days, T = 22 days a window, D = 4 inputs.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from lstm_core._checks import choose, whole
from lstm_core.forecaster import Forecaster
from lstm_core.markets.variance.econometric import ECONOMETRIC
from lstm_core.markets.variance.ranges import WARM, learnable, rescale, target
from lstm_core.training import History, fit

__all__ = ["BASES", "Correction", "Learnt", "columns"]

BASES = ("none", "LHAR", "GJR, ranges")
INPUT_LIMIT = 8.0  # standard deviations: one crash is not to outweigh a decade
WATCHED = 0.15  # the last part of the training rows, which says when to stop


class Learnt(NamedTuple):
    """A trained network and the numbers that turn days into its inputs and its answer into a logarithm."""

    net: Forecaster
    centre: np.ndarray  # (D,) of the inputs, on the training rows
    spread: np.ndarray  # (D,)
    level: float  # of what is learnt, ln target − ln base
    scale: float
    history: History

    def inputs(self, days: pd.DataFrame) -> np.ndarray:
        """Return (N, T, D): row t holds the days t−T … t−1, in units of the training rows; zeros without a past."""
        x = np.lib.stride_tricks.sliding_window_view(self._units(days), WARM, axis=0)[:-1].swapaxes(1, 2)
        return np.concatenate([np.zeros((WARM, *x.shape[1:])), x]).astype(np.float32)

    def correction(self, x: np.ndarray) -> np.ndarray:
        """Return what the network adds to ln base, (N,), after windows x (N, T, D)."""
        with torch.no_grad():
            return self.level + self.scale * self.net(torch.from_numpy(x))[:, 0].double().numpy()

    def impact(self, returns: np.ndarray, lag: int) -> np.ndarray:
        """Return by which factor a day with such a return (R,), `lag` days ago, changes what the network says.

        All other days are average ones. The day's variance is an average day's plus r²/(4 ln 2), the range of the move
        itself. (News impact: Engle & Ng 1993.)
        """
        lag = whole("lag", lag, 1, WARM)
        r = np.asarray(returns, dtype=float)
        days = pd.DataFrame({"return": r, "variance": np.exp(self.centre[0]) + r**2 / (4 * np.log(2))})
        x = np.zeros((len(r) + 1, WARM, len(self.centre)), np.float32)
        x[1:, WARM - lag] = self._units(days)
        said = self.correction(x)
        return np.exp(said[1:] - said[0])

    def _units(self, days: pd.DataFrame) -> np.ndarray:
        return np.clip((columns(days) - self.centre) / self.spread, -INPUT_LIMIT, INPUT_LIMIT)


def columns(days: pd.DataFrame) -> np.ndarray:
    """Return what the network reads of each day, (N, D): ln variance, r / √variance, min(r, 0), r."""
    r, v = days["return"].to_numpy(), days["variance"].to_numpy()
    return np.column_stack([np.log(v), r / np.sqrt(v), np.minimum(r, 0), r])


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

    def trained(self, days: pd.DataFrame, train: int, horizon: int = 1) -> tuple[np.ndarray, Learnt]:
        """Return the forecasts (N,) and what was learnt: by squared error of logarithms, AdamW, batches of 256.

        The last 15 % of the training rows, after a gap in which no window or target reaches from one part into the
        other, say when to stop. As with every model, one factor from the training rows ends it: see `rescale`.
        """
        ln_base = np.zeros(len(days))
        if choose("base", self.base, BASES) != "none":
            ln_base = np.log(ECONOMETRIC[self.base](days, train, horizon))
        y, rows = np.log(target(days, horizon)) - ln_base, learnable(train, horizon)
        until = rows.stop - int(WATCHED * (rows.stop - rows.start))
        taught, watched = slice(rows.start, until - max(WARM, horizon)), slice(until, rows.stop)
        known, level, scale = columns(days)[:train], y[taught].mean(), y[taught].std()
        net = Forecaster(known.shape[1], self.hidden, self.cell, seed=self.seed)
        learnt = Learnt(net, known.mean(0), known.std(0), level, scale, History())
        x, z = learnt.inputs(days), ((y - level) / scale)[:, None].astype(np.float32)
        history = fit(
            net, (x[taught], z[taught]), (x[watched], z[watched]), epochs=self.epochs, lr=self.lr, batch_size=256,
            seed=self.seed, optimizer="adamw", weight_decay=0.01, patience=self.patience, progress=False,
        )  # fmt: skip
        forecast = np.exp(ln_base + learnt.correction(x))
        return rescale(forecast, days, train, horizon), learnt._replace(history=history)

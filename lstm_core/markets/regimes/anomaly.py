"""What the network did not expect: three anomaly scores from small LSTMs (notebook 11).

Each is a function (days, train, *, hidden, epochs, seed) -> Anomaly; `detector` makes one like those of `regimes` of
it. Weights, scaler and the time to stop come from the first `train` days alone: their last 500, after an embargo, tell
when to stop. Shapes: N days, T = LENGTH days a window, D columns, H hidden.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from lstm_core._checks import whole
from lstm_core.forecaster import Forecaster
from lstm_core.markets.regimes.detectors import column
from lstm_core.training import fit

__all__ = [
    "LENGTH", "NETWORKS", "Anomaly", "Autoencoder", "autoencoder", "detector", "expected_volatility", "forecast",
    "residual",
]  # fmt: skip

LENGTH = 20  # days that a network sees at a time
PATIENCE, BATCH, LR = 5, 128, 5e-3


class Anomaly(NamedTuple):
    score: np.ndarray  # (N,) NaN on the first T days, which fill no window
    valid_loss: float  # mean squared error on the held-out training days, in units of the target's variance


def detector(anomaly: Callable[..., Anomaly], **options) -> Callable[[pd.DataFrame, int], np.ndarray]:
    """Return `anomaly` with its options set, as a detector (days, train) -> score (N,)."""
    return lambda days, train: anomaly(days, train, **options).score


def residual(days: pd.DataFrame, train: int, *, hidden: int = 8, epochs: int = 40, seed: int = 0) -> Anomaly:
    """|r_t − r̂_t| / s: the size of the error of a forecast of the day before, s that of the training days (RMS)."""
    r = column(days, "return", train)
    expected, loss = forecast(r[:, None], train, hidden=hidden, epochs=epochs, seed=seed)
    error = np.abs(r[LENGTH:] - expected[:-1])
    return _anomaly(error / np.sqrt(np.mean(error[: train - LENGTH] ** 2)), loss)


def expected_volatility(
    days: pd.DataFrame, train: int, *, hidden: int = 16, epochs: int = 40, seed: int = 0
) -> Anomaly:
    """The log-variance that the network expects of tomorrow, at today's close, from the ranges and returns so far."""
    r, x = column(days, "return", train), column(days, "log_variance", train)
    features = np.stack([x, r, np.abs(r)], axis=1)
    expected, loss = forecast(features, train, hidden=hidden, epochs=epochs, seed=seed)
    return _anomaly(expected[1:], loss)


def autoencoder(days: pd.DataFrame, train: int, *, hidden: int = 8, epochs: int = 40, seed: int = 0) -> Anomaly:
    """The mean squared error with which the last T returns, today's with them, come back out of `hidden` numbers."""
    z = _standardise(column(days, "return", train)[:, None], train)
    windows, model = _windows(z), Autoencoder(1, hidden, seed=seed)
    last = train - LENGTH + 1  # windows that end within the training days
    loss = _fit(model, windows[:last], windows[:last], LENGTH, epochs, seed)
    errors = ((_ask(model, windows) - windows) ** 2).mean(axis=(1, 2))
    return _anomaly(errors[1:], loss)


NETWORKS = {"LSTM residual": residual, "LSTM autoencoder": autoencoder, "LSTM volatility": expected_volatility}


class Autoencoder(nn.Module):
    """Read x (N, T, D) with an LSTM, keep `hidden_size` numbers, and let a second LSTM write the window out of them."""

    def __init__(self, input_size: int, hidden_size: int, *, seed: int = 0) -> None:
        super().__init__()
        self.encoder = Forecaster(input_size, hidden_size, output_size=hidden_size, seed=seed)
        self.decoder = Forecaster(hidden_size, 2 * hidden_size, output_size=input_size, every_step=True, seed=seed + 1)

    def forward(self, x: Tensor) -> Tensor:
        code = self.encoder(x)  # (N, H)
        return self.decoder(code[:, None].expand(-1, x.shape[1], -1))


def forecast(
    values: np.ndarray, train: int, *, hidden: int = 8, epochs: int = 40, seed: int = 0
) -> tuple[np.ndarray, float]:
    """Return what an LSTM expects of column 0, each day from the T before it, and the network's validation loss.

    `values` is (N, D). The forecasts (N − T + 1,) are for the days T, T + 1, … N: the last is for the day after.
    Weights and scale are from the first `train` rows; ValueError where those are too few to leave any for training.
    """
    z, model = _standardise(values, train), Forecaster(values.shape[1], hidden, seed=seed)
    windows = _windows(z)
    loss = _fit(model, windows[: train - LENGTH], z[LENGTH:train, :1], 1, epochs, seed)
    target = values[:train, 0]
    return target.mean() + target.std() * _ask(model, windows)[:, 0], loss


def _standardise(values: np.ndarray, train: int) -> np.ndarray:
    """In units of the first `train` rows' mean and standard deviation, cut off at ±8 of them."""
    centre, spread = values[:train].mean(axis=0), values[:train].std(axis=0)
    if not (spread > 0).all():
        raise ValueError("a column never changes on the training days, so it has no scale: drop it")
    return np.clip((values - centre) / spread, -8, 8)


def _fit(model: nn.Module, x: np.ndarray, y: np.ndarray, embargo: int, epochs: int, seed: int) -> float:
    held_out = min(500, len(x) // 4)
    n = len(x) - held_out - embargo
    whole("training windows", n, 20)
    valid = x[n + embargo :], y[n + embargo :]
    options = dict(lr=LR, batch_size=BATCH, patience=PATIENCE, progress=False)
    return min(fit(model, (x[:n], y[:n]), valid, epochs=epochs, seed=seed, **options).valid_loss)


def _windows(z: np.ndarray) -> np.ndarray:
    """Every T days in a row, (N − T + 1, T, D); the first ends on day T − 1."""
    return np.lib.stride_tricks.sliding_window_view(z, LENGTH, axis=0).swapaxes(1, 2).copy()


@torch.no_grad()
def _ask(model: nn.Module, windows: np.ndarray) -> np.ndarray:
    return model(torch.tensor(windows, dtype=torch.float32)).numpy().astype(float)


def _anomaly(values: np.ndarray, loss: float) -> Anomaly:
    return Anomaly(np.concatenate([np.full(LENGTH, np.nan), values]), loss)

"""The network of notebook 08: it reads a window of returns and says the next one. A `Forecast`, as the baselines are.

The notebook trains it live and the study "returns" with more seeds. Shapes: N samples, M test samples, T days a window,
D features; K days in all.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from lstm_core.forecaster import Forecaster
from lstm_core.markets.data.samples import windows
from lstm_core.markets.returns.baselines import Forecast
from lstm_core.training import fit

__all__ = ["lstm", "on_days"]


def lstm(x_train, y_train, x_test, hidden, seed, held_out=0, **options):
    """Train an LSTM with a linear head on windows (N, T, D) and targets (N,); return its forecasts (M,).

    The last `held_out` samples, but for one day of embargo, do not train: they say when to stop (`patience`).
    """
    n = len(x_train) - held_out
    train = x_train[:n], y_train[:n, None]
    valid = (x_train[n + 1 :], y_train[n + 1 :, None]) if held_out else None
    model = Forecaster(input_size=x_train.shape[2], hidden_size=hidden, seed=seed)
    fit(model, train, valid, lr=2e-3, seed=seed, progress=False, **options)
    with torch.no_grad():
        return model(torch.tensor(x_test, dtype=torch.float32))[:, 0].numpy()


def on_days(forecast: Forecast, length: int, embargo: int = 1) -> Callable[[pd.DataFrame, int], np.ndarray]:
    """Return `forecast` as a model of days, model(days, train) -> (K,), as `guard.check_causal` and studies ask for.

    The target is the next row of the first column. Windows of `length` days are cut here; those whose target lies among
    the first `train` rows, but for the last `embargo` of them, are learnt from. Rows before `train` are NaN.
    """

    def model(days: pd.DataFrame, train: int) -> np.ndarray:
        x, y, _ = windows(days, length)
        start = train - length  # the first sample to be forecast: its target is row `train`
        known = slice(0, start - embargo)
        return np.concatenate([np.full(train, np.nan), forecast(x[known], y[known], x[start:])])

    return model

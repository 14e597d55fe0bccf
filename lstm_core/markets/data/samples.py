"""From prices to samples: returns, and windows of days with the day that follows.

Apart from `prices`, so that a study which cuts windows does not hang on how Yahoo is asked. Shapes: N samples, T window
length, D features.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats

__all__ = ["Windows", "log_returns", "windows"]


class Windows(NamedTuple):
    x: np.ndarray  # (N, T, D) the T days before each target
    y: np.ndarray  # (N,) the target: the next day's value of the first column
    dates: pd.Index  # (N,) the target's day


def log_returns(close: pd.Series) -> pd.Series:
    """Return r_t = 100 ln(P_t / P_{t−1}), each day's log-return in per cent, one row fewer than `close`."""
    prices = as_floats("close", close, ("T",))
    if len(prices) < 2 or (prices <= 0).any():
        raise ValueError(f"close should hold two or more positive prices; got {len(prices)}, down to {prices.min():g}")
    return pd.Series(100 * np.diff(np.log(prices)), close.index[1:], name="return")


def windows(series: pd.Series | pd.DataFrame, length: int) -> Windows:
    """Cut `series` (columns: D features, the target first) into every window of `length` days and the day that follows.

    x[n] holds days n … n+T−1 and y[n] day n+T, so that no window contains its own target. Raises ValueError if there
    is not a single window.
    """
    values = as_floats("series", pd.DataFrame(series), ("T", "D"))
    if not 1 <= length < len(values):
        raise ValueError(f"length is {length}, but {len(values)} days allow windows of 1 to {len(values) - 1} days")
    x = np.lib.stride_tricks.sliding_window_view(values, length, axis=0)[:-1]  # (N, D, T)
    return Windows(np.ascontiguousarray(x.swapaxes(1, 2)), values[length:, 0].copy(), series.index[length:])

"""How large a day's variance was, judged by its range; what is to be forecast of it, and when a model may be refitted.

Notebook 09 and the study "volatility" use it. Shapes: N days. Returns in per cent, variances in per cent squared a day.
A model is `model(days, train, horizon) -> (N,)`: its row t forecasts the mean variance of the days t … t+horizon−1 from
the days before t, with parameters from the first `train` rows.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats, whole

__all__ = [
    "WARM", "Fold", "Model", "folds", "learnable", "parkinson", "rescale", "rolling", "target", "walk",
    "with_range",
]  # fmt: skip

WARM = 22  # rows of past, a trading month, without which no model here forecasts
Model = Callable[[pd.DataFrame, int, int], np.ndarray]


class Fold(NamedTuple):
    start: int  # the first row to be forecast: all rows before it may be learnt from
    stop: int  # the row after the last


def parkinson(bars: pd.DataFrame) -> pd.Series:
    """Return the variance of each day (N,) in per cent squared, from its highest and its lowest price.

    100² (ln High − ln Low)² / (4 ln 2): for a Brownian motion without drift its mean is the variance, at a fifth of the
    squared return's own variance (Parkinson 1980). It sees the trading hours alone: what the price does overnight is
    not in it. Raises ValueError for bars without High and Low, or in which a High is not above its Low.
    """
    if not {"High", "Low"} <= set(bars.columns):
        raise ValueError(f"bars have {', '.join(bars.columns)}, but the range needs High and Low: SP500 has them")
    high, low = (as_floats(name, bars[name], ("N",)) for name in ("High", "Low"))
    if not (low > 0).all() or not (high > low).all():
        day = bars.index[np.argmin((low > 0) & (high > low))]
        raise ValueError(f"on {day:%Y-%m-%d} High is not above Low, or not positive: drop such days first")
    return pd.Series(100**2 * np.log(high / low) ** 2 / (4 * np.log(2)), bars.index, name="variance")


def with_range(bars: pd.DataFrame) -> pd.DataFrame:
    """Return what a model reads of daily bars, (N−1) rows: "return", the close's log-return, and "variance"."""
    returns = pd.Series(100 * np.diff(np.log(bars["Close"])), bars.index[1:])
    return pd.DataFrame({"return": returns, "variance": parkinson(bars)[1:]})


def target(days: pd.DataFrame, horizon: int = 1) -> np.ndarray:
    """Return the mean variance of the days t … t+horizon−1 for each t (N,); NaN for the last horizon−1 days."""
    horizon = whole("horizon", horizon, 1, len(days))
    return days["variance"].rolling(horizon).mean().shift(1 - horizon).to_numpy()


def learnable(train: int, horizon: int) -> slice:
    """Return the rows whose target is known when row `train` is to be forecast: no target reaches into it."""
    if train - horizon < 2 * WARM:
        raise ValueError(
            f"{train} training rows are too few for {horizon} day(s) ahead: give {2 * WARM + horizon} at least"
        )
    return slice(WARM, train - horizon + 1)


def rescale(forecast: np.ndarray, days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """Return `forecast` (N,) times one number: what makes the mean of target / forecast 1 on the training rows.

    That is the factor with the lowest QLIKE there. It brings a variance from close to close, nights included, to the
    range's scale, and the exponential of a forecast logarithm to that of a mean.
    """
    rows = learnable(train, horizon)
    return forecast * np.mean(target(days, horizon)[rows] / forecast[rows])


def rolling(model: Model, length: int) -> Model:
    """Return `model` that learns from the last `length` training rows alone, as the test of Giacomini & White asks."""

    def recent(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
        first = train - whole("length", length, 1, train)
        return np.concatenate([np.full(first, np.nan), model(days[first:], train - first, horizon)])

    return recent


def folds(days: pd.DataFrame, first: int, last: int, years: int = 1) -> list[Fold]:
    """Return the stretches of so many calendar years from the year `first` to `last`, each learnt from all before."""
    starts = days.index.searchsorted([pd.Timestamp(year, 1, 1) for year in range(first, last + 1, years)])
    stop = days.index.searchsorted(pd.Timestamp(last + 1, 1, 1))
    if len(starts) == 0 or starts[0] == 0 or starts[-1] >= stop:
        span = f"{days.index[0].year} to {days.index[-1].year}"
        raise ValueError(f"the years {first} to {last} do not lie in {span} with a year to learn from: take others")
    return [Fold(int(a), int(b)) for a, b in zip(starts, [*starts[1:], stop], strict=True)]


def walk(model: Model, days: pd.DataFrame, stretches: list[Fold], horizon: int = 1) -> pd.Series:
    """Refit `model` at the start of each fold and return its forecasts of all of them, by date."""
    parts = [np.asarray(model(days[:stop], start, horizon))[start:] for start, stop in stretches]
    return pd.Series(np.concatenate(parts), days.index[stretches[0].start : stretches[-1].stop])

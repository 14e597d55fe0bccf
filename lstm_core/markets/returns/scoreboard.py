"""One scoreboard for every forecast: walk forward in time, score, test, and say plainly who does not beat whom.

Notebook 08 uses it on returns, 09 on variances. Shapes: N samples, T window length, D features, M test days of all
folds together.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.model_selection import TimeSeriesSplit
from statsmodels.stats.proportion import proportion_confint

from lstm_core._checks import as_floats
from lstm_core.markets.returns.baselines import BASELINES, Forecast
from lstm_core.markets.significance import diebold_mariano

__all__ = ["Illusion", "Scoreboard", "illusion", "walk_forward"]

SIGNIFICANCE = 0.05
FIVE_FOLDS = TimeSeriesSplit(5, gap=1)


class Scoreboard(NamedTuple):
    """Out-of-sample forecasts of several models, and what they are worth. `print` it for the table and the verdicts."""

    actual: pd.Series  # (M,) what came, by date
    forecasts: pd.DataFrame  # (M, models) baselines first; the first of them is the benchmark of R² and DM
    scale: pd.Series  # (M,) the benchmark's mean absolute error in the training part of each day's fold
    baselines: tuple[str, ...]  # the columns that a model has to beat

    def errors(self) -> pd.DataFrame:
        """Return actual − forecast, (M, models)."""
        return self.forecasts.rsub(self.actual, axis=0)

    def table(self) -> pd.DataFrame:
        """Return the scores, one row a model.

        RMSE and MASE (Hyndman & Koehler 2006: |error| over the benchmark's in training); the Diebold–Mariano p-value
        against the benchmark; R2 % = 100 (1 − SSE / SSE of the benchmark) (Campbell & Thompson 2008) and ± the half of
        its 95 % interval, from the variance of that test; the share of days called in the right direction and its 95 %
        Wilson interval, low to high. A forecast of zero calls no direction.
        """
        e = self.errors()
        sse = (e**2).sum()
        table = pd.DataFrame({"RMSE": (e**2).mean() ** 0.5, "MASE": e.abs().div(self.scale, axis=0).mean()})
        tests = np.array([self._dm(model, e.columns[0]) if sse[model] != sse.iloc[0] else (np.nan,) * 2 for model in e])
        table["DM p"] = tests[:, 1]
        table["R2 %"] = 100 * (1 - sse / sse.iloc[0])
        table["±"] = 1.96 * abs(table["R2 %"] / tests[:, 0])
        table[["direction", "low", "high"]] = [self._direction(self.forecasts[model]) for model in e]
        table.loc["always up", ["direction", "low", "high"]] = self._direction(pd.Series(1.0, self.actual.index))
        return table

    def beats(self, model: str, baseline: str) -> bool:
        """Return whether `model` has the lower squared error and Diebold–Mariano gives chance less than 5 %."""
        statistic, p = self._dm(model, baseline)
        return statistic < 0 and p < SIGNIFICANCE

    def verdict(self, model: str) -> str:
        """Return in words which baselines `model` beats and which it does not."""
        rivals = [name for name in self.baselines if name != model]
        lost = [name for name in rivals if not self.beats(model, name)]
        won = [name for name in rivals if name not in lost]
        words = [f"beats {', '.join(won)}"] * bool(won) + [f"does not beat {', '.join(lost)}"] * bool(lost)
        return f"{model} {'; '.join(words)}"

    def __str__(self) -> str:
        index = self.actual.index
        first, last = (str(day)[:10] for day in index[[0, -1]])
        unit = "quarters" if isinstance(index, pd.PeriodIndex) and index.freqstr.startswith("Q") else "days"
        two_digits = dict.fromkeys(("DM p", "R2 %", "±"), "{:.2f}".format)
        rows = self.table().to_string(na_rep="–", formatters=two_digits, float_format="{:.3f}".format)
        verdicts = [self.verdict(model) for model in self.forecasts if model not in self.baselines]
        return "\n".join([f"{len(index):,} {unit} out of sample, {first} to {last}", rows, *verdicts])

    def _dm(self, model: str, rival: str) -> tuple[float, float]:
        e = self.errors()
        return diebold_mariano(e[model] ** 2, e[rival] ** 2)

    def _direction(self, forecast: pd.Series) -> tuple[float, float, float]:
        called = (forecast != 0) & (self.actual != 0)
        if not called.any():
            return np.nan, np.nan, np.nan
        hits = int((np.sign(forecast) == np.sign(self.actual))[called].sum())
        return hits / called.sum(), *proportion_confint(hits, int(called.sum()), method="wilson")


def walk_forward(
    forecasters: Mapping[str, Forecast],
    x: np.ndarray,
    y: np.ndarray,
    dates: pd.Index | None = None,
    *,
    folds=FIVE_FOLDS,
    baselines: Mapping[str, Forecast] = BASELINES,
    horizon: int = 1,
    n_jobs: int = 1,
) -> Scoreboard:
    """Refit every forecaster on what precedes a fold, forecast the fold, go on to the next; return the scoreboard.

    x (N, T, D) and y (N,) stand in time order. `folds` is scikit-learn's TimeSeriesSplit, whose `gap` is the embargo:
    samples between training and test part that neither may use, at least as many as the target's `horizon` in days,
    which is one more than keeps the targets apart. Any other splitter will do if it keeps to that, such as skfolio's
    WalkForward. With `n_jobs` the refits run side by side through joblib, or, whatever `n_jobs` is, on a cluster under
    `joblib.parallel_config("dask")`, whose workers have one thread each and can import the forecasters.

    Raises ValueError for samples that do not match, folds that look ahead or leave out too short an embargo, and
    forecasts that are not finite or not one a day.
    """
    x, y = as_floats("x", x, ("N", "T", "D")), as_floats("y", y, ("N",))
    dates = pd.RangeIndex(len(y)) if dates is None else pd.Index(dates)
    if not len(x) == len(y) == len(dates) or not dates.is_monotonic_increasing:
        lengths = f"{len(x)}, {len(y)} and {len(dates)}"
        raise ValueError(f"x, y and dates should be equally long and in time order, but have {lengths} rows: sort them")
    splits = list(folds.split(x))
    embargo = min(b.min() - a.max() - 1 for a, b in splits)
    if embargo < horizon:
        raise ValueError(f"the embargo of {folds} is {embargo}, but should be at least the horizon of {horizon} day(s)")
    models = {**baselines, **forecasters}
    if not models:
        raise ValueError("there is no forecaster to walk forward with: give at least one, or a baseline")
    if len(models) < len(baselines) + len(forecasters):
        raise ValueError(f"a forecaster is called like a baseline, {' or '.join(baselines)}: give it another name")
    jobs = [delayed(_forecast)(name, f, x[a], y[a], x[b]) for name, f in models.items() for a, b in splits]
    forecasts = np.reshape(Parallel(n_jobs)(jobs), (len(models), -1))  # (models, M)
    naive = next(iter(models.values()))
    scale = [np.full(len(b), np.abs(y[a] - naive(x[a], y[a], x[a])).mean()) for a, b in splits]
    test = np.concatenate([b for _, b in splits])
    return Scoreboard(
        actual=pd.Series(y[test], dates[test]),
        forecasts=pd.DataFrame(forecasts.T, dates[test], list(models)),
        scale=pd.Series(np.concatenate(scale), dates[test]),
        baselines=tuple(baselines),
    )


def _forecast(name: str, forecaster: Forecast, *parts: np.ndarray) -> np.ndarray:
    forecast, days = np.asarray(forecaster(*parts), dtype=float), len(parts[-1])
    if forecast.shape != (days,) or not np.isfinite(forecast).all():
        holds = f"{np.isfinite(forecast).sum()} finite value(s) in shape {forecast.shape}"
        raise ValueError(f"{name} should return {days} finite forecasts in shape ({days},), but returned {holds}")
    return forecast


class Illusion(NamedTuple):
    """A forecast of a price level beside "tomorrow = today"; every score comes as (forecast's, persistence's)."""

    r2: tuple[float, float]  # coefficient of determination of the levels
    rmse: tuple[float, float]  # in the price's own units
    corr_today: float  # corr(forecast for t, price at t)
    corr_yesterday: float  # corr(forecast for t, price at t−1)
    p: float  # Diebold–Mariano, two-sided, forecast against persistence
    verdict: str


def illusion(actual: np.ndarray, yesterday: np.ndarray, forecast: np.ndarray) -> Illusion:
    """Score the forecast of a price level (M,) beside persistence, whose forecast is `yesterday` (M,).

    An R² of 0.99 says that prices move slowly; that the forecast resembles yesterday's price more than the one it is
    for says where it comes from.
    """
    actual = as_floats("actual", actual, ("M",))
    yesterday, forecast = as_floats("yesterday", yesterday, actual.shape), as_floats("forecast", forecast, actual.shape)
    losses = [(actual - guess) ** 2 for guess in (forecast, yesterday)]
    statistic, p = diebold_mariano(*losses)
    won = "beats" if statistic < 0 and p < SIGNIFICANCE else "does not beat"
    worse = ", and is significantly worse" if statistic > 0 and p < SIGNIFICANCE else ""
    return Illusion(
        r2=tuple(float(1 - loss.mean() / actual.var()) for loss in losses),
        rmse=tuple(float(np.sqrt(loss.mean())) for loss in losses),
        corr_today=float(np.corrcoef(forecast, actual)[0, 1]),
        corr_yesterday=float(np.corrcoef(forecast, yesterday)[0, 1]),
        p=p,
        verdict=f"{won} persistence{worse}",
    )

"""Three decades of econometrics against the network: EWMA, GARCH, GJR and the HAR family, as models of `variance`.

Each answers `model(days, train, horizon) -> (N,)`, NaN where the past is too short; ECONOMETRIC has them rescaled on
their training rows. Notebook 09 names and scores them. Shapes: N days, K regressors.
"""

from functools import wraps

import numpy as np
import pandas as pd

from lstm_core.markets.variance.ranges import WARM, Model, learnable, rescale, target

__all__ = ["ECONOMETRIC", "ewma", "garch", "gjr_range", "gjr_t", "har", "leverage_har", "log_har"]


def ewma(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """RiskMetrics: f_{t+1} = 0.94 f_t + 0.06 r_t². Estimates nothing."""
    return _for_tomorrow((days["return"] ** 2).ewm(alpha=0.06, adjust=False).mean())


def garch(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """GARCH(1,1) of returns, normal errors (Bollerslev 1986)."""
    return _arch(days["return"], train, horizon)


def gjr_t(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """GJR-GARCH(1,1,1) of returns, errors by Student's t (Glosten, Jagannathan & Runkle 1993): bad news weighs more."""
    return _arch(days["return"], train, horizon, o=1, dist="t")


def gjr_range(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """The same recursion fed with ranges: GJR of sign(r) √variance, whose square is Parkinson's measure itself."""
    signed = np.where(days["return"] < 0, -1.0, 1.0) * np.sqrt(days["variance"])
    return _arch(signed, train, horizon, mean="Zero", o=1)


def har(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """HAR: least squares on the last day's, week's and month's mean variance (Corsi 2009), at least the least seen."""
    y, rows = target(days, horizon), learnable(train, horizon)
    return np.maximum(_least_squares(_means(days["variance"]), y, rows), y[rows].min())


def log_har(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """HAR in logarithms."""
    return _log_regression(_means(np.log(days["variance"])), days, train, horizon)


def leverage_har(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
    """LHAR: HAR in logarithms, with the last day's, week's and month's mean of negative returns (Corsi & Renò 2012).

    Its forecast is kept within the range of the training targets: a −9% day would send it off by an exponential.
    """
    falls = _means(np.minimum(days["return"], 0))
    return _log_regression(np.hstack([_means(np.log(days["variance"])), falls]), days, train, horizon)


def _log_regression(x: np.ndarray, days: pd.DataFrame, train: int, horizon: int) -> np.ndarray:
    y, rows = np.log(target(days, horizon)), learnable(train, horizon)
    return np.exp(np.clip(_least_squares(x, y, rows), y[rows].min(), y[rows].max()))


def _least_squares(x: np.ndarray, y: np.ndarray, rows: slice) -> np.ndarray:
    x = np.column_stack([np.ones(len(x)), x])
    return x @ np.linalg.lstsq(x[rows], y[rows], rcond=None)[0]


def _means(series: pd.Series) -> np.ndarray:
    """Return the means of the 1, 5 and 22 days before each day, (N, 3)."""
    return np.column_stack([_for_tomorrow(series.rolling(length).mean()) for length in (1, 5, WARM)])


def _arch(series, train: int, horizon: int, **model) -> np.ndarray:
    from arch import arch_model

    series = np.asarray(series)
    fitted = arch_model(series[:train], **model).fit(disp="off", tol=1e-8)
    ahead = arch_model(series, **model).fix(fitted.params).forecast(horizon=horizon, start=0, reindex=True)
    return _for_tomorrow(ahead.variance.mean(axis=1))


def _for_tomorrow(series: pd.Series) -> np.ndarray:
    """Move what is known at the close of a day to the row of the next."""
    return series.shift(1).to_numpy()


def _rescaled(model: Model) -> Model:
    @wraps(model)
    def scaled(days: pd.DataFrame, train: int, horizon: int = 1) -> np.ndarray:
        return rescale(model(days, train, horizon), days, train, horizon)

    return scaled


ECONOMETRIC: dict[str, Model] = {
    name: _rescaled(model)
    for name, model in {
        "EWMA": ewma, "GARCH": garch, "GJR-t": gjr_t, "HAR": har, "log-HAR": log_har, "LHAR": leverage_har,
        "GJR, ranges": gjr_range,
    }.items()
}  # fmt: skip

"""What selling variance paid, and whether a forecast knows what the VIX does not: the statistics of notebook 09.

All of it takes windows that share no day, or else wants enough `lags` to cover what they share.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from arch.bootstrap import IIDBootstrap
from scipy import stats
from statsmodels.api import OLS, add_constant

from lstm_core._checks import as_floats, whole
from lstm_core.markets.significance import p_text

__all__ = ["Encompassing", "Signal", "encompassing", "signal_worth", "summary"]


def summary(pnl: pd.DataFrame, *, seed: int = 0, resamples: int = 2000) -> pd.DataFrame:
    """Return one row for each column of `pnl` (M, strategies): what it earned a window, in the unit of `pnl`.

    n; mean; sd, of a window; worst; t = mean / (sd/√n) and its two-sided p; low and high, the 95 % interval of the mean
    by the bias-corrected and accelerated bootstrap (Efron 1987; `arch`), which minds the skew of a seller's P&L. All of
    them take the windows as independent, and none knows a crash that these years did not have.
    """
    values, rows = as_floats("pnl", pnl, ("M", "strategies")), {}
    for name, x in zip(pnl.columns, values.T, strict=True):
        t, p = stats.ttest_1samp(x, 0)
        low, high = IIDBootstrap(x, seed=seed).conf_int(np.mean, resamples, method="bca")[:, 0]
        row = {"n": len(x), "mean": x.mean(), "sd": x.std(ddof=1), "worst": x.min()}
        rows[name] = row | {"t": t, "p": p, "low": low, "high": high}
    return pd.DataFrame.from_dict(rows, orient="index")


class Signal(NamedTuple):
    sold: int  # windows in which the signal said sell
    left: int  # windows that it let pass
    mean_sold: float  # P&L of a straddle sold in the one and in the other, in the P&L's unit
    mean_left: float
    p: float  # Welch's two-sided test: are the two means the same?

    def __str__(self) -> str:
        left = f"let pass {self.left}, mean {self.mean_left:.2f}"
        return f"sold {self.sold}, mean {self.mean_sold:.2f}; {left}; Welch's {p_text(self.p)}"


def signal_worth(pnl, sell) -> Signal:
    """Return what a signal `sell` (M,), true or false before each window, tells about the P&L (M,) of a sale.

    A signal is worth something if the windows that it sells pay more than those that it lets pass (Welch 1947). Raises
    ValueError unless it has done either at least twice.
    """
    pnl, sell = as_floats("pnl", pnl, ("M",)), np.asarray(sell, dtype=bool)
    if sell.shape != pnl.shape or min(sell.sum(), (~sell).sum()) < 2:
        counts = f"true {sell.sum()} and false {(~sell).sum()} times"
        raise ValueError(
            f"sell is {counts}, but needs both twice or more, and one value for each of {len(pnl)} windows"
        )
    p = stats.ttest_ind(pnl[sell], pnl[~sell], equal_var=False).pvalue
    return Signal(int(sell.sum()), int((~sell).sum()), float(pnl[sell].mean()), float(pnl[~sell].mean()), float(p))


class Encompassing(NamedTuple):
    table: pd.DataFrame  # one row a forecast: R2 alone; coefficient, error, t, p beside the others
    r2: float  # of all forecasts together
    n: int
    lags: int

    def __str__(self) -> str:
        rows = self.table.to_string(float_format="{:.2f}".format)
        return f"{rows}\nR² of all together {self.r2:.2f}; {self.n:,} windows, HAC errors with {self.lags} lags"


def encompassing(realised, forecasts: Mapping[str, np.ndarray], *, lags: int | None = None) -> Encompassing:
    """Regress the log of the variance that came (N,) on the logs of forecasts of it (N,), on each alone and on all.

    ln RV = a + Σ b_k ln F_k + u

    A forecast *encompasses* another if that one's coefficient beside it is zero: then the other has nothing to add
    (Fair & Shiller 1990; Christensen & Prabhala 1998 for implied volatility). Only logs count, so it does not matter by
    what factor a forecast is off, as VIX² is by its premium. Errors are Newey–West's with `lags` lags, ⌈N^⅓⌉ unless
    given, p from Student's t: for windows of h days that begin every day give 2h or so, as neighbours share h − 1.
    """
    y = _log("realised", realised)
    logs = {name: _log(name, f, len(y)) for name, f in forecasts.items()}
    lags = int(np.ceil(len(y) ** (1 / 3))) if lags is None else whole("lags", lags, 0, len(y) - 1)
    if not 0 < len(logs) < len(y) - 1:
        raise ValueError(f"there are {len(logs)} forecasts of {len(y)} variances: give one or more, but few of them")
    alone = [_fit(y, x[:, None], lags).rsquared for x in logs.values()]
    fit = _fit(y, np.column_stack(list(logs.values())), lags)
    columns = {"R2 alone": alone, "coefficient": fit.params[1:], "error": fit.bse[1:], "t": fit.tvalues[1:]}
    table = pd.DataFrame({**columns, "p": fit.pvalues[1:]}, list(logs))
    return Encompassing(table, float(fit.rsquared), len(y), lags)


def _fit(y: np.ndarray, x: np.ndarray, lags: int):
    return OLS(y, add_constant(x, has_constant="raise")).fit(cov_type="HAC", cov_kwds={"maxlags": lags}, use_t=True)


def _log(name: str, variance, n: int | str = "N") -> np.ndarray:
    variance = as_floats(name, variance, (n,))
    if not (variance > 0).all():
        raise ValueError(f"{name} goes down to {variance.min():g}, but should be positive: its logarithm is taken")
    return np.log(variance)

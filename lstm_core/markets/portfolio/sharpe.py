"""The Sharpe ratio and how little is known of it: an interval, a test of a difference, and what searching costs.

Notebook 10 uses it. Shapes: M days, P portfolios. All ratios are yearly, √252 times the daily one, of returns over a
risk-free rate of zero.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats, whole
from lstm_core.markets.significance import diebold_mariano

__all__ = [
    "Comparison", "compare", "deflated", "influence", "lead", "overview", "probabilistic", "sharpe", "sharpe_test",
]  # fmt: skip

YEAR = 252


class Comparison(NamedTuple):
    """The Sharpe ratios of P portfolios, with 95% intervals, and how far each lies above that of the first."""

    table: pd.DataFrame  # (P, 7): Sharpe, low, high, difference, its low and high, p
    block: float  # mean length of a bootstrap block, days
    days: int


def sharpe(returns) -> float:
    """√252 · mean / standard deviation of daily returns (M,). ValueError if they never change."""
    r = as_floats("returns", returns, ("M",))
    if r.std() < 1e-12:
        raise ValueError("the returns never change, so there is no risk to divide by: what are these days?")
    return float(np.sqrt(YEAR) * r.mean() / r.std())


def overview(accounts: Mapping, costs_bp: Sequence[float] = (0, 10)) -> pd.DataFrame:
    """The yearly Sharpe ratio of each Account at each cost, and its turnover a year, bought + sold; a row each."""
    lines = {
        name: [*(sharpe(account.net(cost)) for cost in costs_bp), account.yearly_turnover()]
        for name, account in accounts.items()
    }
    return pd.DataFrame.from_dict(lines, "index", columns=[*(f"Sharpe, {cost} bp" for cost in costs_bp), "turnover"])


def influence(returns) -> np.ndarray:
    """Numbers (M,) whose mean is the Sharpe ratio S and whose scatter tells how well it is known.

    ψ_t = S + √252 z_t − S (z_t² − 1) / 2,   z_t = (r_t − mean) / std

    It is how S moves with each day, to first order (the delta method, as in Lo 2002 and Ledoit & Wolf 2008).
    """
    S, r = sharpe(returns), np.asarray(returns, dtype=float)
    z = (r - r.mean()) / r.std()
    return S + np.sqrt(YEAR) * z - S / 2 * (z**2 - 1)


def sharpe_test(returns, rival, *, lags: int | None = None) -> tuple[float, float]:
    """Return the difference of two Sharpe ratios over its standard error, and its two-sided p-value; equal: (0, 1).

    The delta method with a Newey–West variance, which Ledoit & Wolf (2008) give beside their studentised bootstrap: the
    test of Diebold & Mariano, with its `lags`, on `influence`.
    """
    ours, theirs = influence(returns), influence(rival)
    if np.allclose(ours, theirs):  # the same but for rounding, which is nothing to test
        return 0.0, 1.0
    statistic, p = diebold_mariano(-ours, -theirs, lags=lags)
    return -statistic, p


def lead(returns, rival) -> tuple[float, float]:
    """Return how far the Sharpe ratio of `returns` (M,) lies above that of a `rival` (M,), and its standard error."""
    difference = sharpe(returns) - sharpe(rival)
    statistic, _ = sharpe_test(returns, rival)
    return difference, difference / statistic if statistic else 0.0


def compare(returns: pd.DataFrame, *, draws: int = 2000, seed: int = 0) -> Comparison:
    """Set the Sharpe ratio of each column of daily `returns` (M, P) beside that of the first.

    Intervals are percentiles of the stationary bootstrap (Politis & Romano 1994): days are drawn in blocks, all columns
    together, so that what belongs together stays together. Their mean length is the one that Patton, Politis & White
    (2009) advise for the returns or for their squares, the longest of any column. p is `sharpe_test`'s.
    """
    from arch.bootstrap import StationaryBootstrap, optimal_block_length

    r = as_floats("returns", returns, ("M", "P"))
    draws = whole("draws", draws, 100)
    block = float(max(optimal_block_length(part)["stationary"].max() for part in (r, r**2)))

    def ratios(sample: np.ndarray) -> np.ndarray:
        S = np.sqrt(YEAR) * sample.mean(0) / sample.std(0)
        return np.concatenate([S, S - S[0]])

    boot = StationaryBootstrap(block, r, seed=np.random.default_rng(seed))
    low, high = boot.conf_int(ratios, draws, method="percentile").reshape(2, 2, -1)
    S = np.array([sharpe(column) for column in r.T])
    p = [np.nan] + [sharpe_test(column, r[:, 0])[1] for column in r.T[1:]]
    parts = {"Sharpe": S, "low": low[0], "high": high[0], "difference": S - S[0], "d low": low[1], "d high": high[1]}
    return Comparison(pd.DataFrame({**parts, "p": p}, index=returns.columns), block, len(r))


def probabilistic(returns, benchmark: float = 0.0) -> float:
    """The probabilistic Sharpe ratio (Bailey & López de Prado 2012): 1 − p of a one-sided test against `benchmark`.

    It takes the days as independent, and their skewness and kurtosis into account.
    """
    from skfolio.measures import probabilistic_sharpe_ratio

    r = as_floats("returns", returns, ("M",))
    return float(probabilistic_sharpe_ratio(r, benchmark_sharpe_ratio=benchmark / np.sqrt(YEAR)))


def deflated(returns, tried) -> tuple[float, float]:
    """The deflated Sharpe ratio (Bailey & López de Prado 2014), and the bar it sets, a yearly Sharpe ratio.

    The bar is what the best of so many trials would be expected to show if none had any skill, given how far apart the
    yearly Sharpe ratios of those `tried` (Q,) lie. The first number is `probabilistic` above that bar.
    """
    from skfolio.measures import deflated_sharpe_ratio, expected_max_sharpe_ratio

    r = as_floats("returns", returns, ("M",))
    tried = as_floats("tried", tried, ("Q",)) / np.sqrt(YEAR)
    if len(tried) < 2:
        raise ValueError("tried has one Sharpe ratio, but takes two or more to tell how far they lie apart")
    bar = np.sqrt(YEAR) * expected_max_sharpe_ratio(len(tried), float(tried.std(ddof=1)))
    return float(deflated_sharpe_ratio(r, tried)), float(bar)

"""Portfolios without a network: equal weight, inverse volatility, minimum variance, maximum Sharpe (notebook 10).

skfolio estimates them, long only and fully invested. Each is set anew at the close of every month, from the three years
of daily returns up to and including that day. Shapes: N days, K stocks.
"""

import numpy as np
import pandas as pd
from skfolio.moments import LedoitWolf
from skfolio.optimization import BaseOptimization, EqualWeighted, InverseVolatility, MeanRisk, ObjectiveFunction
from skfolio.prior import EmpiricalPrior

from lstm_core._checks import as_floats, whole
from lstm_core.markets.portfolio.account import monthly

__all__ = ["RULES", "YEARS_3", "rebalance"]

YEARS_3 = 756  # trading days
SHRUNK = EmpiricalPrior(covariance_estimator=LedoitWolf())  # Ledoit & Wolf 2004; the means are those of the sample
RULES: dict[str, BaseOptimization] = {
    "equal weight": EqualWeighted(),
    "inverse volatility": InverseVolatility(),
    "minimum variance": MeanRisk(prior_estimator=SHRUNK),
    "maximum Sharpe": MeanRisk(objective_function=ObjectiveFunction.MAXIMIZE_RATIO, prior_estimator=SHRUNK),
}


def rebalance(rule: BaseOptimization, returns: pd.DataFrame, lookback: int = YEARS_3) -> pd.DataFrame:
    """The weights (N, K) that `rule` sets at the close of each month, and NaN on other days, from simple `returns`.

    It sees the `lookback` days up to that close. Months before there are as many have no weights. Raises ValueError if
    that is all of them, and for returns that are not finite.
    """
    r = as_floats("returns", returns, ("N", "K"))
    lookback = whole("lookback", lookback, 2)
    targets = monthly(returns * 0.0)
    ends = [t for t in np.flatnonzero(targets.notna().all(axis=1)) if t + 1 >= lookback]
    if not ends:
        raise ValueError(f"no month ends after {lookback} or more of the {len(r)} days: give more, or look back less")
    weights = np.full(r.shape, np.nan)
    for t in ends:
        fitted = rule.fit(r[t + 1 - lookback : t + 1]).weights_.clip(min=0)  # solvers stop a hair below 0
        weights[t] = fitted / fitted.sum()
    return pd.DataFrame(weights, returns.index, returns.columns)

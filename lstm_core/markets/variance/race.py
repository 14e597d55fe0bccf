"""A contest on a stretch of years: the econometric models run it anew, refitted each January; others bring forecasts.

Notebook 09 opens one for each question: a series, a horizon, a window that rolls. Shapes: M days of those years.
"""

from collections.abc import Mapping

import pandas as pd

from lstm_core.markets.variance.contest import Contest, contest
from lstm_core.markets.variance.econometric import ECONOMETRIC
from lstm_core.markets.variance.ranges import Model, folds, target, walk

__all__ = ["race"]


def race(
    days: pd.DataFrame, first: int, last: int, others: Mapping[str, pd.Series] | None = None, *, horizon: int = 1,
    models: Mapping[str, Model] = ECONOMETRIC,
) -> Contest:  # fmt: skip
    """Let `models` forecast the years `first` to `last`, refitted each January, and set `others` (M,) beside them."""
    realised, stretches = pd.Series(target(days, horizon), days.index), folds(days, first, last)
    forecasts = {name: walk(model, days, stretches, horizon) for name, model in models.items()}
    return contest(realised, {**forecasts, **(others or {})}, horizon=horizon)

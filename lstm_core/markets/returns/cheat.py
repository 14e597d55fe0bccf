"""Catch the cheat: a forecasting pipeline in three steps, its back-test, and an audit that finds leaks by what they do.

Notebook 08 hands out three leaky steps to repair. The audit never reads their code: it changes what a step must not
know, and looks whether the step's answer moves. The task: on day t, forecast the return of the next HORIZON days.

    features(returns) -> table        one row a day t, indexed by date: columns known on day t, and "target"
    split(table) -> train, test       rows of the table
    scale(train, test) -> train, test the same rows in other units
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = ["HORIZON", "Audit", "Backtest", "audit", "backtest"]

HORIZON = 21  # days ahead: a trading month
Tables = tuple[pd.DataFrame, pd.DataFrame]


class Backtest(NamedTuple):
    r2: float  # out-of-sample, against a forecast of zero
    direction: float  # share of test days whose sign is right
    always_up: float  # what "up" every day would have scored
    days: int  # test rows

    def __str__(self) -> str:
        scores = f"R² {self.r2:.2f}, direction right on {self.direction:.0%} of days"
        return f"{self.days:,} test days: {scores} (always up: {self.always_up:.0%})"


class Audit(NamedTuple):
    features: str  # "" if the step is sound, or else a hint
    split: str
    scale: str

    @property
    def closed(self) -> int:
        """The number of leaks that are closed, 0 to 3."""
        return self.count("")

    def __str__(self) -> str:
        lines = [f"✗ {step}: {hint}" if hint else f"✓ {step}: sound" for step, hint in self._asdict().items()]
        return "\n".join([f"{self.closed} of 3 leaks closed", *lines])


def backtest(features: Callable, split: Callable, scale: Callable, returns: pd.Series) -> Backtest:
    """Run the pipeline on daily `returns` (T,) and score it.

    The model looks up the five training rows most like the test row and forecasts the mean of their targets, the
    nearest counting most. There is nothing to train or to seed, so that the three steps alone decide the score.
    """
    from sklearn.neighbors import KNeighborsRegressor

    train, test = split(features(returns))
    z_train, z_test = (pd.DataFrame(np.asarray(z), columns=train.columns) for z in scale(train, test))
    neighbours = KNeighborsRegressor(5, weights="distance").fit(z_train.drop(columns="target"), train["target"])
    forecast, y = neighbours.predict(z_test.drop(columns="target")), test["target"].to_numpy()
    r2 = 1 - np.sum((y - forecast) ** 2) / np.sum(y**2)
    return Backtest(float(r2), float(np.mean((forecast > 0) == (y > 0))), float(np.mean(y > 0)), len(y))


def audit(features: Callable, split: Callable, scale: Callable, *, seed: int = 0) -> Audit:
    """Examine each step by itself, on made-up data; a step that raises, or hands back something else, is not sound."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2001-01-01", periods=1500)
    returns = pd.Series(rng.standard_normal(len(days)), days, name="return")
    table = pd.DataFrame(rng.standard_normal((600, 3)) * [1, 5, 20] + 3, days[:600], ["slow", "fast", "target"])
    train, test = table[:400], table[400 + HORIZON :]
    return Audit(
        features=_hint(_examine_features, features, returns),
        split=_hint(_examine_split, split, table),
        scale=_hint(_examine_scale, scale, train, test),
    )


def _hint(examine: Callable, *arguments) -> str:
    try:
        return examine(*arguments)
    except Exception as error:  # the step is a student's: whatever it raises is the hint
        return f"it stops with {type(error).__name__}: {error}"


def _examine_features(features: Callable, returns: pd.Series) -> str:
    table = features(returns.copy())
    target = returns.rolling(HORIZON).sum().shift(-HORIZON).reindex(table.index)
    if not np.allclose(table["target"], target):
        return f"the target should stay what it was, the sum of the {HORIZON} returns after day t."
    if table.shape[1] < 2 or len(table) < len(returns) // 2 or table.isna().any(axis=None):
        return "keep a feature or more beside the target, and most of the days, without NaN."
    for today in table.index[[len(table) // 3, len(table) // 2, -HORIZON]]:
        for shock in (100, -100):
            then = features(returns.where(returns.index <= today, shock)).drop(columns="target")[:today]
            if not np.allclose(then, table.drop(columns="target").reindex(then.index)):
                return "something in the row of day t changes when nothing but later days do. Which column looks ahead?"
    return ""


def _examine_split(split: Callable, table: pd.DataFrame) -> str:
    train, test = split(table.copy())
    if min(len(train), len(test)) < 60 or not all(part.equals(table.reindex(part.index)) for part in (train, test)):
        return "hand back two parts of the table's rows as they are, each with a tenth of them or more."
    if train.index.max() >= test.index.min():
        return "some training rows come after test rows. Would you have had them on the day?"
    shared = HORIZON - (table.index.get_loc(test.index.min()) - table.index.get_loc(train.index.max()))
    if shared > 0:
        return f"the last training target covers {HORIZON} days, and has {shared} in common with the first test target."
    return ""


def _examine_scale(scale: Callable, train: pd.DataFrame, test: pd.DataFrame) -> str:
    z_train, z_test = map(np.asarray, scale(train.copy(), test.copy()))
    if z_train.shape != train.shape or z_test.shape != test.shape:
        return "hand back both parts with the rows and columns they came with."
    other = test * 3 + 7
    other.iloc[0] = test.iloc[0]
    w_train, w_test = map(np.asarray, scale(train.copy(), other))
    if not np.allclose(w_train, z_train) or not np.allclose(w_test[0], z_test[0]):
        return "the same row comes out differently when other test rows change. Whose mean and spread is that?"
    return ""

"""How far one can get without learning: the filter with all its memory, with less, and buying and holding.

Each rule knows the market's drift, volatility and spells, and its own position; its band is chosen on other paths than
those it trades. Shapes: P paths, T days.
"""

from collections.abc import Sequence

import numpy as np

from lstm_core.trading.accounts import Book, earn, sharpe
from lstm_core.trading.hidden_market import HiddenMarket, Paths, simulate
from lstm_core.trading.rules import belief, choose_width, hold

__all__ = ["REMEMBERED", "buy_and_hold", "filter_positions", "worth_of_memory"]

REMEMBERED = (1, 2, 5, 10, 20, 40, 80, None)  # returns; None: all of them


def filter_positions(returns, market: HiddenMarket, *, cost_bp: float = 5.0, last: int | None = None) -> np.ndarray:
    """Positions (P, T) of the Bayes filter, which looks at the `last` returns, or at all; band from other paths."""
    training = simulate(market, paths=20, days=1000, seed=0).returns
    width = choose_width(_score(training, market, last), training, cost_bp)
    return hold(_score(returns, market, last), width)


def worth_of_memory(
    market: HiddenMarket, test: Paths | None = None, *, cost_bp: float = 5.0,
    remembered: Sequence[int | None] = REMEMBERED,
) -> np.ndarray:  # fmt: skip
    """The Sharpe ratio a year after costs, (len(remembered),), of the filter that looks at so many returns.

    Without `test` paths it trades 20 of 1,000 days of its own.
    """
    how, test = dict(cost_bp=cost_bp), simulate(market, paths=20, days=1000, seed=3) if test is None else test
    positions = [filter_positions(test.returns, market, last=last, **how) for last in remembered]
    return np.array([sharpe(earn(held, test.returns, cost_bp).moments) for held in positions])


def buy_and_hold(returns, cost_bp: float = 5.0) -> Book:
    """The account of whoever buys on the first close and does nothing more."""
    return earn(np.ones(np.shape(returns)), returns, cost_bp)


def _score(returns, market: HiddenMarket, last: int | None) -> np.ndarray:
    return 2 * belief(returns, market, last) - 1

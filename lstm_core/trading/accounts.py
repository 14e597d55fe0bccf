"""What positions earn, what trading them costs, and how well a Sharpe ratio over independent paths is known.

Shapes: P paths, T days. Of each path two moments are kept, so that a recorded run can still be compared with another on
the same paths.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from lstm_core._checks import as_floats

__all__ = ["YEAR", "Book", "earn", "interval", "sharpe"]

YEAR = 252  # trading days


class Book(NamedTuple):
    net: np.ndarray  # (P, T−1) % of the stake: the day's gain, less what was paid to trade on its eve
    traded: np.ndarray  # (P, T−1) bought + sold on the eve, in stakes: 2 from short to long
    held: np.ndarray  # (P, T−1) the position through the day

    @property
    def moments(self) -> np.ndarray:
        """Mean and mean square of each path's days, (P, 2)."""
        return np.column_stack([self.net.mean(axis=1), (self.net**2).mean(axis=1)])

    @property
    def turnover(self) -> float:
        """Bought + sold in a year, in stakes."""
        return float(YEAR * self.traded.mean())


def earn(positions, returns, cost_bp: float) -> Book:
    """Hold positions (P, T), decided at each close, from 0 on, through the next day of `returns` (P, T), in %.

    net_{t+1} = position_t · r_{t+1} − cost · |position_t − position_{t−1}|

    Raises ValueError for shapes that differ, for one day alone and for a negative cost.
    """
    positions = as_floats("positions", positions, ("P", "T"))
    returns = as_floats("returns", returns, positions.shape)
    if positions.shape[1] < 2 or not 0 <= cost_bp < np.inf:
        raise ValueError(f"there are {positions.shape[1]} days at {cost_bp} basis points: give two days or more, and a"
                         " cost of 0 or more")  # fmt: skip
    traded = np.abs(np.diff(positions, axis=1, prepend=0.0))[:, :-1]
    held = positions[:, :-1]
    return Book(held * returns[:, 1:] - cost_bp / 100 * traded, traded, held)


def sharpe(moments) -> float:
    """√252 · mean / standard deviation of all days of all paths, from `Book.moments` (P, 2). ValueError if it is 0."""
    mean, square = as_floats("moments", moments, ("P", 2)).mean(axis=0)
    if square - mean**2 < 1e-12:
        raise ValueError("the returns never change, so there is no risk to divide by: was a position ever taken?")
    return float(np.sqrt(YEAR) * mean / np.sqrt(square - mean**2))


def interval(moments, rival=None) -> tuple[float, float]:
    """The 95% interval of a Sharpe ratio, or of its lead on a `rival`'s on the same paths, from moments (P, 2) each.

    A jackknife over the paths, which are independent as days are not: each is left out in turn, and the standard error
    goes with Student's t of P − 1 degrees. Raises ValueError for fewer than two paths.
    """
    moments = as_floats("moments", moments, ("P", 2))
    if len(moments) < 2:
        raise ValueError("moments has one path, but an interval takes two or more: simulate more")
    rows = [moments] if rival is None else [moments, as_floats("rival", rival, moments.shape)]

    def score(kept) -> float:
        first, *others = (sharpe(row[kept]) for row in rows)
        return first - sum(others)

    everything = np.arange(len(moments))
    left_out = np.array([score(everything != k) for k in everything])
    error = np.sqrt((len(moments) - 1) * left_out.var())
    reach = stats.t.ppf(0.975, len(moments) - 1) * error
    return score(everything) - reach, score(everything) + reach

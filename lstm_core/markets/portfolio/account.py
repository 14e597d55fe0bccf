"""The account of a portfolio: weights decided at a close, what they earn a day later, what trading them costs.

Notebook 10 and its study use it. Shapes: N days, K stocks. Returns are simple, P_t / P_{t−1} − 1, since only those of
stocks add up to the portfolio's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats
from lstm_core.markets.data.bundled import INDICES, bundled_symbols, load_bundled

__all__ = ["Account", "backtest", "drawdown", "load_stocks", "monthly", "simple_returns", "stitch"]


class Account(NamedTuple):
    """What a portfolio earned on M days, and what was traded for it on each one's eve, at the close."""

    gross: pd.Series  # (M,) simple return of the day, before costs
    turnover: pd.Series  # (M,) bought + sold on the eve, as a share of wealth: two-way, 2 at most
    first: np.ndarray  # (K,) the first weights
    last: np.ndarray  # (K,) what they have drifted to by the last close

    def net(self, cost_bp: float) -> pd.Series:
        """The returns after `cost_bp` basis points (1/10,000) of whatever was traded. ValueError for a negative one."""
        if not 0 <= cost_bp < np.inf:
            raise ValueError(f"cost_bp is {cost_bp}, but a cost is a finite number of basis points, 0 or more")
        return (1 - cost_bp / 1e4 * self.turnover) * (1 + self.gross) - 1

    def yearly_turnover(self) -> float:
        """Bought + sold in a year of 252 days, in units of wealth."""
        return float(252 * self.turnover.mean())


def load_stocks() -> pd.DataFrame:
    """The adjusted closes (N, 20) of the bundled S&P stocks, 1990–2022, by date."""
    return pd.concat(
        {symbol: load_bundled(symbol).Close for symbol in bundled_symbols() if symbol not in INDICES}, axis=1
    )


def simple_returns(prices: pd.DataFrame) -> pd.DataFrame:
    """P_t / P_{t−1} − 1, one row fewer than `prices` (N, K).

    Raises ValueError for prices that are not positive numbers, and for days that are not in order or come twice.
    """
    values = as_floats("prices", prices, ("N", "K"))
    if len(values) < 2 or (values <= 0).any():
        raise ValueError(f"prices should be two or more rows of positive numbers; got {len(values)}, down to "
                         f"{values.min():g}: drop what is not a price")  # fmt: skip
    _check_days("prices", prices.index)
    return prices.astype(float).pct_change(fill_method=None).iloc[1:]


def monthly(targets: pd.DataFrame) -> pd.DataFrame:
    """The `targets` (N, K) of each month's last day, and NaN, for no trade, on all others.

    When a month ends stands in the exchange's calendar; the last row, whose month may go on, is no end.
    """
    month = targets.index.to_period("M")
    ends = np.append(month[1:] != month[:-1], False)
    return targets.where(np.broadcast_to(ends[:, None], targets.shape))


def backtest(weights: pd.DataFrame, returns: pd.DataFrame) -> Account:
    """Keep the account of `weights` (N, K), each row decided at the close of its day, on `returns` (N, K).

    gross_{t+1} = w_t · r_{t+1}     ŵ_{t+1} = w_t ⊙ (1 + r_{t+1}) / (1 + gross_{t+1})     turnover_t = Σ |w_t − ŵ_t|

    A row of NaN lets the weights drift, w_t = ŵ_t. The account opens at the close of the first row that is not NaN,
    with cash, so that the first purchase is paid for too, and has the days after it. Raises ValueError for weights that
    do not sum to one or are negative, returns of −100% or less, NaN among them, and rows or columns that differ.
    """
    r = as_floats("returns", returns, ("N", "K"))
    _check_days("returns", returns.index)
    if not (weights.index.equals(returns.index) and weights.columns.equals(returns.columns)):
        raise ValueError("weights and returns should have the same days and stocks, row by row: reindex the weights")
    if (r <= -1).any():
        raise ValueError(f"returns reach {r.min():g}, but a stock loses less than 100%, -1: are they in per cent?")
    targets, traded = _check_weights(weights)
    begin = int(traded.argmax())
    held, gross, turnover = np.zeros(r.shape[1]), np.empty(len(r)), np.zeros(len(r))
    for t in range(begin, len(r)):
        if t > begin:
            gross[t] = held @ r[t]
            held = held * (1 + r[t]) / (1 + gross[t])
        if traded[t] and t < len(r) - 1:  # what is decided on the last day, nobody sees the outcome of
            turnover[t] = np.abs(targets[t] - held).sum()
            held = targets[t]
    days = returns.index[begin + 1 :]
    return Account(
        pd.Series(gross[begin + 1 :], days, name="gross"), pd.Series(turnover[begin:-1], days, name="turnover"),
        targets[begin], held,
    )  # fmt: skip


def stitch(accounts: Sequence[Account]) -> Account:
    """Join the accounts of spans that follow each other: a later one opens with what the one before had, not with cash.

    Raises ValueError for none, and for spans that are not in order.
    """
    if not accounts:
        raise ValueError("accounts is empty, but one at least is needed")
    turnover = [account.turnover.copy() for account in accounts]
    for before, after, traded in zip(accounts[:-1], accounts[1:], turnover[1:], strict=True):
        traded.iloc[0] = np.abs(after.first - before.last).sum()
    gross = pd.concat([account.gross for account in accounts])
    _check_days("accounts", gross.index)
    return Account(gross, pd.concat(turnover), accounts[0].first, accounts[-1].last)


def drawdown(returns: pd.Series) -> pd.Series:
    """How far wealth stands below its highest close so far, 0 or less, from simple `returns` (M,)."""
    wealth = (1 + returns).cumprod()
    return wealth / wealth.cummax().clip(lower=1) - 1


def _check_days(name: str, days: pd.Index) -> None:
    if not (days.is_monotonic_increasing and days.is_unique):
        raise ValueError(f"the days of {name} should be in order and each there once: sort_index() and drop doubles")


def _check_weights(weights: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The targets (N, K), and a mask (N,) of the days that have one."""
    targets = weights.to_numpy(dtype=float)
    traded = ~np.isnan(targets).all(axis=1)
    if not traded[:-1].any():
        raise ValueError("weights has no row of numbers before its last day, so nothing is ever held")
    sums, least = targets[traded].sum(axis=1), targets[traded].min(axis=1)
    wrong = ~(np.abs(sums - 1) < 1e-5) | ~(least >= -1e-9)  # a NaN among numbers is wrong, too
    if wrong.any():
        day = weights.index[traded][wrong][0]
        raise ValueError(
            f"weights should be 0 or more and sum to 1 on every day, or all be NaN; on {day} they sum to "
            f"{sums[wrong][0]:g} and go down to {least[wrong][0]:g}: divide each row by its sum"
        )
    return targets, traded

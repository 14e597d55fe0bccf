"""What a position earned, after costs, and how sure that is: the ledger of notebook 11's pair. Shapes: N days."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import whole

__all__ = ["Trades", "books", "sharpe_interval", "trade"]


class Trades(NamedTuple):
    """What a signal earned: daily, in per cent of the money in both legs."""

    gross: pd.Series  # (N,)
    net: pd.Series  # (N,) after costs
    trips: int  # how often a position was opened

    def sharpe(self, *, net: bool = True) -> float:
        """Return the mean over the standard deviation, a year; 0 where nothing was traded."""
        daily = self.net if net else self.gross
        return float(np.sqrt(252) * daily.mean() / daily.std()) if daily.any() else 0.0


def trade(held: pd.Series, returns: pd.Series, *, cost: float = 5.0) -> Trades:
    """Return what positions earn, held from each close to the next; each change costs `cost` basis points of its size.

    "Basis points" are of the money in both legs. Keeping the legs at one ratio from day to day is taken to be free.
    """
    if not cost >= 0:
        raise ValueError(f"cost is {cost!r} basis points, but should not be negative")
    held = held.reindex(returns.index).fillna(0.0)
    before = held.shift(1, fill_value=0.0)  # decided at yesterday's close
    gross = before * returns
    turned = (held - before).abs()
    opened = (held != 0) & (np.sign(held) != np.sign(before))
    return Trades(gross, gross - turned * cost / 100, int(opened.sum()))


def sharpe_interval(
    trades: Trades, rival: Trades | None = None, *, block: int = 21, draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of the Sharpe ratio a year after costs, or of what it exceeds a rival's by.

    A stationary bootstrap (Politis & Romano 1994), `arch`'s, in blocks of `block` days on average, the same for both.
    Raises ValueError for a rival of other days.
    """
    from arch.bootstrap import StationaryBootstrap

    if rival is not None and not rival.net.index.equals(trades.net.index):
        raise ValueError("the two should have traded on the same days: cut them to those that both have")
    earned = np.stack([trades.net, 0 * trades.net if rival is None else rival.net], axis=1)
    resamples = StationaryBootstrap(whole("block", block, 1, len(earned)), earned, seed=seed).bootstrap(draws)
    ratios = np.array([_sharpes(chosen) for (chosen,), _ in resamples])
    low, high = np.quantile(ratios[:, 0] - ratios[:, 1], (0.025, 0.975))
    return float(low), float(high)


def books(traded: Mapping[str, Trades], rival: str) -> pd.DataFrame:
    """Return one row a signal, for a reader.

    Round "trips"; "gross %" a year; the "Sharpe" ratio before costs, and "after" them with its 95 % interval, and that
    of what it exceeds the rival's by; "best 10", what the ten best days have of all that was earned after costs.
    """
    rows = {}
    for name, book in traded.items():
        spans = [sharpe_interval(book), sharpe_interval(book, traded[rival])]
        own, against = (f"[{low:.2f}, {high:.2f}]" for low, high in spans)
        rows[name] = {
            "trips": book.trips, "gross %": round(252 * book.gross.mean(), 1),
            "Sharpe": round(book.sharpe(net=False), 2), "after": round(book.sharpe(), 2), "95%": own,
            f"less {rival}'s": "–" if name == rival else against,
            "best 10": f"{book.net.nlargest(10).sum() / book.net.sum():.0%}",
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def _sharpes(daily: np.ndarray) -> np.ndarray:
    """Mean over standard deviation of each column, a year; 0 for one that never moves."""
    spread = daily.std(axis=0, ddof=1)
    return np.sqrt(252) * daily.mean(axis=0) / np.where(spread > 0, spread, np.inf)

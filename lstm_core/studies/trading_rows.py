"""The recorded traders, read: how each agent fared beside the filter and doing nothing, and how much of it is luck.

Shapes: S seeds, P paths, T days.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import choose
from lstm_core.studies.trading import COST_BP, INDEX, SCORED, SHOWN, index_returns
from lstm_core.trading.accounts import Book, earn, interval, sharpe
from lstm_core.trading.hidden_market import MARKETS, simulate
from lstm_core.trading.yardsticks import buy_and_hold, filter_positions

__all__ = ["AGENTS", "Compared", "Fared", "compared", "curves", "fared", "held", "index_books", "strips"]

AGENTS = {"lstm": "PPO, LSTM", "stack": "PPO, last 40", "ten": "PPO, last 10", "none": "PPO, last return"}
RIVAL = "stack"  # the fair one


class Fared(NamedTuple):
    """How one agent fared, over its seeds."""

    name: str
    ratios: np.ndarray  # (S,) Sharpe ratio a year after costs, a seed each
    moments: np.ndarray  # (P, 2) of each path's days, mean over the seeds: a seed drawn anew each day, so to speak
    turnover: float  # bought + sold a year, in stakes, mean over the seeds
    shares: np.ndarray  # of days short, flat, long (on the index: flat, long), mean over the seeds


class Compared(NamedTuple):
    """A hidden market's test days, with all that traded on them; `print` it for the table."""

    agents: dict[str, Fared]  # by memory
    best: Book  # the filter that knows the rules
    idle: Book  # buying and holding

    @property
    def ceiling(self) -> float:
        """The filter's Sharpe ratio."""
        return sharpe(self.best.moments)

    @property
    def floor(self) -> float:
        """The Sharpe ratio of buying and holding."""
        return sharpe(self.idle.moments)

    def __str__(self) -> str:
        low, high = interval(self.best.moments)
        best = f"filter {self.ceiling:.2f} [{low:.2f}, {high:.2f}], turnover {self.best.turnover:.0f} stakes a year"
        return f"{best}; buy and hold {self.floor:.2f}\n{self.table().to_string()}"

    def table(self) -> pd.DataFrame:
        """One line an agent: Sharpe ratios over seeds, and the lead of its seeds on the stack's, with a 95% interval.

        The interval is over the paths; how far seeds lie apart, lowest and highest say.
        """
        lines = {}
        for memory, agent in self.agents.items():
            low, high = interval(agent.moments, self.agents[RIVAL].moments)
            lead = "–" if memory == RIVAL else f"{(low + high) / 2:+.2f} [{low:+.2f}, {high:+.2f}]"
            lines[agent.name] = {
                "Sharpe": f"{agent.ratios.mean():.2f}", "lowest": f"{agent.ratios.min():.2f}",
                "highest": f"{agent.ratios.max():.2f}", "lead on the stack, 95%": lead,
                "turnover": round(agent.turnover), "long": f"{agent.shares[-1]:.0%}", "short": f"{agent.shares[0]:.0%}",
            }  # fmt: skip
        return pd.DataFrame.from_dict(lines, "index")


def compared(rows: Mapping[str, dict], market: str) -> Compared:
    """Return all that traded on the test days of a hidden market; ValueError for another."""
    rules = MARKETS[choose("market", market, tuple(MARKETS))]
    returns = simulate(rules, **SCORED).returns
    best = earn(filter_positions(returns, rules, cost_bp=COST_BP), returns, COST_BP)
    return Compared(fared(rows, market), best, buy_and_hold(returns, COST_BP))


def fared(rows: Mapping[str, dict], market: str) -> dict[str, Fared]:
    """Return each agent's record on the test days of a market or the index, by its memory; ValueError for another."""
    choose("market", market, (*MARKETS, INDEX))
    found = {}
    for memory, name in AGENTS.items():
        trials = rows[f"{market}, {memory}"]["trials"]
        moments = np.array([trial["moments"] for trial in trials])
        shares = np.mean([trial["shares"] for trial in trials], axis=0)
        turnover = float(np.mean([trial["turnover"] for trial in trials]))
        found[memory] = Fared(name, np.array([sharpe(m) for m in moments]), moments.mean(axis=0), turnover, shares)
    return found


def index_books(rows: Mapping[str, dict]) -> pd.DataFrame:
    """What buying and holding, and each agent's seeds, earned on the index's test days (T, 1 + 4 S), % after costs."""
    days = index_returns()[rows[f"{INDEX}, lstm"]["settings"]["since"] :]
    returns = np.insert(days.to_numpy(), 0, 0.0)[None]  # bought at the close before
    books = {("buy and hold", 0): buy_and_hold(returns, COST_BP).net[0]}
    for memory, name in AGENTS.items():
        row = rows[f"{INDEX}, {memory}"]
        for trial in range(len(row["trials"])):
            positions = np.append(held(row, trial), 0)[None]
            books[name, trial] = earn(positions, returns, COST_BP).net[0]
    return pd.DataFrame(books, days.index)


def strips(rows: Mapping[str, dict], market: str) -> dict[str, np.ndarray]:
    """Who held what on the 300 days that were kept: the regime itself, the filter, each agent's first seed."""
    rules = MARKETS[choose("market", market, tuple(MARKETS))]
    returns, rising = simulate(rules, **SCORED)
    best = filter_positions(returns, rules, cost_bp=COST_BP)
    shown = {"regime": np.where(rising, 1, -1)[SHOWN], "filter": best[SHOWN]}
    return shown | {name: held(rows[f"{market}, {agent}"]) for agent, name in AGENTS.items()}


def curves(row: dict) -> np.ndarray:
    """Each seed's mean reward a day before each update, (S, updates), %."""
    return np.array([trial["curve"] for trial in row["trials"]]) / 1000


def held(row: dict, trial: int = 0) -> np.ndarray:
    """The positions that a trial kept: of 300 days of one path, or of all test days of the index."""
    at = np.array(list(row["trials"][trial]["held"]), dtype=int)
    return at if row["settings"]["market"] == INDEX else at - 1

"""The recorded traders, read: how each agent fared, and how much of it is luck.

Shapes: S seeds, P paths.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import choose
from lstm_core.studies.trading import COST_BP
from lstm_core.trading.accounts import earn, interval, sharpe

__all__ = ["AGENTS", "Fared", "fared", "held", "index_net", "table"]

AGENTS = {"lstm": "PPO, LSTM", "stack": "PPO, stack of returns", "none": "PPO, last return"}


class Fared(NamedTuple):
    """How one agent fared, over its seeds."""

    name: str
    ratios: np.ndarray  # (S,) Sharpe ratio a year after costs, a seed each
    moments: np.ndarray  # (P, 2) of each path's days, mean over the seeds: that of an investor with 1/S in each
    turnover: float  # bought + sold a year, in stakes, mean over the seeds
    shares: np.ndarray  # of days short, flat, long (on the index: flat, long), mean over the seeds

    @property
    def ratio(self) -> float:
        """The mean of the seeds' Sharpe ratios."""
        return float(self.ratios.mean())


def fared(rows: Mapping[str, dict], market: str) -> dict[str, Fared]:
    """Return each agent's record on the test days of a market, by its memory. ValueError for another market."""
    markets = dict.fromkeys(row["settings"]["market"] for row in rows.values())
    choose("market", market, tuple(markets))
    found = {}
    for memory, name in AGENTS.items():
        trials = rows[f"{market}, {memory}"]["trials"]
        moments = np.array([trial["moments"] for trial in trials])
        shares = np.mean([trial["shares"] for trial in trials], axis=0)
        turnover = float(np.mean([trial["turnover"] for trial in trials]))
        found[memory] = Fared(name, np.array([sharpe(m) for m in moments]), moments.mean(axis=0), turnover, shares)
    return found


def table(agents: Mapping[str, Fared], rival: str = "stack") -> pd.DataFrame:
    """One line an agent of a simulated market: Sharpe ratios over seeds; the lead on `rival`, with a 95% interval.

    The interval is that of the lead of the mean of the seeds, over the paths; how far seeds lie apart, lowest and
    highest say.
    """
    lines = {}
    for memory, agent in agents.items():
        low, high = interval(agent.moments, agents[rival].moments)
        lead = "–" if memory == rival else f"{(low + high) / 2:+.2f} [{low:+.2f}, {high:+.2f}]"
        short, _, long = agent.shares
        lines[agent.name] = {
            "Sharpe": round(agent.ratio, 2), "lowest": round(agent.ratios.min(), 2),
            "highest": round(agent.ratios.max(), 2), f"lead on the {rival}, 95%": lead,
            "turnover": round(agent.turnover), "long": f"{long:.0%}", "short": f"{short:.0%}",
        }  # fmt: skip
    return pd.DataFrame.from_dict(lines, "index")


def index_net(row: dict, returns) -> np.ndarray:
    """What each seed earned on the index's test days (S, T), % after costs, from their `returns` (T,), in %."""
    days = np.insert(np.asarray(returns, dtype=float), 0, 0.0)  # bought at the close before
    positions = [np.append(held(row, trial), 0) for trial in range(len(row["trials"]))]
    return earn(positions, np.tile(days, (len(positions), 1)), COST_BP).net


def held(row: dict, trial: int = 0) -> np.ndarray:
    """The positions that a trial kept: of the first path's first days, or of all test days of the index."""
    at = np.array(list(row["trials"][trial]["held"]), dtype=int)
    return at if row["settings"]["market"] == "SP500" else at - 1

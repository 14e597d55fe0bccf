"""Agents that learn to trade, over seeds: in two markets that hide their regime, and on the S&P 500 (notebook 12).

A trial is one seed. It is scored on a simulation that no choice of a setting has seen, or on the S&P 500 from 2010 on,
for which nothing was chosen at all.
"""

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from lstm_core.markets.data.bundled import load_bundled
from lstm_core.markets.guard import check_causal
from lstm_core.studies.study import spread
from lstm_core.trading.accounts import earn
from lstm_core.trading.agents import ROLLOUT, Agent, act, train_ppo
from lstm_core.trading.environment import stretches
from lstm_core.trading.hidden_market import MARKETS, simulate

__all__ = ["COST_BP", "INDEX", "first", "index_returns", "one", "run", "scored_on"]

COST_BP = 5.0
INDEX = "SP500"
EARLY = 2  # updates, after which `first` looks
SCORED = dict(paths=40, days=1000, seed=2)  # settings were chosen on seed 1, and bands are on seed 0
SHOWN = 1, slice(0, 300)  # a path, and its days whose positions are kept: one on which the regime changes


def run(settings: dict, trials: list[int]) -> Iterator[dict]:
    """One record a seed, as they come; before any, for the real series, the guard changes the future."""
    if settings["market"] == INDEX:
        _guard(settings)
    yield from spread(one, settings, trials)


def one(settings: dict, trial: int) -> dict:
    """Train one agent and let it trade.

    `moments` are mean and mean square of each path's days, % after costs; `turnover` a year; `shares` of days spent in
    each position; `held` its positions, as indices in a string, on 300 days of one path, on the index on all;
    `curve` the mean reward a day before each update, in thousandths of a per cent.
    """
    began, returns = time.perf_counter(), scored_on(settings)
    agent = _trained(settings, trial, settings["steps"])
    positions = act(agent, returns)[:, -_days_scored(settings) :]
    book = earn(positions, returns[:, -_days_scored(settings) :], COST_BP)
    at = np.abs(book.held[..., None] - agent.positions).argmin(axis=-1)
    return dict(
        trial=trial, fold=0, seed=trial, **first(settings, trial),
        moments=np.round(book.moments, 6).tolist(), turnover=round(book.turnover, 3),
        shares=[round(float((at == k).mean()), 4) for k in range(len(agent.positions))],
        held="".join(map(str, at[0] if settings["market"] == INDEX else at[SHOWN])),
        curve=np.round(1e3 * agent.curve).astype(int).tolist(), seconds=round(time.perf_counter() - began, 1),
    )  # fmt: skip


def first(settings: dict, trial: int) -> dict:
    """The beginning again: the value function's loss and the step that the policy took, at the second update."""
    logged = _trained(settings, trial, EARLY * ROLLOUT).model.logger.name_to_value
    return dict(early=[float(logged["train/value_loss"]), float(logged["train/approx_kl"])])


def scored_on(settings: dict) -> np.ndarray:
    """The returns (P, T), in %, on which a row is scored; of the index all, with the training days before them."""
    if settings["market"] == INDEX:
        return index_returns().to_numpy()[None]
    return simulate(MARKETS[settings["market"]], **SCORED).returns


def index_returns() -> pd.Series:
    """Simple daily returns of the S&P 500, in %, 1999–2018."""
    return 100 * load_bundled(INDEX)["Close"].pct_change(fill_method=None).iloc[1:].rename("return")


def _days_scored(settings: dict) -> int:
    """The last so many: on the index, from the last close before the test years on."""
    if settings["market"] == INDEX:
        return int((index_returns().index >= settings["since"]).sum()) + 1
    return SCORED["days"]


def _trained(settings: dict, trial: int, steps: int) -> Agent:
    draw, positions = None, (-1, 0, 1)
    if settings["market"] == INDEX:
        returns = index_returns()
        draw, positions = stretches(returns[returns.index < settings["since"]]), (0, 1)
    else:
        draw = MARKETS[settings["market"]].draw
    how = {name: settings[name] for name in ("memory", "hidden", "stack", "lr")}
    return train_ppo(draw, steps=steps, seed=trial, cost_bp=COST_BP, positions=positions, **how)


def _guard(settings: dict) -> None:
    """Does any position know what comes after its close? Asked of an agent of one update, on 200 days about the cut."""
    returns = index_returns()
    cut = int((returns.index < settings["since"]).sum())

    def model(days: pd.DataFrame, train: int) -> np.ndarray:
        how = {name: settings[name] for name in ("memory", "hidden", "stack", "lr")}
        agent = train_ppo(stretches(days["return"][:train], 50), steps=1, seed=0, positions=(0, 1), **how)
        return act(agent, days["return"].to_numpy()[None])[0]

    check_causal(model, returns[cut - 150 : cut + 50].to_frame(), 150, known="the same day")

"""Portfolios by an LSTM that is trained on its Sharpe ratio, walked forward over twenty S&P stocks (notebook 10).

A trial is one fold: the networks learn from all days before it, one a seed, and the mean of their weights is invested
through it. Its record holds the account day by day, in full, and each seed's own in short.
"""

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from lstm_core.markets.guard import check_causal
from lstm_core.markets.portfolio.account import Account, backtest, load_stocks, monthly, simple_returns
from lstm_core.markets.portfolio.network import learn, weigh
from lstm_core.studies.study import spread

__all__ = ["COST_BP", "first", "run"]

COST_BP = 10  # the cost at which seeds are compared, basis points of what is traded
EARLY = 3  # epochs whose losses are kept, for a comparison
GUARDED = 1500  # rows that the guard runs on


def run(settings: dict, trials: list[int]) -> Iterator[dict]:
    """One record a fold, in the order in which they end."""
    yield from spread(one, settings, trials)


def one(settings: dict, trial: int) -> dict:
    """Train on what precedes fold `trial`, invest through it, and say how it went.

    `gross`, `turnover`, `opening` and `closing` are the account of the mean weights, opened with cash; of each seed's
    own there are mean and standard deviation a day, before costs and after COST_BP. `in_sample` is the yearly Sharpe
    ratio of the last epoch of training, mean of the seeds; `early` are the first seed's first losses.
    """
    began, (prices, train) = time.perf_counter(), _fold(settings, trial)
    _guard(settings, prices, train)
    nets = [_learn(settings, prices, train, seed) for seed in range(settings["seeds"])]
    weights = [weigh(model, prices, train) for model, _ in nets]
    account = _account(settings, sum(weights) / len(weights), prices, train)
    own = [_account(settings, each, prices, train) for each in weights]
    return dict(
        trial=trial, fold=settings["folds"][trial], seed=list(range(settings["seeds"])),
        trained=[str(prices.index[0].date()), str(prices.index[train - 1].date())],
        gross=_rounded(account.gross, 7), turnover=_rounded(account.turnover, 6),
        opening=_rounded(account.first, 6), closing=_rounded(account.last, 6),
        own=[_in_short(each) for each in own],
        in_sample=float(-np.sqrt(252 / settings["hold"]) * np.mean([history.train_loss[-1] for _, history in nets])),
        early=[float(loss) for loss in nets[0][1].train_loss[:EARLY]], seconds=round(time.perf_counter() - began, 2),
    )  # fmt: skip


def first(settings: dict, trial: int) -> dict:
    """The first epochs of a trial's first network again: what its record calls `early`."""
    prices, train = _fold(settings, trial)
    _, history = _learn({**settings, "epochs": EARLY}, prices, train, 0)
    return dict(early=history.train_loss)


def _fold(settings: dict, trial: int) -> tuple[pd.DataFrame, int]:
    """Closes up to the end of the fold, and how many of them stand before it."""
    begin, end = settings["folds"][trial]
    prices = load_stocks()[:end]
    return prices, int((prices.index < begin).sum())


def _learn(settings: dict, prices: pd.DataFrame, train: int, seed: int):
    how = {name: settings[name] for name in ("hidden", "epochs", "cost_bp", "hold")}
    return learn(prices, train, seed=seed, **how)


def _account(settings: dict, weights: pd.DataFrame, prices: pd.DataFrame, train: int) -> Account:
    """Decided from the last close before the fold on; earned in the fold."""
    weights = weights.iloc[train - 1 :]
    targets = monthly(weights) if settings["hold"] > 1 else weights
    return backtest(targets, simple_returns(prices).reindex(targets.index))


def _guard(settings: dict, prices: pd.DataFrame, train: int) -> None:
    """Does any weight know what comes after its close? Asked of one epoch on the last years, which is as telling."""

    def model(days: pd.DataFrame, row: int) -> pd.DataFrame:
        net, _ = _learn({**settings, "epochs": 1}, days, row + 1, 0)
        return weigh(net, days, row + 1)

    skipped = len(prices) - GUARDED
    check_causal(model, prices[skipped:], train - 1 - skipped, known="the same day")  # train − 1: the first decision


def _in_short(account: Account) -> dict:
    net = account.net(COST_BP)
    return dict(
        days=len(net), gross=[float(account.gross.mean()), float(account.gross.std(ddof=0))],
        net=[float(net.mean()), float(net.std(ddof=0))], turnover=account.yearly_turnover(),
    )  # fmt: skip


def _rounded(values, digits: int) -> list[float]:
    return np.round(np.asarray(values, dtype=float), digits).tolist()

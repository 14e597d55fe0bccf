"""Tomorrow's return of the S&P 500 by the LSTM of notebook 08, walk-forward, with more seeds than a class waits for.

A row is a size of network on a span of years; a trial is one fold with one seed. It records the forecasts themselves,
so that a notebook can put any test to them.
"""

import time
from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from lstm_core.markets.data.bundled import load_bundled
from lstm_core.markets.data.index_closes import load_index
from lstm_core.markets.data.samples import log_returns
from lstm_core.markets.guard import check_causal
from lstm_core.markets.returns.baselines import standardised
from lstm_core.markets.returns.nextday import lstm, on_days
from lstm_core.studies.study import spread

__all__ = ["first", "fold_of", "one", "run"]


def run(settings: dict, trials: list[int]) -> Iterator[dict]:
    """One record a trial: its fold and seed, the forecasts of the fold's days as whole ten-thousandths of a per cent
    (`forecasts`), their standard deviation after one epoch, in per cent (`early`), seconds.

    Before any of them the guard changes the future of the row's own pipeline: LookAhead if its past moves.
    """
    check_causal(_model(settings, seed=0, epochs=1), *fold_of(settings, 0))
    yield from spread(one, settings, trials)


def one(settings: dict, trial: int) -> dict:
    """Train one fold with one seed, and forecast its days."""
    began, (fold, seed) = time.perf_counter(), divmod(trial, settings["seeds"])
    days, train = fold_of(settings, fold)
    forecasts = np.round(1e4 * _model(settings, seed)(days, train)[train:]).astype(int)
    return dict(
        trial=trial, fold=fold, seed=seed, **first(settings, trial), forecasts=" ".join(map(str, forecasts)),
        seconds=round(time.perf_counter() - began, 2),
    )  # fmt: skip


def first(settings: dict, trial: int) -> dict:
    """The first epoch of a trial: how far its forecasts then spread."""
    fold, seed = divmod(trial, settings["seeds"])
    days, train = fold_of(settings, fold)
    return dict(early=float(np.nanstd(_model(settings, seed, epochs=1)(days, train))))


def fold_of(settings: dict, fold: int) -> tuple[pd.DataFrame, int]:
    """The returns up to the fold's last day, and how many of them come before its first; the last fold ends the series.

    Folds have `size` days each, as those of scikit-learn's TimeSeriesSplit(folds, test_size=size).
    """
    returns = _returns(settings["symbol"], settings["since"])
    stop = len(returns) - (settings["folds"] - 1 - fold) * settings["size"]
    return returns[:stop], stop - settings["size"]


def _model(settings: dict, seed: int, **limits):
    training = settings["training"] | limits
    network = standardised(partial(lstm, hidden=settings["hidden"], seed=seed, **training))
    return on_days(network, settings["length"], settings["embargo"])


@lru_cache
def _returns(symbol: str, since: str) -> pd.DataFrame:
    bars = load_index() if symbol == "SP500_INDEX" else load_bundled(symbol)
    return log_returns(bars["Close"][since:]).to_frame()

"""Forecasts of variance by 18 networks, walk-forward: what notebook 09 sets beside three decades of econometrics.

A row is one network on one series; a trial is one fold with one seed. It records the forecasts themselves, so that a
notebook can put any test to them. The econometric models are quick enough to run where they are compared.
"""

import time
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pandas as pd

from lstm_core.markets.data.bundled import load_bundled
from lstm_core.markets.guard import check_causal
from lstm_core.markets.variance.correction import Correction
from lstm_core.markets.variance.ranges import folds, with_range
from lstm_core.studies.study import spread

__all__ = ["first", "run"]


def run(settings: dict, trials: list[int]) -> Iterator[dict]:
    """One record a trial: its fold and seed, the forecasts of the fold's days as whole thousandths of ln variance
    (`thousandths`), the epochs trained, the first epoch's validation loss (`early`), seconds.

    Before any of them the guard changes the future of the row's own network: LookAhead if its past moves.
    """
    quick = _network(settings, seed=0, epochs=1)
    check_causal(lambda days, train: quick(days, train, settings["horizon"]), *_fold(settings, 0))
    yield from spread(one, settings, trials)


def one(settings: dict, trial: int) -> dict:
    """Train one fold with one seed, and forecast its days."""
    began, (fold, seed) = time.perf_counter(), divmod(trial, settings["seeds"])
    days, train = _fold(settings, fold)
    forecast, learnt = _network(settings, seed).trained(days, train, settings["horizon"])
    thousandths = np.round(1000 * np.log(forecast[train:])).astype(int)
    return dict(
        trial=trial, fold=fold, seed=seed, epochs=len(learnt.history.train_loss), early=learnt.history.valid_loss[0],
        thousandths=" ".join(map(str, thousandths)), seconds=round(time.perf_counter() - began, 2),
    )  # fmt: skip


def first(settings: dict, trial: int) -> dict:
    """The first epoch of a trial again: its validation loss."""
    fold, seed = divmod(trial, settings["seeds"])
    _, learnt = _network(settings, seed, epochs=1).trained(*_fold(settings, fold), settings["horizon"])
    return dict(early=learnt.history.valid_loss[0])


def _network(settings: dict, seed: int, **limits) -> Correction:
    return Correction(settings["base"], settings["cell"], settings["hidden"], seed=seed, **limits)


def _fold(settings: dict, fold: int) -> tuple[pd.DataFrame, int]:
    """The days up to the fold's last, and how many of them are learnt from: all, or the `length` latest."""
    days = _days(settings["symbol"])
    start, stop = folds(days, settings["first"], settings["last"], years=settings["years"])[fold]
    begin = start - settings.get("length", start)
    return days[begin:stop], start - begin


@lru_cache
def _days(symbol: str) -> pd.DataFrame:
    return with_range(load_bundled(symbol))

"""LSTM anomaly scores over seeds: sizes chosen on 2005–2006, then scored on 2007–2018 (notebook 11).

A trial is one seed. "choose" rows know the days to 2006 and keep a validation loss; "score" rows fit the size that the
choice came to, pass the guard as they are, and are graded like the detectors in the notebook.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lstm_core.markets.guard import check_causal
from lstm_core.markets.regimes.alarms import alarm_table, delays, switched_on, threshold_of
from lstm_core.markets.regimes.anomaly import NETWORKS, detector
from lstm_core.markets.regimes.ranking import auc
from lstm_core.markets.regimes.stress import EVENTS, bad_times, long_closes, peaks, stress_days
from lstm_core.studies.study import spread

__all__ = ["SHARE", "first", "one", "run"]

SHARE = 0.95  # of the training days, calm


def run(settings: dict, trials: list[int]) -> Iterator[dict]:
    """One record a seed, as they come."""
    yield from spread(one, settings, trials)


def one(settings: dict, trial: int) -> dict:
    """Fit one network; its validation loss, and for a "score" row AUCs, delays and the price of the alarm as well."""
    days = stress_days()
    train = int((days.index < "2007").sum())
    network, options = NETWORKS[f"LSTM {settings['network']}"], dict(hidden=settings["hidden"], seed=trial)
    if settings["part"] == "choose":
        return dict(trial=trial, fold=0, seed=trial, valid_loss=network(days[:train], train, **options).valid_loss)
    check_causal(detector(network, **options), days, train, known="the same day")
    found = network(days, train, **options)
    return dict(trial=trial, fold=0, seed=trial, valid_loss=found.valid_loss, **_graded(days, found.score, train))


def first(settings: dict, trial: int) -> dict:
    """The validation loss again."""
    return dict(valid_loss=one(dict(settings, part="choose"), trial)["valid_loss"])


def _graded(days: pd.DataFrame, values: np.ndarray, train: int) -> dict:
    close, score = long_closes(), pd.Series(values, days.index)
    test = score.iloc[train:]
    labels = {name: label[label.index.isin(test.index)] for name, label in bad_times(close).items()}
    on = switched_on(test, threshold_of(score, train, SHARE))
    falls = peaks(close)["2007":"2018"]
    row = alarm_table({"it": on}, close, EVENTS, falls).loc["it"]
    late = delays(on, EVENTS)["delay"]
    r = days["return"]
    plain = {"today's move": r.abs(), "20-day volatility": (r**2).rolling(20).mean()}
    return dict(
        auc={name: auc(test[label.index], label.to_numpy()) for name, label in labels.items()},
        delay={name: None if np.isnan(value) else int(value) for name, value in late.items()},
        alarm={name: float(value) for name, value in row.items()},
        like={name: float(test.corr(x[test.index], method="spearman")) for name, x in plain.items()},
    )

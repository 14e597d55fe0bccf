"""studies/regimes.py: sizes were chosen by what the choice's rows say, which know no test day; a trial repeats."""

import numpy as np
import pytest

from lstm_core.studies import load, regimes
from lstm_core.studies.tables import TABLES

SETTINGS = TABLES["regimes"].settings


def test_the_size_that_is_scored_has_the_lowest_mean_validation_loss():
    rows = load("regimes")
    for network in ("residual", "autoencoder", "volatility"):
        losses = {
            row["settings"]["hidden"]: np.mean([trial["valid_loss"] for trial in row["trials"]])
            for key, row in rows.items()
            if key.startswith(f"choose, {network}")
        }
        assert len(losses) == 3
        assert SETTINGS[f"score, {network}"]["hidden"] == min(losses, key=losses.get)


def test_the_default_sizes_are_those_that_were_chosen():
    from inspect import signature

    from lstm_core.markets.regimes.anomaly import NETWORKS

    for name, network in NETWORKS.items():
        chosen = SETTINGS[f"score, {name.removeprefix('LSTM ')}"]["hidden"]
        assert signature(network).parameters["hidden"].default == chosen


def test_a_choice_is_given_no_day_after_2006(monkeypatch):
    seen = []

    def spy(days, train, **options):
        seen.append((days.index[-1], len(days), train))
        return type("found", (), {"valid_loss": 1.0})

    monkeypatch.setitem(regimes.NETWORKS, "LSTM residual", spy)
    found = regimes.one(SETTINGS["choose, residual, H = 8"], 3)
    assert found == dict(trial=3, fold=0, seed=3, valid_loss=1.0)
    ((last, rows, train),) = seen
    assert str(last)[:10] == "2006-12-29"
    assert rows == train == 2010


def test_a_score_row_is_graded_after_it_has_passed_the_guard(monkeypatch):
    from lstm_core.markets.guard import LookAhead

    def cheat(days, train, **options):
        return type("found", (), {"score": days["return"].abs().shift(-1).ffill().to_numpy(), "valid_loss": 1.0})

    monkeypatch.setitem(regimes.NETWORKS, "LSTM residual", cheat)
    with pytest.raises(LookAhead):
        regimes.one(SETTINGS["score, residual"], 0)


def test_a_trial_begins_and_ends_as_it_was_recorded():
    key = "score, residual"
    recorded = load("regimes")[key]["trials"][0]
    assert regimes.first(SETTINGS[key], 0)["valid_loss"] == pytest.approx(recorded["valid_loss"], rel=0.02)
    again = regimes.one(SETTINGS[key], 0)
    assert again["auc"] == pytest.approx(recorded["auc"], abs=0.01)
    assert again["like"] == pytest.approx(recorded["like"], abs=0.02)

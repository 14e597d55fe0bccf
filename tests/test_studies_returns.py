"""The study "returns": its folds are the notebook's, its pipeline is guarded, and each planted leak is caught."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import TimeSeriesSplit

from lstm_core.markets import load_prices, log_returns, standardised, windows
from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.returns.baselines import ar1
from lstm_core.markets.returns.nextday import lstm, on_days
from lstm_core.studies import returns
from lstm_core.studies.tables import TABLES

KEY = "2009 to 2018, 8 units"
SETTINGS = TABLES["returns"].settings[KEY]


@pytest.mark.parametrize("key", TABLES["returns"].settings)
def test_its_folds_are_those_of_the_notebook(key):
    settings = TABLES["returns"].settings[key]
    closes = load_prices(settings["symbol"]).Close["1999":]
    x, _, dates = windows(log_returns(closes), 20)
    splits = list(TimeSeriesSplit(settings["folds"], test_size=503, gap=1).split(x))
    assert len(splits) * settings["seeds"] == settings["trials"]
    for fold, (learnt, test) in enumerate(splits):
        days, train = returns.fold_of(settings, fold)
        assert days.index[train:].equals(dates[test])
        seen = []
        spy = on_days(lambda *parts: seen.extend(parts) or np.zeros(len(parts[2])), 20, settings["embargo"])  # noqa: B023
        assert len(spy(days, train)) == len(days)
        for part, wanted in zip(seen, (x[learnt], log_returns(closes)[dates[learnt]], x[test]), strict=True):
            np.testing.assert_array_equal(part, wanted)


def test_a_model_of_days_is_the_forecast_of_its_windows():
    days = pd.DataFrame({"r": np.random.default_rng(0).standard_normal(300)}, pd.bdate_range("2001", periods=300))
    answer = on_days(ar1, 5)(days, 200)
    slope, level = np.polyfit(days["r"][4:198], days["r"][5:199], 1)  # the 195 windows of five, but for the embargo's
    np.testing.assert_allclose(answer[200:], level + slope * days["r"][199:-1], rtol=1e-9)
    assert np.isnan(answer[:200]).all()


def small(**more) -> dict:
    """A row that is quick enough for a test: the first fold with a small net and two epochs."""
    training = SETTINGS["training"] | dict(epochs=2)
    return SETTINGS | dict(hidden=2, since="2007", seeds=2, folds=2, trials=4, training=training) | more


def test_a_record_holds_the_forecasts_of_its_fold_and_begins_again_alike():
    settings = small()
    record = next(returns.run(settings, [3]))
    assert (record["trial"], record["fold"], record["seed"]) == (3, 1, 1)
    days, train = returns.fold_of(settings, 1)
    x, y, _ = windows(days, 20)
    network = standardised(partial(lstm, hidden=2, seed=1, **settings["training"]))
    direct = network(x[: train - 21], y[: train - 21], x[train - 20 :])
    recorded = np.array(record["forecasts"].split(), dtype=float) / 1e4
    np.testing.assert_allclose(recorded, direct, rtol=0, atol=6e-5)
    assert recorded.std() > 0.001
    assert record["early"] == returns.first(settings, 3)["early"] > 0


def scaled_on_all_days(forecast):
    def scaled(x_train, y_train, x_test):
        everything = np.concatenate([x_train, x_test])
        centre, spread = everything.mean((0, 1)), everything.std((0, 1))
        return forecast((x_train - centre) / spread, y_train, (x_test - centre) / spread)

    return scaled


def shifted(series, length):
    """Windows that end on the target's own day."""
    x, y, dates = windows(series, length)
    return x[1:], y[:-1], dates[:-1]


def shifted_on_days(forecast, length, embargo):
    def model(days, train):
        x, y, _ = shifted(days, length)
        start, answer = train - length, np.full(len(days), 0.0)
        answer[train:-1] = forecast(x[: start - embargo], y[: start - embargo], x[start:])
        return answer

    return model


LEAKS = {
    "the scaler saw all days": ("standardised", scaled_on_all_days),
    "the target is in its window": ("on_days", shifted_on_days),
}


@pytest.mark.parametrize(("step", "leak"), LEAKS.values(), ids=LEAKS)
def test_a_leak_planted_in_the_study_stops_it_before_the_first_trial(step, leak, monkeypatch):
    monkeypatch.setattr(returns, step, leak)
    with pytest.raises(LookAhead, match="moves when nothing but the days"):
        next(returns.run(small(), [0]))


@pytest.mark.parametrize("overlap", [1, 20])
def test_training_windows_that_overlap_the_test_days_stop_it(overlap):
    with pytest.raises(LookAhead, match="moves when nothing but the days"):
        next(returns.run(small(embargo=-overlap), [0]))


def test_without_a_leak_the_guard_lets_every_row_pass():
    for settings in TABLES["returns"].settings.values():
        quick = settings | dict(hidden=2, training=settings["training"] | dict(epochs=1))
        check_causal(returns._model(quick, seed=0), *returns.fold_of(quick, 0))

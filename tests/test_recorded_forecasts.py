"""studies.forecasts: recorded forecasts come back by date and seed, and as one; what was picked was the best of the
validation years, and what is recorded of the test years is what the models of today forecast."""

import numpy as np
import pandas as pd
import pytest

from lstm_core.markets import load_prices
from lstm_core.markets.variance.contest import contest
from lstm_core.markets.variance.ranges import folds, target, with_range
from lstm_core.studies import load
from lstm_core.studies.forecasts import by_base, seeds_of, variances

DATES = pd.bdate_range("2000-01-03", "2003-12-31")


def row():
    one, two = (DATES.year == year for year in (2001, 2002))
    trials = [
        dict(
            trial=fold * 2 + seed,
            fold=fold,
            seed=seed,
            thousandths=" ".join(["-500", "700"][seed : seed + 1] * n.sum()),
        )
        for fold, n in enumerate((one, two))
        for seed in range(2)
    ]
    return dict(key="a row", settings=dict(first=2001, last=2002, seeds=2), trials=trials)


def test_forecasts_come_back_by_date_and_seed():
    table = seeds_of(row(), DATES)
    assert table.index.equals(DATES[(DATES.year == 2001) | (DATES.year == 2002)])
    np.testing.assert_allclose(table[0], np.exp(-0.5))
    np.testing.assert_allclose(table[1], np.exp(0.7))
    np.testing.assert_allclose(variances(row(), DATES), np.exp(0.1))


def test_losses_stand_by_network_and_base():
    table = by_base(pd.Series({"gru 8 on LHAR": 1.0, "lstm 8 on none": 2.0, "gru 8 on none": 3.0}))
    assert table.loc["gru 8", "none"] == 3.0
    assert np.isnan(table.loc["lstm 8", "LHAR"])


def test_another_series_is_refused():
    with pytest.raises(ValueError, match="a row has 522 days from 2001 to 2002, the dates 521"):
        seeds_of(row(), DATES.delete(300))


@pytest.fixture(scope="module")
def days():
    return with_range(load_prices("SP500"))


def test_the_network_that_goes_on_is_the_one_that_the_validation_years_picked(days):
    rows = load("volatility")
    tomorrow = pd.Series(target(days), days.index)
    validation = {key: variances(row, days.index) for key, row in rows.items() if key.startswith("validation")}
    losses = contest(tomorrow, validation).losses.mean()
    best = losses.idxmin().partition(", ")[2]
    assert {f"{what}, {best}" for what in ("test", "NASDAQ", "21 days", "8 years that roll")} <= set(rows)
    best_lstm = losses[losses.index.str.contains(", lstm")].idxmin().partition(", ")[2]
    assert f"NASDAQ, {best_lstm}" in rows


def test_every_day_of_the_test_years_has_a_forecast(days):
    stretches = folds(days, 2008, 2018)
    for key, row in load("volatility").items():
        if not key.startswith("validation"):
            assert len(variances(row, days.index)) == stretches[-1].stop - stretches[0].start == 2769

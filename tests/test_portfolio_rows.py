"""studies/portfolio.py and portfolio_rows.py: a trial's record is the account of its networks' mean weights, leaks
planted in the study are caught by its guard, and what the grid picks is what the test years are run with."""

import numpy as np
import pandas as pd
import pytest

from lstm_core.markets.portfolio import network
from lstm_core.markets.portfolio.account import backtest, monthly, simple_returns, stitch
from lstm_core.studies import load, portfolio, portfolio_rows
from lstm_core.studies.study import TrialError
from lstm_core.studies.tables import TABLES

SMALL = dict(hidden=4, epochs=2, cost_bp=0.0, hold=1, folds=[["1998", "1998"], ["1999", "1999"]], seeds=2, trials=2)


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    """A random walk of three stocks, 1990–1999."""
    days = pd.bdate_range("1990-01-01", "1999-12-31")
    steps = 0.0004 + 0.02 * np.random.default_rng(0).standard_normal((len(days), 3))
    return pd.DataFrame(50 * np.exp(steps.cumsum(0)), days, list("abc"))


@pytest.fixture
def market(monkeypatch, prices):
    monkeypatch.setattr(portfolio, "load_stocks", lambda: prices)
    return prices


def by_hand(settings, prices, trial):
    begin, end = settings["folds"][trial]
    known = prices[:end]
    train = len(prices[: str(int(begin) - 1)])
    weights = []
    for seed in range(settings["seeds"]):
        how = dict(hidden=settings["hidden"], epochs=settings["epochs"], hold=settings["hold"])
        weights.append(network.weigh(network.learn(known, train, seed=seed, **how)[0], known, train))
    targets = (sum(weights) / len(weights))[train - 1 :]
    targets = monthly(targets) if settings["hold"] > 1 else targets
    return backtest(targets, simple_returns(known).reindex(targets.index))


@pytest.mark.parametrize("hold", [1, 21])
def test_a_record_is_the_account_of_the_mean_weights_over_the_fold(hold, market):
    settings = {**SMALL, "hold": hold}
    records = sorted(portfolio.run(settings, [0, 1]), key=lambda record: record["trial"])
    wanted = [by_hand(settings, market, trial) for trial in (0, 1)]
    for record, account in zip(records, wanted, strict=True):
        np.testing.assert_allclose(record["gross"], account.gross, atol=1e-7)
        np.testing.assert_allclose(record["turnover"], account.turnover, atol=1e-6)
        assert account.gross.index.year.unique().tolist() == [int(record["fold"][0])]
    assert records[0]["trained"] == ["1990-01-01", "1997-12-31"]
    rows = {f"test, {way}": dict(trials=records) for way in portfolio_rows.WAYS}
    joined = portfolio_rows.accounts(rows, market.index)["monthly"]
    both = stitch(wanted)
    pd.testing.assert_series_equal(joined.gross, both.gross, atol=1e-7, check_freq=False)
    pd.testing.assert_series_equal(joined.turnover, both.turnover, atol=1e-5, check_freq=False)
    assert joined.turnover.loc["1999"].iloc[0] < 1
    own = [by_hand({**settings, "seeds": 1}, market, trial) for trial in (0, 1)]
    net = pd.concat([account.net(10) for account in own])
    found = portfolio_rows.own_ratios(rows)
    assert found.shape == (2, 3)
    assert found.loc[0, "daily"] == pytest.approx(np.sqrt(252) * net.mean() / net.std(ddof=0))


def test_a_trial_begins_as_it_is_recorded(market):
    settings = {**SMALL, "epochs": 4}
    (record,) = portfolio.run(settings, [1])
    assert portfolio.first(settings, 1)["early"] == record["early"]
    assert len(record["early"]) == 3


def with_later_prices(prices, train, **how):
    return learn(prices, train + 21, **how)


def with_its_scaler(prices, train):
    return features(prices, len(prices))


def with_tomorrow(model, prices, train):
    return weigh(model, prices, train).shift(-1).ffill()


learn, features, weigh = network.learn, network.features, network.weigh
LEAKS = [
    (portfolio, "learn", with_later_prices), (network, "features", with_its_scaler),
    (portfolio, "weigh", with_tomorrow),
]  # fmt: skip


def stopped_by_the_guard(settings):
    """Its trial fails by LookAhead, said at once and in the end, and leaves no record."""
    with (
        pytest.warns(UserWarning, match="trial 0 failed, the others go on: LookAhead: row"),
        pytest.raises(TrialError, match=r"1 of 1 trials failed: trial 0 \(LookAhead: row"),
    ):
        assert list(portfolio.run(settings, [0])) == []


@pytest.mark.parametrize(("module", "name", "leaky"), LEAKS, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("hold", [1, 21])
def test_a_leak_in_the_study_stops_it(module, name, leaky, hold, market, monkeypatch):
    monkeypatch.setattr(module, name, leaky)
    stopped_by_the_guard({**SMALL, "hold": hold})


def test_overlapping_targets_in_the_study_stop_it(market, monkeypatch):
    """Without the embargo, the last 21 targets reach into the fold."""

    def no_embargo(prices, train, *, hidden, epochs, cost_bp, hold, seed):
        x, incomplete = network.features(prices, train)
        earned = (prices.shift(-hold) / prices - 1).to_numpy()[:train]
        model = network.Allocator(x.shape[1], hidden, prices.shape[1], seed=seed)
        data = network.stretches(x[:train], earned, incomplete)
        return model, network.fit(model, data, epochs=epochs, loss=network.sharpe_loss(), progress=False)

    monkeypatch.setattr(portfolio, "learn", no_embargo)
    stopped_by_the_guard({**SMALL, "hold": 21})


# --- what is recorded


@pytest.fixture(scope="module")
def rows():
    return load("portfolio")


def test_the_grid_is_scored_on_the_validation_years_and_on_no_other(rows):
    grid = portfolio_rows.grid(rows)
    assert len(grid) == 18
    assert grid.groupby("way").chosen.sum().tolist() == [1, 1, 1]
    assert set(grid.way) == set(portfolio_rows.WAYS)
    for key, settings in TABLES["portfolio"].settings.items():
        assert (settings["folds"] == [["1998", "2001"]]) == key.startswith("validation")
    trial = rows["validation, monthly, 16 units, 10 epochs"]["trials"][0]
    line = grid[(grid.way == "monthly") & (grid.units == 16) & (grid.epochs == 10)].iloc[0]
    net = (1 - 0.001 * np.array(trial["turnover"])) * (1 + np.array(trial["gross"])) - 1
    assert line.judged == line.net == pytest.approx(np.sqrt(252) * net.mean() / net.std())
    assert len(net) == 1004


def test_leads_are_information_ratios(rows):
    days = pd.date_range("1998", periods=1004)
    benchmark = pd.Series(np.random.default_rng(0).normal(0, 0.01, 1004), days)
    found = portfolio_rows.leads(rows, benchmark)
    trial = rows["validation, daily, 16 units, 10 epochs"]["trials"][0]
    ahead = (1 - 0.001 * np.array(trial["turnover"])) * (1 + np.array(trial["gross"])) - 1 - benchmark.to_numpy()
    assert len(found) == 18
    assert np.isclose(found, np.sqrt(252) * ahead.mean() / ahead.std()).sum() == 1


def test_what_was_earned_where_it_was_picked_is_the_chosen_ones(rows):
    days = pd.date_range("1998", periods=1004)
    nothing = portfolio_rows.beyond(rows, pd.Series(0.0, days))
    assert list(nothing) == list(portfolio_rows.WAYS)
    grid = portfolio_rows.grid(rows)
    for line in grid[grid.chosen].itertuples():
        net = nothing[line.way]
        assert np.sqrt(252) * net.mean() / net.std(ddof=0) == pytest.approx(line.net)
    less = portfolio_rows.beyond(rows, pd.Series(0.01, days))
    np.testing.assert_allclose(less["monthly"], nothing["monthly"] - 0.01)


def test_the_test_years_are_run_with_what_the_validation_years_picked(rows):
    settings = TABLES["portfolio"].settings
    for way, (units, epochs) in portfolio_rows.chosen(rows).items():
        test = settings[f"test, {way}"]
        assert (test["hidden"], test["epochs"]) == (units, epochs)
        same = settings[f"validation, {way}, {units} units, {epochs} epochs"]
        assert {name: test[name] for name in ("hold", "cost_bp")} == {name: same[name] for name in ("hold", "cost_bp")}
        assert test["folds"] == [[str(year), str(year + 2)] for year in range(2002, 2023, 3)]

"""options/straddles.py: windows that share no day, prices by vollib, nothing that was not known on the day of sale."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from vollib.black_scholes import black_scholes

from lstm_core.markets import load_prices, log_returns
from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.options.hedging import delta_hedge, hedge_realised
from lstm_core.markets.options.straddles import coming_variance, load_vix, sell_straddles

DAYS = pd.bdate_range("2015-01-01", periods=130, name="Date")


@pytest.fixture
def market() -> tuple[pd.Series, pd.Series]:
    """130 closes, and a VIX that begins on the fifth of these days."""
    rng = np.random.default_rng(0)
    close = pd.Series(2000 * np.exp(np.cumsum(0.01 * rng.standard_normal(130))), DAYS, name="Close")
    return close, pd.Series(rng.uniform(12, 25, 126), DAYS[4:], name="vix")


@pytest.fixture(scope="module")
def sp500() -> pd.Series:
    return load_prices("SP500").Close


# --- the data


def test_the_vix_lacks_no_trading_day_and_what_is_left_out_are_no_trading_days(sp500):
    raw, vix = import_module("arch.data.vix").load()["vix"], load_vix()
    empty = raw.index[raw.isna()]
    assert len(empty) == 46
    assert len(vix) == len(raw) - 46
    assert not empty.isin(sp500.index).any()
    assert sp500.index[sp500.index >= vix.index[0]].isin(vix.index).all()
    assert vix.index[[0, -1]].strftime("%F").tolist() == ["2014-01-03", "2019-01-03"]
    assert vix["2018-02-05"] == 37.32  # a day that made the news
    assert vix.index.tz is None


def test_the_variance_to_come_is_that_of_the_days_after(market):
    close, _ = market
    coming = coming_variance(close, 21)
    assert len(coming) == 130 - 21
    after = 100 * np.log(close.to_numpy()[8:29] / close.to_numpy()[7:28])
    assert coming[DAYS[7]] == pytest.approx(np.mean(after**2))
    assert coming_variance(close, 1)[DAYS[0]] == pytest.approx(log_returns(close)[DAYS[1]] ** 2)


@pytest.mark.parametrize("days", [0, 130, 2.5])
def test_there_must_be_days_to_come(market, days):
    with pytest.raises(ValueError, match="days is"):
        coming_variance(market[0], days)


# --- the windows


@pytest.mark.parametrize(("days", "offset"), [(21, 0), (21, 20), (10, 3)])
def test_each_window_begins_where_the_last_ended(market, days, offset):
    table = sell_straddles(*market, days=days, offset=offset)
    assert table.index[0] == DAYS[4 + offset]
    assert (table.index[1:] == table["end"].iloc[:-1]).all()
    assert len(table) == (125 - offset) // days
    assert (DAYS.get_indexer(table["end"]) - DAYS.get_indexer(table.index) == days).all()


def test_each_row_is_what_the_day_of_sale_and_the_window_say(market):
    close, vix = market
    table = sell_straddles(close, vix)
    for start, row in table.iterrows():
        σ, window = vix[start] / 100, close[start : row["end"]]
        both = sum(black_scholes(flag, 100, 100, 21 / 252, 0, σ) for flag in "cp")
        moves = 100 * np.diff(np.log(window))
        replay = hedge_realised(window, σ)
        assert row["spot"] == close[start]
        assert row["vix"] == vix[start]
        assert row["price"] == pytest.approx(both)
        assert row["payoff"] == pytest.approx(100 * abs(window.iloc[-1] / window.iloc[0] - 1))
        assert row["realised"] == pytest.approx(np.sqrt(252 / 21 * np.sum(moves**2)))
        assert row["unhedged"] == pytest.approx(both - row["payoff"])
        assert row["hedged"] == pytest.approx(replay["hedged"].iloc[-1])


def test_a_markdown_lowers_the_price_of_sale(market):
    close, vix = market
    table, cheaper = sell_straddles(close, vix), sell_straddles(close, vix, markdown=3)
    pd.testing.assert_frame_equal(
        cheaper.drop(columns="vix"), sell_straddles(close, vix - 3).drop(columns="vix"), atol=1e-12
    )
    assert (cheaper["vix"] == table["vix"]).all()
    assert (table["price"] - cheaper["price"]).mean() == pytest.approx(
        3 * np.sqrt(2 / np.pi) * np.sqrt(21 / 252), rel=0.01
    )


def test_costs_fall_on_the_hedge_alone(market):
    free, dear = sell_straddles(*market), sell_straddles(*market, cost=0.001)
    assert (free["unhedged"] == dear["unhedged"]).all()
    assert (free["hedged"] > dear["hedged"]).all()


# --- forecasts


def test_a_forecast_that_says_what_the_vix_says_changes_nothing(market):
    close, vix = market
    table = sell_straddles(close, vix, forecast=vix**2 / 252)
    pd.testing.assert_series_equal(table["forecast"], table["vix"], check_names=False)
    pd.testing.assert_frame_equal(table.drop(columns="forecast"), sell_straddles(close, vix))


@pytest.mark.parametrize(("known", "lag"), [("the same day", 0), ("the day before", 1)])
def test_the_hedge_uses_the_forecast_known_at_the_close_of_the_sale(market, known, lag):
    close, vix = market
    variance = pd.Series(np.linspace(0.5, 2, 130), DAYS)
    table = sell_straddles(close, vix, forecast=variance, known=known)
    for start, row in table.iterrows():
        at = DAYS.get_loc(start)
        σ = np.sqrt(252 * variance.iloc[at + lag])
        run = delta_hedge(close.to_numpy()[None, at : at + 22], vix[start] / 100, σ / 100)
        assert row["forecast"] == pytest.approx(σ)
        assert row["hedged"] == pytest.approx(run.hedged[0])
    assert (table["unhedged"] == sell_straddles(close, vix)["unhedged"]).all()


def test_no_row_knows_what_came_after_its_window(market):
    close, vix = market
    variance = pd.Series(np.linspace(0.5, 2, 130), DAYS)
    table = sell_straddles(close, vix, forecast=variance)
    end = table["end"].iloc[2]
    other = [s.where(s.index <= end, 2 * s) for s in (close, vix)]
    sold = variance.where(variance.index <= table.index[2], 9 * variance)
    then = sell_straddles(*other, forecast=sold)
    pd.testing.assert_frame_equal(then.iloc[:3], table.iloc[:3])
    assert not np.allclose(then["hedged"].iloc[3:], table["hedged"].iloc[3:])


def test_the_guard_finds_the_future_in_a_forecast(market):
    """Two forecasts of the next 21 days, made at each close: the 21 days before, and, planted, the days themselves."""
    days = market[0].to_frame()

    def past(days, train):
        return (log_returns(days["Close"]) ** 2).rolling(21).mean().reindex(days.index).fillna(0)

    def planted(days, train):
        return coming_variance(days["Close"]).reindex(days.index).fillna(0)

    check_causal(past, days, 40, known="the same day")
    with pytest.raises(LookAhead):
        check_causal(planted, days, 40, known="the same day")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda v: v.drop(DAYS[46]),
            "no positive forecast of variance for 1 of 5 windows, the first sold on 2015-03-06",
        ),
        (lambda v: v[DAYS[30] :], "2 of 5 windows, the first sold on 2015-01-07"),
        (lambda v: v * np.where(v.index == DAYS[4], -1, 1), "no positive forecast"),
        (lambda v: v.where(v.index != DAYS[25]), "1 of 5 windows"),
        (lambda v: v.where(v.index != DAYS[25], np.inf), "1 of 5 windows"),
        (lambda v: pd.concat([v, v[:1]]), "two forecasts"),
    ],
)
def test_a_day_of_sale_needs_its_forecast(market, spoil, message):
    with pytest.raises(ValueError, match=message):
        sell_straddles(*market, forecast=spoil(pd.Series(1.0, DAYS)))


def test_a_gap_after_the_day_of_sale_is_not_bridged_by_a_later_forecast(market):
    """Dated by the first day that it is for, a forecast of a later month would be one from the future."""
    monthly = pd.Series(1.0, DAYS)[4::21]
    assert len(sell_straddles(*market, forecast=monthly)) == 5
    with pytest.raises(ValueError, match="5 of 5 windows"):
        sell_straddles(*market, forecast=monthly, known="the day before")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (dict(days=0), "days is 0"),
        (dict(days=126), "126 closes since 2015-01-07 hold no window of 126 days"),
        (dict(offset=21), "offset is 21"),
        (dict(offset=-1), "offset is -1"),
        (dict(known="tomorrow", forecast=pd.Series(1.0, DAYS)), "'the same day'"),
        (dict(markdown=30), "markdown is 30 points, but the VIX is as low as"),
        (dict(cost=2), "cost is 2"),
    ],
)
def test_what_cannot_be_sold_is_refused(market, wrong, message):
    with pytest.raises(ValueError, match=message):
        sell_straddles(*market, **wrong)


def test_a_vix_with_a_hole_or_as_a_fraction_is_refused(market):
    close, vix = market
    with pytest.raises(ValueError, match="2015-02-05, a day of sale, has no VIX"):
        sell_straddles(close, vix.drop(DAYS[25]))
    with pytest.raises(ValueError, match="give per cent a year"):
        sell_straddles(close, vix / 100)


# --- the years that there are


def test_five_years_hold_59_windows_in_which_the_vix_was_dearer_than_what_came(sp500):
    table = sell_straddles(sp500, load_vix())
    assert len(table) == 59
    assert table["end"].iloc[-1] <= sp500.index[-1]
    assert table["vix"].mean() > table["realised"].mean() + 2
    assert 0.6 < (table["vix"] > table["realised"]).mean() < 0.95
    assert table["hedged"].std() < table["unhedged"].std()

"""Prices that are broken are refused, odd ones are said aloud, good ones pass in silence: a table of one's own by
check_prices, and Yahoo's answer by load_prices, where what is refused has the bundled series in its place."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lstm_core.markets import check_prices, load_prices
from lstm_core.markets.data import yahoo
from lstm_core.markets.data.checks import split_days

DAYS = pd.bdate_range("2015-09-01", periods=100, name="Date").as_unit("ns")  # New York's clocks change on the way
MIDDLE = DAYS[50]  # 2015-11-10


@pytest.fixture
def by_yahoo(monkeypatch, tmp_path):
    """load_prices of AAPL when Yahoo answers with a given table."""

    def ask(answer):
        history = SimpleNamespace(history=lambda **options: answer)
        monkeypatch.setitem(sys.modules, "yfinance", SimpleNamespace(Ticker=lambda ticker: history))
        return load_prices("AAPL", "live")

    monkeypatch.setenv("LSTM_CORE_CACHE", str(tmp_path))
    return ask


def market(seed=0, volatility=0.01, index=DAYS):
    """A hundred days of a stock whose prices are all right."""
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(rng.normal(0, volatility, len(index))))
    bars = pd.DataFrame({"Open": close * 1.001, "High": close * 1.004, "Low": close * 0.996, "Close": close}, index)
    return bars.assign(Volume=np.round(1e6 * np.exp(rng.normal(0, 0.3, len(index)))))


def on(day, **values):
    """The market, with other values on one day."""
    bars = market().astype(object if any(isinstance(value, str) for value in values.values()) else float)
    bars.loc[day, list(values)] = list(values.values())
    return bars


def split(factor, day=MIDDLE, bars=None):
    """The market unadjusted: what lies before the day was `factor` times dearer, and as much less was traded."""
    bars = market() if bars is None else bars.copy()
    before = bars.index < day
    bars.loc[before, ["Open", "High", "Low", "Close"]] *= factor
    bars.loc[before, "Volume"] /= factor
    return bars


def converted(zone, hours, to="UTC"):
    """The market, stamped at an hour of its own zone, and these stamps converted to another."""
    return market(index=(DAYS + pd.Timedelta(hours, "h")).tz_localize(zone).tz_convert(to))


# ---------------------------------------------------------------------------------------------------- refused

REFUSED = {
    "empty": (market()[:0], "0 complete days, but two at least"),
    "one day": (market()[:1], "1 complete days, but two at least"),
    "NaN": (on(MIDDLE, Close=np.nan), "1 days with prices that are missing, .* on 2015-11-10: drop or mend them"),
    "infinite": (on(MIDDLE, High=np.inf), "1 days with prices that are .*infinite"),
    "zero": (on(MIDDLE, Low=0.0), "1 days with prices that are .*zero"),
    "negative": (on(MIDDLE, Open=-50.0), "1 days with prices that are .*negative, the first on 2015-11-10"),
    "negative volume": (on(MIDDLE, Volume=-1.0), "a negative Volume on 2015-11-10"),
    "high below low": (on(MIDDLE, High=1.0), "a High below the Low on 2015-11-10"),
    "two bars of one day": (pd.concat([market(), on(MIDDLE, Close=50.0)[50:51]]).sort_index(),
                            r"more than one bar of 2015-11-10, closing at [\d.]+ and 50: keep the right one"),
    "two volumes of one day": (pd.concat([market(), on(MIDDLE, Volume=7.0)[50:51]]).sort_index(), "more than one bar"),
    "New York's midnights in UTC": (converted("America/New_York", 0), "2015-09-01 04:00:00.00:00, which is no mid"),
    "New York's closing hours in UTC": (converted("America/New_York", 16), "20:00:00.00:00, which is no midnight"),
    "Tokyo's midnights in UTC": (converted("Asia/Tokyo", 0), "2015-08-31 15:00:00.00:00, which is no midnight.* zone="),
    "HTML": ("<!DOCTYPE html><title>Too many requests</title>", "is str '<!DOCTYPE html>.*, not a table"),
    "HTML in a cell": (on(MIDDLE, Close="<html>"), "Close is '<html>' on 2015-11-10, and no number"),
    "nothing": (None, "is NoneType 'None', not a table"),
    "a column": (market().Close, r"is Series .*, not a table: .*\.to_frame\('Close'\)"),
    "no close": (market().rename(columns={"Close": "close"}), r"columns are \['Open', 'High', 'Low', 'close', 'Vol"),
    "a column twice": (pd.concat([market(), market()], axis=1), "columns are .* once each"),
    "no dates": (market().reset_index(drop=True), "labelled by int64, not by dates"),
    "dates as text": (market().set_axis(DAYS.astype(str)), "labelled by (str|object), not by dates"),
    "a date missing": (market().set_axis(DAYS.where(DAYS != MIDDLE)), "dates of which some are missing"),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "words"), REFUSED.values(), ids=REFUSED)
def test_a_table_of_ones_own_is_refused_with_a_reason(frame, words):
    with pytest.raises(ValueError, match=rf"^MINE.* ?{words}"):
        check_prices(frame, "MINE")


@pytest.mark.parametrize(("frame", "words"), REFUSED.values(), ids=REFUSED)
def test_yahoos_answer_is_refused_with_a_reason_and_the_bundled_series_in_its_place(frame, words, by_yahoo):
    with pytest.warns(UserWarning, match=rf"Yahoo gave no usable prices of AAPL.*{words}.*the bundled series") as said:
        prices = by_yahoo(frame)
    pd.testing.assert_frame_equal(prices, load_prices("AAPL"))
    assert len(said) == 1


# ---------------------------------------------------------------------------------------------------- said aloud

ODD = {
    "in disorder": (market().sample(frac=1, random_state=0), market(), "came with its days in disorder, and was"),
    "a split": (split(4.0), split(4.0), "moves like at a split, on 2015-11-10 by 0.25: are its prices adjusted"),
    "3 for 2": (split(1.5), split(1.5), "moves like at a split, on 2015-11-10 by 0.667"),
    "1 for 10": (split(0.1), split(0.1), "moves like at a split, on 2015-11-10 by 10"),
    "pence for pounds": (split(0.01), split(0.01), "moves like at a split, on 2015-11-10 by 100"),
    "two splits": (split(2.0, bars=split(7.0, DAYS[80])), split(2.0, bars=split(7.0, DAYS[80])),
                   "moves like at a split, on 2015-11-10 by 0.5, 2015-12-22 by 0.143"),
    "days shifted back": (market(index=DAYS - pd.Timedelta(1, "D")), market(index=DAYS - pd.Timedelta(1, "D")),
                          "has bars on Sundays and none on Fridays: was its time zone converted"),
    "days shifted on": (market(index=DAYS + pd.Timedelta(1, "D")), market(index=DAYS + pd.Timedelta(1, "D")),
                        "has bars on Saturdays and none on Mondays"),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "expected", "words"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("whose", ["one's own", "Yahoo's"])
def test_what_is_odd_is_said_aloud(frame, expected, words, whose, by_yahoo):
    with pytest.warns(UserWarning, match=f"^AAPL {words}") as said:
        prices = check_prices(frame, "AAPL") if whose == "one's own" else by_yahoo(frame)
    pd.testing.assert_frame_equal(prices, expected.rename_axis("Date"), check_freq=False)
    assert [(remark.filename, len(said)) for remark in said] == [(__file__, 1)]


def test_what_is_odd_is_said_again_of_what_was_kept(by_yahoo):
    for _ in range(2):
        with pytest.warns(UserWarning, match="^AAPL moves like at a split, on 2015-11-10 by 0.25"):
            by_yahoo(split(4.0))
    assert len(list(yahoo.folder().iterdir())) == 1


# ---------------------------------------------------------------------------------------------------- good

FALL = on(MIDDLE, Volume=2e7)
FALL.loc[FALL.index >= MIDDLE, ["Open", "High", "Low", "Close"]] *= 0.5
GOOD = {
    "as it should be": (market(), market()),
    "newest first": (market()[::-1], market()),
    "one day twice, and the same": (pd.concat([market()[:51], market()[50:]]), market()),
    "New York's midnights": (converted("America/New_York", 0, "America/New_York"), market()),
    "Tokyo's midnights": (converted("Asia/Tokyo", 0, "Asia/Tokyo"), market()),
    "half its worth in a day, at twenty times the volume": (FALL, FALL),
    "a stock that moves by a third every day": (market(3, 0.3), market(3, 0.3)),
    "whole numbers": (market().round().astype(int), market().round()),
    "numbers as text": (market().round().astype(int).astype(str), market().round()),
    "a column more": (market().assign(Dividends=0.0), market()),
}


@pytest.mark.parametrize(("frame", "expected"), GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("whose", ["one's own", "Yahoo's"])
def test_what_is_good_passes_in_silence(frame, expected, whose, by_yahoo):
    prices = check_prices(frame) if whose == "one's own" else by_yahoo(frame)
    pd.testing.assert_frame_equal(prices, expected, check_freq=False)


def test_closes_alone_are_enough():
    pd.testing.assert_frame_equal(check_prices(market()[["Close"]]), market()[["Close"]], check_freq=False)
    with pytest.warns(UserWarning, match="by 0.5"):
        check_prices(split(2.0)[["Close"]])


@pytest.mark.parametrize(
    ("exchange", "hours"), [("America/New_York", 0), ("America/New_York", 16), ("Asia/Tokyo", 0), ("Asia/Tokyo", 15),
                            ("Australia/Sydney", 16), ("Europe/London", 16)],
)  # fmt: skip
@pytest.mark.parametrize("to", ["UTC", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Auckland"])
def test_a_zone_keeps_each_bar_on_its_day(exchange, hours, to):
    prices = check_prices(converted(exchange, hours, to), zone=exchange)
    pd.testing.assert_frame_equal(prices, market(), check_freq=False)


@pytest.mark.parametrize("symbol", ["SP500", "NASDAQ", "XOM", "MSFT", "KO"])
def test_real_prices_pass_in_silence(symbol):
    pd.testing.assert_frame_equal(check_prices(load_prices(symbol), symbol), load_prices(symbol))


def test_apples_splits_are_found_in_its_real_prices_unadjusted():
    """7 for 1 in 2014, 4 for 1 in 2020. The real fall of September 2000, by half in a night, cannot be told from one by
    the close alone."""
    bars = load_prices("AAPL")
    assert split_days(bars["2001":]) == {}
    unadjusted = bars.copy()
    unadjusted.loc[:"2014-06-08"] *= 7
    unadjusted.loc[:"2020-08-30"] *= 4
    found = {f"{day:%Y-%m-%d}": round(1 / factor) for day, factor in split_days(unadjusted).items()}
    assert found == {"2000-09-29": 2, "2014-06-09": 7, "2020-08-31": 4}

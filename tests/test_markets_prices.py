"""Prices: the bundled series are what they claim to be; Yahoo can fail in any way and the lecture goes on."""

import sys
import warnings
from threading import Event
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lstm_core.markets import bundled_symbols, load_prices, log_returns, windows
from lstm_core.markets.data import yahoo

NOW = pd.Timestamp("2026-03-02 10:00", tz="America/New_York")  # a Monday, while New York is trading


@pytest.fixture(autouse=True)
def own_cache_and_clock(tmp_path, monkeypatch):
    monkeypatch.setenv("LSTM_CORE_CACHE", str(tmp_path))
    monkeypatch.setattr(yahoo, "_now", lambda zone=None: NOW.tz_convert(zone) if zone else NOW.tz_localize(None))


@pytest.fixture
def stand_in(monkeypatch):
    """Put a stand-in for yfinance in place that answers with `.answer`: a frame, an exception, or anything else."""
    module = SimpleNamespace(answer=None, asked=[])

    def history(ticker, **options):
        module.asked.append(ticker)
        if isinstance(module.answer, Event):
            module.answer.wait()
        if isinstance(module.answer, Exception):
            raise module.answer
        return module.answer

    module.Ticker = lambda ticker: SimpleNamespace(history=lambda **options: history(ticker, **options))
    monkeypatch.setitem(sys.modules, "yfinance", module)
    return module


def bars(days=5, last="2026-02-27", zone="America/New_York"):
    """Return what Yahoo sends for `days` business days up to `last`."""
    close = 100.0 + np.arange(days) / 3
    columns = {"Open": close - 0.1, "High": close + 1, "Low": close - 1, "Close": close, "Volume": np.arange(days) + 10}
    return pd.DataFrame(columns, pd.bdate_range(end=last, periods=days, tz=zone, name="Date"))


# ---------------------------------------------------------------------------------------------------- bundled


@pytest.mark.parametrize(("symbol", "same"), [("SP500", "^GSPC"), ("NASDAQ", "^IXIC"), ("AAPL", " aapl ")])
def test_an_alias_names_the_same_series(symbol, same):
    pd.testing.assert_frame_equal(load_prices(symbol), load_prices(same))


def test_the_sp500_is_the_real_one():
    prices = load_prices()
    assert list(prices) == ["Open", "High", "Low", "Close", "Volume"]
    assert len(prices) == 5031
    assert prices.Close["1999-01-04"] == pytest.approx(1228.10, abs=0.005)
    assert prices.Close["2009-03-09"] == pytest.approx(676.53, abs=0.005)  # the low of the crisis
    assert prices.Close["2018-12-31"] == pytest.approx(2506.85, abs=0.005)


@pytest.mark.parametrize("symbol", ["SP500", "NASDAQ", "AAPL", "XOM", "SP500_INDEX"])
def test_bundled_bars_are_sorted_naive_unique_and_positive(symbol):
    prices = load_prices(symbol)
    assert prices.index.tz is None
    assert prices.index.is_monotonic_increasing
    assert prices.index.is_unique
    assert np.isfinite(prices).all(axis=None)
    assert (prices.drop(columns="Volume", errors="ignore") > 0).all(axis=None)
    assert {"SP500", "NASDAQ"}.isdisjoint([symbol]) == (list(prices) == ["Close"])


def test_twenty_three_series_are_bundled():
    assert len(set(bundled_symbols())) == len(bundled_symbols()) == 23
    assert {"SP500", "NASDAQ", "AAPL", "XOM", "SP500_INDEX"} <= set(bundled_symbols())


def test_the_longer_index_is_the_same_one_and_has_seen_march_2020():
    longer, shorter = load_prices("SP500_INDEX"), load_prices("SP500")
    assert len(longer) == 8313
    assert [f"{day:%Y-%m-%d}" for day in longer.index[[0, -1]]] == ["1990-01-02", "2022-12-28"]
    shared = longer.Close["1999":"2018"]
    assert shared.index.equals(shorter.index)
    np.testing.assert_allclose(shared, shorter.Close, rtol=0, atol=0.001)
    returns = log_returns(longer.Close)
    assert f"{returns.idxmin():%Y-%m-%d}" == "2020-03-16"
    assert returns.min() == pytest.approx(100 * np.log(2386.13 / 2711.02), abs=1e-3)  # that Monday's close and Friday's


@pytest.mark.parametrize("symbol", ["TSLA", "SP50", "GSPC ETF"])
def test_an_unknown_symbol_lists_the_bundled_ones_and_gets_no_other(symbol):
    with pytest.raises(ValueError, match=r"no series .* is bundled, only SP500, NASDAQ, AAPL, .*source='live'$"):
        load_prices(symbol)


@pytest.mark.parametrize(("symbol", "source"), [("SP500", "yahoo"), ("", "bundled"), (None, "live"), (7, "bundled")])
def test_bad_arguments_get_a_sentence(symbol, source):
    with pytest.raises(ValueError, match=r"symbol is|source is"):
        load_prices(symbol, source)


# ---------------------------------------------------------------------------------------------------- live


def multiindexed(order):
    frame = bars()
    return frame.set_axis(pd.MultiIndex.from_tuples([(c, "X")[::order] for c in frame]), axis=1)


GOOD = {
    "flat, in New York's time": bars(),
    "without a time zone": bars(zone=None),
    "(price, ticker) columns": multiindexed(1),
    "(ticker, price) columns": multiindexed(-1),
    "newest first": bars()[::-1],
    "one day twice": pd.concat([bars(), bars()[-1:]]),
    "a day without prices": pd.concat([bars(), bars()[:1].shift(-9, "D") * np.nan]),
    "today's unfinished bar": pd.concat([bars(), bars(1, last="2026-03-02")]),
    "a column more": bars().assign(Dividends=0.0),
}


@pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD)
def test_a_good_answer_is_tidied_and_kept_for_the_day(stand_in, answer):
    stand_in.answer = answer
    first, second = load_prices("TSLA", "live"), load_prices("tsla", "live")
    expected = bars(zone=None).astype(float).set_axis(bars(zone=None).index.as_unit("ns"))
    pd.testing.assert_frame_equal(first, expected, check_freq=False)
    pd.testing.assert_frame_equal(second, first, check_freq=False, rtol=1e-15)
    assert stand_in.asked == ["TSLA"]


@pytest.mark.parametrize("symbol", ["SP500", "SP500_INDEX"])
def test_an_index_is_asked_for_by_yahoos_name(stand_in, symbol):
    stand_in.answer = bars()
    load_prices(symbol, "live")
    assert stand_in.asked == ["^GSPC"]


class YFRateLimitError(Exception):
    pass


BAD = {
    "HTML": ("<!DOCTYPE html><html>Will be right back", "str '<!DOCTYPE html>"),
    "HTML where JSON should be": (ValueError("Expecting value: line 1 column 1 (char 0)"), "Expecting value"),
    "empty": (bars()[:0], "0 complete days"),
    "nothing": (None, "NoneType"),
    "late": (Event(), "no answer within 0.05 seconds"),
    "network timeout": (TimeoutError("connection timed out"), "connection timed out"),
    "rate limited": (YFRateLimitError("Too Many Requests"), "YFRateLimitError: Too Many Requests"),
    "columns renamed": (bars().rename(columns={"Close": "close"}), "columns are"),
    "no volume": (bars().drop(columns="Volume"), "columns are"),
    "two tickers": (pd.concat([multiindexed(1)] * 2, axis=1), "columns are"),
    "no dates": (bars().reset_index(drop=True), "not by dates"),
    "holes in the prices": (bars().where(bars() < 101.1), "missing"),
    "a price of zero": (bars().mul([1, 1, 0, 1, 1], axis=0), "zero"),
    "an infinite price": (bars().mul([1, 1, np.inf, 1, 1], axis=0), "infinite"),
    "only today": (bars(1, last="2026-03-02"), "0 complete days"),
}


@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD)
def test_any_failure_is_one_warning_and_the_bundled_series_of_the_same_symbol(stand_in, monkeypatch, answer, reason):
    monkeypatch.setattr(yahoo, "TIME_LIMIT", 0.05 if isinstance(answer, Event) else 10)
    stand_in.answer = answer
    with pytest.warns(UserWarning, match="Yahoo gave no usable prices of AAPL") as caught:
        prices = load_prices("AAPL", "live")
    with pytest.raises(ValueError, match=r"no usable prices of TSLA.* is bundled, only SP500.*SP500_INDEX$") as refused:
        load_prices("TSLA", "live")
    if isinstance(answer, Event):
        answer.set()
    pd.testing.assert_frame_equal(prices, load_prices("AAPL"))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert reason in str(caught[0].message)
    assert reason in str(refused.value)
    assert "bundled series, 1990-01-02 to 2022-12-28" in str(caught[0].message)


def test_without_yfinance_the_bundled_series_stands_in(monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.warns(UserWarning, match="yfinance"):
        assert len(load_prices("SP500", "live")) == 5031


def test_a_cell_that_is_run_again_warns_again(stand_in):
    stand_in.answer = YFRateLimitError()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            load_prices("SP500", "live")
    assert len(caught) == 3


def later(monkeypatch, days):
    monkeypatch.setattr(yahoo, "_now", lambda zone=None: (NOW + pd.Timedelta(days, "D")).tz_localize(None))


def test_an_older_answer_stands_in_before_the_bundled_series(stand_in, monkeypatch):
    stand_in.answer = bars()
    kept = load_prices("AAPL", "live")
    later(monkeypatch, days=3)
    stand_in.answer = YFRateLimitError()
    with pytest.warns(UserWarning, match=r"Yahoo's answer of 2026-03-02, 2026-02-23 to 2026-02-27"):
        pd.testing.assert_frame_equal(load_prices("AAPL", "live"), kept)
    stand_in.answer = bars(9, zone=None)
    assert len(load_prices("AAPL", "live")) == 9


def test_a_damaged_cache_is_as_good_as_none(stand_in, tmp_path):
    stand_in.answer = bars()
    (tmp_path / "TSLA_2026-03-02.csv").write_text("Date,Open\n2026-02-27,<html>")
    assert len(load_prices("TSLA", "live")) == 5
    assert stand_in.asked == ["TSLA"]


def test_a_cache_that_cannot_be_written_costs_a_warning_and_not_the_prices(stand_in, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LSTM_CORE_CACHE", str(tmp_path / "file"))
    stand_in.answer = bars()
    with pytest.warns(UserWarning, match="could not be kept") as caught:
        assert len(load_prices("TSLA", "live")) == 5
    assert caught[0].filename == __file__


@pytest.mark.parametrize("ticker", ["BRK-B", "EURUSD=X", "A/../B", "A_2026-03-01", "CON"])
def test_every_ticker_has_a_file_of_its_own_in_the_cache(stand_in, tmp_path, ticker):
    stand_in.answer = bars()
    load_prices(ticker, "live")
    load_prices("A", "live")
    assert stand_in.asked == [ticker, "A"]
    assert len(list(tmp_path.iterdir())) == 2


# ---------------------------------------------------------------------------------------------------- returns, windows


def test_returns_add_up_to_the_price():
    close = load_prices("SP500").Close
    returns = log_returns(close)
    assert returns.index.equals(close.index[1:])
    np.testing.assert_allclose(close.iloc[0] * np.exp(returns.cumsum() / 100), close[1:], rtol=1e-12)


@pytest.mark.parametrize("close", [[1.0, 0.0], [1.0, -1.0], [1.0], [], [1.0, np.nan], ["a", "b"]])
def test_returns_need_positive_prices(close):
    with pytest.raises(ValueError, match="close"):
        log_returns(pd.Series(close))


@pytest.mark.parametrize("columns", [1, 3])
def test_a_window_ends_the_day_before_its_target(columns):
    days = pd.DataFrame(np.arange(10.0)[:, None] + 100 * np.arange(columns), pd.bdate_range("2020-01-01", periods=10))
    x, y, dates = windows(days, 4)
    assert x.shape == (6, 4, columns)
    np.testing.assert_array_equal(x[:, -1, 0] + 1, y)
    np.testing.assert_array_equal(x[:, 0, -1] + 4, y + 100 * (columns - 1))
    assert dates.equals(days.index[4:])


@pytest.mark.parametrize("length", [0, -1, 10, 11])
def test_windows_must_fit(length):
    with pytest.raises(ValueError, match="allow windows of 1 to 9"):
        windows(pd.Series(np.arange(10.0)), length)

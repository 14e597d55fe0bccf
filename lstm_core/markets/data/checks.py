"""Are these prices what they say they are? What no model should be fed is refused, and what looks odd is said aloud.

`load_prices(source="live")` puts Yahoo's answers through it, and anybody can put a table of their own through it before
notebooks 01 and 08 to 11 see it.
"""

import sys
import warnings

import numpy as np
import pandas as pd

__all__ = ["BARS", "COLUMNS", "as_table", "check_prices", "say", "split_days", "tidy"]

BARS = ["Open", "High", "Low", "Close"]
COLUMNS = [*BARS, "Volume"]
SPLITS = np.array([1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100])  # 100: pence for pounds
WEEKEND = {6: ("Sundays", 4, "Fridays"), 5: ("Saturdays", 0, "Mondays")}


def check_prices(frame: pd.DataFrame, symbol: str = "the table", zone: str | None = None) -> pd.DataFrame:
    """Return the daily bars of `frame`, Close and those of Open, High, Low, Volume that it has, as `load_prices` does.

    One row a day, in time order, under naive dates. Bars stamped in a time zone, but not at its midnight, need the
    exchange's `zone` ("America/New_York"), for that says which day they are of. Rows out of order are sorted and equal
    rows dropped; a UserWarning says of rows in disorder, of days that look like a split in prices that were not
    adjusted, and of weekdays that look shifted by a day. `symbol` is what messages call the table.

    Raises ValueError for anything but a table under dates; without a Close; with a price that is missing, infinite,
    zero, negative or no number; with a High below the Low; with a day that has two different bars; and for less than
    two days.
    """
    bars = tidy(as_table(frame, symbol), zone, symbol)
    prices = bars[[column for column in BARS if column in bars]]
    if len(bars) < 2:
        raise ValueError(f"{symbol} has {len(bars)} complete days, but two at least are needed: ask for a longer span")
    bad = ~(np.isfinite(prices) & (prices > 0)).all(axis=1)
    if bad.any():
        raise ValueError(
            f"{symbol} has {bad.sum()} days with prices that are missing, infinite, zero or negative, the first on"
            f" {bars.index[bad][0]:%Y-%m-%d}: drop or mend them"
        )
    none = pd.Series(False, bars.index)
    crossed = bars.High < bars.Low if {"High", "Low"} <= set(bars) else none
    negative = bars.Volume < 0 if "Volume" in bars else none
    for wrong, words in ((crossed, "a High below the Low"), (negative, "a negative Volume")):
        if wrong.any():
            raise ValueError(f"{symbol} has {words} on {bars.index[wrong][0]:%Y-%m-%d}: drop or mend that day")
    if not (bars.index.is_monotonic_increasing or bars.index.is_monotonic_decreasing):
        say(f"{symbol} came with its days in disorder, and was sorted: look at where it comes from")
    bars = bars[~bars.reset_index().duplicated().to_numpy()].sort_index()
    if not bars.index.is_unique:
        day = bars.index[bars.index.duplicated()][0]
        closes = " and ".join(f"{close:g}" for close in bars.loc[[day], "Close"])
        raise ValueError(f"{symbol} has more than one bar of {day:%Y-%m-%d}, closing at {closes}: keep the right one")
    for remark in (_split_remark(bars), _shift_remark(bars.index)):
        if remark:
            say(f"{symbol} {remark}")
    return bars


def as_table(frame, symbol: str) -> pd.DataFrame:
    """Return `frame`, a column's name in place of yfinance's pair of price and ticker; ValueError if it is no table of
    numbers under dates with a Close."""
    if not isinstance(frame, pd.DataFrame):
        given = f"{type(frame).__name__} {str(frame)[:40]!r}"
        raise ValueError(f"{symbol} is {given}, not a table: a column of closes becomes one with .to_frame('Close')")
    if isinstance(frame.columns, pd.MultiIndex):  # (price, ticker) or (ticker, price), by yfinance's version
        level = [level for level in range(frame.columns.nlevels) if "Close" in frame.columns.levels[level]]
        frame = frame.set_axis(frame.columns.get_level_values(level[0] if level else 0), axis=1)
    if "Close" not in frame or not frame.columns.is_unique:
        raise ValueError(f"{symbol}: its columns are {list(frame)}, not Close and any others of {COLUMNS}, once each")
    if not isinstance(frame.index, pd.DatetimeIndex) or frame.index.hasnans:
        kind = "dates of which some are missing" if isinstance(frame.index, pd.DatetimeIndex) else frame.index.dtype
        raise ValueError(f"{symbol}: its rows are labelled by {kind}, not by dates: read them with parse_dates=True")
    for column in [column for column in COLUMNS if column in frame]:
        wrong = frame[column][pd.to_numeric(frame[column], errors="coerce").isna() & frame[column].notna()]
        if wrong.size:
            raise ValueError(f"{symbol}: {column} is {wrong.iloc[0]!r:.40} on {wrong.index[0]:%Y-%m-%d}, and no number")
    return frame


def tidy(frame: pd.DataFrame, zone: str | None = None, symbol: str = "the table") -> pd.DataFrame:
    """Return the known columns of `frame` as floats, in its own order, each row under its day, without a time zone."""
    stamps = frame.index
    if stamps.tz is not None:
        stamps = stamps.tz_convert(zone or stamps.tz)
        if zone is None and (stamps != stamps.normalize()).any():
            odd = stamps[stamps != stamps.normalize()][0]
            raise ValueError(
                f"{symbol} has bars stamped like {odd}, which is no midnight: which day they are of depends on the"
                " exchange. Name its time zone: check_prices(frame, zone='America/New_York')"
            )
    days = stamps.tz_localize(None).normalize().as_unit("ns").rename("Date")
    return frame[[c for c in COLUMNS if c in frame]].astype(float).set_axis(days).rename_axis(columns=None)


def split_days(bars: pd.DataFrame) -> dict[pd.Timestamp, float]:
    """Return the days on which the close moves like at a split of unadjusted prices: day → factor, 0.25 at 4 for 1.

    A move is one if it is near a ratio that splits have, eight times what is usual on the 30 days before and after, and
    no more money changed hands than four times the median of the 20 days before: at a crash it does.
    """
    moves = np.log(bars.Close).diff().iloc[1:]
    size = moves.abs()
    usual = 1.4826 * size.rolling(61, center=True, min_periods=1).median()  # σ, if moves were normal
    miss = np.abs(size.to_numpy()[:, None] - np.log(SPLITS))
    found = (size > np.log(1.4)) & (size > 8 * usual) & (miss.min(axis=1) < np.clip(2 * usual, 0.02, 0.06))
    if "Volume" in bars:
        traded = bars.Close * bars.Volume
        found &= ~(traded > 4 * traded.rolling(20, min_periods=1).median().shift()).iloc[1:]
    factors = SPLITS[miss.argmin(axis=1)] ** np.sign(moves)
    return factors[found].to_dict()


def say(text: str) -> None:
    """Warn, at the first line outside of lstm_core, and again when a cell is run again."""
    frame, level = sys._getframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").startswith("lstm_core."):
        frame, level = frame.f_back, level + 1
    with warnings.catch_warnings():  # a fresh context: what was said before is forgotten
        warnings.warn(text, stacklevel=level)


def _split_remark(bars: pd.DataFrame) -> str:
    found = [f"{day:%Y-%m-%d} by {factor:.3g}" for day, factor in split_days(bars).items()]
    listed = ", ".join(found[:5]) + ", …" * (len(found) > 5)
    return f"moves like at a split, on {listed}: are its prices adjusted for splits?" if found else ""


def _shift_remark(days: pd.DatetimeIndex) -> str:
    weekdays = set(days.day_of_week)
    for extra, (names, lacking, others) in WEEKEND.items():
        if len(days) >= 10 and extra in weekdays and lacking not in weekdays:
            return f"has bars on {names} and none on {others}: was its time zone converted, and its days with it?"
    return ""

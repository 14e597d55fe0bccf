"""Daily bars of real markets: bundled with the packages that carry them, or live from Yahoo with those to fall back on.

Every market notebook (01, 03, 08–11) starts here. Nothing is copied into this repository: S&P 500 and NASDAQ come with
`arch`, twenty S&P stocks with `skfolio`. Shapes: N samples, T window length, D features.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

import lstm_core.markets.yahoo as yahoo  # `from lstm_core.markets` would make every study's code all that is in it
from lstm_core._checks import as_floats, choose
from lstm_core.markets.bundled import INDICES, bundled_symbols, load_bundled
from lstm_core.markets.checks import say

__all__ = ["Windows", "bundled_symbols", "load_prices", "log_returns", "windows"]


class Windows(NamedTuple):
    x: np.ndarray  # (N, T, D) the T days before each target
    y: np.ndarray  # (N,) the target: the next day's value of the first column
    dates: pd.Index  # (N,) the target's day


def load_prices(symbol: str = "SP500", source: str = "bundled") -> pd.DataFrame:
    """Return daily bars of `symbol`: those of Open, High, Low, Close and Volume that the source has, by naive date.

    "bundled" needs no network: SP500 (or ^GSPC) and NASDAQ (^IXIC), 1999–2018, through `arch`; twenty S&P stocks,
    1990–2022, adjusted close only, through `skfolio`. "live" asks Yahoo through `yfinance` (adjusted prices, without a
    day that may still be trading) and keeps the answer in `yahoo.folder()` for the rest of the day. If Yahoo fails in
    any way, one warning says how, and an older answer or else the bundled series of the same symbol stands in. What
    `check_prices` finds odd in an answer, a day like a split above all, it says in a warning of its own.

    Raises ValueError for a symbol that is not to be had, with a list of those that are bundled; another series never
    takes its place.
    """
    choose("source", source, ("bundled", "live"))
    if not isinstance(symbol, str) or not symbol.strip():
        raise ValueError(f"symbol is {symbol!r}, but must be a ticker such as 'SP500' or 'AAPL'")
    name = symbol.strip().upper()
    name = {theirs: ours for ours, theirs in INDICES.items()}.get(name, name)
    if source == "live":
        return _live(name)
    try:
        return load_bundled(name)
    except ValueError as error:
        raise ValueError(f"{error}: take one of these, or ask Yahoo with source='live'") from None


def log_returns(close: pd.Series) -> pd.Series:
    """Return r_t = 100 ln(P_t / P_{t−1}), each day's log-return in per cent, one row fewer than `close`."""
    prices = as_floats("close", close, ("T",))
    if len(prices) < 2 or (prices <= 0).any():
        raise ValueError(f"close should hold two or more positive prices; got {len(prices)}, down to {prices.min():g}")
    return pd.Series(100 * np.diff(np.log(prices)), close.index[1:], name="return")


def windows(series: pd.Series | pd.DataFrame, length: int) -> Windows:
    """Cut `series` (columns: D features, the target first) into every window of `length` days and the day that follows.

    x[n] holds days n … n+T−1 and y[n] day n+T, so that no window contains its own target. Raises ValueError if there
    is not a single window.
    """
    values = as_floats("series", pd.DataFrame(series), ("T", "D"))
    if not 1 <= length < len(values):
        raise ValueError(f"length is {length}, but {len(values)} days allow windows of 1 to {len(values) - 1} days")
    x = np.lib.stride_tricks.sliding_window_view(values, length, axis=0)[:-1]  # (N, D, T)
    return Windows(np.ascontiguousarray(x.swapaxes(1, 2)), values[length:, 0].copy(), series.index[length:])


def _live(name: str) -> pd.DataFrame:
    try:
        return yahoo.today(INDICES.get(name, name))
    except Exception as error:  # whatever goes wrong between here and Yahoo, the lecture goes on
        failure = f"Yahoo gave no usable prices of {name} ({type(error).__name__}: {str(error).rstrip('.')})"
    day, frame = yahoo.newest_kept(INDICES.get(name, name))
    try:
        frame = load_bundled(name) if day is None else frame
    except ValueError as error:
        raise ValueError(f"{failure}, and {error}") from None
    origin = "the bundled series" if day is None else f"Yahoo's answer of {day}"
    span = f"{frame.index[0]:%Y-%m-%d} to {frame.index[-1]:%Y-%m-%d}"
    say(f"{failure}. In its place stands {origin}, {span}")
    return frame

"""Daily bars of real markets: bundled with the packages that carry them, or live from Yahoo with those to fall back on.

Every market notebook (01, 03, 08–11) starts here. Nothing is copied into this repository: S&P 500 and NASDAQ come with
`arch`, twenty S&P stocks and the index's closes up to 2022 with `skfolio`.
"""

import pandas as pd

import lstm_core.markets.data.yahoo as yahoo  # `from lstm_core.markets` would make every study's code all that is in it
from lstm_core._checks import choose
from lstm_core.markets.data.bundled import INDICES, load_bundled
from lstm_core.markets.data.bundled import bundled_symbols as bars_and_stocks
from lstm_core.markets.data.checks import say
from lstm_core.markets.data.index_closes import load_index
from lstm_core.markets.data.samples import Windows, log_returns, windows

__all__ = ["Windows", "bundled_symbols", "load_prices", "log_returns", "windows"]

LONGER = "SP500_INDEX"  # the closes alone, for longer


def bundled_symbols() -> list[str]:
    """Return the symbols that `load_prices` can serve without a network."""
    return [*bars_and_stocks(), LONGER]


def load_prices(symbol: str = "SP500", source: str = "bundled") -> pd.DataFrame:
    """Return daily bars of `symbol`: those of Open, High, Low, Close and Volume that the source has, by naive date.

    "bundled" needs no network: SP500 (or ^GSPC) and NASDAQ (^IXIC), 1999–2018, through `arch`; SP500_INDEX, the same
    index for longer, 2 January 1990 to 28 December 2022, close only, and twenty S&P stocks of the same days, adjusted
    close only, through `skfolio`. "live" asks Yahoo through `yfinance` (adjusted prices, without a day that may still
    be trading) and keeps the answer in `yahoo.folder()` for the rest of the day. If Yahoo fails in any way, one warning
    says how, and an older answer or else the bundled series of the same symbol stands in. What `check_prices` finds odd
    in an answer, a day like a split above all, it says in a warning of its own.

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
        return _bundled(name)
    except ValueError as error:
        raise ValueError(f"{error}: take one of these, or ask Yahoo with source='live'") from None


def _bundled(name: str) -> pd.DataFrame:
    if name not in bundled_symbols():
        raise ValueError(f"no series {name!r} is bundled, only {', '.join(bundled_symbols())}")
    return load_index() if name == LONGER else load_bundled(name)


def _live(name: str) -> pd.DataFrame:
    ticker = (INDICES | {LONGER: INDICES["SP500"]}).get(name, name)
    try:
        return yahoo.today(ticker)
    except Exception as error:  # whatever goes wrong between here and Yahoo, the lecture goes on
        failure = f"Yahoo gave no usable prices of {name} ({type(error).__name__}: {str(error).rstrip('.')})"
    day, frame = yahoo.newest_kept(ticker)
    try:
        frame = _bundled(name) if day is None else frame
    except ValueError as error:
        raise ValueError(f"{failure}, and {error}") from None
    origin = "the bundled series" if day is None else f"Yahoo's answer of {day}"
    span = f"{frame.index[0]:%Y-%m-%d} to {frame.index[-1]:%Y-%m-%d}"
    say(f"{failure}. In its place stands {origin}, {span}")
    return frame

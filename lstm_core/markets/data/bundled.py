"""Daily bars that come inside packages: no network, the same numbers for ever. `prices.load_prices` hands them out.

S&P 500 and NASDAQ, 1999–2018, come with `arch`; twenty S&P stocks, 1990–2022, adjusted close only, with `skfolio`.
Studies read them here, so that a change in how Yahoo is asked makes no recorded row stale.
"""

from importlib import import_module

import pandas as pd

__all__ = ["INDICES", "bundled_symbols", "load_bundled"]

INDICES = {"SP500": "^GSPC", "NASDAQ": "^IXIC"}  # our name: Yahoo's
COLUMNS = ["Open", "High", "Low", "Close", "Volume"]


def bundled_symbols() -> list[str]:
    """Return the symbols that `load_prices` can serve without a network."""
    return [*INDICES, *_stocks().columns]


def load_bundled(symbol: str) -> pd.DataFrame:
    """Return the bars of a bundled series as floats, by naive date, in order. Raises ValueError for another symbol."""
    if symbol in INDICES:
        frame = import_module(f"arch.data.{symbol.lower()}").load()
    elif symbol in bundled_symbols():
        frame = _stocks()[[symbol]].set_axis(["Close"], axis=1)
    else:
        raise ValueError(f"no series {symbol!r} is bundled, only {', '.join(bundled_symbols())}")
    frame = frame[[column for column in COLUMNS if column in frame]].astype(float)
    return frame.set_axis(frame.index.as_unit("ns").rename("Date")).sort_index().rename_axis(columns=None)


def _stocks() -> pd.DataFrame:
    return import_module("skfolio.datasets").load_sp500_dataset()

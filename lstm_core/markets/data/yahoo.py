"""Yahoo's daily bars, asked for at most once a day, checked before anyone sees them, and never waited for too long.

`prices.load_prices(source="live")` uses it in notebook 08. Every function here raises when something is wrong; what
stands in then is for `prices` to say.
"""

import os
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pandas as pd

from lstm_core.markets.data.checks import BARS, COLUMNS, as_table, check_prices, say

__all__ = ["folder", "newest_kept", "today"]

FIRST_DAY = "1999-01-01"  # where the bundled indices start
TIME_LIMIT = 15.0  # seconds


def today(ticker: str) -> pd.DataFrame:
    """Return the bars of `ticker` from 1999 to yesterday: the answer kept today, or else a new one, which is kept.

    Raises ImportError without yfinance, TimeoutError after TIME_LIMIT seconds, ValueError for an answer that is not a
    table of daily bars, and whatever yfinance raises.
    """
    day, frame = newest_kept(ticker)
    if day == f"{_now():%Y-%m-%d}":
        return frame
    frame = _validated(ticker, _ask(ticker))
    try:
        _keep(ticker, frame)
    except OSError as error:
        say(f"today's prices of {ticker} are good, but could not be kept: {error}")
    return frame


def newest_kept(ticker: str) -> tuple[str | None, pd.DataFrame | None]:
    """Return the newest answer kept for `ticker` that can still be read, after the day it was given; or two None."""
    for path in sorted(folder().glob(f"{quote(ticker, safe='')}_????-??-??.csv"), reverse=True):
        try:
            return path.stem[-10:], _validated(ticker, pd.read_csv(path, index_col=0, parse_dates=True))
        except (OSError, ValueError):
            continue  # cut short or edited by hand: an older one may do
    return None, None


def folder() -> Path:
    """Return where answers are kept: $LSTM_CORE_CACHE, or else the platform's own cache folder."""
    return Path(os.environ.get("LSTM_CORE_CACHE") or import_module("platformdirs").user_cache_dir("lstm_core", False))


def _ask(ticker: str) -> pd.DataFrame:
    answer: Future = Future()

    def ask() -> None:
        try:
            history = import_module("yfinance").Ticker(ticker).history
            answer.set_result(history(start=FIRST_DAY, auto_adjust=True, actions=False, timeout=TIME_LIMIT))
        except Exception as error:
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()  # a daemon: a dead line keeps neither the lecture nor the kernel waiting
    try:
        return answer.result(TIME_LIMIT)
    except TimeoutError as error:
        raise TimeoutError(str(error) or f"no answer within {TIME_LIMIT:g} seconds") from None


def _validated(ticker: str, answer) -> pd.DataFrame:
    """The days of an answer that are over, checked; those without a single price, holidays, left out."""
    answer = as_table(answer, ticker)
    if not set(COLUMNS) <= set(answer):
        raise ValueError(f"its columns are {list(answer)}, not {COLUMNS}")
    complete = answer.index < _now(answer.index.tz).normalize()  # today's bar may still be trading
    return check_prices(answer[complete].dropna(how="all", subset=BARS), ticker)


def _keep(ticker: str, frame: pd.DataFrame) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    partial = folder() / f"{os.getpid()}.partial"
    frame.to_csv(partial)
    partial.replace(folder() / f"{quote(ticker, safe='')}_{_now():%Y-%m-%d}.csv")  # whole or not at all


def _now(zone=None) -> pd.Timestamp:
    return pd.Timestamp.now(zone)

"""Yahoo's daily bars, asked for at most once a day, checked before anyone sees them, and never waited for too long.

`prices.load_prices(source="live")` uses it in notebook 08. Every function here raises when something is wrong; what
stands in then is for `prices` to say.
"""

import os
import warnings
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import numpy as np
import pandas as pd

__all__ = ["folder", "newest_kept", "tidy", "today"]

BARS = ["Open", "High", "Low", "Close"]
COLUMNS = [*BARS, "Volume"]
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
    frame = _validated(_ask(ticker))
    try:
        _keep(ticker, frame)
    except OSError as error:
        warnings.warn(f"today's prices of {ticker} are good, but could not be kept: {error}", stacklevel=4)
    return frame


def newest_kept(ticker: str) -> tuple[str | None, pd.DataFrame | None]:
    """Return the newest answer kept for `ticker` that can still be read, after the day it was given; or two None."""
    for path in sorted(folder().glob(f"{quote(ticker, safe='')}_????-??-??.csv"), reverse=True):
        try:
            return path.stem[-10:], _validated(pd.read_csv(path, index_col=0, parse_dates=True))
        except (OSError, ValueError):
            continue  # cut short or edited by hand: an older one may do
    return None, None


def folder() -> Path:
    """Return where answers are kept: $LSTM_CORE_CACHE, or else the platform's own cache folder."""
    return Path(os.environ.get("LSTM_CORE_CACHE") or import_module("platformdirs").user_cache_dir("lstm_core", False))


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the bars of `frame` as floats, one row a day, in time order, under dates without a time zone."""
    dates = frame.index.tz_localize(None).normalize().as_unit("ns").rename("Date")
    frame = frame[[column for column in COLUMNS if column in frame]].astype(float).set_axis(dates).sort_index()
    return frame[~frame.index.duplicated(keep="last")].rename_axis(columns=None)


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


def _validated(answer: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(answer, pd.DataFrame):
        raise ValueError(f"it answered with {type(answer).__name__} {str(answer)[:40]!r}, not with a table")
    if isinstance(answer.columns, pd.MultiIndex):  # (price, ticker) or (ticker, price), by yfinance's version
        level = [level for level in range(answer.columns.nlevels) if "Close" in answer.columns.levels[level]]
        answer = answer.set_axis(answer.columns.get_level_values(level[0] if level else 0), axis=1)
    if not set(COLUMNS) <= set(answer.columns) or not answer.columns.is_unique:
        raise ValueError(f"its columns are {list(answer.columns)}, not {COLUMNS}")
    if not isinstance(answer.index, pd.DatetimeIndex):
        raise ValueError(f"its rows are labelled by {answer.index.dtype}, not by dates")
    complete = answer.index < _now(answer.index.tz).normalize()  # today's bar may still be trading
    frame = tidy(answer[complete].dropna(how="all", subset=BARS))
    if len(frame) < 2:
        raise ValueError(f"it answered with {len(frame)} complete days")
    if not (np.isfinite(frame[BARS]) & (frame[BARS] > 0)).all(axis=None):
        raise ValueError("some of its prices are missing, infinite, zero or negative")
    return frame


def _keep(ticker: str, frame: pd.DataFrame) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    partial = folder() / f"{os.getpid()}.partial"
    frame.to_csv(partial)
    partial.replace(folder() / f"{quote(ticker, safe='')}_{_now():%Y-%m-%d}.csv")  # whole or not at all


def _now(zone=None) -> pd.Timestamp:
    return pd.Timestamp.now(zone)

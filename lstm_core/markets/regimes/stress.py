"""What notebook 11's alarms are judged by: the days that detectors read, the labels of bad times, events, peaks.

Nothing here is a detector. Labels and peaks know the whole series; a recession's dates were published a year after it
had begun. They grade alarms and are shown to none. Shapes: N days.
"""

from importlib import import_module

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats

__all__ = ["EVENTS", "bad_times", "check_days", "drawdown", "log_parkinson", "long_closes", "peaks", "stress_days"]

EVENTS = {  # the day, and what it is remembered for; all of them days on which the index moved by more than 2.5 %
    "Aug 2007": "2007-08-09",  # BNP Paribas freezes three funds, in the week that quantitative funds unwound
    "Lehman": "2008-09-15",
    "flash crash": "2010-05-06",
    "Aug 2011": "2011-08-08",  # the first trading day after Standard & Poor's downgraded the United States
    "Aug 2015": "2015-08-24",
    "Feb 2018": "2018-02-05",  # funds that were short of volatility are wound up
    "Dec 2018": "2018-12-04",
}
YEAR = 252  # trading days
RECESSION = "2007-12-01", "2009-06-30"  # National Bureau of Economic Research: peak Dec 2007, trough June 2009


def stress_days() -> pd.DataFrame:
    """Return the S&P 500's days, 1999–2018: "return" in per cent and "log_variance", Parkinson's, in logs of %²."""
    bars = import_module("arch.data.sp500").load()
    columns = {"return": 100 * np.log(bars.Close).diff(), "log_variance": log_parkinson(bars.High, bars.Low)}
    return pd.DataFrame(columns).iloc[1:].set_axis(bars.index[1:].as_unit("ns").rename("Date"))


def log_parkinson(high: pd.Series, low: pd.Series) -> pd.Series:
    """Return the log of Parkinson's variance (1980), ln[(100 ln H/L)² / (4 ln 2)], a day's variance from its range.

    Raises ValueError where a high does not lie above its low, both positive.
    """
    top, bottom = as_floats("high", high, ("N",)), as_floats("low", low, (len(high),))
    if not ((bottom > 0) & (top > bottom)).all():
        raise ValueError("a day's high should lie above its low, and both above 0: drop days without a range")
    return pd.Series(np.log((100 * np.log(top / bottom)) ** 2 / (4 * np.log(2))), high.index, name="log_variance")


def long_closes() -> pd.Series:
    """Return the S&P 500's closes from 1990 to 2022, which `skfolio` carries; to 2018 they are those of `arch`."""
    closes = import_module("skfolio.datasets").load_sp500_index().iloc[:, 0].rename("Close")
    return closes.set_axis(closes.index.as_unit("ns"))


def drawdown(close: pd.Series) -> pd.Series:
    """Return how far each close lies below the highest of its last 252 days, in per cent (N,); 0 on a year's high.

    Raises ValueError for closes that are not positive, or days out of order.
    """
    check_days(close.index)
    if not (as_floats("close", close, ("N",)) > 0).all():
        raise ValueError("closes should be positive")
    return 100 * (1 - close / close.rolling(YEAR, min_periods=1).max())


def bad_times(close: pd.Series) -> dict[str, pd.Series]:
    """Return three labels, True on bad days, each on its own days within `close`, so long as both kinds occur.

    "recession" after the NBER, known on `close`'s days; "drawdown > 15%" from the year's highest close; "VIX > 30" on
    the days of 2014 to 2018 that `arch`'s VIX has.
    """
    vix = import_module("arch.data.vix").load().iloc[:, 0].dropna()
    first, last = map(pd.Timestamp, RECESSION)
    labels = {
        "recession": pd.Series((close.index >= first) & (close.index <= last), close.index),
        "drawdown > 15%": drawdown(close) > 15,
        "VIX > 30": vix[vix.index.isin(close.index)] > 30,
    }
    return {name: label for name, label in labels.items() if label.nunique() == 2}


def peaks(close: pd.Series, fall: float = 10.0) -> pd.Series:
    """Return the day of the trough (P,) by the day of the peak, for each fall of `fall` per cent or more.

    A peak is a high of the last 252 days from which the close comes down by that much before such a high is seen again;
    the trough is the lowest close before that. Raises ValueError where there is none, or `fall` makes no sense.
    """
    if not 0 < fall < 100:
        raise ValueError(f"fall is {fall!r}, but should lie between 0 and 100 per cent")
    spells = close.groupby((drawdown(close) == 0).cumsum())  # a high begins a spell, which lasts to the next
    troughs = {spell.index[0]: spell.idxmin() for _, spell in spells if spell.min() <= (1 - fall / 100) * spell.iloc[0]}
    if not troughs:
        raise ValueError(f"the index never fell by {fall:g}% in this span: take a longer one, or a smaller fall")
    return pd.Series(troughs, name="trough")


def check_days(index: pd.Index) -> None:
    """Raise ValueError unless the days rise, each once."""
    if not len(index) or not index.is_monotonic_increasing or not index.is_unique:
        raise ValueError(f"{len(index)} day(s), but one at least is expected, in time order, each once: sort_index()")

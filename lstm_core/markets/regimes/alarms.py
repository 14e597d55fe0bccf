"""What an alarm is worth: how late it rings, how often for nothing, and how well its score ranks bad days.

A score becomes an alarm through a threshold, a quantile of its training days. It is *on* while the score lies above.
It *rings* on the first day that it is on, and not again for REST days, a trading month: nobody runs twice to one fire.
A ring is *false* if the month that it opens never brings a close 5 % below the eve's. Delay against false alarms is the
activity monitoring operating characteristic of Fawcett & Provost (1999). Shapes: N days; `close` and `on` are by date.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats
from lstm_core.markets.regimes.stress import check_days

__all__ = [
    "REST", "alarm_table", "delays", "falls_before", "false_rings", "rings", "switched_on", "threshold_of", "trade_off",
]  # fmt: skip

REST = 21  # trading days: how long a ring lasts, and how late one may come


def threshold_of(score: pd.Series, train: int, share: float) -> float:
    """Return the value below which the score stayed on `share` of its first `train` days, those without one left out.

    Raises ValueError for a share outside (0, 1), and where no training day has a score.
    """
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}, but should lie between 0 and 1: the share of calm training days")
    known = score.iloc[:train].dropna()
    if known.empty:
        raise ValueError(f"none of the first {train} days has a score, so no threshold comes of them")
    return float(known.quantile(share))


def switched_on(score: pd.Series, threshold: float) -> pd.Series:
    """Return whether the alarm is on, day by day (N,). Raises ValueError for NaN and for days out of order."""
    check_days(score.index)
    as_floats("score", score, ("N",))
    if not np.isfinite(threshold):
        raise ValueError(f"threshold is {threshold!r}, but should be a number, such as threshold_of gives")
    return score > threshold


def rings(on: pd.Series) -> pd.DatetimeIndex:
    """Return the days on which the alarm rings, the first one that is on and, after each rest, the next."""
    found, next_one = [], 0
    for day in np.flatnonzero(on):
        if day >= next_one:
            found.append(day)
            next_one = day + REST
    return on.index[found]


def false_rings(days: pd.DatetimeIndex, close: pd.Series, *, fall: float = 5.0) -> np.ndarray:
    """Return for each ring whether it was false: no close of REST days from it on lies `fall` per cent below the eve's.

    `close` should reach that far beyond the last ring. Raises ValueError where it does not, or lacks a ring's eve.
    """
    at = close.index.get_indexer(days)
    if (at < 1).any() or (at + REST > len(close)).any():
        raise ValueError(f"close should hold every ring's eve and {REST} days from the ring on: give a longer series")
    values = close.to_numpy()
    return np.array([values[t : t + REST].min() > (1 - fall / 100) * values[t - 1] for t in at], dtype=bool)


def delays(on: pd.Series, events: Mapping[str, str]) -> pd.DataFrame:
    """Return, event by event, its "delay" in trading days, 0 on the day itself, and whether the alarm was "on before".

    The delay is NaN if the alarm is on on none of the REST days from the event on. Raises ValueError for an event whose
    day is not among the days of `on`.
    """
    rows = {}
    for name, day in events.items():
        at = on.index.get_indexer([pd.Timestamp(day)])[0]
        if at < 0:
            span = f"{on.index[0]:%Y-%m-%d} to {on.index[-1]:%Y-%m-%d}" if len(on) else "an empty span"
            raise ValueError(f"{name}, {day}, is no day of {span}: leave it out, or give the days around it")
        late = np.flatnonzero(on.iloc[at : at + REST])
        rows[name] = {"delay": late[0] if len(late) else np.nan, "on before": bool(at > 0 and on.iloc[at - 1])}
    return pd.DataFrame.from_dict(rows, orient="index")


def falls_before(on: pd.Series, close: pd.Series, peaks: pd.Series) -> pd.DataFrame:
    """Return, peak by peak, the alarm's "delay" in days and how far the close was down by then, "lost", in per cent.

    `peaks` holds the day of the trough by that of the peak (`stress.peaks`). An alarm that is on at the peak costs
    nothing; one that stays off to the trough has a delay of NaN and costs the whole fall.
    """
    rows = {}
    for peak, trough in peaks.items():
        down = 100 * (1 - close[peak:trough] / close[peak])
        late = np.flatnonzero(on.reindex(down.index, fill_value=False))
        rows[peak] = {"delay": late[0] if len(late) else np.nan, "lost": down.iloc[late[0] if len(late) else -1]}
    return pd.DataFrame.from_dict(rows, orient="index")


def alarm_table(
    on: Mapping[str, pd.Series], close: pd.Series, events: Mapping[str, str], falls: pd.Series
) -> pd.DataFrame:
    """Return one row a detector, or whatever else the alarms `on` differ in.

    "days on" in per cent; "rings" and "false" ones a year of 252 days; "caught" events and their mean "delay", a miss
    counted as REST days; "lost", the mean of `falls_before` for the peaks `falls`.
    """
    rows = {}
    for name, state in on.items():
        rung, years = rings(state), len(state) / 252
        late = delays(state, events)["delay"]
        rows[name] = {
            "days on": 100 * state.mean(), "rings": len(rung) / years,
            "false": false_rings(rung, close).sum() / years, "caught": int(late.notna().sum()),
            "delay": late.fillna(REST).mean(), "lost": falls_before(state, close, falls)["lost"].mean(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def trade_off(
    score: pd.Series, train: int, shares, close: pd.Series, events: Mapping[str, str], falls: pd.Series
) -> pd.DataFrame:
    """Return `alarm_table` after the training days, a row for each of the `shares` that set the threshold."""
    on = {share: switched_on(score.iloc[train:], threshold_of(score, train, share)) for share in shares}
    return alarm_table(on, close, events, falls)

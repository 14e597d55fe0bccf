"""Figures of notebook 11: scores and their alarms, what an alarm costs, a crash day by day, a pair and its earnings.

Like `plots`: arrays in, Axes out, nothing shown. Shapes: N days.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, DateFormatter, YearLocator, date2num

from lstm_core.plots import COLOURS, figure

__all__ = [
    "DETECTORS", "plot_alarm", "plot_bad_times", "plot_beliefs", "plot_earnings", "plot_firsts", "plot_score",
    "plot_spread", "plot_trade_off",
]  # fmt: skip

DETECTORS = {  # one colour and one dash each wherever alarms are drawn: networks are dashed
    "|r|": dict(color=COLOURS["grey"], linestyle="-"),
    "EWMA": dict(color=COLOURS["blue"], linestyle="-"),
    "Markov switching": dict(color=COLOURS["orange"], linestyle="-"),
    "hidden Markov": dict(color=COLOURS["green"], linestyle="-"),
    "ruptures": dict(color=COLOURS["amber"], linestyle="-"),
    "LSTM residual": dict(color=COLOURS["black"], linestyle=":"),
    "LSTM autoencoder": dict(color=COLOURS["sky"], linestyle="--"),
    "LSTM volatility": dict(color=COLOURS["purple"], linestyle="--"),
}


def plot_alarm(dates, score, threshold: float, *, events: Iterable = (), style: str = "EWMA", ax=None) -> Axes:
    """Draw a score and its threshold, like plot_score, and events (dates) as vertical lines; shade where it is on."""
    ax = figure()[1] if ax is None else ax
    for day in np.array(list(events), dtype="datetime64[ns]"):
        ax.axvline(day, color=COLOURS["grey"], linewidth=0.8, linestyle=":")
    _shade(ax, dates, np.asarray(score, dtype=float) > threshold, "orange")
    return plot_score(dates, score, threshold, style=style, ax=ax)


def plot_score(dates, score, threshold: float, *, style: str = "EWMA", ax: Axes | None = None) -> Axes:
    """Draw a score (N,) in its detector's colour, and its threshold, the last of the lines."""
    ax = figure()[1] if ax is None else ax
    ax.plot(dates, score, color=DETECTORS[style]["color"], linewidth=0.9, alpha=0.6, label=style)
    ax.axhline(threshold, color=COLOURS["black"], linewidth=1.2, linestyle="--")
    ax.set(xlim=(dates[0], dates[-1]))
    ax.xaxis.set_major_locator(YearLocator(2))
    ax.xaxis.set_major_formatter(DateFormatter("%Y"))
    return ax


def plot_bad_times(dates, values, bad, *, colour: str = "amber", ax: Axes | None = None) -> Axes:
    """Draw a series (N,), and shade the days (N,) that are bad."""
    ax = figure()[1] if ax is None else ax
    _shade(ax, dates, np.asarray(bad), colour)
    ax.plot(dates, values, color=COLOURS["black"], linewidth=1.2)
    ax.set(xlim=(dates[0], dates[-1]))
    return ax


def plot_beliefs(dates, beliefs: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw probabilities (N,) against the date: the first as the detectors have it, others dashed: with hindsight."""
    ax = figure()[1] if ax is None else ax
    x = date2num(dates)
    for k, (name, values) in enumerate(beliefs.items()):
        style = dict(color=COLOURS["orange"], lw=1.6) if k == 0 else dict(color=COLOURS["black"], ls="--", lw=1.2)
        ax.plot(x, values, label=name, **style)
    ax.set(xlim=(x[0], x[-1]), ylim=(-0.03, 1.03), yticks=[0, 0.5, 1])
    return _dated(ax)


def plot_trade_off(curves: Mapping[str, tuple], *, marks: Mapping[str, tuple] | None = None, ax=None) -> Axes:
    """Draw what each threshold costs: {detector: (false alarms a year, late)}, lower left is better; marks are dots."""
    ax = figure()[1] if ax is None else ax
    for name, (false, late) in curves.items():
        ax.plot(false, late, label=name, lw=1.6, **DETECTORS[name])
    for name, (false, late) in (marks or {}).items():
        ax.plot(false, late, "o", color=DETECTORS[name]["color"], label="_mark")
    ax.set(xlim=(0, 4), xlabel="false alarms a year")
    ax.set_ylim(bottom=-0.5)  # so that what lies at 0 is seen
    return ax


def plot_firsts(dates, close, firsts: Mapping[str, object], *, ax: Axes | None = None) -> Axes:
    """Draw a close (N,) and mark the first day of each detector, with names in that order at the upper right."""
    ax = figure()[1] if ax is None else ax
    close, dates = np.asarray(close, dtype=float), np.asarray(dates)
    ax.plot(dates, close, color=COLOURS["black"], linewidth=1.4, marker=".", markersize=4)
    for row, (name, day) in enumerate(sorted(firsts.items(), key=lambda item: item[1])):
        at = int(np.searchsorted(dates, np.datetime64(day)))
        colour = DETECTORS[name]["color"]
        ax.plot(dates[at], close[at], "o", color=colour, markersize=7)
        ax.annotate(
            f"{name}, {day:%d %b}", (dates[at], close[at]), (0.55, 0.96 - 0.08 * row), fontsize=10,
            textcoords="axes fraction", va="center", arrowprops=dict(arrowstyle="-", color=colour, lw=0.8),
        )  # fmt: skip
    ax.xaxis.set_major_formatter(DateFormatter("%d %b"))
    return ax


def plot_spread(dates, spread, *, formed: object, ax: Axes | None = None) -> Axes:
    """Draw a spread (N,), its formation days, up to `formed`, shaded with the two standard deviations they had."""
    ax = figure()[1] if ax is None else ax
    spread, before = np.asarray(spread, dtype=float), np.asarray(dates) <= np.datetime64(formed)
    two = 2 * spread[before].std()
    ax.axvspan(dates[0], formed, color=COLOURS["amber"], alpha=0.15, linewidth=0)
    for level in (-two, 0, two):
        ax.axhline(level, color=COLOURS["grey"], linewidth=0.8, linestyle="-" if level == 0 else "--")
    ax.plot(dates, spread, color=COLOURS["blue"], linewidth=0.8)
    ax.set(xlim=(dates[0], dates[-1]))
    return ax


def plot_earnings(dates, earnings: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw what signals earned, daily in per cent (N,), added up."""
    ax = figure()[1] if ax is None else ax
    colours = (COLOURS[name] for name in ("blue", "orange", "purple", "grey"))
    x = date2num(dates)
    for (name, daily), colour in zip(earnings.items(), colours, strict=False):
        ax.plot(x, np.cumsum(daily), color=colour, linewidth=1.4, label=name)
    ax.axhline(0, color=COLOURS["black"], linewidth=0.8, label="_zero")
    ax.set(xlim=(x[0], x[-1]))
    return _dated(ax)


def _shade(ax: Axes, dates, days: np.ndarray, colour: str) -> None:
    """Shade each of the days (N,), up to the next one: single days would have no width otherwise."""
    wide = days | np.r_[False, days[:-1]]
    style = dict(step="post", transform=ax.get_xaxis_transform(), color=COLOURS[colour], alpha=0.3, lw=0)
    ax.fill_between(dates, 0, 1, where=wide, **style)


def _dated(ax: Axes) -> Axes:
    """Days as numbers, so that `plots.label_lines` can place their labels, written as dates."""
    locator = AutoDateLocator()
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    return ax

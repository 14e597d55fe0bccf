"""Figures of notebook 13's fourth and fifth parallel: a gate that is held, arousal, and a trader's moods.

Like `plots`: arrays in, Axes out, nothing shown. Shapes: T steps, S seeds, A arousals, M days.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lstm_core.plots import COLOURS, figure

__all__ = [
    "TRADERS", "answer_panels", "arousal_panels", "plot_answers", "plot_arousal", "plot_held", "plot_tolerated",
    "plot_tracking", "plot_wealth", "wealth_panels",
]  # fmt: skip

LOUD = 0.5  # an answer beyond this is heard
TRADERS = {  # one colour and one dash each
    "bought and held": dict(color=COLOURS["grey"], linestyle="-"),
    "calm LSTM": dict(color=COLOURS["blue"], linestyle="--"),
    "moody": dict(color=COLOURS["orange"], linestyle="-"),
}


def plot_answers(said, order_at: int, bell: int, *, ax: Axes | None = None) -> Axes:
    """Draw answers (T,), the one line with dots, between the bounds of what is heard; mark the order and the bell."""
    ax = figure()[1] if ax is None else ax
    step = np.arange(1, len(said) + 1)
    ax.axhspan(-LOUD, LOUD, color=COLOURS["sky"], alpha=0.15, linewidth=0)
    for at, word in ((order_at, "order"), (bell, "bell")):
        ax.axvline(at + 1, color=COLOURS["grey"], linewidth=0.9, linestyle=":", label="_event")
        ax.text(at + 1, 1.01, word, transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=10)
    ax.plot(step, said, "o-", color=COLOURS["orange"], markersize=4, linewidth=1.2, label="answer")
    ax.set(xlim=(0.5, len(said) + 0.5), ylim=(-0.3, 3.4), yticks=range(4), xlabel="step t", ylabel="answer")
    ax.set_xticks(range(5, len(said) + 1, 5))
    return ax


def plot_held(held, alarms, told, *, ax: Axes | None = None) -> Axes:
    """Draw shares of false alarms and of bells answered against where the output gate is held."""
    ax = figure()[1] if ax is None else ax
    ax.plot(held, told, "o-", color=COLOURS["blue"], markersize=7, markerfacecolor="white", label="bells answered")
    ax.plot(held, alarms, "x--", color=COLOURS["orange"], markersize=5, label="false alarms")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.04, 1.04), xlabel="output gate held at o")
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    return ax


def plot_arousal(arousals, errors, floor: float | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw errors (A,), or (S, A) with their mean as the thick line, against arousal; mark the mean's lowest point.

    `floor` is the error of whoever knows all that can be known.
    """
    ax = figure()[1] if ax is None else ax
    errors = np.atleast_2d(np.asarray(errors, dtype=float))
    for of_seed in errors if len(errors) > 1 else ():
        ax.plot(arousals, of_seed, color=COLOURS["orange"], linewidth=0.6, alpha=0.45, label="_seed")
    mean = errors.mean(0)
    ax.plot(arousals, mean, color=COLOURS["orange"], label="aroused by a")
    best = int(mean.argmin())
    ax.plot(arousals[best], mean[best], "o", color=COLOURS["black"], label="_best")
    if floor is not None:
        ax.axhline(floor, color=COLOURS["black"], linewidth=1, linestyle="--", label="Bayes")
    ax.set(xlabel="arousal a", ylabel="mean squared error")
    ax.set_ylim(0, None)
    return ax


def plot_tracking(seen, mean, guess, best=None, *, ax: Axes | None = None) -> Axes:
    """Draw what is seen (T,) as dots, the hidden mean as steps, the guess, the last line, and Bayes' own before it."""
    ax = figure()[1] if ax is None else ax
    step = np.arange(len(seen))
    ax.plot(step, seen, ".", color=COLOURS["grey"], markersize=3, alpha=0.7, label="_seen")
    ax.step(step, mean, color=COLOURS["black"], linewidth=1, where="mid", label="the mean")
    if best is not None:
        ax.plot(step, best, color=COLOURS["blue"], linewidth=1.2, linestyle="--", label="Bayes")
    ax.plot(step, guess, color=COLOURS["orange"], linewidth=1.6, label="LSTM")
    ax.set(xlim=(0, len(seen) - 1), ylim=(-3.2, 3.2), xlabel="step t")
    return ax


def plot_tolerated(dates, most, mood: float, *, ax: Axes | None = None) -> Axes:
    """Draw the mood (M,) at which each day's lottery stops being worth playing, and a mood, the last line."""
    ax = figure()[1] if ax is None else ax
    ax.plot(date2num(dates), np.minimum(most, 1e3), color=COLOURS["black"], linewidth=1, label="λ*")
    ax.axhline(mood, color=TRADERS["moody"]["color"], label="_mood")
    ax.set(yscale="log", ylim=(0.2, 8), yticks=[0.25, 0.5, 1, 2, 4, 8], yticklabels=["¼", "½", "1", "2", "4", "8"])
    ax.minorticks_off()
    return _dated(ax, dates)


def plot_wealth(dates, returns: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw what 1 has become, from each trader's simple returns (M,), on a log scale; names are those of TRADERS."""
    ax = figure()[1] if ax is None else ax
    for name, earned in returns.items():
        ax.plot(date2num(dates), np.cumprod(1 + np.asarray(earned)), label=name, linewidth=1.5, **TRADERS[name])
    ax.set(yscale="log", ylim=(0.45, 2.3), yticks=[0.5, 1, 2], yticklabels=["½", "1", "2"])
    ax.minorticks_off()
    return _dated(ax, dates)


def answer_panels(said: Mapping[str, np.ndarray], order_at: int, bell: int) -> Figure:
    """Draw several nets' answers (T,) side by side, each under its name."""
    fig, axes = _panels(len(said))
    for ax, (name, answers) in zip(axes, said.items(), strict=True):
        plot_answers(answers, order_at, bell, ax=ax).label_outer()
        ax.set_title(name, pad=22)
    return fig


def arousal_panels(arousals, curves: Mapping[float, tuple[np.ndarray, float]]) -> Figure:
    """Draw errors (S, A) and their floor side by side, a panel for each hazard rate."""
    fig, axes = _panels(len(curves))
    for ax, (hazard, (errors, floor)) in zip(axes, curves.items(), strict=True):
        plot_arousal(arousals, errors, floor, ax=ax).label_outer()
        ax.set(title=f"H = {hazard:g}", ylim=(0, 1.3))
    axes[-1].legend(loc="upper right")
    return fig


def wealth_panels(dates, returns: Mapping[str, np.ndarray]) -> Figure:
    """Draw each moody trader's wealth, "moody, …", in a panel of its own, and the others' in every panel."""
    others = {name: earned for name, earned in returns.items() if name in TRADERS}
    moody = {name: earned for name, earned in returns.items() if name not in TRADERS}
    fig, axes = _panels(len(moody))
    for ax, (name, earned) in zip(axes, moody.items(), strict=True):
        plot_wealth(dates, others | {"moody": earned}, ax=ax).set_title(name)
    axes[0].legend(loc="upper left", fontsize=9)
    return fig


def _panels(count: int) -> tuple[Figure, np.ndarray]:
    fig, axes = figure(1, count, size=(9.6, 3.2), sharey=True, squeeze=False)
    return fig, axes[0]


def _dated(ax: Axes, dates) -> Axes:
    """Days as numbers, so that `plots.label_lines` can place their labels, written as years."""
    ax.set_xlim(date2num(dates[0]), date2num(dates[-1]))
    ax.xaxis.set_major_locator(YearLocator(2))
    ax.xaxis.set_major_formatter(DateFormatter("%Y"))
    return ax

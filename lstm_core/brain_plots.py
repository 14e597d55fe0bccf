"""Figures of notebook 13: patterns, what a memory holds, what three rules find, how feedback and weights come to agree.

Like `plots`: arrays in, Axes out, nothing shown. Shapes: K loads, D inputs, S seeds, N days or sequences.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.ticker import MaxNLocator

from lstm_core.plots import COLOURS, figure

__all__ = [
    "FEEDBACKS", "RULES", "move_alignment", "move_weights", "plot_alignment", "plot_found", "plot_learning",
    "plot_loads", "plot_online", "plot_patterns", "plot_weights",
]  # fmt: skip

RULES = {  # a colour and a mark each in the whole notebook
    "Hebb": dict(color=COLOURS["orange"], marker="s"),
    "Oja": dict(color=COLOURS["blue"], marker="o"),
    "delta": dict(color=COLOURS["green"], marker="^"),
}
FEEDBACKS = {
    "transposed": dict(color=COLOURS["blue"], marker="o"),
    "random": dict(color=COLOURS["orange"], marker="s"),
    "none": dict(color=COLOURS["grey"], marker="^"),
}
NO_ANGLE = 138  # where dots without an angle stand
CURVES = tuple(COLOURS[name] for name in ("blue", "orange", "green", "purple", "black"))


def plot_patterns(patterns: Mapping[str, np.ndarray], rows: int = 5, *, axes=None) -> np.ndarray:
    """Draw patterns of ±1, (N,) each, side by side as `rows` rows of squares. Each Axes' image is its only one."""
    axes = figure(1, len(patterns), size=(9.6, 1.3))[1] if axes is None else axes
    for ax, (title, pattern) in zip(axes, patterns.items(), strict=True):
        style = dict(cmap=ListedColormap([COLOURS["sky"], "white", COLOURS["black"]]), vmin=-1, vmax=1)
        ax.imshow(np.reshape(pattern, (rows, -1)), **style)
        ax.set(title=title, xticks=[], yticks=[])
        ax.grid(False)
    return axes


def plot_loads(
    loads: Sequence[int], curves: Mapping[str, tuple], *, marks: Mapping[str, float] | None = None, ax=None
) -> Axes:
    """Draw what comes back against the patterns stored: {name: (mean (K,), half an interval (K,) or None)}.

    `marks` are loads that have a name, drawn as vertical lines.
    """
    ax = figure(size=(8.4, 3.5))[1] if ax is None else ax
    for name, load in (marks or {}).items():
        ax.axvline(load, color=COLOURS["grey"], linewidth=0.9, linestyle=":", label="_mark")
        style = dict(textcoords="offset points", rotation=90, fontsize=9, va="bottom")
        ax.annotate(name, (load, 0.03), (3, 0), xycoords=("data", "axes fraction"), **style)
    for (name, (mean, half)), colour, dash in zip(curves.items(), CURVES, ("-", "--", "-.", ":", "-"), strict=False):
        ax.plot(loads, mean, color=colour, linestyle=dash, marker="o" if half is not None else "", ms=4, label=name)
        if half is not None:
            ax.errorbar(loads, mean, half, fmt="none", ecolor=colour, capsize=3, linewidth=1.2, label="_interval")
    ax.set(xlabel="patterns P")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def plot_weights(variances, weights: Mapping[str, np.ndarray], aim, *, axes=None) -> np.ndarray:
    """Draw weights (D,) at unit length, in terms of the inputs' own directions, under these directions' variances (D,).

    Axes: the variances, bars; the weights, a line a rule in the order of RULES, and the target's `aim` (D,) after
    them. What `move_weights` moves: the first bar and these four lines.
    """
    places = np.arange(1, len(variances) + 1)
    if axes is None:
        axes = figure(2, 1, size=(8, 4.6), sharex=True, gridspec_kw={"height_ratios": [1, 2.4]})[1]
    axes[0].bar(places, variances, color=COLOURS["sky"], width=0.5)
    axes[0].set(ylabel="variance", xticks=places)
    for (name, w), shift in zip(weights.items(), (-0.22, 0, 0.22), strict=True):
        axes[1].plot(places + shift, w, linestyle="", ms=7, label=name, **RULES[name])
    style = dict(color=COLOURS["black"], marker="_", markersize=26, linestyle="", markeredgewidth=1.6)
    axes[1].plot(places, aim, label="target", **style)
    axes[1].axhline(0, color=COLOURS["grey"], linewidth=0.8, label="_zero")
    axes[1].set(ylim=(-1.1, 1.1), xlabel="direction of the inputs", ylabel="weight, unit length")
    axes[1].legend(loc="lower right", ncols=4, fontsize=9, markerscale=0.7)
    return axes


def move_weights(axes, loudest: float, weights: Mapping[str, np.ndarray], aim) -> None:
    """Set the first variance, the weights and the aim of `plot_weights`."""
    axes[0].patches[0].set_height(loudest)
    for line, values in zip(axes[1].lines, (*weights.values(), aim), strict=False):
        line.set_ydata(values)


def plot_found(found: Mapping[str, Mapping[str, np.ndarray]], *, ax: Axes | None = None) -> Axes:
    """Draw |cos| of each rule's weights with some directions, {rule: {direction: (S,)}}: a row each, a dot a seed."""
    ax = figure(size=(8, 2.8))[1] if ax is None else ax
    rows = [(rule, what, values) for rule, by in found.items() for what, values in by.items()]
    for row, (rule, _, values) in enumerate(rows):
        ax.plot(values, np.full(len(values), row), linestyle="", ms=6, alpha=0.55, **RULES[rule])
    ax.set(yticks=range(len(rows)), yticklabels=[f"{rule}: {what}" for rule, what, _ in rows])
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlim=(-0.03, 1.03), xlabel="|cos| between the weights and that direction")
    ax.grid(False, axis="y")
    return ax


def plot_online(dates, cosines, *, ax: Axes | None = None) -> Axes:
    """Draw |cos| (S, N) against the date, a thin line a seed."""
    ax = figure(size=(8.6, 3))[1] if ax is None else ax
    for values, colour in zip(cosines, cycle(CURVES)):
        ax.plot(dates, values, color=colour, linewidth=0.9)
    ax.set(xlim=(dates[0], dates[-1]), ylim=(0, 1.02), ylabel="|cos| with the first component")
    return ax


def plot_learning(trials: Mapping[str, Sequence[tuple]], *, live: tuple | None = None, ax: Axes | None = None) -> Axes:
    """Draw errors against sequences, {feedback: [(sequences (N,), errors (N,)), …]}, thin; `live`, one more, thick."""
    ax = figure(size=(8.6, 3.2))[1] if ax is None else ax
    for name, curves in trials.items():
        for k, (sequences, errors) in enumerate(curves):
            label = "_more" if k else name
            ax.plot(sequences, errors, color=FEEDBACKS[name]["color"], linewidth=0.8, label=label)
    if live is not None:
        ax.plot(*live, color=COLOURS["black"], linewidth=1.6, label="just now")
    ax.set(xlabel="sequences", ylabel="error", ylim=(0, 1.05))
    ax.set_xlim(left=0)
    ax.legend(loc="upper right", ncols=4)
    return ax


def plot_alignment(angles: Mapping[str, np.ndarray], errors: Mapping[str, np.ndarray], *, ax=None) -> Axes:
    """Draw a dot a trial: its error over the angle between its feedback and its output weights, (S,) each in degrees.

    The lines are the dots of each kind of feedback, in the order of `angles`: what `move_alignment` moves. Where there
    is no angle, NaN, the dot stands at the right edge.
    """
    ax = figure(size=(8, 3.8))[1] if ax is None else ax
    for name in angles:
        ax.plot([], [], linestyle="", ms=8, alpha=0.75, label=name, **FEEDBACKS[name])
    move_alignment(ax, angles, errors)
    ax.axvline(90, color=COLOURS["grey"], linewidth=0.9, linestyle="--", label="_right angle")
    ax.set(xlim=(-4, NO_ANGLE + 6), ylim=(0, 0.9), ylabel="error of the newest 500")
    ax.set_xticks([*range(0, 121, 30), NO_ANGLE], [*map(str, range(0, 121, 30)), "no\nfeedback"])
    ax.set(xlabel="angle between feedback and output weights, degrees")
    ax.legend(loc="lower left", bbox_to_anchor=(0.08, 0))
    return ax


def move_alignment(ax: Axes, angles: Mapping[str, np.ndarray], errors: Mapping[str, np.ndarray]) -> None:
    """Set the dots of `plot_alignment`."""
    for line, (name, degrees) in zip(ax.lines, angles.items(), strict=False):
        line.set_data(np.nan_to_num(degrees, nan=NO_ANGLE), errors[name])

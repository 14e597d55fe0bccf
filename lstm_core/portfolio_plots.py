"""Figures of notebook 10: stretches of days, weights, wealth against equal weight, Sharpe ratios against costs.

Like `plots`: arrays in, Axes out, nothing shown. Shapes: N days, K stocks, C costs, S stretches.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, YearLocator
from matplotlib.ticker import FormatStrFormatter, NullFormatter

from lstm_core.plots import COLOURS, figure

__all__ = ["plot_against_cost", "plot_drawdowns", "plot_relative_wealth", "plot_stretches", "plot_weights"]

INKS = ("orange", "blue", "green", "purple")


def plot_stretches(starts, *, burn: int, length: int, ax: Axes | None = None) -> Axes:
    """Draw S stretches as bars, the first on top: grey the `burn` days that are only read, blue the scored ones."""
    ax = figure()[1] if ax is None else ax
    starts = np.asarray(starts)
    rows = np.arange(len(starts))
    ax.barh(rows, burn, left=starts, height=0.7, color="#c9c9c9", label="read only")
    ax.barh(rows, length - burn, left=starts + burn, height=0.7, color=COLOURS["blue"], label="read and scored")
    ax.set(ylim=(len(rows) - 0.4, -0.6), yticks=rows, yticklabels=[f"row {row + 1}" for row in rows])
    ax.set_xlabel("trading days")
    ax.grid(False, axis="y")
    ax.legend(loc="lower left", frameon=False)
    return ax


def plot_weights(dates, weights, *, names, bold=(), ax: Axes | None = None) -> Axes:
    """Stack the weights (N, K) of `names` (K,) in per cent, those named in `bold` below, coloured and labelled.

    Steps: what is decided at a close is held to the next.
    """
    ax = figure()[1] if ax is None else ax
    names, weights = list(names), 100 * np.asarray(weights, dtype=float)
    order = [names.index(name) for name in bold] + [k for k, name in enumerate(names) if name not in bold]
    inks = [COLOURS[ink] for ink, _ in zip((*INKS, "amber", "sky"), bold, strict=False)]
    greys = ["#d6d6d6"] * (len(names) - len(inks))
    ax.stackplot(dates, weights[:, order].T, colors=[*inks, *greys], step="post", linewidth=0)
    _date(ax)
    last = weights[-2, order]  # held up to the right edge
    middle = last.cumsum() - last / 2
    for k in range(1, len(inks)):  # from below, so that no label lies on the next
        middle[k] = max(middle[k], middle[k - 1] + 5)
    for k, ink in enumerate(inks):
        ax.annotate(" " + bold[k], (dates[-1], middle[k]), color=ink, va="center", fontsize=10, annotation_clip=False)
    ax.set(ylim=(0, 100), xlim=(dates[0], dates[-1]), ylabel="share of wealth, %")
    ax.grid(False)
    return ax


def plot_relative_wealth(dates, ratios: Mapping[str, np.ndarray], *, low: float, high: float, ax: Axes | None = None):
    """Draw wealth over that of equal weight, (N,) each, on a log scale from `low` to `high`; return Axes and lines."""
    ax = figure()[1] if ax is None else ax
    lines = [
        ax.plot(dates, ratio, color=COLOURS[ink], linewidth=1.4, label=name)[0]
        for (name, ratio), ink in zip(ratios.items(), INKS, strict=False)
    ]
    ax.axhline(1, color=COLOURS["black"], linewidth=1, label="_equal weight")
    ticks = [tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if low <= tick <= high]
    ax.set(yscale="log", ylim=(low, high), xlim=(dates[0], dates[-1]), yticks=ticks)
    ax.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_locator(YearLocator(4))
    ax.set_ylabel("wealth ÷ that of equal weight")
    return ax, lines


def plot_against_cost(costs, difference, error, *, colour: str = "blue", ax: Axes | None = None) -> Axes:
    """Draw a Sharpe ratio's lead on equal weight (C,) against the cost (C,), with ± 1.96 of its standard error (C,).

    A dot marks the cost at which the lead is gone, if there is one: between two costs the line is straight.
    """
    ax = figure()[1] if ax is None else ax
    costs, difference, error = (np.asarray(a, dtype=float) for a in (costs, difference, error))
    reach = 1.96 * error
    ax.fill_between(costs, difference - reach, difference + reach, color=COLOURS[colour], alpha=0.2, linewidth=0)
    ax.plot(costs, difference, color=COLOURS[colour])
    ax.axhline(0, color=COLOURS["black"], linewidth=1)
    gone = np.flatnonzero((difference[:-1] > 0) & (difference[1:] <= 0))
    if len(gone):
        k = gone[0]
        at = costs[k] + (costs[k + 1] - costs[k]) * difference[k] / (difference[k] - difference[k + 1])
        ax.plot(at, 0, "o", color=COLOURS[colour], markersize=7)
    ax.set(xlim=(costs[0], costs[-1]), xlabel="cost, basis points of what is traded")
    ax.set_ylabel("Sharpe ratio less equal weight's")
    ax.label_outer()
    return ax


def plot_drawdowns(dates, drawdowns: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw how far wealth stands below its highest close, (N,) each, 0 or less, in per cent."""
    ax = figure()[1] if ax is None else ax
    inks = ("black", *INKS)
    for (name, below), ink in zip(drawdowns.items(), inks, strict=False):
        ax.plot(dates, 100 * np.asarray(below), color=COLOURS[ink], linewidth=1.2, label=name)
    ax.set(ylabel="below its highest close, %", xlim=(dates[0], dates[-1]))
    ax.set_ylim(top=0)
    ax.label_outer()
    _date(ax)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False)
    return ax


def _date(ax: Axes) -> None:
    """Few dates, so that none touches the next."""
    ax.xaxis.set_major_locator(locator := AutoDateLocator(minticks=3, maxticks=6))
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))

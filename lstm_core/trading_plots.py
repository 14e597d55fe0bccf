"""Figures of notebook 12's second part: a market that hides its regime, who holds what in it, and what memory is worth.

Like `plots`: arrays in, Axes out, nothing shown. Shapes: T days, S seeds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from lstm_core.plots import COLOURS, figure

__all__ = ["plot_belief", "plot_curves", "plot_market", "plot_memory", "plot_positions", "plot_traders"]

INKS = ("blue", "green", "orange", "purple", "grey")
DASHES = ("-", "--", ":", "-.", "-")


def plot_market(returns, rising, *, ax: Axes | None = None) -> Axes:
    """Draw returns (T,), added up, as a price; shade the days (T,) on which the market was rising."""
    ax = figure()[1] if ax is None else ax
    _shade(ax, rising)
    ax.plot(np.cumsum(returns), color=COLOURS["black"], linewidth=1.2)
    ax.set(xlim=(0, len(returns) - 1), ylabel="returns added up, %")
    return ax


def plot_belief(belief, rising, *, ax: Axes | None = None) -> Axes:
    """Draw the filter's belief (T,) in a rising market, the days (T,) on which it was one shaded."""
    ax = figure()[1] if ax is None else ax
    _shade(ax, rising)
    ax.plot(belief, color=COLOURS["blue"], linewidth=1.4)
    ax.axhline(0.5, color=COLOURS["grey"], linewidth=0.8)
    ax.set(xlim=(0, len(belief) - 1), ylim=(-0.03, 1.03), yticks=[0, 0.5, 1], ylabel="P(rising)")
    return ax


def plot_positions(positions: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw who holds what, a strip (T,) each, the first on top: long is up and blue, short is down and orange."""
    ax = figure(size=(8.6, 3.2))[1] if ax is None else ax
    for row, held in enumerate(positions.values()):
        edges, height = _steps(0.42 * np.asarray(held, dtype=float))
        for sign, ink in ((1, "blue"), (-1, "orange")):
            ax.fill_between(edges, -row, height - row, where=sign * height > 0, color=COLOURS[ink], lw=0, alpha=0.85)
        ax.axhline(-row, color=COLOURS["black"], linewidth=0.6)
    ax.set(xlim=(0, len(held)), ylim=(0.6 - len(positions), 0.6), xlabel="day")
    ax.set(yticks=-np.arange(len(positions)), yticklabels=list(positions))
    ax.grid(False)
    return ax


def plot_traders(
    ratios: Mapping[str, Sequence[float]], *, ceiling: float, floor: float, ax: Axes | None = None
) -> Axes:
    """Draw Sharpe ratios, a row a trader and a dot a seed (S,), between the filter's and that of buying and holding."""
    ax = figure()[1] if ax is None else ax
    for row, found in enumerate(ratios.values()):
        ax.plot(found, [row] * len(found), "o", color=COLOURS["black"], markersize=4.5, label="_seeds")
    for name, value, ink in (("filter", ceiling, "blue"), ("buy and hold", floor, "grey")):
        ax.axvline(value, color=COLOURS[ink], linewidth=1.4, linestyle="--")
        ax.annotate(name, (value, 1.02), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=10)
    ax.set(yticks=range(len(ratios)), yticklabels=list(ratios), ylim=(len(ratios) - 0.5, -0.5))
    ax.set_xlabel("Sharpe ratio a year, after costs")
    ax.grid(False, axis="y")
    ax.margins(x=0.08)
    return ax


def plot_memory(
    remembered: Sequence[int | None], ratios: Mapping[str, Sequence[float]], *, ax: Axes | None = None
) -> Axes:
    """Draw Sharpe ratios against how many returns are remembered, None for all: a line each, the last one on top."""
    ax = figure()[1] if ax is None else ax
    places = np.arange(len(remembered))
    for (name, found), ink, dash in zip(ratios.items(), INKS, DASHES, strict=False):
        ax.plot(places, found, "o", linestyle=dash, color=COLOURS[ink], markersize=5, label=name)
    ax.set(xticks=places, xticklabels=["all" if n is None else n for n in remembered])
    ax.set(xlabel="returns remembered", ylabel="Sharpe ratio a year")
    if len(ratios) > 1:
        ax.legend(loc="upper left", ncols=len(ratios), fontsize=9)
    return ax


def plot_curves(
    curves: Mapping[str, Sequence], *, steps: int, live: Mapping[str, Sequence] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw learning curves, rewards a day before each update of `steps` days: (S, updates) each, their mean in bold.

    `live` has curves (updates,) that were learnt just now, as dots.
    """
    ax = figure(size=(8, 3.4))[1] if ax is None else ax
    for (name, found), ink, dash in zip(curves.items(), INKS, DASHES, strict=False):
        found = np.atleast_2d(np.asarray(found, dtype=float))
        x = steps * np.arange(1, found.shape[1] + 1) / 1000
        ax.plot(x, found.T, color=COLOURS[ink], linewidth=0.6, alpha=0.35, label="_seed")
        ax.plot(x, found.mean(axis=0), color=COLOURS[ink], linestyle=dash, linewidth=2, label=name)
        if live and name in live:
            ax.plot(x[: len(live[name])], live[name], "o", color=COLOURS[ink], markersize=5, label="_live")
    ax.axhline(0, color=COLOURS["black"], linewidth=0.8, label="_zero")
    ax.set(xlim=(0, x[-1]), xlabel="days traded, thousands", ylabel="reward a day, %")
    ax.legend(loc="lower right", ncols=2)
    return ax


def _shade(ax: Axes, days) -> None:
    """Shade the days (T,) that are true, each up to the next."""
    edges, shaded = _steps(np.asarray(days, dtype=bool))
    style = dict(transform=ax.get_xaxis_transform(), color=COLOURS["sky"], alpha=0.3, linewidth=0)
    ax.fill_between(edges, 0, 1, where=shaded, **style)


def _steps(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two ends of each day (2T,) and its value at both: a step, even where it is one day wide."""
    return np.repeat(np.arange(len(values) + 1), 2)[1:-1], np.repeat(values, 2)

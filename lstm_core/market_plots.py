"""Figures of the market notebooks: a price and its forecast, folds in time order, how late a forecast is, the scores.

Notebook 08 draws them. Like `plots`: arrays in, Axes out, nothing shown. Shapes: N days, M models.
"""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from lstm_core.plots import COLOURS, figure

__all__ = ["plot_folds", "plot_forecast", "plot_lags", "plot_scores"]

PARTS = {"train": COLOURS["blue"], "validation": COLOURS["amber"], "test": COLOURS["orange"]}


def plot_forecast(dates, actual, forecast, *, marker: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the price (N,) and what was forecast for each of the same days, (N,)."""
    ax = figure()[1] if ax is None else ax
    ax.plot(dates, actual, color=COLOURS["black"], linewidth=1.6, marker=marker, label="price")
    ax.plot(dates, forecast, color=COLOURS["orange"], linewidth=1.4, linestyle="--", marker=marker, label="forecast")
    ax.legend(frameon=False)
    return ax


def plot_folds(folds: Sequence[Mapping[str, Sequence]], *, names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw one bar a fold: {"train" | "validation" | "test": (first day, last day)}; the first fold on top."""
    ax = figure()[1] if ax is None else ax
    for part, colour in PARTS.items():
        rows = [row for row, parts in enumerate(folds) if part in parts]
        for row, (first, last) in zip(rows, (folds[row][part] for row in rows), strict=True):
            ax.barh(row, last - first, left=first, color=colour, height=0.7, label=part if row == rows[0] else "_more")
    ax.set(yticks=range(len(folds)), yticklabels=names, ylim=(len(folds) - 0.4, -0.6))
    ax.grid(False, axis="y")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False)
    return ax


def plot_lags(correlations: Mapping[int, float], *, ax: Axes | None = None) -> Axes:
    """Draw corr(forecast for t, price at t − k) against k; the highest dot says how many days late the forecast is."""
    ax = figure()[1] if ax is None else ax
    best = max(correlations, key=correlations.get)
    colours = [COLOURS["orange"] if k == best else COLOURS["grey"] for k in correlations]
    ax.scatter(list(correlations), list(correlations.values()), c=colours, s=70, zorder=3)
    for k, value in correlations.items():
        ax.annotate(f"{value:.4f}", (k, value), (0, 8), textcoords="offset points", ha="center", fontsize=9)
    floor = min(correlations.values())
    ax.set(ylim=(floor - 0.1 * (1 - floor), 1 + 0.1 * (1 - floor)), xticks=list(correlations))
    ax.margins(x=0.12)
    ax.set(xlabel="days back, k", ylabel="correlation")
    return ax


def plot_scores(names, values, low, high, *, reference: float, label: str, ax: Axes | None = None) -> Axes:
    """Draw M scores with their intervals (M,), one row each, beside a reference; a score without interval is a dot."""
    ax = figure()[1] if ax is None else ax
    values, low, high = (np.asarray(a, dtype=float) for a in (values, low, high))
    reach = np.nan_to_num(np.stack([values - low, high - values]))
    colours = np.where(low > reference, COLOURS["green"], COLOURS["blue"])  # green: better, interval and all
    for row in np.flatnonzero(np.isfinite(values)):
        ax.errorbar(values[row], row, xerr=reach[:, [row]], fmt="o", color=colours[row], capsize=3)
    ax.axvline(reference, color=COLOURS["black"], linewidth=1)
    blended = matplotlib.transforms.blended_transform_factory(ax.transData, ax.transAxes)
    ax.text(reference, 1.01, label, transform=blended, ha="center", va="bottom", fontsize=10)
    ax.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5))
    return ax

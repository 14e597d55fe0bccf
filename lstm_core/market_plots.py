"""Figures of the market notebooks: memory and size of the moves, folds in time order, forecasts and their scores.

Notebooks 01 and 08 draw them. Like `plots`: arrays in, Axes out, nothing shown. Shapes: N days, M models, K lags.
"""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import YearLocator

from lstm_core.plots import COLOURS, figure

__all__ = [
    "plot_autocorrelation",
    "plot_calibration",
    "plot_folds",
    "plot_forecast",
    "plot_gathered",
    "plot_lags",
    "plot_months",
    "plot_range",
    "plot_scores",
]

PARTS = {"train": COLOURS["blue"], "validation": COLOURS["amber"], "test": COLOURS["orange"]}


def plot_autocorrelation(correlations, *, band, ax: Axes | None = None) -> Axes:
    """Draw the autocorrelations (K,) of lags 1 … K as bars, those outside the shaded band in colour.

    `band` is a number, for ± that much at every lag, or a pair (low, high) of arrays (K,).
    """
    ax = figure()[1] if ax is None else ax
    correlations = np.asarray(correlations, dtype=float)
    low, high = (np.broadcast_to(b, correlations.shape) for b in ((-band, band) if np.isscalar(band) else band))
    colours = np.where((correlations < low) | (correlations > high), COLOURS["blue"], "#9e9e9e")
    lags = np.arange(1, len(correlations) + 1)
    ax.fill_between(lags, low, high, step="mid", color=COLOURS["amber"], alpha=0.35, linewidth=0)
    ax.bar(lags, correlations, width=1, color=colours, linewidth=0)
    ax.axhline(0, color=COLOURS["black"], linewidth=0.8)
    ax.set(xlim=(0, len(correlations) + 1), xlabel="lag k, trading days", ylabel="autocorrelation")
    ax.label_outer()
    return ax


def plot_calibration(forecast, squared, *, groups: int = 10, ax: Axes | None = None) -> Axes:
    """Draw what came against what was forecast, volatility against volatility, in equal groups by the forecast.

    `forecast` (N,) are variances, `squared` (N,) the squared returns of the same days. A dot is the root of a group's
    mean; its bar the root of that mean ± 1.96 standard errors, the group's days taken as independent.
    """
    ax = figure()[1] if ax is None else ax
    forecast, squared = (np.asarray(a, dtype=float) for a in (forecast, squared))
    parts = np.array_split(np.argsort(forecast, kind="stable"), groups)
    x = np.sqrt([forecast[part].mean() for part in parts])
    mean = np.array([squared[part].mean() for part in parts])
    reach = 1.96 * np.array([squared[part].std(ddof=1) / np.sqrt(len(part)) for part in parts])
    y, low, high = np.sqrt(mean), np.sqrt(np.maximum(mean - reach, 0)), np.sqrt(mean + reach)
    ends = [0, 1.05 * max(x.max(), high.max())]
    ax.plot(ends, ends, color=COLOURS["grey"], linewidth=1, label="_diagonal")
    ax.errorbar(x, y, yerr=[y - low, high - y], fmt="o", color=COLOURS["blue"], capsize=3)
    ax.set(xlim=ends, ylim=ends, xlabel="volatility forecast, % a day", ylabel="volatility seen, % a day")
    return ax


def plot_gathered(dates, actual, forecast, *, colour: str = "blue", ax: Axes | None = None) -> Axes:
    """Draw the R² against a forecast of zero as it gathers, in per cent of the whole span's Σ actual², day by day (N,).

    It ends at the R² of the span; where it rises the forecast did better than zero (after Goyal & Welch 2008).
    """
    ax = figure()[1] if ax is None else ax
    actual, forecast = np.asarray(actual, dtype=float), np.asarray(forecast, dtype=float)
    gain = actual**2 - (actual - forecast) ** 2
    ax.plot(dates, 100 * gain.cumsum() / np.sum(actual**2), color=COLOURS[colour], linewidth=1.4)
    ax.axhline(0, color=COLOURS["grey"], linewidth=0.8)
    ax.xaxis.set_major_locator(YearLocator(2))
    ax.set_ylabel("R² gathered so far, %")
    ax.label_outer()
    return ax


def plot_months(squared, *, level: float, ax: Axes | None = None) -> Axes:
    """Draw the volatility of each 21 days, in per cent a year, as steps, from squared daily returns (N,), N = 21, 42, …

    The dotted line is the volatility that `level`, a daily variance, makes in a year.
    """
    ax = figure()[1] if ax is None else ax
    months = np.asarray(squared, dtype=float).reshape(-1, 21).mean(axis=1)
    edges = np.arange(0, 21 * len(months) + 1, 21)
    ax.stairs(np.sqrt(252 * months), edges, baseline=None, color=COLOURS["black"], linewidth=1.4)
    ax.axhline(np.sqrt(252 * level), color=COLOURS["grey"], linewidth=0.8, linestyle=":")
    ax.set(xlim=(0, edges[-1]), ylim=(0, None), xlabel="trading days", ylabel="volatility, % a year")
    return ax


def plot_range(dates, returns, low, high, *, ax: Axes | None = None) -> Axes:
    """Draw returns (N,) between the limits, (N,) each, that a forecast set for them."""
    ax = figure()[1] if ax is None else ax
    ax.plot(dates, returns, color=COLOURS["blue"], linewidth=0.6)
    for limit in (low, high):
        ax.plot(dates, limit, color=COLOURS["orange"], linewidth=1.2)
    ax.xaxis.set_major_locator(YearLocator())
    ax.set_ylabel("return, % a day")
    return ax


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


def plot_scores(names, values, low, high, *, reference: float, label: str, filled=True, ax: Axes | None = None) -> Axes:
    """Draw M scores with their intervals (M,), one row each, beside a reference; a score without interval is a dot.

    Green where the whole interval lies above the reference, orange where it lies below; hollow where not `filled` (M,).
    """
    ax = figure()[1] if ax is None else ax
    values, low, high = (np.asarray(a, dtype=float) for a in (values, low, high))
    reach = np.nan_to_num(np.stack([values - low, high - values]))
    clear = [low > reference, high < reference]
    colours = np.select(clear, [COLOURS["green"], COLOURS["orange"]], COLOURS["blue"])
    inside = np.where(np.broadcast_to(filled, values.shape), colours, "white")
    for row in np.flatnonzero(np.isfinite(values)):
        look = dict(color=colours[row], markerfacecolor=inside[row], capsize=3)
        ax.errorbar(values[row], row, xerr=reach[:, [row]], fmt="o", **look)
    ax.axvline(reference, color=COLOURS["black"], linewidth=1)
    blended = matplotlib.transforms.blended_transform_factory(ax.transData, ax.transAxes)
    ax.text(reference, 1.01, label, transform=blended, ha="center", va="bottom", fontsize=10)
    ax.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5))
    return ax

"""Figures of options: greeks as curves, errors of a hedge, what selling variance paid. Notebook 09 draws them.

Like `plots`: arrays in, Axes out, nothing shown. Shapes: S spots, M paths or windows, K settings, N days.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, YearLocator, date2num
from matplotlib.ticker import MaxNLocator

from lstm_core.plots import COLOURS, figure, label_lines

__all__ = [
    "move_errors",
    "plot_errors",
    "plot_greeks",
    "plot_pnl",
    "plot_premium",
    "plot_replay",
    "plot_spread",
]

DASHES = ("-", "--", ":", "-.")
GREEKS = {  # name → (factor from a Greeks' unit to the one drawn, label)
    "delta Δ": (1, "value per point of spot"),
    "gamma Γ": (1, "Δ per point of spot"),
    "vega": (1 / 100, "value per point of volatility"),
    "theta Θ": (1 / 252, "value per trading day"),
}


def plot_greeks(spots, curves: Mapping[str, Sequence], *, strike: float, axes=None) -> np.ndarray:
    """Draw delta, gamma, vega and theta against the spot (S,) on four Axes (2, 2), one line a maturity.

    `curves` holds for each label the four arrays (S,) that `black_scholes.greeks` returns, vega for a whole 1.00 of
    volatility and theta for a year: drawn are a hundredth and a 252nd.
    """
    axes = figure(2, 2, size=(9, 5.6), sharex=True)[1] if axes is None else axes
    for k, (ax, (name, (factor, unit))) in enumerate(zip(np.ravel(axes), GREEKS.items(), strict=True)):
        for (label, greeks), colour, dash in zip(curves.items(), COLOURS.values(), DASHES, strict=False):
            ax.plot(spots, factor * np.asarray(greeks[k], dtype=float), dash, color=colour, label=label)
        ax.axvline(strike, color=COLOURS["grey"], linewidth=0.8, linestyle=(0, (1, 3)))
        ax.set(title=name, ylabel=unit)
    np.ravel(axes)[0].legend(loc="upper left")
    for ax in np.ravel(axes)[2:]:
        ax.set_xlabel("spot")
    return axes


def plot_errors(errors, *, edges, top: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the P&L of M hedged paths as a histogram, in per cent of the paths a bin, over one bar of mean ± sd.

    What lies beyond the `edges` (K+1,) is counted in the outermost bins. `top` is the highest share that the axes are
    to hold. The histogram is the Axes' patch and the bar its line: what `move_errors` moves, under a slider.
    """
    ax = figure()[1] if ax is None else ax
    edges = np.asarray(edges, dtype=float)
    shares = _shares(errors, edges)
    top = 1.12 * shares.max() if top is None else top
    ax.stairs(shares, edges, fill=True, color=COLOURS["blue"])
    ax.plot(*_reach(errors, top), "|-", color=COLOURS["orange"], linewidth=3, markersize=12, markeredgewidth=2)
    ax.axvline(0, color=COLOURS["grey"], linewidth=0.8, zorder=0.5)
    ax.set(xlim=edges[[0, -1]], ylim=(-0.12 * top, top), xlabel="P&L at expiry, % of spot", ylabel="paths, %")
    ax.set_yticks([tick for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0, top) if 0 <= tick <= top])
    return ax


def move_errors(ax: Axes, errors) -> None:
    """Let the histogram that `plot_errors` drew show other `errors` (M,), on the same edges and scale."""
    histogram, (reach, *_) = ax.patches[0], ax.lines
    _, edges, baseline = histogram.get_data()
    histogram.set_data(_shares(errors, edges), edges, baseline)
    reach.set_data(*_reach(errors, ax.get_ylim()[1]))


def plot_spread(hedges, spread, *, law=None, ax: Axes | None = None) -> Axes:
    """Draw the standard deviation of the P&L (K,) against the number of hedges (K,), both on log scales.

    `law` (K,) is the line that theory draws through them.
    """
    ax = figure()[1] if ax is None else ax
    if law is not None:
        ax.plot(hedges, law, "--", color=COLOURS["grey"], linewidth=1.2, label="theory, ∝ 1/√n")
    ax.plot(hedges, spread, "o", color=COLOURS["blue"], markersize=7, label="simulated")
    ax.set(xscale="log", yscale="log", xlabel="number of hedges n", ylabel="sd of the P&L, % of spot")
    ax.set_xticks(hedges, [f"{n:g}" for n in hedges])
    low, high = np.floor(np.log2(np.min(spread))), np.ceil(np.log2(np.max(spread)))
    ticks = 2.0 ** np.arange(low, high + 1)
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.legend(loc="upper right")
    return ax


def plot_premium(edges, implied, realised, *, names=("VIX, when sold", "what came"), ax: Axes | None = None) -> Axes:
    """Draw what was promised and what came, (M,) volatilities in % a year, as steps between the dates `edges` (M+1,).

    The gap is shaded: sky blue where the seller was paid for more than came, orange where for less.
    """
    ax = figure()[1] if ax is None else ax
    implied, realised = (np.append(a, a[-1]) for a in (np.asarray(implied, float), np.asarray(realised, float)))
    for where, colour in ((implied >= realised, "sky"), (implied < realised, "orange")):
        for k in np.flatnonzero(where[:-1]):
            ax.fill_between(
                edges[k : k + 2], [implied[k]] * 2, [realised[k]] * 2, color=COLOURS[colour], alpha=0.45, linewidth=0
            )
    ax.step(edges, implied, where="post", color=COLOURS["black"], linewidth=1.4, label=names[0])
    ax.step(edges, realised, where="post", color=COLOURS["blue"], linewidth=1.4, label=names[1])
    ax.set(ylim=(0, None), xlim=(edges[0], edges[-1]), ylabel="volatility, % a year")
    ax.xaxis.set_major_locator(YearLocator())
    ax.legend(loc="upper left")
    return ax


def plot_pnl(edges, pnl, *, ax: Axes | None = None) -> Axes:
    """Draw the P&L (M,) of each window between the dates `edges` (M+1,) as a bar, gains blue, losses orange.

    The dotted line is the mean.
    """
    ax = figure()[1] if ax is None else ax
    pnl, days = np.asarray(pnl, dtype=float), date2num(edges)
    colours = np.where(pnl >= 0, COLOURS["blue"], COLOURS["orange"])
    ax.bar(days[:-1], pnl, width=0.8 * np.diff(days), align="edge", color=colours, linewidth=0)
    ax.axhline(0, color=COLOURS["black"], linewidth=0.8)
    ax.axhline(pnl.mean(), linestyle=":", color=COLOURS["black"], linewidth=1.2)
    where = dict(xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
    ax.annotate(f" mean {pnl.mean():.2f}", (1, pnl.mean()), fontsize=10, **where)
    ax.set(xlim=days[[0, -1]], ylabel="P&L, % of spot")
    ax.xaxis_date()
    ax.xaxis.set_major_locator(YearLocator())
    return ax


def plot_replay(days, spot, delta, unhedged, hedged, *, axes=None) -> np.ndarray:
    """Draw one sale day by day on three Axes: spot, delta held from each close on, P&L so far, (N,) each, by date."""
    axes = figure(3, 1, size=(8, 6), sharex=True)[1] if axes is None else axes
    days = date2num(days)
    top, middle, bottom = axes
    top.plot(days, spot, color=COLOURS["black"])
    middle.step(days, delta, where="post", color=COLOURS["green"])
    for values, colour, dash, name in ((unhedged, "orange", "--", "unhedged"), (hedged, "blue", "-", "hedged")):
        bottom.plot(days, values, dash, color=COLOURS[colour], label=name)
    for ax in (middle, bottom):
        ax.axhline(0, color=COLOURS["grey"], linewidth=0.8)
    top.set(ylabel="spot, start = 100")
    middle.set(ylabel="delta held", ylim=(-1.05, 1.05))
    bottom.set(ylabel="P&L so far, %")
    bottom.xaxis_date()
    locator = AutoDateLocator(maxticks=8)
    bottom.xaxis.set_major_locator(locator)
    bottom.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    label_lines(bottom, gap=0.12)
    return axes


def _shares(errors, edges: np.ndarray) -> np.ndarray:
    counts, _ = np.histogram(np.clip(errors, edges[0], edges[-1]), edges)
    return 100 * counts / np.size(errors)


def _reach(errors, top: float) -> tuple[list[float], list[float]]:
    mean, sd = np.mean(errors), np.std(errors)
    return [mean - sd, mean + sd], [-0.06 * top] * 2

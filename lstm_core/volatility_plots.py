"""Figures of notebook 09's first half: which step of information lowers the loss, and what a day's news does later.

Like `plots`: arrays in, Axes out, nothing shown.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from lstm_core.plots import COLOURS, figure

__all__ = ["plot_impact", "plot_waterfall"]


def plot_waterfall(
    names: Sequence[str], losses: Sequence[float], notes: Sequence[str], *, ax: Axes | None = None
) -> Axes:
    """Draw losses (K,) as levels from top to bottom and, between one and the next, a bar for the step, in colour.

    A step down, which is a gain, is green, a step up orange; `notes` (K−1,) stand beside the bars. The axis does not
    begin at zero, and no bar does: a bar's length is the step.
    """
    ax = figure()[1] if ax is None else ax
    losses = np.asarray(losses, dtype=float)
    for row, (before, after, note) in enumerate(zip(losses[:-1], losses[1:], notes, strict=True), 1):
        colour = COLOURS["green"] if after < before else COLOURS["orange"]
        ax.barh(row, after - before, left=before, height=0.55, color=colour)
        ax.plot([before, before], [row - 1, row + 0.28], color=COLOURS["grey"], linewidth=0.8)
        ax.text(max(before, after), row, f"  {note}", va="center", fontsize=9)
    ax.plot(losses, np.arange(len(losses)), "|", color=COLOURS["black"], markersize=22, markeredgewidth=2)
    for row, loss in enumerate(losses):
        ax.annotate(
            f"{loss:.3f}", (loss, row), (-6, 0), textcoords="offset points", ha="right", va="center", fontsize=9
        )
    reach = np.ptp(losses)
    ax.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5), xlabel="QLIKE")
    ax.set_xlim(losses.min() - 0.25 * reach, losses.max() + 0.45 * reach)
    ax.grid(False, axis="y")
    return ax


def plot_impact(returns, factors, others, *, labels: tuple[str, str], ax: Axes | None = None) -> Axes:
    """Draw by which factor a day's return (R,) changes a later forecast: a network's (R,), and another model's (R,)."""
    ax = figure()[1] if ax is None else ax
    ax.plot(returns, factors, color=COLOURS["blue"], linewidth=2, label=labels[0])
    ax.plot(returns, others, color=COLOURS["orange"], linewidth=1.6, linestyle="--", label=labels[1])
    ax.axhline(1, color=COLOURS["grey"], linewidth=0.8)
    ax.axvline(0, color=COLOURS["grey"], linewidth=0.8)
    ax.set(xlim=(returns[0], returns[-1]), xlabel="return of that day, %", ylabel="times the usual variance")
    ax.legend(frameon=False, loc="upper right")
    return ax

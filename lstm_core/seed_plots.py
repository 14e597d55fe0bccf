"""A figure of notebook 08: scores of several seeds, with the interval over seeds inside the one over days.

Like `plots`: arrays in, Axes out, nothing shown. Shapes: M rows, S seeds.
"""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lstm_core.plots import COLOURS, figure

__all__ = ["plot_seeds"]


def plot_seeds(
    names: Sequence[str], values, seeds, days, reference, *, label: str,
    live: Mapping[str, Sequence[float]] | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw scores (M, S), a dot a seed; around each row's mean a thin bar of ± `days` (M,), a thick one of ± `seeds`.

    A line marks each row's `reference` (M,), called `label`.
    `live` has scores that were computed just now, by the name of their row: rings around their dots.
    """
    ax = figure()[1] if ax is None else ax
    values, seeds, days = (np.asarray(a, dtype=float) for a in (values, seeds, days))
    rows, middle = np.arange(len(names)), values.mean(axis=1)
    ax.errorbar(middle, rows, xerr=days, fmt="none", color=COLOURS["blue"], capsize=4, label="over days")
    ax.barh(rows, 2 * seeds, left=middle - seeds, height=0.34, color=COLOURS["amber"], alpha=0.6, label="over seeds")
    ax.plot(values.ravel(), np.repeat(rows, values.shape[1]), "o", color=COLOURS["black"], markersize=3, label="a seed")
    for name, scores in (live or {}).items():
        style = dict(markersize=8, markerfacecolor="none", markeredgecolor=COLOURS["orange"], label="trained just now")
        ax.plot(scores, [list(names).index(name)] * len(scores), "o", **style)
    ax.vlines(reference, rows - 0.5, rows + 0.5, color=COLOURS["black"], linewidth=1, label="_reference")
    blended = matplotlib.transforms.blended_transform_factory(ax.transData, ax.transAxes)
    ax.text(np.asarray(reference)[0], 1.01, label, transform=blended, ha="center", va="bottom", fontsize=10)
    ax.set(yticks=rows, yticklabels=names, ylim=(len(names) - 0.5, -0.5))
    ax.grid(False, axis="y")
    ax.use_sticky_edges = False  # else no margin is left beside the thick bars
    ax.margins(x=0.06)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return ax

"""A figure of notebook 12: who learns the adding problem, and how soon. Like `plots`: numbers in, Axes out."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from lstm_core.plots import COLOURS, figure

__all__ = ["plot_race"]


def plot_race(trials: Mapping[str, Sequence[tuple[int, bool]]], cap: int, *, ax: Axes | None = None) -> Axes:
    """Draw, a row a reader, the sequences that each seed was shown and whether it had then met the rule.

    A dot is a seed that met it; a bar marks the mean of those dots. A ring at `cap`, where all end, is a seed that did
    not; how many of a row met it stands beside the row.
    """
    ax = figure(size=(8, 0.5 * len(trials) + 1.3))[1] if ax is None else ax
    for row, seeds in enumerate(trials.values()):
        met = [shown for shown, solved in seeds if solved]
        spread = [0.6 / max(len(seeds), 5) * (k - (len(seeds) - 1) / 2) for k in range(len(seeds))]
        for (shown, solved), shift in zip(seeds, spread, strict=True):
            style = dict(color=COLOURS["blue"]) if solved else dict(color=COLOURS["orange"], markerfacecolor="white")
            ax.plot([shown if solved else cap], [row + shift], "o", markersize=6, **style)
        if met:
            ax.plot([sum(met) / len(met)] * 2, [row - 0.34, row + 0.34], color=COLOURS["black"], linewidth=2)
        share = f"{len(met)} of {len(seeds)}"
        ax.annotate(share, (1.02, row), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
    ax.axvline(cap, color=COLOURS["grey"], linewidth=0.8, zorder=0)
    ax.set(yticks=range(len(trials)), yticklabels=list(trials), ylim=(len(trials) - 0.4, -0.6), xlim=(0, 1.03 * cap))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_xlabel(f"sequences until the rule is met (rings: not within {cap:,})")
    ax.grid(False, axis="y")
    return ax

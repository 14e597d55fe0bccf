"""Figures of notebook 14: the paper's table as a picture. Like `plots`: numbers in, Axes out, nothing shown."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from lstm_core.plots import COLOURS, figure

__all__ = ["plot_replay"]

OURS = (
    ("original", "rule of 1997", 0.16, dict(color=COLOURS["blue"], marker="o")),
    ("changed", "the same, net changed", 0.34, dict(color=COLOURS["blue"], marker="o", markerfacecolor="white")),
    ("today", "today's practice", -0.16, dict(color=COLOURS["orange"], marker="s")),
)


def plot_replay(lines: Sequence, *, ax: Axes | None = None) -> Axes:
    """Draw sequences to success, a row a line of `replay_table`: the paper's mean, ours with their ranges.

    Where not all of ours solved the task their share stands beside the mark; where none did, at the right edge. Hollow
    marks are nets that differ from the paper's in one thing, where such were tried and solved it.
    """
    ax = figure(size=(8.6, 0.27 * len(lines) + 1.4))[1] if ax is None else ax
    rows = range(len(lines))
    ax.plot([line.paper for line in lines], rows, "x", color=COLOURS["black"], ms=7, mew=2, label="the paper")
    for name, label, shift, style in OURS:
        if any(getattr(line, name) for line in lines):
            ax.plot([], [], linestyle="", label=label, **style)
        for row, line in zip(rows, lines, strict=True):
            ours = getattr(line, name)
            if ours and (ours.solved or name != "changed"):
                _draw(ax, ours, row + shift, style)
    ax.set(xscale="log", xlabel="sequences until solved (none solved: at the right edge)")
    ax.set(yticks=rows, yticklabels=[line.label for line in lines], ylim=(len(lines) - 0.4, -0.6), xlim=(700, 6e6))
    ax.tick_params(axis="y", labelsize=9)
    ax.grid(False, axis="y")
    ax.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=4, columnspacing=1.2, handletextpad=0.3)
    return ax


def _draw(ax: Axes, ours, y: float, style: dict) -> None:
    share, color = f"{ours.solved}/{ours.trials}", style["color"]
    if not ours.solved:
        ax.annotate(share, (0.985, y), xycoords=("axes fraction", "data"), color=color, fontsize=8, ha="right",
                    va="center")  # fmt: skip
        return
    ax.plot([ours.low, ours.high], [y, y], color=color, linewidth=1.6)
    ax.plot([ours.mean], [y], ms=5, **style)
    if ours.solved < ours.trials:
        ax.annotate(share, (ours.high, y), (5, 0), textcoords="offset points", color=color, fontsize=8, va="center")

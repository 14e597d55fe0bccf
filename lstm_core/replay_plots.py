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
    marks are nets that differ from the paper's in one thing, where such were tried.
    """
    ax = figure(size=(8.6, 0.27 * len(lines) + 1.4))[1] if ax is None else ax
    rows = range(len(lines))
    ax.plot([line.paper for line in lines], rows, "x", color=COLOURS["black"], ms=7, mew=2, label="the paper")
    for name, label, shift, style in OURS:
        if any(getattr(line, name) for line in lines):
            ax.plot([], [], linestyle="", label=label, **style)
        for row, line in zip(rows, lines, strict=True):
            if ours := getattr(line, name):
                _draw(ax, ours, row + shift, style)
    ax.set(xscale="log", xlabel="sequences shown until the task counted as solved (none solved: at the right edge)")
    ax.set(yticks=rows, yticklabels=[_name(line) for line in lines], ylim=(len(lines) - 0.4, -0.6), xlim=(700, 6e6))
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


def _name(line) -> str:
    condition = line.condition.replace(" blocks of ", "×").replace(" cells", "").replace(" cell", "")
    task = line.task.split(",", 1)
    short = {"1": "1 embedded Reber", "2a": "2a no noise", "2b": "2b noise", "2c": "2c long lag",
             "3a": "3a two sequences", "3b": "3b noisy signal", "3c": "3c noisy target", "4": "4 adding",
             "5": "5 multiplication", "6a": "6a temporal order", "6b": "6b three symbols"}[line.experiment]  # fmt: skip
    parts = [short]
    if len(task) > 1 and line.experiment in ("2c", "3a", "3b", "3c", "4"):
        parts.append(task[-1].replace("noisy signal,", "").replace("noisy targets,", "").replace(" = ", "=").strip())
    if condition:
        parts.append(condition.replace("learning rate ", "α="))
    return ", ".join(parts)

"""The left picture of a TrainLab: the loss against the sequences seen, live, over the pale curves of former presses."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.ticker import MaxNLocator

from lstm_core.plots import COLOURS, label_lines
from lstm_core.train_lab.picture import Picture
from lstm_core.train_lab.words import in_italics, thousands

__all__ = ["Curve", "Curves"]

COLUMN, ROOM = 1.02, 1.56  # where, in budgets from 0, the labels begin and the axes end


class Curve(NamedTuple):
    label: str
    xs: Sequence[int]  # sequences
    ys: Sequence[float]  # loss
    solved: bool


class Curves:
    """Call `begin` before a press, with the curves of those before it, then `tag` for each picture of it."""

    def __init__(self, budget: int):
        self._picture, self._budget = Picture(), budget
        self._ax, ticks = self._picture.ax, MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(0, budget)
        self._ax.set_xticks(ticks, [thousands(tick) for tick in ticks])
        self._ax.set(yscale="log", xlim=(0, ROOM * budget), ylim=_decades([]), ylabel="training loss")
        self._ax.set_xlabel("sequences seen", loc="left")
        self._ax.axvline(budget, color=COLOURS["grey"], linewidth=1, linestyle=":", label="_budget")
        style = dict(color=COLOURS["blue"], animated=True, label="_live")
        (self._line,) = self._ax.plot([], [], linewidth=2.2, **style)
        (self._end,) = self._ax.plot([], [], "o", markersize=7, **style)
        self._title = self._ax.set_title(" ", fontsize=11, animated=True)
        self._former: list[Curve] = []
        self._pale: list[Artist] = []

    def begin(self, former: Sequence[Curve]) -> None:
        """What is to stand pale under the live curve from now on."""
        if self._former != list(former):
            self._former = list(former)
            self._reach(_decades([curve.ys for curve in former]))

    def tag(self, curve: Curve | None, title: str, alt: str) -> str:
        """The picture with this live curve, as an HTML image."""
        xs, ys, solved = curve[1:] if curve else ((), (), False)
        low, high = self._ax.get_ylim()
        if len(ys) and not low <= min(ys) <= max(ys) <= high:
            self._reach(_decades([ys, *(former.ys for former in self._former)]))
        self._line.set_data(xs, ys)
        self._end.set_data(xs[-1:], ys[-1:])
        self._end.set_markerfacecolor(COLOURS["blue"] if solved else "white")
        self._title.set_text(in_italics(title))
        return self._picture.tag([self._line, self._end, self._title], alt)

    def _reach(self, limits: tuple[float, float]) -> None:
        """Draw the still part with these limits: axes, pale curves, and their labels at the height of their ends."""
        for artist in self._pale:
            artist.remove()
        self._ax.set_ylim(limits)
        grey, before = COLOURS["grey"], set(self._ax.get_children())
        for label, xs, ys, solved in self._former:
            self._ax.plot(xs, ys, color=grey, alpha=0.55, linewidth=1.2, label="_curve")
            style = dict(color=grey, markerfacecolor=grey if solved else "white", markersize=5, zorder=4)
            self._ax.plot(xs[-1:], ys[-1:], "o", label="_end", **style)
            # All labels stand in one column beyond the budget, where no curve is; a dotted line leads there.
            leader = [xs[-1], COLUMN * self._budget], [ys[-1]] * 2
            self._ax.plot(*leader, color=grey, linewidth=0.8, linestyle=":", label=label)
        for label in label_lines(self._ax, gap=0.07).texts:
            label.set_fontsize(9)
        self._pale = [artist for artist in self._ax.get_children() if artist not in before]
        self._picture.renew()


def _decades(curves: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Limits of a log axis: the whole decades that hold all these losses, two of them at least."""
    values = [value for ys in curves for value in ys if value > 0]
    if not values:
        return 1e-3, 1.0
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return 10.0 ** min(low, high - 2), 10.0**high

"""The right picture of a TrainLab: the plane of starts, b_f to the right and b_i upwards.

Cells are recorded runs, tinted by the share that was solved; markers are one's own presses; a cross is where the
sliders stand. Starts with chrono biases are no point of the plane and have a strip above it.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.transforms import ScaledTranslation

from lstm_core.plots import COLOURS
from lstm_core.train_lab.picture import Picture
from lstm_core.train_lab.runner import SOLVED, Press
from lstm_core.train_lab.session import Biases
from lstm_core.train_lab.words import cell_text, in_italics

__all__ = ["FORGET", "INPUT", "BiasMap"]

FORGET, INPUT = (-1.0, 8.0), (-6.0, 2.0)  # the sliders' ranges
MARGIN = 0.5
ABREAST = 6  # marks of presses at one place that stand side by side
MOVING = dict(animated=True, label="_")
STRIP = (2.9, 4.1)  # b_i between which the strip for chrono lies, when there is one
NONE, ALL = np.array(to_rgb("#e6e6e6")), np.array(to_rgb(COLOURS["sky"]))


class BiasMap:
    """`settle` when a press begins or ends, then `tag` for each place of the sliders."""

    def __init__(self, background: Sequence[dict], chrono: bool):
        self._picture = Picture()
        self._ax = self._picture.ax
        top = STRIP[1] if chrono else INPUT[1] + MARGIN
        self._ax.set(xlim=(FORGET[0] - MARGIN, FORGET[1] + MARGIN), ylim=(INPUT[0] - MARGIN, top))
        self._ax.set(xlabel="forget bias $b_f$", ylabel="input bias $b_i$", xticks=range(-1, 9), yticks=range(-6, 3))
        self._ax.grid(False)
        self._ax.tick_params(length=3)
        self._draw_background(background)
        if chrono:
            corner, size = (FORGET[0] - MARGIN, STRIP[0]), (FORGET[1] - FORGET[0] + 2 * MARGIN, STRIP[1] - STRIP[0])
            self._ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=COLOURS["grey"]))
            self._ax.text(FORGET[0] - 0.2, sum(STRIP) / 2, "chrono", va="center", fontsize=10)
        self._cross = [self._ax.plot([], [], linewidth=0.9, alpha=0.45, **MOVING)[0] for _ in range(2)]
        (self._centre,) = self._ax.plot([], [], "+", markersize=15, markeredgewidth=2, **MOVING)
        style = dict(color=COLOURS["orange"], markerfacecolor="none", markersize=13, markeredgewidth=2.2)
        (self._diamond,) = self._ax.plot([], [], "D", **style, **MOVING)
        self._title = self._ax.set_title(" ", fontsize=11, animated=True)
        self._marks: list[Artist] = []

    def settle(self, presses: Sequence[Press], running: Biases | None) -> None:
        """What stays from now on: marks of these presses and, while one runs, of the biases with which it does."""
        for mark in self._marks:
            mark.remove()
        self._marks, count = [], Counter()
        for press in presses:
            place = _place(press[:2])
            inches = count[place] % ABREAST / 12 * (1 if press.forget_bias is not None else -1)
            aside = ScaledTranslation(inches, 0.03, self._ax.figure.dpi_scale_trans)
            face = COLOURS["black"] if press.outcome == SOLVED else "white"
            style = dict(color=COLOURS["black"], markerfacecolor=face, markersize=6.5, markeredgewidth=1.5)
            where = dict(transform=self._ax.transData + aside)
            self._marks += self._ax.plot(*([value] for value in place), "o", **where, **style, **MOVING)
            count[place] += 1
        self._running = running
        self._diamond.set_data(*([value] for value in _place(running)) if running else ([], []))

    def tag(self, sliders: Biases, title: str, alt: str) -> str:
        """The picture with the sliders there, as an HTML image. Grey: they stand for the next press."""
        (x, y), colour = _place(sliders), COLOURS["grey" if self._running else "black"]
        on_the_plane = sliders[0] is not None
        for line, data in zip(self._cross, (([x, x], INPUT), (FORGET, [y, y])), strict=True):
            line.set(data=data if on_the_plane else ([], []), color=colour)
        self._centre.set(data=([x], [y]), color=colour)
        self._title.set_text(in_italics(title))
        return self._picture.tag([*self._cross, *self._marks, self._diamond, self._centre, self._title], alt)

    def _draw_background(self, rows: Sequence[dict]) -> None:
        widths = _sizes([row["forget_bias"] for row in rows if row["forget_bias"] is not None])
        heights = _sizes([row["input_bias"] for row in rows if row["input_bias"] is not None])
        for row in rows:
            if row["forget_bias"] is None:
                (left, right), (below, above) = (1.0, 3.0), STRIP
            else:
                left, right = widths[row["forget_bias"]]
                below, above = heights[row["input_bias"]]
            colour = NONE + (ALL - NONE) * row["solved"] / row["runs"]
            cell = Rectangle((left, below), right - left, above - below, facecolor=colour, edgecolor="white")
            self._ax.add_patch(cell)
            # In a corner, so that neither marker nor cross hides it.
            style = dict(xytext=(2, 1.5), textcoords="offset points", fontsize=8, annotation_clip=True)
            self._ax.annotate(cell_text(row), (left, below), **style)


def _place(biases: Biases) -> tuple[float, float]:
    """Where a start stands on the map; chrono at the right end of its strip."""
    return (FORGET[1], sum(STRIP) / 2) if biases[0] is None else biases


def _sizes(values: Sequence[float]) -> dict[float, tuple[float, float]]:
    """From where to where the cell of each of these values reaches: half-way to its neighbours, and 1 at most."""
    places = sorted(set(values))
    half = [min(gap / 2, 1) for gap in np.diff(places)] or [0.5]
    return {
        place: (place - below, place + above)
        for place, below, above in zip(places, [half[0], *half], [*half, half[-1]], strict=False)
    }

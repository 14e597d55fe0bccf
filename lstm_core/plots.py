"""The lecture's figures: arrays in, Axes out, one style for all, and alt text that travels with the picture.

No pyplot, so no figure is anybody's "current" one: it belongs to whoever made it.
"""

import base64
import html
import io
from collections.abc import Mapping
from itertools import cycle

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lstm_core._checks import choose

__all__ = [
    "COLOURS",
    "GATES",
    "STYLE",
    "figure",
    "image_tag",
    "label_lines",
    "plot_gates",
    "plot_gradient_flow",
    "plot_history",
    "plot_states",
    "show",
]  # fmt: skip

# Okabe & Ito's palette: told apart with any common colour vision. Yellow is left out: too pale for a line on white.
COLOURS = {
    "blue": "#0072B2", "orange": "#D55E00", "green": "#009E73", "purple": "#CC79A7",
    "sky": "#56B4E9", "amber": "#E69F00", "black": "#1a1a1a", "grey": "#6b6b6b",
}  # fmt: skip
# One colour and one dash for each gate in the whole lecture, so that they are told apart by more than colour.
GATES = {
    "i": dict(color=COLOURS["green"], linestyle="--", label="input gate i"),
    "f": dict(color=COLOURS["blue"], linestyle="-", label="forget gate f"),
    "o": dict(color=COLOURS["orange"], linestyle="-.", label="output gate o"),
    "g": dict(color=COLOURS["purple"], linestyle=":", label="candidate C̃"),
    "c": dict(color=COLOURS["black"], linestyle="-", label="cell C"),
    "h": dict(color=COLOURS["amber"], linestyle="--", label="hidden h"),
}
STYLE = {
    "font.size": 11, "axes.titlesize": 12, "axes.labelsize": 11,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": COLOURS["grey"], "axes.linewidth": 0.8,
    "axes.prop_cycle": matplotlib.cycler(color=list(COLOURS.values())), "lines.linewidth": 1.8, "axes.grid": True,
    "grid.color": "#e6e6e6", "grid.linewidth": 0.7, "axes.axisbelow": True, "xtick.color": "#444444",
    "ytick.color": "#444444", "legend.frameon": False, "figure.facecolor": "white", "figure.dpi": 96,
}  # fmt: skip


DOTS = 144  # a figure's dots an inch: sharp on dense screens, where it is shown at 96


class LectureAxes(Axes):
    """Axes that keep the lecture's style in what is drawn later, with titles on the left, where reading starts."""

    def plot(self, *args, **kwargs):
        with matplotlib.rc_context(STYLE):
            return super().plot(*args, **kwargs)

    def legend(self, *args, **kwargs):
        with matplotlib.rc_context(STYLE):
            return super().legend(*args, **kwargs)

    def set_title(self, label, fontdict=None, loc="left", pad=10, **text):
        return super().set_title(label, fontdict, loc, pad, **text)


def figure(rows: int = 1, columns: int = 1, *, size: tuple[float, float] = (8, 4), **subplots) -> tuple[Figure, Axes]:
    """Return a Figure of `size` inches in the lecture's style and its Axes, or array of them (Figure.subplots)."""
    with matplotlib.rc_context(STYLE):
        fig = Figure(figsize=size, layout="constrained")
        return fig, fig.subplots(rows, columns, subplot_kw={"axes_class": LectureAxes}, **subplots)


def show(fig: Figure, alt: str) -> None:
    """Display a figure in a notebook with `alt`, a text for those who do not see it: what it shows, not that it is one.

    It goes out as HTML, since JupyterLab 4 and nbconvert's default page drop the alt text of a plain PNG output. Raises
    ValueError for a text too short to say anything.
    """
    from IPython.display import display

    alt = " ".join(alt.split())
    if len(alt) < 40:
        raise ValueError(f"alt text is {alt!r}: say what the figure shows, with its trend and numbers")
    fig.set_dpi(DOTS)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    display({"text/html": image_tag(canvas, alt), "text/plain": alt}, raw=True)


def image_tag(canvas: FigureCanvasAgg, alt: str, method: Image.Quantize = Image.Quantize.MAXCOVERAGE) -> str:
    """The drawn canvas as an HTML image. Its palette of 128 colours halves the bytes, and nobody can tell."""
    picture, png = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]), io.BytesIO()
    picture.quantize(128, method, dither=Image.Dither.NONE).save(png, "png")
    source = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    width = round(canvas.figure.get_figwidth() * 96)
    return f'<img alt="{html.escape(alt)}" width="{width}" style="max-width:100%;height:auto" src="{source}">'


def label_lines(ax: Axes, *, gap: float = 0.055) -> Axes:
    """Write each line's label at its right end, in its colour, at least `gap` of the height apart.

    Set the axes' limits and scales before: the labels do not move with them.
    """
    ax.get_xlim()  # makes matplotlib bring the limits up to date
    ends = []
    for line in ax.get_lines():
        y = np.asarray(line.get_ydata(), float)
        if not line.get_label().startswith("_") and np.isfinite(y).any():
            shown = np.flatnonzero(np.isfinite(y))[-1]
            x, height = ax.transLimits.transform(ax.transScale.transform((line.get_xdata()[shown], y[shown])))
            ends.append((height, x, line))
    ends.sort(key=lambda end: end[0])
    heights = np.clip([height for height, _, _ in ends], 0, 1)
    for k in range(1, len(heights)):  # upwards, each makes room for the one below it
        heights[k] = max(heights[k], heights[k - 1] + gap)
    for k in reversed(range(len(heights))):  # and down again from the top, should they have run out of it
        heights[k] = min(heights[k], 1 - gap * (len(heights) - 1 - k))
    for height, (_, x, line) in zip(heights, ends, strict=True):
        style = dict(color=line.get_color(), va="center", fontsize=10)
        ax.annotate(" " + line.get_label(), (x, height), xycoords="axes fraction", annotation_clip=False, **style)
    return ax


def plot_gradient_flow(
    curves: Mapping[str, np.ndarray], *, bounds: Mapping[str, float] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the gain of each Jacobian against the lag T − t, on a log scale: each curve (T,), last step last.

    `bounds` names, for a curve, a factor a step; its power of the lag is drawn thin beside it.
    """
    ax = figure()[1] if ax is None else ax
    for (label, gains), colour in zip(curves.items(), cycle(COLOURS.values()), strict=False):
        lags = np.arange(len(gains))
        ax.plot(lags, np.maximum(gains[::-1], 1e-300), color=colour, label=label)
        if bounds and label in bounds:
            ax.plot(lags, bounds[label] ** lags, color=colour, linewidth=0.9, linestyle=":", label="_bound")
    ax.set(yscale="log", xlabel="lag T − t (steps back)", ylabel="gradient that survives")
    return ax


def plot_gates(gates: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw gates of one unit, {"i" | "f" | "o": (T,)}, between shut (0) and open (1)."""
    ax = plot_states(gates, ax=ax)
    ax.set(ylim=(-0.05, 1.05), yticks=[0, 0.5, 1], yticklabels=["shut 0", "½", "open 1"])
    return ax


def plot_states(states: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw one unit over time, {"i" | "f" | "o" | "g" | "c" | "h": (T,)}, each in its own colour and dash."""
    ax = figure()[1] if ax is None else ax
    for name, values in states.items():
        ax.plot(values, **GATES[choose("gate", name, tuple(GATES))])
    ax.set_xlabel("step t")
    return ax


def plot_history(train_loss, valid_loss=None, best_epoch: int | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the losses, one value an epoch, and mark the epoch that was kept, counted from 1."""
    ax = figure()[1] if ax is None else ax
    epochs = np.arange(1, len(train_loss) + 1)
    ax.plot(epochs, train_loss, color=COLOURS["blue"], label="training")
    if valid_loss is not None and len(valid_loss):
        ax.plot(epochs, valid_loss, color=COLOURS["orange"], linestyle="--", label="validation")
        if best_epoch is not None:
            ax.plot(best_epoch, valid_loss[best_epoch - 1], "o", color=COLOURS["orange"], label="_best")
            kept = best_epoch, valid_loss[best_epoch - 1]
            ax.annotate("kept", kept, (0, 8), textcoords="offset points", ha="center")
    ax.set(yscale="log", xlabel="epoch", ylabel="loss")
    return label_lines(ax)

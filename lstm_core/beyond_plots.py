"""The figure of notebook 12's variants: what becomes of one signal in each of them. Arrays in, a Figure out.

Shapes: N batch, T time, H hidden.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from lstm_core.plots import COLOURS, GATES, figure

__all__ = ["plot_variants"]


def plot_variants(traces: Mapping[str, tuple], marks: Mapping[str, int], *, columns: int = 4) -> Figure:
    """Draw C and h of every variant in a panel of its own; behind each lies the first one's C, in grey.

    A trace is a NamedTuple with c and h (N, T, H); the first unit of the first sequence is drawn. `marks` names steps,
    {"written": 9}: a thin line in every panel, their names in the first. Raises ValueError for no traces, or for
    traces of more than one length.
    """
    shown = {name: (trace.c[0, :, 0], trace.h[0, :, 0]) for name, trace in traces.items()}
    lengths = {len(C) for C, _ in shown.values()}
    if len(lengths) != 1:
        raise ValueError(f"traces have lengths {sorted(lengths)}, but one length for all is expected: cut them alike")
    rows = -(-len(shown) // columns)
    fig, axes = figure(rows, columns, size=(10, 0.4 + 2.1 * rows), sharex=True, sharey=True)
    axes, first = np.ravel(axes), next(iter(shown.values()))
    for ax, (name, (C, h)) in zip(axes, shown.items(), strict=False):
        ax.plot(first[0], color="#b8b8b8", linewidth=2.6)
        ax.plot(C, **GATES["c"] | {"linewidth": 1.2})
        ax.plot(h, **GATES["h"] | {"linestyle": "-"})
        ax.set_title(name, fontsize=11)
        for step in marks.values():
            ax.axvline(step, color=COLOURS["grey"], linewidth=0.7, linestyle=":")
    for name, step in marks.items():
        axes[0].text(step + 1, axes[0].get_ylim()[0], name, fontsize=9, va="bottom", color=COLOURS["grey"])
    at = len(first[0]) // 3
    for letter, values, key, offset in (("C", first[0], "c", 6), ("h", first[1], "h", -13)):
        style = {"color": GATES[key]["color"], "textcoords": "offset points", "fontweight": "bold"}
        axes[0].annotate(letter, (at, values[at]), (0, offset), **style)
    for ax in axes[len(shown) :]:
        ax.set_visible(False)
    for ax in axes[-columns:]:
        ax.set_xlabel("step t")
    return fig

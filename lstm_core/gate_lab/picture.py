"""A still picture of a Gate Lab, for pages and readers without widgets: matplotlib draws it from Python's own trace."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lstm_core import plots
from lstm_core.gate_lab import reading
from lstm_core.gate_lab.kinds import KINDS

__all__ = ["alt_text", "image"]

LIKE = {"z": "f", "r": "o", "n": "g"}  # the colours and dashes that a GRU's parts have: those of what they stand in for


def image(lab) -> str:
    """An HTML image of the lab as it stands, one unit of it, with alt text."""
    if lab.show == "gradient":
        fig, ax = plots.figure(size=(8, 3.4))
        plots.plot_gradient_flow(dict(zip(("RNN", "LSTM"), lab.gains, strict=True)), ax=ax)
        for line, gate, dash in zip(ax.get_lines(), "of", ("--", "-"), strict=True):  # as the front end has them
            line.set(color=plots.GATES[gate]["color"], linestyle=dash)
        plots.label_lines(ax)
    else:
        fig, axes = plots.figure(2, 1, size=(8, 4.2), sharex=True)
        kind, unit = KINDS[lab.cell], lab.unit - 1
        gates, states = kind.lenses[lab.show].gates, kind.lenses[lab.show].states
        trace = {name: part[0, :, unit] for name, part in lab.trace._asdict().items()}
        steps = np.arange(1, len(trace["h"]) + 1)
        for ax, plot, names in zip(axes, (plots.plot_gates, plots.plot_states), (gates, states), strict=True):
            plot({LIKE.get(name, name): trace[name] for name in names}, ax=ax)
            for line, name in zip(ax.get_lines(), names, strict=True):
                line.set_xdata(steps)
                if name in LIKE:
                    line.set_label(f"{kind.words[name]} {name}")
            ax.relim()
            ax.autoscale(axis="x")
            ax.axvline(lab.step, color=plots.COLOURS["grey"], linewidth=0.8, label="_step")
            plots.label_lines(ax, gap=0.14)
        axes[0].set_xlabel("")
        shown = np.unique(np.linspace(0, len(steps) - 1, 5).round().astype(int))
        axes[1].set_xticks(steps[shown], [lab.dates[k] for k in shown] if lab.dates else None)
        if lab.dates:
            axes[1].set_xlabel("")
    fig.set_dpi(plots.DOTS)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return plots.image_tag(canvas, alt_text(lab))


def alt_text(lab) -> str:
    """The lab's sentence, and how far its unit's gates and cell went."""
    if lab.show == "gradient":
        return f"Gate Lab. {lab.sentence} Both curves run over the lag, on a log scale."
    trace = {name: part[0, :, lab.unit - 1] for name, part in lab.trace._asdict().items()}
    words, lens = KINDS[lab.cell].words, KINDS[lab.cell].lenses[lab.show]
    spans = [
        f"{words[name]} {reading.fixed(trace[name].min())} to {reading.fixed(trace[name].max())}"
        for name in lens.gates + lens.states
    ]
    return f"Gate Lab. {lab.sentence} Over {len(trace['h'])} steps: {', '.join(spans)}."

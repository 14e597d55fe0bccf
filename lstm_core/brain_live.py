"""What moves in notebook 13's first three parallels: a memory that fills up, three rules on one stream, feedback.

Each is a `LiveFigure` whose sentence says what it shows. Shapes: D inputs, S seeds.
"""

from collections.abc import Mapping

import numpy as np

from lstm_core.brain.hopfield import WORD, flip, recall, store
from lstm_core.brain.plasticity import compare, draw_stream
from lstm_core.brain_plots import RULES, move_alignment, move_weights, plot_alignment, plot_patterns, plot_weights
from lstm_core.live import LiveFigure, slider
from lstm_core.studies.brain_rows import stage

__all__ = ["memory_that_fills_up", "three_rules", "turning_weights"]


def memory_that_fills_up(load: int = 14, most: int = 30, flipped: int = 20, seed: int = 3) -> LiveFigure:
    """A word among random patterns in a Hopfield net of 100 units, asked for by a copy with `flipped` bits turned."""
    rng = np.random.default_rng(seed)
    cue, others = flip(WORD, flipped, rng), rng.choice([-1.0, 1.0], (most - 1, len(WORD)))
    panels = plot_patterns({"one pattern stored": WORD, "what we ask by": cue, "what comes back": cue})

    def ask(load: float) -> str:
        found = recall(store([WORD, *others[: round(load) - 1]]), cue, np.random.default_rng(0))
        panels[2].images[0].set_data(found.reshape(5, 20))
        right = int(np.sum(found == WORD))
        return (
            f"Patterns stored: {load:.0f}. Of the word's 100 bits {right} come back right; we asked by {100 - flipped}."
        )

    patterns = slider("patterns stored P", load, 1, most, 1, digits=0)
    return LiveFigure(panels[0].figure, panels[2].images, ask, load=patterns)


def three_rules(variances, born) -> LiveFigure:
    """What Hebb's, Oja's and the delta rule come to from `born` (D,), on a stream with these variances (D,), the first
    of which moves, and a target that turns."""
    axes = plot_weights(variances, dict.fromkeys(RULES, born), born)
    axes[0].set(ylim=(0, 2 * variances[0] + 0.3), title="What varies, and what each rule makes of it")

    def learn(loudest: float, turn: float) -> str:
        found = compare(draw_stream([0], [loudest, *variances[1:]], turn), np.array([born]))
        move_weights(axes, loudest, {rule: one.unit[0] for rule, one in found.items()}, found["Oja"].aim[0])
        words = (f"{rule} {one.loudest[0]:.2f} and {one.target[0]:.2f}" for rule, one in found.items())
        return f"Loudest variance {loudest:.1f}, target at {turn:.0f}°; |cos| with 1 and target: {'; '.join(words)}."

    return LiveFigure(
        axes[0].figure, [axes[0].patches[0], *axes[1].lines[:4]], learn,
        loudest=slider("variance of direction 1", variances[0], variances[1], 2 * variances[0], 0.5, digits=1),
        turn=slider("the target's turn, °", 90, 0, 90, 5, digits=0),
    )  # fmt: skip


def turning_weights(rows: Mapping[str, dict], sequences: int = 12_000) -> LiveFigure:
    """The recorded trials of "brain_rules" at any stage: error over the angle between feedback and output weights."""
    ax = plot_alignment(*stage(rows, 0)[1:3])
    ax.set_title("Output weights learn to suit a feedback that never moves")

    def after(sequences: float) -> str:
        now = stage(rows, sequences)
        move_alignment(ax, now.angle, now.error)
        return str(now)

    shown = slider("sequences shown", sequences, 0, 40_000, 500, digits=0)
    return LiveFigure(ax.figure, ax.lines[:3], after, sequences=shown)

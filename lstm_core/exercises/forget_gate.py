"""Notebook 03: biases and half-lives, and the two models of variance that are frozen cells."""

import numpy as np

from lstm_core import gradient_flow
from lstm_core.exercises.exercise import Exercise, half_life

__all__ = ["EXERCISES"]


EXERCISES = {
    "03.peak": Exercise(
        lambda: "lower",
        "Right: tied gates make an average, and a longer average is a calmer one. Now untie them.",
        'With i = 1 − f the cell averages squares. A longer memory averages more days: "higher" or "lower"?',
        ((lambda: "higher", "So it is with free gates. Tied ones shut the input gate as they open the forget gate."),),
    ),
    "03.quarter": Exercise(
        lambda: gradient_flow.bias_for_half_life(63),
        "Right: a month of 21 days has 3.39, and three months are ln 3 ≈ 1.1 more. The slider counts in factors.",
        "σ(b)⁶³ = ½. Solve for b, or take the rule for long memories, b ≈ ln(63 / ln 2).",
        (
            (lambda: 0.5 ** (1 / 63), "That is the gate f itself; the bias is its logit, ln(f / (1 − f))."),
            (lambda: np.log(63), "Nearly: 63 days are the *half*-life, so ln(63 / ln 2)."),
        ),
    ),
    "03.garch": Exercise(
        lambda: half_life(0.05 + 0.94),
        "Right: the forget gate of RiskMetrics and an echo of α. The memory of a forecast is six times as long.",
        "A forecast's nudge is multiplied by α + β a day, since E[ε²] = σ² brings α of it back in.",
        (
            (lambda: half_life(0.94), "That is the way along the cell, β alone. What comes back through ε²?"),
            (lambda: half_life(0.05), "That is α alone: what becomes of C itself?"),
        ),
    ),
    "03.tied": Exercise(
        lambda: np.log(0.1 / 0.9),
        "Right: the forget gate's bias with the sign turned round, since σ(−b) = 1 − σ(b).",
        "i = 1 − 0.9. Which bias b has σ(b) = 0.1?",
        (
            (lambda: np.log(0.9 / 0.1), "That is the forget gate's own bias, and i would be 0.9 too: mind the sign."),
            (lambda: 1 - 0.9, "That is the gate i itself; the bias is its logit."),
        ),
    ),
}

"""Notebook 12: what a GRU with frozen gates can carry."""

import numpy as np

from lstm_core.exercises.exercise import Exercise
from lstm_core.gradient_flow import bias_for_half_life

__all__ = ["EXERCISES"]

ALPHA, BETA = 0.1, 0.885

EXERCISES = {
    "12.keep": Exercise(
        lambda: np.log(21),
        "Right: z = 21/22, the best bargain between writing and keeping, and yet only 1.7% of the number is left.",
        "h holds (1 − z)·z²¹ of it. Which z makes that largest? The bias is then ln(z / (1 − z)).",
        (
            (lambda: 21 / 22, "That is the gate z itself; the bias is its logit, ln(z / (1 − z))."),
            (lambda: bias_for_half_life(21), "So half of what is written stays; but how much is written, by 1 − z?"),
            (lambda: -np.log(21), "That is the bias of the writing gate, 1 − z: mind the sign."),
        ),
    ),
    "12.garch": Exercise(
        lambda: ALPHA / (1 - BETA),
        "Right: (1 − z)·w = α. The candidate's weight gives back the freedom that the coupled gate took away.",
        "h′ = z·h + (1 − z)·(w ε² + b): set it beside σ² = ω + α ε² + β σ², with z = β. What multiplies ε²?",
        (
            (lambda: ALPHA, "The candidate is written through 1 − z, so that only 0.1 × 0.115 of ε² would arrive."),
            (lambda: ALPHA / BETA, "Divide by what the candidate is multiplied with: 1 − z, not z."),
            (
                lambda: ALPHA * (1 - BETA),
                "The other way round: 1 − z makes it smaller already, so w makes up for that.",
            ),
        ),
    ),
}

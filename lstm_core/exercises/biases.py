"""Notebook 07: what a guess is worth, how long a memory is, and how chrono initialisation spreads it."""

import numpy as np

from lstm_core.exercises.exercise import Exercise
from lstm_core.gradient_flow import bias_for_half_life

__all__ = ["EXERCISES"]

EXERCISES = {
    "07.baseline": Exercise(
        lambda: 2 * (1 / 3) / 16,
        "Right: 1/24 = 0.042. A net whose loss stays there has learnt to say ½, and nothing else.",
        "The target is ½ + (X₁ + X₂)/4. Always saying ½, what is the variance of what is missed? Var(X) = 1/3.",
        (
            (lambda: 1 / 48, "That is one number's share; both are missed."),
            (lambda: (2 / 3) / 4, "The 4 divides the sum, so its square, 16, divides the variance."),
            (lambda: np.sqrt(1 / 24), "That is the root of it; the loss is the mean square itself."),
        ),
    ),
    "07.half_life": Exercise(
        lambda: float(bias_for_half_life(100.0)),
        "Right: about 4.97. From there the bias of a memory twice as long is only 0.69 away.",
        "σ(b)¹⁰⁰ = ½; or use bias_for_half_life.",
        (
            (lambda: np.log(100.0), "Close: ln L is short by ln(1/ln 2) = 0.37; b ≈ ln(L / ln 2)."),
            (lambda: 0.5 ** (1 / 100), "That is the gate; its bias is ln(f / (1 − f))."),
        ),
        within=0.005,
    ),
    "07.share": Exercise(
        lambda: (99 - 1 / (2 ** (1 / 50) - 1)) / 98,
        "Right: 28%, nine of 32 units on average. The others cover what is shorter.",
        "f = u/(1 + u), and f⁵⁰ = ½ gives u. Which share of U[1, 99] lies above it?",
        (
            (lambda: 0.5, "That would take the u of half-life 50 to be 50; it is 50 / ln 2 or so."),
            (lambda: (1 / (2 ** (1 / 50) - 1) - 1) / 98, "That is the share below it."),
        ),
        within=0.02,
    ),
}

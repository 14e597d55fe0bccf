"""Notebook 12: a forget gate under another name."""

import numpy as np

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

EXERCISES = {
    "12.selective_gate": Exercise(
        lambda: float(np.exp(-np.log1p(np.e))),
        "Right: 0.269 = σ(−1). exp(−softplus(z)) is σ(−z): a forget gate, and what is written gets the rest.",
        "What is kept is exp(ΔA) with A = −1, and Δ = softplus(1) = ln(1 + e).",
        (
            (lambda: 1 / (1 + np.exp(-1)), "That is the share that is written; what is kept is 1 minus it."),
            (lambda: np.log1p(np.e), "That is Δ itself; the gate is exp(−Δ)."),
            (lambda: np.exp(-1), "That would take Δ to be 1; it is softplus(1)."),
        ),
    ),
}

"""Notebook 02: how a gradient fades, and what saturation does to it."""

import numpy as np

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

EXERCISES = {
    "02.factor": Exercise(
        lambda: (1e-6) ** (1 / 99),
        "Right: losing 13% a step looks harmless; over 99 steps it is a factor of a million.",
        "The fractions multiply: fraction⁹⁹ = 10⁻⁶. Which root of 10⁻⁶ is that?",
        (
            (lambda: 1e-6 / 99, "That divides by the number of steps, but fractions multiply: take the 99th root."),
            (lambda: 1e6 ** (1 / 99), "That is by how much it shrinks; what is left is the inverse."),
            (lambda: 1 - 1e-6 ** (1 / 99), "That is what is lost in a step; what is left?"),
        ),
    ),
    "02.float32": Exercise(
        lambda: np.ceil(np.log(np.finfo(np.float32).eps) / np.log(0.9)),
        "Right: seven months of trading days; anything older is rounded away in the sum.",
        "Solve 0.9ⁿ < 1.19·10⁻⁷, float32's epsilon: n = ln ε / ln 0.9, rounded up.",
        (
            (lambda: np.ceil(np.log(2.0**-52) / np.log(0.9)), "That is float64's epsilon; float32 has 1.19·10⁻⁷."),
            (lambda: np.log(2.0**-23) / np.log(0.9), "Steps are whole: round up."),
        ),
        within=0.002,
    ),
    "02.input_scale": Exercise(
        lambda: "saturation",
        "Right: the inputs push tanh towards its flat ends, and the small slope 1 − h² outweighs even ρ = 1.5.",
        "Look at 1 − h² for large inputs: how steep is tanh out there?",
        (
            (lambda: "explosion", "The gradient shrinks here: look which way the curves go in the right-hand panel."),
            (lambda: "rotation", "A rotation turns the message, but keeps its length."),
        ),
    ),
}

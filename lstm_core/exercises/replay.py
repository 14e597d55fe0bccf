"""Notebook 14: weights to count, a state that drifts, and what two thousand in a row ask for."""

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

EXERCISES = {
    "14.weights": Exercise(
        lambda: 6 * (2 + 1 + 6) + 1 * (1 + 4),
        "Right: 59. A gate that goes takes its own weights along, and everybody else's weights from it.",
        "Six hidden units are left: each sees two inputs, a bias and the six. The output unit: a bias and four cells.",
        (
            (lambda: 93 - 2 * 11, "That takes away the gates' own weights; the others had weights from them, too."),
            (lambda: 93, "That is the net with its output gates."),
        ),
    ),
    "14.drift": Exercise(
        lambda: 100 * 0.5 * 0.5,
        "Right: 25, and the state can only grow. Through a weight of 0.2 that alone puts an output unit at σ(5).",
        "Each step adds y_in · g.",
        (
            (lambda: 100 * 0.5, "That leaves out one of the two halves: y_in · g."),
            (lambda: 0.5 * 0.5, "That is one step's; there are a hundred, and nothing is forgotten."),
        ),
    ),
    "14.in_a_row": Exercise(
        lambda: 1 - 0.5 ** (1 / 2000),
        "Right: one mistake in 2,886. A net that errs once in a thousand passes only one look in seven.",
        "(1 − p)²⁰⁰⁰ = ½.",
        (
            (lambda: 1 / 2000, "With one in 2000 the chance is e⁻¹ = 37%."),
            (lambda: 0.5 / 2000, "With that the chance is e^−½ = 61%."),
        ),
    ),
}

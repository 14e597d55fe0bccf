"""Notebook 13, fourth and fifth parallel: a gate that is held, a gate that is excited, a coin, ten small chances."""

from math import exp

from lstm_core.brain.prospect import weight
from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

RATIO = 2.25 * float(weight(0.5, 0.69) / weight(0.5, 0.61))  # λ w⁻(½) / w⁺(½)
TENTH = float(weight(0.1, 0.61))

EXERCISES = {
    "13.held": Exercise(
        lambda: 0.5 / 2.2,
        "Right: 0.23. Below it the cell keeps quiet, and keeps quiet at the bell as well.",
        "The answer is o · 2.2 at every step. Where does it come to 0.5?",
        (
            (lambda: 1 / 2.2, "There the answer is 1, just what the bell wants; it is heard from 0.5 on."),
            (lambda: 0.5 * 2.2, "A gate stands between 0 and 1: divide, o · 2.2 = 0.5."),
        ),
    ),
    "13.aroused": Exercise(
        lambda: 1 / (1 + exp(2) / 9),
        "Right: 0.55. A memory with a half-life of seven steps now has one of little more than one.",
        "The logit of 0.9 is ln 9. Take 2 from it and go back through σ.",
        (
            (lambda: 0.9 * exp(-2), "That multiplies the gate. Arousal adds to its logit, inside σ."),
            (lambda: 1 / (1 + exp(-2) / 9), "That opens it further: the forget gate is given −a."),
        ),
    ),
    "13.coin": Exercise(
        lambda: RATIO ** (1 / 0.88),
        "Right: 2.74 for each 1 that can be lost. Losses loom, and the coin's two halves are bent as well.",
        "x^0.88 · w⁺(½) = 2.25 · w⁻(½). Solve for x.",
        (
            (lambda: 2.25, "That is λ alone: v is curved, and w⁺(½) and w⁻(½) differ."),
            (lambda: 2.25 ** (1 / 0.88), "That takes both halves for ½, but w⁺(½) = 0.42 and w⁻(½) = 0.45."),
            (lambda: RATIO, "That is x^0.88. Which x?"),
        ),
    ),
    "13.pieces": Exercise(
        lambda: 10 * TENTH,
        "Right: 1.86. Whoever weighs each chance by itself takes ten crumbs for nearly two loaves.",
        "Each tenth weighs w⁺(0.1), and there are ten of them.",
        (
            (lambda: TENTH, "That is one piece."),
            (lambda: 1, "That is what cumulative weights sum to: differences of w telescope. Separable ones do not."),
        ),
    ),
}

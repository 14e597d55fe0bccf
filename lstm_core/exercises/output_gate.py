"""Notebook 05: what a cell holds, and what it shows of it."""

import numpy as np

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

EXERCISES = {
    "05.shown": Exercise(
        lambda: 0.6 * np.tanh(2.0),
        "Right: first the tanh of C, then the gate. However much C holds, h stays below o.",
        "h = o · tanh(C), with o = 0.6 and C = 2.",
        (
            (lambda: np.tanh(0.6 * 2.0), "That gates first and squashes after; the equation takes tanh(C) first."),
            (lambda: 0.6 * 2.0, "That leaves out the tanh: h = o · tanh(C)."),
            (lambda: np.tanh(2.0), "That is an output gate held open; here it stands at 0.6."),
        ),
    ),
    "05.weight": Exercise(
        lambda: 2 * np.log(0.99 / 0.01),
        "Right: 9.2, twice the bias's size. From 1% to 99% is a long way on the scale of logits.",
        "The bias is ln(0.01 / 0.99). With the bell, bias + w must be ln(0.99 / 0.01).",
        (
            (lambda: np.log(0.99 / 0.01), "With that the gate comes to ½ at the bell: you are half way."),
            (lambda: np.log(0.01 / 0.99), "That is the bias; the weight has to overcome it and then open the gate."),
        ),
    ),
    "05.clamped": Exercise(
        lambda: 1 / 0.4,
        "Right: 2.5. It speaks at every step, and louder than it ever should: the head still makes up for o = 0.4.",
        "At the bell w · 0.4 · tanh(C) = 1, so what is w · tanh(C)?",
        (
            (lambda: 1.0, "That is what it says through the gate; the head does not know that it is held open."),
            (lambda: 0.4, "That divides and multiplies the wrong way round: the open gate passes more, not less."),
        ),
    ),
}

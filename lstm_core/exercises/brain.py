"""Notebook 13: how fast Hebb's rule grows, what a Hopfield net holds, who must be told, what learns without a say."""

from math import log

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

EXERCISES = {
    "13.growth": Exercise(
        lambda: (1 + 0.005 * 4) ** 1000,
        "Right: 400 million. Nothing in Hebb's rule ever weakens a synapse, so something else in a brain has to.",
        "On average each sample multiplies what lies along that direction by 1 + η · 4.",
        (
            (lambda: 1.005**1000, "That is for a variance of 1. Here it is 4."),
            (lambda: 1 + 0.005 * 4 * 1000, "Each step adds to what has grown already: it is compound interest."),
        ),
    ),
    "13.capacity": Exercise(
        lambda: 1000 / (2 * log(1000)),
        "Right: 72. Ten times the units, hundred times the synapses, not quite seven times the patterns.",
        "N / (2 ln N), with the natural logarithm.",
        (
            (lambda: 138, "0.138 N is where recall breaks down altogether; below it a few bits may be wrong. Exactly?"),
            (lambda: 1000 / (4 * log(1000)), "That is for every one of them. Asked is for most."),
            (lambda: 1000 / (2 * 3), "ln, not the logarithm to base ten."),
        ),
    ),
    "13.told": Exercise(
        lambda: "delta",
        "Right. Variance is all that the others hear of; the target is in none of it.",
        'Which of "hebb", "oja" and "delta" gets to see the target at all?',
        (
            (lambda: "oja", "Oja's rule finds the *largest* variance, and hears nothing of a target."),
            (lambda: "hebb", "Hebb's rule follows the largest variance, and hears nothing of a target."),
        ),
    ),
    "13.no_feedback": Exercise(
        lambda: 4 * (1 + 2 * 2),
        "Right: 20 of 156. They see four cells that nobody has taught what to keep.",
        "The output units are told their own errors. How many weights lead into those four, biases included?",
        (
            (lambda: 4 * 2 * 2, "Each output unit has a bias, too."),
            (lambda: 156 - 4 * (1 + 2 * 2), "Those are the ones that stand still."),
            (lambda: 0, "Nothing is sent *back*; the output units still know their own errors."),
        ),
    ),
}

"""Notebook 01: what an autocorrelation is worth, and how long a GARCH remembers."""

import numpy as np

from lstm_core.exercises.exercise import Exercise, half_life

__all__ = ["EXERCISES"]


EXERCISES = {
    "01.memory": Exercise(
        lambda: "size",
        "Right: the market forgets which way it went, and remembers how far. The next figure has both.",
        'The next figure has the answer. Have a guess first: say "direction" or "size".',
        ((lambda: "direction", "Many would bet on that. The next figure has both: compare the heights."),),
    ),
    "01.explained": Exercise(
        lambda: 0.07**2,
        "Right: half a per cent. With enough days next to nothing becomes highly significant.",
        "In a regression on one variable R² is the square of the correlation.",
        (
            (lambda: 0.07, "That is the correlation itself, without its sign. What share of the *variance* is it?"),
            (lambda: 100 * 0.07**2, "Right number, in per cent: now as a share, between 0 and 1."),
            (lambda: np.sqrt(0.07), "The other way round: from correlation to R² one squares."),
        ),
    ),
    "01.half_life": Exercise(
        lambda: half_life(0.08 + 0.90),
        "Right: seven weeks. And you know by now that the interval around such a number is wide.",
        "Each day leaves α + β of the shock in the forecast: after how many days is (α + β)ᵏ = ½?",
        (
            (lambda: half_life(0.90), "That is β alone. In a forecast α comes on top, as E[ε²] = σ²."),
            (lambda: half_life(0.08), "That is α alone, the weight of the news. What does a day leave of a shock?"),
            (lambda: 1 / (1 - 0.98), "That is the mean lifetime, 1/(1 − p), when 1/e is left. Half is gone sooner."),
        ),
        within=0.021,  # 35, the first whole day on which half is gone, will do
    ),
}

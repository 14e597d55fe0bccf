"""Notebook 08: what a forecast of a price is worth."""

import numpy as np

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]


def _needed_hits(p0: float = 0.545, days: int = 2515) -> float:
    return p0 + 1.96 * np.sqrt(p0 * (1 - p0) / days)


EXERCISES = {
    "08.whose_error": Exercise(
        lambda: "persistence",
        "Right: three networks, forty epochs, and a colleague without a computer is closer.",
        'The next cell has the answer. Would you have thought so? Say "network" or "persistence".',
    ),
    "08.days_late": Exercise(
        lambda: 1,
        "Right: one day. Moved back by a day it is a fine picture of the price, and a useless forecast.",
        "At which k is the dot on the right highest?",
        ((lambda: 0, "At k = 0 stands the day that the forecast is for: is that the highest dot?"),),
        within=0,
    ),
    "08.direction": Exercise(
        _needed_hits,
        "Right: 56.4%, and no row of the table comes near. Ten years of days are a short time for small edges.",
        "p₀ = 0.545 and N = 2,515: add 1.96 standard errors, √(p₀(1 − p₀)/N), to p₀.",
        (
            (lambda: 100 * _needed_hits(), "Right number: now as a share, between 0 and 1."),
            (lambda: 2 * 0.545 - _needed_hits(), "That is the lower end; *above* needs the upper one."),
            (lambda: 0.5 + 1.96 * np.sqrt(0.25 / 2515), "That beats a coin; the rival here is *always up*, 0.545."),
        ),
        within=0.004,
    ),
}

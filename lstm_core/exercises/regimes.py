"""Notebook 11: what a belief is worth after a day's news, an alarm after a calm year, a p-value after 24 tries."""

from math import exp, pi, sqrt

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]


def _density(r: float, spread: float) -> float:
    return exp(-((r / spread) ** 2) / 2) / (spread * sqrt(2 * pi))


def _belief(before: float, r: float = -1.5) -> float:
    """P(wild) after r, with P(wild) `before` it; standard deviations 0.7 and 2.0."""
    wild, calm = before * _density(r, 2.0), (1 - before) * _density(r, 0.7)
    return wild / (wild + calm)


CARRIED = 0.1 * 0.95 + 0.9 * 0.01  # P(wild) this morning
TRUE, FALSE = 0.03 * 0.90, 0.97 * 0.05  # shares of all days

EXERCISES = {
    "11.filter": Exercise(
        lambda: _belief(CARRIED),
        "Right: 23%, from 10%. One bad day is a hint, no proof. A second would take it to 44%, a third above half.",
        "First carry yesterday's belief along, 0.1 × 0.95 + 0.9 × 0.01; then weigh it with both densities of −1.5.",
        (
            (lambda: CARRIED, "That is this morning's belief. Now the day's return has to reweigh it."),
            (lambda: _belief(0.1), "Yesterday's belief, unchanged: regimes may change overnight, so carry it along."),
            (lambda: _belief(0.5), "That believes nothing beforehand. Start from what was known yesterday."),
        ),
    ),
    "11.residual": Exercise(
        lambda: "move",
        "Right: a forecast that is zero, or nearly, leaves the whole return as its error. The next cell measures it.",
        'If r̂ is about zero, what is |r − r̂| about? Say "move", "volatility" or "drawdown".',
        ((lambda: "volatility", "Volatility is the memory of many days. How many go into one error?"),),
    ),
    "11.base_rate": Exercise(
        lambda: TRUE / (TRUE + FALSE),
        "Right: 36%. A good alarm for something rare is wrong most of the time that it is on.",
        "Of all days, 3% × 90% are alarms in a crisis, 97% × 5% alarms without one. What share are the former?",
        (
            (lambda: 0.9, "That is P(alarm | crisis). Asked is P(crisis | alarm), the other way round."),
            (lambda: 0.95, "That is P(no alarm | calm). Asked is P(crisis | alarm)."),
            (lambda: FALSE / (TRUE + FALSE), "That is the share of alarm days *without* a crisis."),
        ),
    ),
    "11.best_of": Exercise(
        lambda: 1 - (1 - 0.031) ** 24,
        "Right: better than even. The best of 24 p-values is a p-value no longer.",
        "All 24 exceed 0.031 with probability (1 − 0.031)²⁴. And otherwise?",
        (
            (lambda: 0.031, "That is for one pair, named beforehand. This one is the best of 24."),
            (lambda: 24 * 0.031, "Bonferroni's bound, which counts some cases twice. Exactly, for independent tests?"),
            (lambda: (1 - 0.031) ** 24, "That is the probability that none of the 24 comes out as low."),
        ),
    ),
    "11.cost": Exercise(
        lambda: 130 / (2 * 7.5),
        "Right: under nine basis points, and two stocks are bought and sold for that.",
        "1.3% are 130 basis points a year, and 7.5 round trips are 15 changes of position.",
        (
            (lambda: 130 / 7.5, "A round trip goes in and out again: it pays twice."),
            (lambda: 1.3 / 15, "Right, in per cent. In basis points?"),
        ),
    ),
}

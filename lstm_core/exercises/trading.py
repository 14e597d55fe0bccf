"""Notebook 12, second part: how long a regime takes to show itself, and what trading costs."""

from math import log, sqrt

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

SURE = log(0.95 / 0.05)  # the log-odds of 95%
DRIFT, VOLATILITY = 0.2, 1.0  # % a day
YEARLY = VOLATILITY * sqrt(252)

EXERCISES = {
    "12.evidence": Exercise(
        lambda: SURE / (2 * DRIFT**2 / VOLATILITY**2),
        "Right: 37 days, on average. Whoever looks at the last ten has a hint and no more.",
        "From even odds, 0, the log-odds climb by 2μ²/σ² a day on average. How far is it to those of 95%?",
        (
            (lambda: SURE / (2 * 0.3**2), "That is the market of short spells, with μ = 0.3. Asked is μ = 0.2."),
            (lambda: SURE / DRIFT**2, "A rising day and a falling one differ by 2μ, hence the 2 in 2μr/σ²."),
            (lambda: SURE / (2 * DRIFT), "2μ/σ² is what a return of 1% says. The average return is μ, not 1%."),
            (lambda: 0.95 / (2 * DRIFT**2), "95% is a probability. As log-odds it is ln(0.95 / 0.05)."),
        ),
    ),
    "12.toll": Exercise(
        lambda: 100 * 0.05 / YEARLY,
        "Right: a third of a Sharpe ratio, before anything is earned. Patience is worth learning, too.",
        "100 stakes at 0.05% are 5% a year. A Sharpe ratio divides by the volatility of a year, √252 · 1%.",
        (
            (lambda: 100 * 0.05, "That is the cost in per cent a year. A Sharpe ratio divides by the volatility, too."),
            (lambda: 100 * 0.05 / 252, "That is the cost of a day. Both belong to a year: divide 5% by √252 · 1%."),
            (lambda: 100 * 0.0005 / YEARLY, "5 basis points are 0.05 *per cent*, and so is the volatility."),
        ),
    ),
}

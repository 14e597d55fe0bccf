"""Notebook 09: the price of a wrong forecast, from the VIX to a day's move, a straddle's cost, and its hedge."""

import numpy as np

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

MEAN_SIZE = np.sqrt(2 / np.pi)  # E|z| of a standard normal z: the 0.8 of the rules of thumb


def _straddle(volatility: float = 20, years: float = 21 / 252) -> float:
    return MEAN_SIZE * volatility * np.sqrt(years)


def _qlike(ratio: float) -> float:
    return ratio - np.log(ratio) - 1


EXERCISES = {
    "09.half_or_twice": Exercise(
        lambda: _qlike(2) / _qlike(0.5),
        "Right: 0.307 against 0.193. QLIKE fears the under-forecast more, as does anyone who has sold an option.",
        "Put v/f = 2 into the formula, for half of what comes, and v/f = ½, for twice as much. Then divide.",
        (
            (lambda: _qlike(0.5) / _qlike(2), "The other way round: who forecasts half has v/f = 2."),
            (lambda: 1, "For a loss in logarithms they would be alike. QLIKE is not symmetric: put the numbers in."),
            (lambda: _qlike(2), "That is what she pays. And he?"),
            (lambda: _qlike(0.5), "That is what he pays. And she?"),
            (lambda: 4, "That is the ratio of v/f itself. Put both into the formula."),
        ),
    ),
    "09.daily_move": Exercise(
        lambda: 20 / np.sqrt(252),
        "Right: traders divide by 16. The mean |return| is 0.8 of that, so with the VIX at 20 expect 1% or so a day.",
        "Variances add up over 252 trading days, so a year's standard deviation is how many times a day's?",
        (
            (lambda: 20 / 252, "Variances add up over the days, standard deviations do not: take a root."),
            (lambda: 20 / np.sqrt(365), "The market moves on 252 days of the year; nights and Sundays hardly count."),
            (
                lambda: MEAN_SIZE * 20 / np.sqrt(252),
                "That is the mean size of a move. Its standard deviation is larger.",
            ),
            (lambda: 20 / np.sqrt(12), "That is a month's. How many trading days has a year?"),
            (lambda: 0.20 / np.sqrt(252), "Right number, as a share: now in per cent, as the VIX is."),
        ),
    ),
    "09.straddle": Exercise(
        _straddle,
        "Right: 4.6% of the spot. So far the index has to go, either way, before the buyer earns anything.",
        "0.8 · σ · √T, with σ = 20% and T = 21/252: the mean distance that a normal variable goes.",
        (
            (lambda: _straddle() / 100, "Right number, as a share of the spot: now in per cent."),
            (lambda: _straddle() / 2, "That is the call alone. A straddle is a call and a put."),
            (lambda: _straddle(years=1), "That is for a whole year: what does T = 21/252 do to it?"),
            (lambda: _straddle(years=(21 / 252) ** 2), "Take the root of T: variance grows with time, not the spread."),
            (lambda: _straddle(years=21 / 365), "21 are trading days, of which a year has 252."),
            (lambda: _straddle(years=21), "Time is in years: T = 21/252."),
        ),
    ),
    "09.hedges": Exercise(
        lambda: 2,
        "Right: the error is a sum of n surprises, each of size 1/n, and their signs cancel all but √n of them.",
        "sd ≈ √(π/4) · vega · σ / √n. What becomes of it when n is four times as large?",
        (
            (lambda: 4, "The surprises are a quarter as large, but there are four times as many: do all signs agree?"),
            (lambda: 0.5, "It is multiplied by a half: divided by what?"),
            (lambda: 16, "In 1/√n, does four times n do more than four times the work?"),
        ),
    ),
}

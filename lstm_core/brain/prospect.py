"""Cumulative prospect theory (Tversky & Kahneman 1992): how 25 graduate students weighed lotteries, as a formula.

    v(x) = x^α for gains, −λ (−x)^β for losses          w(p) = p^γ / (p^γ + (1 − p)^γ)^(1/γ), δ in γ's place for losses

A decision weight is not w of an outcome's own probability but a difference of two w, of doing at least as well and of
doing better (for losses: worse), so that no rule ever prefers what is worse in every case. Source: Advances in prospect
theory, Journal of Risk and Uncertainty 5, 297–323; medians of its subjects. Shapes: n outcomes of a lottery.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats

__all__ = [
    "TK1992", "Prospect", "certainty_equivalent", "decision_weights", "prospect_value", "separable_value", "value",
    "weight",
]  # fmt: skip


class Prospect(NamedTuple):
    """A taste for risk; the defaults are the medians of 1992."""

    alpha: float = 0.88  # how gains level off
    beta: float = 0.88  # and losses
    loss_aversion: float = 2.25  # λ: how much more a loss counts than a gain
    gamma: float = 0.61  # how gains' probabilities are bent
    delta: float = 0.69  # and losses'


TK1992 = Prospect()


def value(x, taste: Prospect = TK1992) -> np.ndarray:
    """v(x) of gains and losses x, of any shape."""
    x = np.asarray(x, dtype=float)
    gain, loss = np.maximum(x, 0), np.maximum(-x, 0)
    return gain**taste.alpha - taste.loss_aversion * loss**taste.beta


def weight(p, curvature: float) -> np.ndarray:
    """w(p) = p^γ / (p^γ + (1 − p)^γ)^(1/γ) of probabilities p, of any shape; γ = 1 leaves them as they are."""
    p = np.clip(np.asarray(p, dtype=float), 0, 1)  # sums of probabilities may pass 1 by a rounding
    if not 0.28 < curvature <= 1:
        raise ValueError(f"curvature is {curvature}, but w rises all the way only between 0.28 and 1")
    up, down = p**curvature, (1 - p) ** curvature
    return up / (up + down) ** (1 / curvature)


def decision_weights(outcomes, probabilities, taste: Prospect = TK1992) -> np.ndarray:
    """The weight π of each of n outcomes, in the order given; 0 is no loss, and has no value anyway.

    Gains: π(x) = w⁺(P(X ≥ x)) − w⁺(P(X > x))     Losses: π(x) = w⁻(P(X ≤ x)) − w⁻(P(X < x))

    Raises ValueError for probabilities that are negative or do not sum to 1.
    """
    x, p = _check_lottery(outcomes, probabilities)
    order = np.argsort(x, kind="stable")
    below = np.concatenate([[0], np.cumsum(p[order])])  # P of what is ranked before
    above = np.concatenate([np.cumsum(p[order][::-1])[::-1], [0]])
    of_gain = -np.diff(weight(above, taste.gamma))
    of_loss = np.diff(weight(below, taste.delta))
    weights = np.empty_like(p)
    weights[order] = np.where(x[order] < 0, of_loss, of_gain)
    return weights


def prospect_value(outcomes, probabilities, taste: Prospect = TK1992) -> float:
    """V = Σ π(x) v(x) of a lottery. Errors as in `decision_weights`."""
    return float(decision_weights(outcomes, probabilities, taste) @ value(outcomes, taste))


def separable_value(outcomes, probabilities, taste: Prospect = TK1992) -> float:
    """The same with π(x) = w(p(x)), each probability bent by itself, as in 1979: it can prefer what is worse."""
    x, p = _check_lottery(outcomes, probabilities)
    return float(np.where(x < 0, weight(p, taste.delta), weight(p, taste.gamma)) @ value(x, taste))


def certainty_equivalent(outcomes, probabilities, taste: Prospect = TK1992) -> float:
    """The sure amount that is worth as much as the lottery: v⁻¹(V)."""
    V = prospect_value(outcomes, probabilities, taste)
    return float(V ** (1 / taste.alpha) if V >= 0 else -((-V / taste.loss_aversion) ** (1 / taste.beta)))


def _check_lottery(outcomes, probabilities) -> tuple[np.ndarray, np.ndarray]:
    x = as_floats("outcomes", outcomes, ("n",))
    p = as_floats("probabilities", probabilities, x.shape)
    if p.min() < 0 or not np.isclose(p.sum(), 1):
        raise ValueError(
            f"probabilities go down to {p.min():g} and sum to {p.sum():g}, but should be 0 or more and sum to 1"
        )
    return x.astype(float), p.astype(float)

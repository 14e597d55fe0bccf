"""Notebook 04: what gets into a cell, and what leaks."""

import numpy as np

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


EXERCISES = {
    "04.one_weight": Exercise(
        lambda: 1 / (1 + 20 * 0.5**2),
        "Right: a sixth. Twenty quiet steps are enough to cost the value most of its weight.",
        "w* = 1 / (1 + n σ²), with the variance σ² of the noise and n steps of it.",
        (
            (lambda: 1 / (1 + 20 * 0.5), "Variances add up, not standard deviations: square the 0.5."),
            (lambda: 1 / (1 + 0.5**2), "That is for a single step of noise; here are 20, and their variances add up."),
            (lambda: 1 - 1 / (1 + 20 * 0.5**2), "That is the error left at the best weight; which weight is it?"),
        ),
    ),
    "04.leak": Exercise(
        lambda: _logit(0.05 / (0.3 * np.sqrt(250))),
        "Right: i = 0.0105, so b_i = −4.5. A year of noise asks for a gate that is 99% shut.",
        "With f = 1 the leak is i · 0.3 · √250. Solve for i; the bias is its logit, ln(i / (1 − i)).",
        (
            (lambda: 0.05 / (0.3 * np.sqrt(250)), "That is the gate i itself; the bias is its logit, ln(i / (1 − i))."),
            (lambda: _logit(0.05 / (0.3 * 250)), "Noise of either sign partly cancels: take √250, not 250."),
            (lambda: -_logit(0.05 / (0.3 * np.sqrt(250))), "Mind the sign: a gate nearly shut has a bias below 0."),
        ),
    ),
    "04.saturation": Exercise(
        lambda: np.ceil(np.arctanh(0.99) / (0.02 * 0.5)),
        "Right: 265 days. Small leaks of one sign need no luck, only time.",
        "Each day adds 0.02 · 0.5 to C. How large must C be for tanh(C) = 0.99? Days are whole: round up.",
        (
            (lambda: np.ceil(0.99 / (0.02 * 0.5)), "That is when C gets to 0.99; tanh(C) takes longer: artanh(0.99)."),
            (lambda: np.ceil(np.arctanh(0.99) / 0.5), "That is an open gate; this one lets in only 0.02 of it."),
            (lambda: np.arctanh(0.99) / (0.02 * 0.5), "Days are whole: round up."),
        ),
        within=0.001,
    ),
}

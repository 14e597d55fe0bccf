"""check("name", answer): a sentence of praise or a hint, at once. Answers are computed where there is a formula.

Names begin with the notebook's number. A wrong answer gets the hint for the slip behind it, where that is a known one.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_core import cell, gradient_flow

__all__ = ["check", "names"]


class Exercise(NamedTuple):
    answer: Callable[[], object]
    praise: str
    hint: str
    mistakes: tuple[tuple[Callable[[], object], str], ...] = ()  # (what one gets, why) for the likely slips
    within: float = 0.01  # relative tolerance


def _weights(kind: type, inputs: int, hidden: int) -> int:
    return sum(a.size for a in cell.random_params(kind, inputs, hidden, np.random.default_rng(0)))


def _needed_hits(p0: float = 0.545, days: int = 2515) -> float:
    return p0 + 1.96 * np.sqrt(p0 * (1 - p0) / days)


EXERCISES = {
    "02.factor": Exercise(
        lambda: (1e-6) ** (1 / 99),
        "Right: losing 13% a step looks harmless; over 99 steps it is a factor of a million.",
        "The fractions multiply: fraction⁹⁹ = 10⁻⁶. Which root of 10⁻⁶ is that?",
        (
            (lambda: 1e-6 / 99, "That divides by the number of steps, but fractions multiply: take the 99th root."),
            (lambda: 1e6 ** (1 / 99), "That is by how much it shrinks; what is left is the inverse."),
            (lambda: 1 - 1e-6 ** (1 / 99), "That is what is lost in a step; what is left?"),
        ),
    ),
    "02.float32": Exercise(
        lambda: np.ceil(np.log(np.finfo(np.float32).eps) / np.log(0.9)),
        "Right: seven months of trading days; anything older is rounded away in the sum.",
        "Solve 0.9ⁿ < 1.19·10⁻⁷, float32's epsilon: n = ln ε / ln 0.9, rounded up.",
        (
            (lambda: np.ceil(np.log(2.0**-52) / np.log(0.9)), "That is float64's epsilon; float32 has 1.19·10⁻⁷."),
            (lambda: np.log(2.0**-23) / np.log(0.9), "Steps are whole: round up."),
        ),
        within=0.002,
    ),
    "02.input_scale": Exercise(
        lambda: "saturation",
        "Right: the inputs push tanh towards its flat ends, and the small slope 1 − h² outweighs even ρ = 1.5.",
        "Look at 1 − h² for large inputs: how steep is tanh out there?",
        (
            (lambda: "explosion", "The gradient shrinks here: look which way the curves go in the right-hand panel."),
            (lambda: "rotation", "A rotation turns the message, but keeps its length."),
        ),
    ),
    "06.weights": Exercise(
        lambda: _weights(cell.LSTMParams, 8, 32),
        "Right: 4·H·(D + H + 1). PyTorch would count 128 more, since it keeps the bias in two halves.",
        "Each of H units has 4 gates; each gate a weight for every input, for every hidden unit, and a bias.",
        (
            (lambda: _weights(cell.LSTMParams, 8, 32) - 128, "You left out the biases."),
            (lambda: _weights(cell.RNNParams, 8, 32), "That is a plain RNN's, one gate's share: the LSTM has four."),
            (lambda: _weights(cell.LSTMParams, 8, 32) + 128, "That is PyTorch's, with two biases a gate: here is one."),
        ),
        within=0,
    ),
    "06.cell_after": Exercise(
        lambda: 0.9**10 * 2.0,
        "Right: with i shut, C only decays; 0.9¹⁰ of it is left. h would show less still: o ⊙ tanh(C).",
        "With i = 0 the central equation is C_t = f·C_{t−1}: apply it ten times.",
        (
            (lambda: np.tanh(0.9**10 * 2.0), "That is what h shows behind an open output gate; C is asked for."),
            (lambda: 2.0 * 0.9 * 10, "The forget gate multiplies at every step: f¹⁰, not 10·f."),
        ),
    ),
    "06.half_life": Exercise(
        lambda: gradient_flow.bias_for_half_life(21),
        "Right: b_f ≈ ln(21 / ln 2). A trading month lives in one number.",
        "σ(b)²¹ = ½. Solve for b, or ask gradient_flow.bias_for_half_life(21).",
        ((lambda: 0.5 ** (1 / 21), "That is the forget gate f itself; the bias is its logit, ln(f / (1 − f))."),),
    ),
    "08.whose_error": Exercise(
        lambda: "persistence",
        "Right: three networks, forty epochs, and a colleague without a computer is closer.",
        "The next cell has the answer. Would you have thought so? Say \"network\" or \"persistence\".",
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


def names() -> list[str]:
    """The names that `check` knows."""
    return sorted(EXERCISES)


def check(name: str, answer) -> str:
    """Return praise if `answer` solves exercise `name`, else a hint; a ValueError lists the names that there are."""
    if name not in EXERCISES:
        raise ValueError(f"there is no exercise {name!r}; there are {', '.join(names())}")
    exercise = EXERCISES[name]
    if answer is None or answer is ...:
        return "Your turn: put your answer in place of the dots and run the cell again."
    if _same(answer, exercise.answer(), exercise.within):
        return "✓ " + exercise.praise
    slips = [why for slip, why in exercise.mistakes if _same(answer, slip(), exercise.within)]
    return "✗ " + (slips[0] if slips else exercise.hint)


def _same(answer, expected, within: float) -> bool:
    if isinstance(expected, str):
        return str(answer).strip().casefold() == expected
    try:
        return bool(np.isclose(float(answer), float(expected), rtol=within, atol=0))
    except (TypeError, ValueError, OverflowError):
        return False

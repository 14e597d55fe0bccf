"""check("name", answer): a sentence of praise or a hint, at once. Answers are computed where there is a formula.

Names begin with the notebook's number; each notebook that asks has a module here. A wrong answer gets the hint for the
slip behind it, where that is a known one.
"""

import numpy as np

from lstm_core.exercises import (
    beyond,
    biases,
    brain,
    field,
    forget_gate,
    input_gate,
    mood,
    output_gate,
    portfolio,
    predict,
    regimes,
    replay,
    rnn,
    stock,
    trading,
    volatility,
    whole_cell,
)

__all__ = ["EXERCISES", "check", "names"]

EXERCISES = (
    predict.EXERCISES | rnn.EXERCISES | forget_gate.EXERCISES | input_gate.EXERCISES
    | output_gate.EXERCISES | whole_cell.EXERCISES | biases.EXERCISES | stock.EXERCISES
    | volatility.EXERCISES | portfolio.EXERCISES | regimes.EXERCISES | beyond.EXERCISES | brain.EXERCISES
    | mood.EXERCISES | trading.EXERCISES | field.EXERCISES
    | replay.EXERCISES
)  # fmt: skip


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

"""What an exercise is: an answer, the words for right and wrong, and the slips that people make on the way."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Exercise", "half_life"]


class Exercise(NamedTuple):
    answer: Callable[[], object]
    praise: str
    hint: str
    mistakes: tuple[tuple[Callable[[], object], str], ...] = ()  # (what one gets, why) for the likely slips
    within: float = 0.01  # relative tolerance


def half_life(factor: float) -> float:
    """After how many steps half is left of what each step multiplies by `factor`."""
    return np.log(0.5) / np.log(factor)

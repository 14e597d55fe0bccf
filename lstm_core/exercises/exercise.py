"""What an exercise is: an answer, the words for right and wrong, and the slips that people make on the way."""

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Exercise"]


class Exercise(NamedTuple):
    answer: Callable[[], object]
    praise: str
    hint: str
    mistakes: tuple[tuple[Callable[[], object], str], ...] = ()  # (what one gets, why) for the likely slips
    within: float = 0.01  # relative tolerance

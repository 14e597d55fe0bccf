"""What a study is."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["Study"]


class Study(NamedTuple):
    """A table that `make results` fills."""

    name: str  # that of its module
    settings: dict[str, dict]  # key of a row → what is run, all of it plain JSON; "trials" says how many
    run: Callable[[dict, list[int]], Iterator[dict]]  # settings and the trials still wanted → a record each
    first: Callable[[dict, int], dict]  # the beginning of one trial again: a few of its record's numbers, to compare

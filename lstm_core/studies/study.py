"""What a study is, and how its trials spread over cores or machines."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["Study", "number", "spread"]


class Study(NamedTuple):
    """A table that `make results` fills."""

    name: str  # that of its module
    settings: dict[str, dict]  # key of a row → what is run, all of it plain JSON; "trials" says how many
    run: Callable[[dict, list[int]], Iterator[dict]]  # settings and the trials still wanted → a record each
    first: Callable[[dict, int], dict]  # the beginning of one trial again: a few of its record's numbers, to compare


def number(trial: dict) -> int:
    """Which trial of its row a record is: its "trial", or its "seed" where a trial is no more than a seed."""
    return trial.get("trial", trial.get("seed"))


def spread(one: Callable[[dict, int], dict], settings: dict, trials: list[int]) -> Iterator[dict]:
    """Run `one(settings, trial)` for each trial and hand on its record as soon as it is there, in whatever order.

    One after another; or as many side by side, on this machine or a Dask cluster, as the caller's
    `joblib.parallel_config(n_jobs=…)` or `joblib.parallel_config("dask")` says.
    """
    from joblib import Parallel, delayed

    yield from Parallel(return_as="generator_unordered")(delayed(one)(settings, trial) for trial in trials)

"""One record for every task: what it draws, what it judges, and when the paper calls it solved.

Shapes: N sequences, T steps of the longest, D inputs, K outputs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, choose, whole
from lstm_core.tasks.batch import Batch

__all__ = ["Reported", "Stop", "Task", "largest_error"]


class Stop(NamedTuple):
    """A stopping rule: at most `wrong` of `sequences` wrong, and their mean error below `mean`."""

    judged: str  # what sequences they are
    sequences: int
    wrong: int = 0
    mean: float = np.inf  # of the errors that Task.errors gives
    name: str = ""  # the paper's, where a task has two rules

    def __str__(self):
        name = f"{self.name}: " if self.name else ""
        wrong = f"at most {self.wrong}" if self.wrong else "none"
        mean = f", their mean error below {self.mean:g}" if self.mean < np.inf else ""
        return f"{name}{wrong} of the {self.sequences} {self.judged} wrong{mean}"


class Reported(NamedTuple):
    """A row of the paper's tables: what its LSTM needed, as a mean over trials."""

    condition: str  # the net, the learning rate or the stopping rule, where a table has several
    sequences: int  # shown in training before the rule was met
    outcome: str


class Task(NamedTuple):
    """A task of the paper. In all of them a net starts each sequence with its activations at zero."""

    name: str
    experiment: str  # the number in the paper
    inputs: int  # D
    outputs: int  # K
    lag: int  # steps from the last input that matters to the error that needs it, at the least
    every_step: bool  # is there an error signal at every step, or at the last one only?
    judged_at_end: bool  # is success a matter of the last step only? (in 2b it is, though every step has an error)
    measure: str  # what the error of a sequence is, in words
    threshold: float  # below it a sequence is right
    stops: tuple[Stop, ...]  # the strictest last
    paper: tuple[Reported, ...]  # (): the paper has no row for these arguments
    draw: Callable[[int, np.random.Generator], Batch]
    judge: Callable[[np.ndarray, Batch], np.ndarray]
    symbols: tuple[str, ...] = ()  # names of the D inputs, where they are symbols
    classes: tuple[str, ...] = ()  # names of the K outputs, likewise
    test_sequences: int = 2560  # on which the paper counts a trained net's mistakes

    @property
    def criterion(self) -> str:
        """When a sequence is right, in words."""
        return f"{self.measure} below {self.threshold:g}"

    def batch(self, count: int, rng: np.random.Generator) -> Batch:
        """Draw `count` sequences. Raises ValueError for a count below 1 and for anything but a Generator."""
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"rng is {rng!r}, but a random generator is expected: np.random.default_rng(seed)")
        return self.draw(whole("count", count, 1), rng)

    def errors(self, outputs, batch: Batch) -> np.ndarray:
        """The error (N,) of each sequence, as `measure` has it; a sequence is right where it is below `threshold`.

        outputs : (N, T, K), of every step; where only the last one is judged, (N, K) of that one will do.
        Raises ValueError for another shape, and for NaN.
        """
        N, T = batch.mask.shape
        if self.judged_at_end and np.ndim(outputs) == 2:
            return self.judge(as_floats("outputs", outputs, (N, self.outputs)), batch)
        outputs = as_floats("outputs", outputs, (N, T, self.outputs))
        return self.judge(outputs[np.arange(N), batch.last] if self.judged_at_end else outputs, batch)

    def solved(self, errors, stop: str | None = None) -> bool:
        """Do the newest of these errors, the last ones, meet a stopping rule: the one of this name, or the strictest?

        Too few errors are no success yet. Raises ValueError for a name that `stops` does not have.
        """
        rules = {rule.name: rule for rule in self.stops}
        rule = self.stops[-1] if stop is None else rules[choose("stop", stop, list(rules))]
        if len(errors) < rule.sequences:
            return False
        newest = as_floats("errors", errors, ("sequences",))[-rule.sequences :]
        return bool(np.sum(newest >= self.threshold) <= rule.wrong and np.mean(newest) < rule.mean)


def largest_error(outputs: np.ndarray, batch: Batch) -> np.ndarray:
    """The largest |output − target| (N,), of outputs (N, K) at the last step or (N, T, K) at all that have a target."""
    target = batch.target
    if outputs.ndim == 2:
        return np.abs(outputs - target[np.arange(len(target)), batch.last]).max(axis=1)
    return np.max(np.abs(outputs - target), axis=(1, 2), initial=0, where=batch.mask[..., None])

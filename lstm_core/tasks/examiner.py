"""Is a task learnt by now? The paper's stopping rules, put to a net while it trains.

Shapes: N sequences, T steps of the longest, K outputs.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_core.tasks.batch import Batch
from lstm_core.tasks.reber import reber_sets
from lstm_core.tasks.task import Stop, Task

__all__ = ["Examiner", "Progress"]

Answer = Callable[[Batch], np.ndarray]  # what a net says, (N, T, K), or (N, K) where only the last step is judged

FIRST_LOOK = 200  # newest training sequences that have to be right before it is worth to test on 10,000
AT_ONCE = 500  # test sequences answered at once, so that a net that fails early costs little
EVERY = 500  # training sequences between two tests


class Progress(NamedTuple):
    """Where a training stands after a minibatch."""

    sequences: int  # shown since the beginning
    loss: float  # of this minibatch
    wrong: float  # share of this minibatch's sequences that were wrong, 0 … 1
    solved: bool  # is the stopping rule met?


class Examiner:
    """Draws one trial's training sequences, and knows when its task counts as solved, by each of the task's rules.

    Training and test sequences come from generators of their own, of (seed, 0) and (seed, 1): what is tested when
    changes nothing in what is trained on. For experiment 1 both are `reber_sets`, drawn once.
    """

    def __init__(self, task: Task, seed: int) -> None:
        self.task = task
        self.met: dict[str, int] = {}  # rule → training sequences shown when it was first met
        self.sequences = 0  # shown so far
        self._training, self._testing = (np.random.default_rng([seed, k]) for k in (0, 1))
        self._sets = self._draw_sets()
        self._next_test = EVERY
        self._newest: list[np.ndarray] = []  # errors of the newest training sequences
        self._kept = max([FIRST_LOOK] + [stop.sequences for stop in task.stops if _by_training(stop)])

    @property
    def solved(self) -> bool:
        """Has the strictest rule been met?"""
        return self.task.stops[-1].name in self.met

    def draw(self, count: int) -> Batch:
        """The next `count` training sequences."""
        if self.task.experiment == "1":
            return self._sets[0].take(self._training.integers(len(self._sets[0].lengths), size=count))
        return self.task.batch(count, self._training)

    def saw(self, errors: np.ndarray) -> None:
        """Take the errors (N,) of the newest training sequences, each from before it was learnt from."""
        self.sequences += len(errors)
        self._newest.append(errors)
        while sum(map(len, self._newest[1:])) >= self._kept:
            del self._newest[0]

    def look(self, answer: Answer) -> bool:
        """Try the rules that have not been met; `answer` is what the net says as it now stands. Is the task solved?

        Rules about training sequences are tried at every call, those that need a test at every 500 sequences.
        """
        if not _by_training(self.task.stops[-1]):
            if self.sequences < self._next_test:
                return self.solved
            self._next_test = self.sequences - self.sequences % EVERY + EVERY
        for stop in self.task.stops:
            if stop.name not in self.met and self._meets(stop, answer):
                self.met[stop.name] = self.sequences
        return self.solved

    def count_wrong(self, answer: Answer) -> tuple[int, int]:
        """Wrong ones among the task's `test_sequences` fresh sequences, and how many those are (1: its test set)."""
        if self.task.experiment == "1":
            batch = self._sets[1]
            return self._wrong(answer, batch), len(batch.lengths)
        sizes = _parts(self.task.test_sequences)
        return sum(self._wrong(answer, self.task.batch(n, self._testing)) for n in sizes), self.task.test_sequences

    def _meets(self, stop: Stop, answer: Answer) -> bool:
        newest = np.concatenate(self._newest)
        if _by_training(stop):
            return self.task.solved(newest, stop.name)
        if self._sets:
            errors = np.concatenate([self.task.errors(answer(batch), batch) for batch in self._sets])
            return self.task.solved(errors, stop.name)
        # 10,000 sequences after training: a net that still errs in training need not be asked.
        if len(newest) < FIRST_LOOK or (newest[-FIRST_LOOK:] >= self.task.threshold).any():
            return False
        return all(self._wrong(answer, self.task.batch(n, self._testing)) == 0 for n in _parts(stop.sequences))

    def _wrong(self, answer: Answer, batch: Batch) -> int:
        return int(np.sum(self.task.errors(answer(batch), batch) >= self.task.threshold))

    def _draw_sets(self) -> tuple[Batch, ...]:
        """The sequences that rules are about, where those are the same at every look."""
        stop = self.task.stops[-1]
        if self.task.experiment == "1":
            return reber_sets(self._training)
        return (self.task.batch(stop.sequences, self._testing),) if stop.judged == "test sequences" else ()


def _by_training(stop: Stop) -> bool:
    return stop.judged.startswith("latest")


def _parts(count: int) -> list[int]:
    return [AT_ONCE] * (count // AT_ONCE) + [count % AT_ONCE] * math.ceil(count % AT_ONCE / AT_ONCE)

"""The temporal order of 1997's experiment 6a at 0.3 of its length, quick enough for a lecture, and nets that learn it.

Shapes: S trials, K outputs.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from lstm_core._checks import whole
from lstm_core.brain.three_factor import ThreeFactor
from lstm_core.tasks.batch import Batch, error_at_the_end
from lstm_core.tasks.examiner import Examiner
from lstm_core.tasks.order import SYMBOLS
from lstm_core.tasks.task import Stop, Task, largest_error

__all__ = ["Look", "learn_order", "short_order"]

EVERY = 100  # sequences between two looks


class Look(NamedTuple):
    """Where the trials stand."""

    sequences: int  # shown to those that have not solved it yet
    errors: np.ndarray  # (S,) mean of the newest hundred, of what a trial said before it learnt from them
    angle: np.ndarray  # (S,) degrees between the feedback and the output weights
    solved: np.ndarray  # (S,) sequences after which the rule was met; 0: not yet


def learn_order(learner: ThreeFactor, seeds: Sequence[int], cap: int) -> Iterator[Look]:
    """Show each of the learner's nets its own sequences until all have solved the task, or `cap` have been shown.

    Yields a Look after every hundred. A net that has solved it learns no more: its rate becomes 0. Raises ValueError
    for as many seeds as there are not nets, and for a cap below 100.
    """
    task = short_order()
    whole("cap", cap, EVERY)
    if len(seeds) != len(learner.rate):
        raise ValueError(f"seeds has {len(seeds)} entries, but learner has {len(learner.rate)} nets: one each")
    examiners, solved = [Examiner(task, seed) for seed in seeds], np.zeros(len(seeds), int)
    for sequences in range(EVERY, cap + 1, EVERY):
        batches = [examiner.draw(EVERY) for examiner in examiners]
        given, lengths = (np.stack([getattr(batch, name) for batch in batches]) for name in ("given", "lengths"))
        target = np.stack([batch.target[batch.mask] for batch in batches])
        said = np.stack([learner.learn(given[:, n], target[:, n], lengths[:, n]) for n in range(EVERY)], axis=1)
        errors = np.stack([task.errors(*pair) for pair in zip(said, batches, strict=True)])
        for k, examiner in enumerate(examiners):
            examiner.saw(errors[k])
            if not solved[k] and examiner.look(None):  # its rule is about training sequences: nothing to answer
                solved[k], learner.rate[k] = sequences, 0.0
        yield Look(sequences, errors.mean(axis=1), learner.angle(), solved.copy())
        if solved.all():
            return


def short_order() -> Task:
    """As `tasks.temporal_order_6a`, with all of its lengths times 0.3: 30 to 33 steps, t₁ in 3 … 6, t₂ in 15 … 18.

    Solved: the latest 1000 training sequences right, where 6a asks for 2000 and a mean error below 0.1 besides.
    """
    return Task(
        name="temporal order, two symbols, short", experiment="6a", inputs=8, outputs=4, lag=12, every_step=False,
        judged_at_end=True, measure="largest output error at the last step", threshold=0.3,
        stops=(Stop("latest training sequences", 1000),), paper=(), draw=_draw, judge=largest_error,
        symbols=tuple(SYMBOLS), classes=tuple("QRSU"),
    )  # fmt: skip


def _draw(count: int, rng: np.random.Generator) -> Batch:
    E, B, a, X = (SYMBOLS.index(symbol) for symbol in "EBaX")
    lengths = rng.integers(30, 33, count, endpoint=True)
    given = rng.integers(a, X, size=(count, 33))
    rows, number = np.arange(count), np.zeros(count, np.int64)
    given[:, 0], given[rows, lengths - 1] = E, B
    for earliest, latest in ((3, 6), (15, 18)):
        y_or_not = rng.integers(2, size=count)
        given[rows, rng.integers(earliest, latest, count, endpoint=True) - 1] = X + y_or_not
        number = 2 * number + y_or_not  # the Xs and Ys, read as a binary number
    return error_at_the_end(given, number, lengths, len(SYMBOLS), 4)

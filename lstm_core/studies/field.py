"""One task of 1997 by what came after: an LSTM, a GRU, xLSTM's two layers and a transformer, of the same size.

A trial is one net, trained by `practice.learn` until the task's rule is met or `cap` sequences have been shown.
Notebook 12 shows it.
"""

import time
from collections.abc import Iterator

import numpy as np

from lstm_core.field import new_reader
from lstm_core.practice import answer, learn
from lstm_core.studies.study import spread
from lstm_core.tasks import TASKS, Examiner, Progress, Task

__all__ = ["first", "one", "run"]

EARLY = 50  # minibatches whose mean loss is kept


def run(settings: dict, trials: list[int]) -> Iterator[dict]:
    """One record a trial: `solved` within the cap, `sequences` shown by then, `wrong` of `tested` fresh sequences after
    that, the mean loss of the first 50 minibatches (`early`) and of the last 50 (`late`), seconds of processor time."""
    yield from spread(one, settings, trials)


def one(settings: dict, trial: int) -> dict:
    """Train one net; its seed, and that of its sequences, is the row's first and `trial`."""
    began, losses, seed = time.process_time(), [], settings["seed"] + trial
    task, net, steps = _training(settings, seed)
    for progress in steps:
        losses.append(progress.loss)
        if progress.sequences >= settings["cap"]:
            break
    seconds = time.process_time() - began
    wrong, tested = Examiner(task, seed).count_wrong(lambda batch: answer(task, net, batch))
    return dict(
        trial=trial, seed=seed, solved=progress.solved, sequences=progress.sequences, wrong=wrong, tested=tested,
        early=float(np.mean(losses[:EARLY])), late=float(np.mean(losses[-EARLY:])), seconds=round(seconds, 2),
    )  # fmt: skip


def first(settings: dict, trial: int) -> dict:
    """The first 50 minibatches of a trial again: what its record calls `early`."""
    _, _, steps = _training(settings, settings["seed"] + trial)
    return dict(early=float(np.mean([progress.loss for progress, _ in zip(steps, range(EARLY), strict=False)])))


def _training(settings: dict, seed: int) -> tuple[Task, object, Iterator[Progress]]:
    task = TASKS[settings["task"]](**settings["of"])
    net = new_reader(settings["reader"], task.inputs, task.outputs, settings["of"]["T"], seed)
    return task, net, learn(task, net, lr=settings["lr"], batch_size=settings["batch"], seed=seed)

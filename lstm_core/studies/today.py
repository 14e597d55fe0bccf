"""The tasks of 1997 with today's practice: an LSTM with a forget gate, or a GRU or an RNN, minibatches and Adam.

A trial is one net, trained until the task's strictest stopping rule is met, or `cap` sequences have been shown. LSTMs
of all trials train as one ensemble. Notebook 14 sets the results beside the original rule's; notebook 07 asks which
gate biases let a net learn at all.
"""

import time
from collections.abc import Iterator

import numpy as np

from lstm_core.forecaster import stack_params
from lstm_core.practice import answer, learn, learn_many, new_net
from lstm_core.tasks import TASKS, Examiner, Task

__all__ = ["first", "run"]

EARLY = 50  # minibatches whose mean loss is kept, for a comparison


def run(settings: dict, seeds: list[int]) -> Iterator[dict]:
    """One record a trial: `solved` within the cap, `sequences` shown by then, `wrong` of `tested` fresh sequences after
    that, the mean loss of the first 50 minibatches (`early`) and of the last 50 (`late`), and seconds (in an ensemble:
    its share)."""
    task = _task(settings)
    yield from _ensemble(task, settings, seeds) if settings["cell"] == "lstm" else _alone(task, settings, seeds)


def first(settings: dict, seed: int) -> dict:
    """The first 50 minibatches of a trial again: what its record calls `early`."""
    losses = []
    for steps in _trainings(_task(settings), settings, [seed]):
        losses.append(steps[0][0].loss)
        if len(losses) == EARLY:
            break
    return dict(early=float(np.mean(losses)))


def _ensemble(task: Task, settings: dict, seeds: list[int]) -> Iterator[dict]:
    losses: dict[int, list[float]] = {k: [] for k in range(len(seeds))}
    seconds, began = dict.fromkeys(losses, 0.0), time.perf_counter()
    for steps in _trainings(task, settings, seeds):
        share, began = (time.perf_counter() - began) / len(steps), time.perf_counter()
        for k, (progress, one) in steps.items():
            seconds[k] += share
            losses[k].append(progress.loss)
            over = progress.sequences >= settings["cap"] or not np.isfinite(progress.loss)
            if progress.solved or over:
                yield _record(task, seeds[k], progress, losses[k], seconds[k], one.answer)
                began = time.perf_counter()
        if next(iter(steps.values()))[0].sequences >= settings["cap"]:  # all have been shown as many
            return


def _alone(task: Task, settings: dict, seeds: list[int]) -> Iterator[dict]:
    for seed in seeds:
        began, losses, net = time.perf_counter(), [], _net(task, settings, seed)
        for progress in learn(task, net, seed=seed, **_how(settings)):
            losses.append(progress.loss)
            if progress.sequences >= settings["cap"]:
                break
        seconds = time.perf_counter() - began
        yield _record(task, seed, progress, losses, seconds, lambda batch, net=net: answer(task, net, batch))


def _record(task: Task, seed: int, progress, losses: list[float], seconds: float, says) -> dict:
    wrong, tested = Examiner(task, seed).count_wrong(says)
    return dict(
        seed=seed, solved=progress.solved, sequences=progress.sequences, wrong=wrong, tested=tested,
        early=float(np.mean(losses[:EARLY])), late=float(np.mean(losses[-EARLY:])), seconds=round(seconds, 2),
    )  # fmt: skip


def _trainings(task: Task, settings: dict, seeds: list[int]) -> Iterator[dict]:
    if settings["cell"] == "lstm":
        nets = [_net(task, settings, seed) for seed in seeds]
        return learn_many(task, stack_params(nets), seeds, **_how(settings))
    steps = learn(task, _net(task, settings, seeds[0]), seed=seeds[0], **_how(settings))
    return ({0: (progress, None)} for progress in steps)


def _task(settings: dict) -> Task:
    return TASKS[settings["task"]](**settings.get("of", {}))


def _net(task: Task, settings: dict, seed: int):
    return new_net(task, settings["hidden"], settings["cell"], seed, **settings["biases"])


def _how(settings: dict) -> dict:
    return dict(lr=settings["lr"], batch_size=settings["batch"])

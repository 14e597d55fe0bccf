"""Notebook 13: the rule of 1997 with three kinds of feedback; an LSTM that learns to store, beside a Hopfield net.

A trial is a seed, and those of a row go side by side. "feedback" rows train until the latest 1000 sequences were right,
or `cap` were shown; "store" rows for so many minibatches, and then count the bits that come back at every load.
"""

import time
from collections.abc import Iterator

import numpy as np

from lstm_core.brain.episodes import draw_episodes, learn_to_store, one_shot
from lstm_core.brain.order import Look, learn_order, short_order
from lstm_core.brain.three_factor import ThreeFactor
from lstm_core.paper1997.net import NETS
from lstm_core.tasks import Examiner

__all__ = ["LOADS", "first", "run"]

LOADS = (1, 2, 3, 4, 6, 8, 10, 12)
ASKED = 1000  # episodes a load
EARLY = 10  # looks, or minibatches, whose mean is kept for a comparison
KEPT = 5  # looks between two points of a recorded curve: 500 sequences


def run(settings: dict, seeds: list[int]) -> Iterator[dict]:
    """One record a trial, when the last of them has ended."""
    yield from (_feedback if settings["part"] == "feedback" else _store)(settings, seeds)


def first(settings: dict, seed: int) -> dict:
    """The beginning of a trial again: the mean error of its first 1000 sequences, or of its first 10 minibatches."""
    if settings["part"] == "feedback":
        _, looks = _learning(settings, [seed])
        return dict(early=float(np.mean([next(looks).errors[0] for _ in range(EARLY)])))
    steps = learn_to_store([seed], **settings["training"])
    return dict(early=float(np.mean([next(steps)[0][0] for _ in range(EARLY)])))


def _feedback(settings: dict, seeds: list[int]) -> Iterator[dict]:
    """`solved` after `sequences`, `wrong` of `tested` fresh ones; the error of every 500 sequences, and the angle
    between feedback and output weights at birth and after each of these (none: without feedback)."""
    began = time.perf_counter()
    learner, steps = _learning(settings, seeds)
    born = learner.angle()
    looks = list(steps)
    share = (time.perf_counter() - began) / len(seeds)
    for k, seed in enumerate(seeds):
        solved = int(looks[-1].solved[k])
        wrong, tested = Examiner(short_order(), seed).count_wrong(lambda batch, k=k: learner.answer(k, batch))
        mine = [look for look in looks if not solved or look.sequences <= solved]
        blocks = [mine[n : n + KEPT] for n in range(0, len(mine), KEPT)]
        angles = [born[k], *(block[-1].angle[k] for block in blocks)]
        yield dict(
            seed=seed, solved=solved > 0, sequences=mine[-1].sequences, wrong=wrong, tested=tested,
            early=float(np.mean([look.errors[k] for look in mine[:EARLY]])), seconds=round(share, 2),
            errors=[round(float(np.mean([look.errors[k] for look in block])), 3) for block in blocks],
            angles=[round(float(angle), 1) for angle in angles if np.isfinite(angle)],
        )  # fmt: skip


def _learning(settings: dict, seeds: list[int]) -> tuple[ThreeFactor, Iterator[Look]]:
    learner = ThreeFactor(NETS["6a"], settings["feedback"], seeds, settings["rate"])
    return learner, learn_order(learner, seeds, settings["cap"])


def _store(settings: dict, seeds: list[int]) -> Iterator[dict]:
    """The share of the bits asked for that were `right`, by load: the LSTM's, and a Hopfield net's of the same."""
    began = time.perf_counter()
    losses, (nets, *_) = zip(*learn_to_store(seeds, **settings["training"]), strict=True)  # the same nets throughout
    share = (time.perf_counter() - began) / len(seeds)
    right: list[dict] = [{"LSTM": {}, "Hopfield": {}} for _ in seeds]
    for load in LOADS:
        drawn = [draw_episodes(ASKED, load, np.random.default_rng([seed, 1, load])) for seed in seeds]
        said = nets.outputs(np.stack([episodes.given for episodes in drawn]).astype(np.float32))
        for k, (seed, episodes) in enumerate(zip(seeds, drawn, strict=True)):
            at_once = one_shot(episodes, np.random.default_rng([seed, 2, load]))
            for name, answers in (("LSTM", said[k]), ("Hopfield", at_once)):
                right[k][name][str(load)] = round(episodes.right(answers), 4)
    for k, seed in enumerate(seeds):
        early = float(np.mean([loss[k] for loss in losses[:EARLY]]))
        yield dict(seed=seed, early=early, right=right[k], seconds=round(share, 2))

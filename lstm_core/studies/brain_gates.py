"""Two parallels of notebook 13 over many seeds: an output gate that is taken away, and arousal as a gain on gates.

A trial is one seed. "recall" rows train a net to keep an order until the bell; "tracking" rows train trackers of a mean
that turns: one at home in the middle hazard rate, which is then aroused by different amounts in all of them; one for
each other hazard rate, the rival that arousal has to be measured by; and two in a mixture of them, told nothing, one
of them four times as long.
"""

import time
from collections.abc import Iterator

import numpy as np

from lstm_core.brain.arousal import (
    AROUSALS,
    aroused,
    bayes_tracker,
    best_arousal,
    switching_world,
    tracking_error,
    train_trackers,
)
from lstm_core.brain.gating import hear, recall_task, train_recall
from lstm_core.brain.small_nets import Net, hold_output, says

__all__ = ["HELD", "first", "run", "worlds"]

HELD = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0)  # where the output gate is held
EARLY = 50  # minibatches


def run(settings: dict, trials: list[int]) -> Iterator[dict]:
    """One record a seed: how its nets do, `early`, an error after 50 minibatches, and seconds.

    Nets of "recall" rows train side by side, which is many times faster, and each is to the bit as if alone.
    """
    if settings["part"] == "tracking":
        for trial in trials:
            began = time.perf_counter()
            yield _record(settings, trial, _tracking(settings, trial), time.perf_counter() - began)
        return
    began = time.perf_counter()
    nets = train_recall(trials, settings["hidden"], output_gate=settings["output_gate"])
    share = (time.perf_counter() - began) / len(trials)
    for trial, net in zip(trials, nets, strict=True):
        yield _record(settings, trial, _recall(settings, net), share)


def first(settings: dict, trial: int) -> dict:
    """The beginning of a trial again: the net's mean squared error after 50 minibatches."""
    if settings["part"] == "recall":
        task = recall_task(1000, np.random.default_rng(99))
        (net,) = train_recall([trial], settings["hidden"], output_gate=settings["output_gate"], steps=EARLY)
        return dict(early=float(np.mean((says(net, task.x) - task.wanted) ** 2)))
    (net,) = train_trackers([trial], [settings["home"]], settings["hidden"], steps=EARLY)
    world = worlds(settings["home"])[1]
    return dict(early=tracking_error(says(net, world.x), world))


def worlds(hazard: float):
    """Sequences on which an arousal is chosen, and others on which it is judged; the same for all seeds."""
    return [switching_world(200, 220, hazard, np.random.default_rng(seed)) for seed in (98, 99)]


def _record(settings: dict, trial: int, found: dict, seconds: float) -> dict:
    return dict(trial=trial, **first(settings, trial), **found, seconds=round(seconds, 2))


def _recall(settings: dict, net: Net) -> dict:
    task = recall_task(1000, np.random.default_rng(99))
    found = hear(net, task)._asdict()
    if settings["output_gate"]:
        found["held"] = {str(o): hear(hold_output(net, o), task)._asdict() for o in HELD}
    return found


def _tracking(settings: dict, seed: int) -> dict:
    home, hazards = settings["home"], settings["hazards"]
    others = [hazard for hazard in hazards if hazard != home]
    calm, *retrained, mixed = train_trackers([seed] * (len(hazards) + 1), [home, *others, hazards], settings["hidden"])
    (patient,) = train_trackers([seed], [hazards], settings["hidden"], steps=4 * 600)
    by_hazard = {home: calm} | dict(zip(others, retrained, strict=True))
    found = {}
    for hazard in hazards:
        pick, judge = worlds(hazard)
        a = best_arousal(calm, pick)
        errors = [tracking_error(says(aroused(calm, step), judge.x), judge) for step in AROUSALS]
        found[str(hazard)] = dict(
            errors=errors, best=a, aroused=errors[AROUSALS.index(a)], calm=errors[AROUSALS.index(0.0)],
            retrained=tracking_error(says(by_hazard[hazard], judge.x), judge),
            mixed=tracking_error(says(mixed, judge.x), judge),
            mixed_longer=tracking_error(says(patient, judge.x), judge),
            bayes=tracking_error(bayes_tracker(judge.x, hazard), judge),
        )  # fmt: skip
    return dict(worlds=found)

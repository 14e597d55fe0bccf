"""Keep an order, say it when the bell rings, and be silent meanwhile: what output gating is for.

The task is notebook 05's: a broker hears buy (+1) or sell (−1) and says so at the bell. In models of the prefrontal
cortex and the basal ganglia one gate lets into working memory (O'Reilly & Frank 2006) and another lets out of it
(Rac-Lubashevsky & Frank 2021). Shapes: N sequences, T = 20 steps, three inputs: value, mark, bell.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lstm_core._checks import whole
from lstm_core.brain.small_nets import Net, new_net, says, trace, train

__all__ = ["Heard", "Recall", "hear", "recall_task", "train_recall"]

STEPS, ORDER_AT, NOISE = 20, 1, 0.3  # steps count from 0
LOUD = 0.5  # an answer beyond ±0.5 is heard


class Recall(NamedTuple):
    x: np.ndarray  # (N, 20, 3) value, mark, bell
    wanted: np.ndarray  # (N, 20) the order at the bell, 0 at all other steps
    order: np.ndarray  # (N,) +1 or −1
    bell: np.ndarray  # (N,) the step at which it rings

    @property
    def waiting(self) -> np.ndarray:
        """(N, 20): the steps between the order and the bell."""
        step = np.arange(STEPS)
        return (step > ORDER_AT) & (step < self.bell[:, None])

    @property
    def ringing(self) -> np.ndarray:
        """(N, 20): the step of the bell."""
        return np.arange(STEPS) == self.bell[:, None]


class Heard(NamedTuple):
    """How a net does on a task, in shares of 1."""

    alarms: float  # of the steps of waiting, those with an answer beyond ±0.5: false alarms
    told: float  # of the bells, those at which the right order was heard, however loudly
    right: float  # of the sequences, those with all twenty answers within 0.5 of what was wanted
    o_waiting: float  # the mean output gate while waiting
    o_bell: float  # and at the bell


def recall_task(count: int, rng: np.random.Generator) -> Recall:
    """Draw `count` sequences: an order at step 1, noise at all others, a bell at one of the steps 7 to 18."""
    n, order = np.arange(whole("count", count, 1)), rng.choice([-1.0, 1.0], count)
    bell = rng.integers(7, 19, count)
    x, wanted = np.zeros((count, STEPS, 3)), np.zeros((count, STEPS))
    x[:, :, 0] = NOISE * rng.normal(size=(count, STEPS))
    x[:, ORDER_AT, 0], x[:, ORDER_AT, 1] = order, 1
    x[n, bell, 2], wanted[n, bell] = 1, order
    return Recall(x, wanted, order, bell)


def train_recall(
    seeds: Sequence[int], hidden: int = 1, *, output_gate: bool = True, steps: int = 600, batch_size: int = 50
) -> list[Net]:
    """Train a net for each seed. All start with small weights, a forget bias of 2, a head of 1, as in notebook 05."""
    nets = [new_net(3, hidden, seed, forget_bias=2.0, scale=0.1, head=1.0, output_gate=output_gate) for seed in seeds]
    streams = [np.random.default_rng([seed, 1]) for seed in seeds]
    return train(nets, [lambda rng=rng: recall_task(batch_size, rng)[:2] for rng in streams], steps, lr=0.02)


def hear(net: Net, task: Recall) -> Heard:
    """Listen to a net on a task."""
    said, o = says(net, task.x), trace(net, task.x).o.mean(-1)
    at_bell = said[task.ringing]  # (N,)
    return Heard(
        alarms=float(np.mean(np.abs(said[task.waiting]) > LOUD)),
        told=float(np.mean(at_bell * task.order > LOUD)),
        right=float(np.mean((np.abs(said - task.wanted) < LOUD).all(1))),
        o_waiting=float(o[task.waiting].mean()),
        o_bell=float(o[task.ringing].mean()),
    )

"""Emotion as a gain on the gates: arousal a opens the input gates and shuts the forget gates, of all units at once.

    i = σ(z_i + a)     f = σ(z_f − a)

so that news counts for more and the past for less. The world's mean is +1 or −1 and turns with a hazard rate; the
tracker sees it through noise. What could be known of it is Bayes' affair (Glaze, Kable & Gold 2015). That arousal goes
along with how fast people revise their beliefs was measured by Nassar et al. (2012). Shapes: N sequences, T steps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, whole
from lstm_core.biases import shift_biases
from lstm_core.brain.small_nets import Net, new_net, says, train

__all__ = [
    "AROUSALS", "HAZARDS", "World", "aroused", "bayes_tracker", "best_arousal", "switching_world", "tracking_error",
    "train_trackers",
]  # fmt: skip

HAZARDS = (0.01, 0.04, 0.15)  # a turn in 100, 25 and about 7 steps
AROUSALS = tuple(k / 2 for k in range(-6, 7))
SETTLED = 20  # steps after which errors count


class World(NamedTuple):
    x: np.ndarray  # (N, T, 1) what is seen: the mean and noise of standard deviation 1
    mean: np.ndarray  # (N, T) what is to be tracked: +1 or −1


def switching_world(count: int, steps: int, hazard, rng: np.random.Generator) -> World:
    """Draw a mean that starts at ±1 and turns at each step with probability `hazard`, one number or (N,).

    With the same `rng` a higher hazard turns wherever a lower one does, and the noise is the same. Raises ValueError
    for a hazard that does not lie in [0, 1].
    """
    shape = whole("count", count, 1), whole("steps", steps, 1)
    hazard = _check_hazard(np.broadcast_to(hazard, count))
    turns = rng.random(shape) < hazard[:, None]
    turns[:, 0] = rng.random(count) < 0.5
    mean = 1.0 - 2 * (turns.cumsum(1) % 2)
    return World((mean + rng.normal(size=shape))[..., None], mean)


def bayes_tracker(x, hazard: float) -> np.ndarray:
    """The best guess there is, E[mean_t | x_1 … x_t], for x (N, T, 1) and a hazard that is known, (N, T).

    With p the probability of +1:   prior = (1 − H) p + H (1 − p)     logit p′ = logit prior + 2x     E = 2p′ − 1
    """
    x = as_floats("x", x, ("N", "T", 1))[..., 0]
    (hazard,) = _check_hazard(np.array([hazard]))
    p, guess = np.full(len(x), 0.5), np.empty_like(x)
    for t, x_t in enumerate(x.T):
        prior = (1 - hazard) * p + hazard * (1 - p)
        up, down = prior * np.exp(x_t), (1 - prior) * np.exp(-x_t)
        p = up / (up + down)
        guess[:, t] = 2 * p - 1
    return guess


def aroused(net: Net, a: float) -> Net:
    """Return the net with `a` added to its input gates' logits and taken from its forget gates'."""
    return net._replace(lstm=shift_biases(net.lstm, input=a, forget=-a))


def train_trackers(
    seeds: Sequence[int], hazards: Sequence, hidden: int = 8, *, steps: int = 600, batch_size: int = 20,
    length: int = 50,
) -> list[Net]:  # fmt: skip
    """Train a tracker for each seed in a world of its hazard; a hazard that is itself a sequence: any of them by turns.

    Which of them a sequence of a mixed world has, the net is not told.
    """
    draws = []
    for seed, hazard in zip(seeds, hazards, strict=True):
        draws.append(_stream(np.random.default_rng([seed, 2]), hazard, batch_size, length))
    nets = [new_net(1, hidden, seed, forget_bias=1.0) for seed in seeds]
    return train(nets, draws, steps, lr=0.01)


def tracking_error(guess: np.ndarray, world: World) -> float:
    """The mean squared error of a guess (N, T), from step 20 on. Always guessing 0 would have 1."""
    return float(np.mean((guess - world.mean)[:, SETTLED:] ** 2))


def best_arousal(net: Net, world: World, arousals: Sequence[float] = AROUSALS) -> float:
    """The arousal with the lowest error in this world, of those named."""
    return float(min(arousals, key=lambda a: tracking_error(says(aroused(net, a), world.x), world)))


def _stream(rng: np.random.Generator, hazard, batch_size: int, length: int):
    def draw():
        world = switching_world(batch_size, length, rng.choice(np.atleast_1d(hazard), batch_size), rng)
        return world.x, world.mean

    return draw


def _check_hazard(hazard: np.ndarray) -> np.ndarray:
    hazard = as_floats("hazard", hazard, ("N",))
    if hazard.min() < 0 or hazard.max() > 1:
        raise ValueError(f"hazard reaches from {hazard.min():g} to {hazard.max():g}, but is a probability: take 0 to 1")
    return hazard

"""Store and recall, for a Hopfield net and for an LSTM: P patterns are shown, then half of one is to be completed.

A Hopfield net writes each pattern into its weights at one sight. An LSTM's weights stand still meanwhile: it has to
hold the patterns in its activity, and must first be trained, on many other episodes, to do so.
Shapes: N episodes, P patterns, B bits of ±1, K of them known in the cue; S networks.
"""

from collections.abc import Iterator
from math import comb
from typing import NamedTuple

import numpy as np

from lstm_core._checks import whole
from lstm_core.brain.hopfield import recall, store
from lstm_core.cell import LSTMParams, random_params
from lstm_core.ensemble.ensemble import Ensemble
from lstm_core.ensemble.params import EnsembleParams

__all__ = ["Episodes", "draw_episodes", "learn_to_store", "look_up", "one_shot"]

BITS, KNOWN = 12, 6


class Episodes(NamedTuple):
    shown: np.ndarray  # (N, P, B) the patterns, one a step
    cue: np.ndarray  # (N, B) the first K bits of one of them, 0 behind
    target: np.ndarray  # (N, B − K) its other bits

    @property
    def given(self) -> np.ndarray:
        """What an LSTM reads, (N, P + 1, B + 1): a pattern a step, then the cue, which the last input marks by a 1."""
        steps = np.concatenate([self.shown, self.cue[:, None]], axis=1)
        mark = np.zeros((*steps.shape[:2], 1))
        mark[:, -1] = 1
        return np.concatenate([steps, mark], axis=2)

    def right(self, answers) -> float:
        """The share of the bits asked for that have the right sign; one that was left at 0 counts half."""
        return float(np.mean(0.5 + 0.5 * np.sign(answers) * self.target))


def draw_episodes(count: int, load: int, rng: np.random.Generator, bits: int = BITS, known: int = KNOWN) -> Episodes:
    """Draw `count` episodes of `load` random patterns, each as likely to be asked for as the others."""
    shown = rng.choice([-1.0, 1.0], (whole("count", count, 1), whole("load", load, 1), bits))
    asked = shown[np.arange(count), rng.integers(load, size=count)]
    return Episodes(shown, asked * (np.arange(bits) < whole("known", known, 1, bits - 1)), asked[:, known:])


def one_shot(episodes: Episodes, rng: np.random.Generator) -> np.ndarray:
    """What Hopfield nets answer, (N, B − K): the patterns stored, the known bits held, the others silent at first."""
    known = episodes.cue.shape[1] - episodes.target.shape[1]
    held = np.arange(episodes.cue.shape[1]) < known
    return recall(store(episodes.shown), episodes.cue, rng, held)[:, known:]


def look_up(load: int, known: int = KNOWN) -> float:
    """The share of bits that the best of all memories gets right: one that keeps every pattern as it came.

    Of the other P − 1 patterns each fits the cue with probability 2⁻ᴷ. Where k of them do, a bit is the majority's of
    k + 1 fair coins, of which the one asked for is any; the guess is right in max(heads, tails) of k + 1 cases.
    """
    fits, others = 0.5 ** whole("known", known, 0), whole("load", load, 1) - 1
    return sum(comb(others, k) * fits**k * (1 - fits) ** (others - k) * _majority(k + 1) for k in range(others + 1))


def learn_to_store(
    seeds: list[int], load: int, minibatches: int, *, hidden: int = 64, lr: float = 3e-3, batch: int = 100
) -> Iterator[tuple[np.ndarray, Ensemble]]:
    """Train LSTMs of `hidden` units with a linear head on the last h, one a seed, on episodes of 1 … `load` patterns.

    Adam on the squared error of the missing bits, ±1. Yields after each minibatch its losses (S,) and the networks.
    Raises ValueError for a load or a number of minibatches below 1.
    """
    whole("load", load, 1)
    rngs = [np.random.default_rng(seed) for seed in seeds]
    ensemble = Ensemble(_initial(rngs, hidden), lr=lr)
    for size in np.random.default_rng(load).integers(1, load, whole("minibatches", minibatches, 1), endpoint=True):
        drawn = [draw_episodes(batch, int(size), rng) for rng in rngs]
        given, target = (np.stack([getattr(one, name) for one in drawn]) for name in ("given", "target"))
        losses, _ = ensemble.step(given.astype(np.float32), target.astype(np.float32))
        yield losses, ensemble


def _initial(rngs: list[np.random.Generator], hidden: int) -> EnsembleParams:
    """PyTorch's ranges for weights, a forget bias of 2, all in float32."""
    nets = [random_params(LSTMParams, BITS + 1, hidden, rng) for rng in rngs]
    heads = [rng.uniform(-1, 1, (BITS - KNOWN, hidden)) / np.sqrt(hidden) for rng in rngs]
    bias = np.zeros((len(nets), 4 * hidden))
    bias[:, hidden : 2 * hidden] = 2
    parts = [net.weight_ih for net in nets], [net.weight_hh for net in nets], bias, heads
    return EnsembleParams(*(np.array(part, np.float32) for part in (*parts, np.zeros((len(nets), BITS - KNOWN)))))


def _majority(coins: int) -> float:
    return sum(comb(coins, heads) * max(heads, coins - heads) for heads in range(coins + 1)) / (coins * 2**coins)

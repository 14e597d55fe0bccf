"""A memory in the weights, written at one sight by Hebb's rule and read by letting the net settle.

Hopfield 1982, PNAS 79, 2554–2558. Shapes: B networks side by side, or none of that axis; P patterns, N units of ±1.
"""

from math import comb

import numpy as np

from lstm_core._checks import as_floats, whole

__all__ = ["WORD", "crosstalk", "energy", "flip", "recall", "recall_many", "store"]

LETTERS = (
    "#.....###.###..#...#",
    "#....#.....#...##.##",
    "#.....##...#...#.#.#",
    "#.......#..#...#...#",
    "####.###...#...#...#",
)
WORD = np.array([[1.0 if mark == "#" else -1.0 for mark in row] for row in LETTERS]).ravel()  # (100,)


def store(patterns) -> np.ndarray:
    """W = Σ_μ x^μ x^μᵀ with a diagonal of 0: patterns (…, P, N) of ±1 become weights (…, N, N), each seen once.

    Hebb's rule, once a pattern. The usual factor 1/N changes no sign; without it all sums are of whole numbers, exact.
    """
    x = as_floats("patterns", patterns, (*"B" * (np.ndim(patterns) - 2), "P", "N"), np.float64)
    if not (np.abs(x) == 1).all():
        raise ValueError("patterns should hold +1 and −1 only: np.sign makes them of other numbers")
    weights = x.swapaxes(-1, -2) @ x
    weights[..., np.arange(x.shape[-1]), np.arange(x.shape[-1])] = 0
    return weights


def energy(weights, state) -> np.ndarray:
    """E = −½ sᵀ W s, for each network: what no update of a single unit can raise while W is symmetric."""
    return -0.5 * np.einsum("...i,...ij,...j->...", state, weights, state)


def recall(weights, cue, rng: np.random.Generator, held=None, sweeps: int = 100) -> np.ndarray:
    """Let the units of (…, N) settle from a cue, s_i ← sign(Σ_j w_ij s_j), one after another, until none changes.

    In each sweep all units are asked, in a new order. A unit whose sum is 0 stays as it is; one that starts at 0 is
    silent until others give it a sign. `held` (N,) marks units that keep the cue. The states come back (…, N).
    """
    weights = as_floats("weights", weights, (*"B" * (np.ndim(cue) - 1), "N", "N"), np.float64)
    state = as_floats("cue", cue, weights.shape[:-1], np.float64).copy()
    free = np.arange(state.shape[-1]) if held is None else np.flatnonzero(~np.asarray(held, bool))
    for _ in range(sweeps):
        before = state.copy()
        for i in rng.permutation(free):
            total = np.einsum("...j,...j->...", weights[..., i, :], state)
            state[..., i] = np.where(total == 0, state[..., i], np.sign(total))
        if (state == before).all():
            break
    return state


def flip(pattern, count: int, rng: np.random.Generator) -> np.ndarray:
    """The pattern (…, N) with `count` of its bits, drawn for each, turned round."""
    pattern = np.array(pattern, float)
    places = rng.random(pattern.shape).argsort(axis=-1)[..., : whole("count", count, 0, pattern.shape[-1])]
    np.put_along_axis(pattern, places, -np.take_along_axis(pattern, places, -1), -1)
    return pattern


def recall_many(load: int, rng: np.random.Generator, *, units: int = 100, flipped: int = 20, networks: int = 100):
    """Store `load` random patterns in each network and ask for the first by a damaged copy: bits right, (networks,)."""
    patterns = rng.choice([-1.0, 1.0], (networks, whole("load", load, 1), units))
    found = recall(store(patterns), flip(patterns[:, 0], flipped, rng), rng)
    return (found == patterns[:, 0]).mean(axis=1)


def crosstalk(load: int, units: int = 100) -> float:
    """The probability that a bit of a stored pattern would turn at once, though the net starts from the pattern itself.

    Its sum is N − 1 from the pattern, plus one ±1 for each other pattern and unit, (N − 1)(P − 1) fair coins: it turns
    if they fall below −(N − 1). Exact for random patterns.
    """
    coins = (whole("units", units, 1) - 1) * (whole("load", load, 1) - 1)
    few = (coins - units) // 2  # heads at the most: heads − tails < −(N − 1)
    return sum(comb(coins, heads) for heads in range(few + 1)) / 2**coins

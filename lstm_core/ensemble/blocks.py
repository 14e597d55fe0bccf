"""From weights and examples to outputs, losses and gradients, a block of networks after the other.

Shapes: S networks, N sequences of each, T steps of the longest, H hidden, K outputs, P weights of one network.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from lstm_core.ensemble.bptt import ONE_HOT, Tape, block_size
from lstm_core.ensemble.examples import Examples, Given
from lstm_core.ensemble.loss import head_outputs, loss_and_errors
from lstm_core.ensemble.params import Sizes, matrices

__all__ = ["Blocks"]

SEQUENCES_AT_ONCE = 32  # of those that are only read, which may be many
TAPES = 4  # kept for the next time: blocks of two sizes, of what is trained on and of what is only read


class Blocks:
    """How networks of one kind are walked, and the memory for it, which the next call uses again."""

    def __init__(self, sizes: Sizes, dtype) -> None:
        self.sizes, self.dtype = sizes, dtype
        self.tapes: dict[tuple, Tape] = {}

    def gradients(self, rows: np.ndarray, examples: Examples) -> Iterator[tuple]:
        """Of each block of rows (S, P) its slice, losses (S,), gradients (S, P), and outputs as `Ensemble.step`'s."""
        for block in self._blocks(*examples.read.lengths.shape):
            part, grads = examples.take(block), np.empty_like(rows[block])
            W, V = matrices(rows[block], self.sizes)
            dW, dV = matrices(grads, self.sizes)
            tape = self._tape(part.read)
            one_h = tape.forward(W, part.read)
            first = len(one_h) - len(part.weight)
            y = head_outputs(V, one_h[first:], part.loss)
            parts, e = loss_and_errors(y, part.weight, part.target, part.loss)
            tape.backward(W, V, e, part.read, dW, dV)
            yield block, _sum_of_steps(parts, first, part.read.steps), grads, _read_off(y, part.read, part.every_step)

    def outputs(self, rows: np.ndarray, read: Given, every_step: bool, loss: str) -> np.ndarray:
        """As `Ensemble.outputs`."""
        S, N = read.lengths.shape
        steps = (read.steps,) if every_step else ()
        outputs = np.empty((S, N, *steps, self.sizes.outputs), self.dtype)
        for block in self._blocks(S, min(N, SEQUENCES_AT_ONCE)):
            W, V = matrices(rows[block], self.sizes)
            for start in range(0, N, SEQUENCES_AT_ONCE):
                some = slice(start, start + SEQUENCES_AT_ONCE)
                part = read.take(block, some)
                one_h = self._tape(part).forward(W, part)
                y = head_outputs(V, one_h[0 if every_step else part.first_end :], loss)
                outputs[block, some] = _read_off(y, part, every_step)
        return outputs

    def _blocks(self, S: int, N: int) -> list[slice]:
        """S networks with N sequences each in blocks of about one size."""
        count = -(-S // block_size(self.sizes.hidden, N))
        ends = [k * S // count for k in range(count + 1)]
        return [slice(start, end) for start, end in pairwise(ends)]

    def _tape(self, read: Given) -> Tape:
        """A tape for these networks and sequences: one that is there, if it is long enough."""
        key = *read.lengths.shape, read.symbols and self.sizes.inputs > ONE_HOT
        tape = self.tapes.pop(key, None)
        if tape is None or tape.steps < read.steps:
            tape = Tape(*key[:2], read.steps, self.sizes, key[2], self.dtype)
        self.tapes[key] = tape  # the newest stands last
        if len(self.tapes) > TAPES:
            del self.tapes[next(iter(self.tapes))]
        return tape


def _sum_of_steps(parts: np.ndarray, first: int, steps: int) -> np.ndarray:
    """Sum the losses' parts (T, S, N), which begin at step `first`.

    They are summed as an array of all steps: no sum then depends, to the last bit, on where other networks' ends are.
    """
    every = np.zeros((parts.shape[1], steps, parts.shape[2]), parts.dtype)
    every[:, first : first + len(parts)] = parts.transpose(1, 0, 2)
    return every.reshape(len(every), -1).sum(1)


def _read_off(y: np.ndarray, read: Given, every_step: bool) -> np.ndarray:
    """Of y (T, S, K, N), the last so many steps: those of all steps (S, N, T, K), or of each one's last (S, N, K)."""
    (S, N), longest = read.lengths.shape, read.lengths.max()
    if not every_step:
        at = read.lengths - 1 - (longest - len(y))
        return y[at, np.arange(S)[:, None], :, np.arange(N)]
    outputs = np.zeros((S, N, read.steps, y.shape[2]), y.dtype)
    outputs[:, :, :longest] = y.transpose(1, 3, 0, 2)
    outputs[~read.within().transpose(1, 2, 0)] = 0
    return outputs

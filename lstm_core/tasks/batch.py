"""Sequences side by side, as the tasks draw them and nets read them.

Shapes: N sequences, T steps of the longest, D inputs, K outputs. A step is one input read. Where a net is to name the
next symbol, a sequence's last symbol is wanted but never read: a sequence of L symbols has L − 1 steps.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Batch", "error_at_every_step", "error_at_the_end"]


class Batch(NamedTuple):
    """N sequences, with zeros after the end of each. Symbols are kept as whole numbers, which a look-up table can take
    as they are; `x` and `target` turn them into one-hot vectors, anew at each call."""

    given: np.ndarray  # (N, T) int64 symbols, or (N, T, D) float32 values: what the net reads
    wanted: np.ndarray  # (N, T) int64 symbols, or (N, T, K) float32 values: what it is to say where mask is True
    mask: np.ndarray  # (N, T) bool: the steps that have an error signal
    lengths: np.ndarray  # (N,) int64 steps of each sequence
    inputs: int  # D
    outputs: int  # K

    @property
    def x(self) -> np.ndarray:
        """What the net reads, (N, T, D) float32."""
        return _vectors(self.given, self.inputs, self.steps)

    @property
    def target(self) -> np.ndarray:
        """What it is to say, (N, T, K) float32, 0 where `mask` is False: `target[mask]` goes with `outputs[mask]`."""
        return _vectors(self.wanted, self.outputs, self.mask)

    @property
    def steps(self) -> np.ndarray:
        """(N, T) bool: True up to the end of each sequence."""
        return np.arange(self.mask.shape[1]) < self.lengths[:, None]

    @property
    def last(self) -> np.ndarray:
        """(N,) int64 index of each sequence's last step."""
        return self.lengths - 1

    def take(self, rows) -> "Batch":
        """The sequences of these rows (a number, a list or a mask), cut to the longest; ValueError if there is none."""
        lengths = np.atleast_1d(self.lengths[rows])
        if lengths.size == 0:
            raise ValueError("rows picks no sequence: name at least one")
        given, wanted, mask = (np.reshape(a[rows], (-1, *a.shape[1:]))[:, : lengths.max()] for a in self[:3])
        return Batch(given, wanted, mask, lengths, self.inputs, self.outputs)


def error_at_the_end(given, wanted, lengths, inputs: int, outputs: int) -> Batch:
    """A batch that asks for `wanted`, (N,) or (N, K), at each sequence's last step, and clears `given` after it."""
    mask = np.arange(given.shape[1]) == lengths[:, None] - 1
    wanted_of_steps = np.zeros((*mask.shape, *wanted.shape[1:]), wanted.dtype)
    wanted_of_steps[mask] = wanted
    batch = Batch(given, wanted_of_steps, mask, lengths, inputs, outputs)
    given[~batch.steps] = 0
    return batch


def error_at_every_step(strings, lengths, symbols: int) -> Batch:
    """A batch that asks at each of the `lengths` steps for the next symbol of `strings` (N, T + 1)."""
    steps = np.arange(strings.shape[1] - 1) < lengths[:, None]
    return Batch(strings[:, :-1] * steps, strings[:, 1:] * steps, steps, lengths, symbols, symbols)


def _vectors(symbols_or_values, size: int, where):
    if symbols_or_values.ndim == 3:
        return symbols_or_values
    vectors = np.zeros((*symbols_or_values.shape, size), np.float32)
    np.put_along_axis(vectors, symbols_or_values[..., None], where[..., None], axis=2)
    return vectors

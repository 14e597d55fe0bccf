"""What S networks read and are to say, checked, and cut into blocks of networks.

Shapes: S networks, N sequences of each, T steps of the longest, D inputs, K outputs.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, choose
from lstm_core.ensemble.params import Sizes

__all__ = ["LOSSES", "Examples", "Given", "check_examples", "check_given"]

LOSSES = "mse", "cross_entropy"


class Given(NamedTuple):
    given: np.ndarray  # (S, N, T, D) values, or (S, N, T) symbols
    lengths: np.ndarray  # (S, N) steps of each sequence

    @property
    def symbols(self) -> bool:
        return self.given.ndim == 3

    @property
    def steps(self) -> int:
        """T, for which there is room; the longest may be shorter."""
        return self.given.shape[2]

    @property
    def first_end(self) -> int:
        """The last step of the shortest sequence."""
        return int(self.lengths.min()) - 1

    def within(self) -> np.ndarray:
        """(T, S, N) bool: the steps up to the end of each sequence."""
        return np.arange(self.steps)[:, None, None] < self.lengths

    def take(self, networks: slice, sequences: slice = slice(None)) -> "Given":
        return Given(self.given[networks, sequences], self.lengths[networks, sequences])


class Examples(NamedTuple):
    """What is read, and what is wanted of its last steps, time first, sequences last: all of them, or those from
    `first_end` to the end of the longest, where errors are at each sequence's last step only."""

    read: Given
    target: np.ndarray  # (T or 1, S, K, N) values, or (T or 1, S, N) classes; 1 where all steps want the same
    weight: np.ndarray  # (T, S, N) 1 / (the network's targets) at steps that have one, 0 elsewhere
    every_step: bool
    loss: str

    def take(self, networks: slice) -> "Examples":
        read = self.read.take(networks)
        longest = read.lengths.max()
        first = 0 if self.every_step else read.first_end
        target = self.target[:longest, networks] if self.every_step else self.target[:, networks]
        return self._replace(read=read, target=target, weight=self.weight[first:longest, networks])


def check_given(given, lengths, networks: int, sizes: Sizes, dtype) -> Given:
    """Check what `Ensemble.step` is given to read; a ValueError says what is wrong with it."""
    array = np.asarray(given)
    if array.ndim == 3 and array.dtype.kind in "iu":
        array = _whole("given", array, (networks, *array.shape[1:]), 0, sizes.inputs - 1)
    elif array.ndim == 3:
        raise ValueError(
            f"given is {array.dtype} of shape {array.shape}, but values ({networks}, N, T, {sizes.inputs}) or"
            f" whole-numbered symbols ({networks}, N, T) are expected"
        )
    else:
        array = as_floats("given", given, (networks, "N", "T", sizes.inputs), dtype)
    N, T = array.shape[1:3]
    if lengths is None:
        return Given(array, np.full((networks, N), T))
    return Given(array, _whole("lengths", np.asarray(lengths), (networks, N), 1, T))


def check_examples(read: Given, target, mask, loss: str, sizes: Sizes, dtype) -> Examples:
    """Check what the networks are to say after what they `read`; a ValueError says what is wrong with it."""
    choose("loss", loss, LOSSES)
    every_step = mask is not None
    mask = _check_mask(mask, read) if every_step else np.arange(read.steps) == read.lengths[:, :, None] - 1
    asked = mask if every_step else np.True_  # where the target is looked at
    shape, wanted = mask.shape if every_step else mask.shape[:2], np.asarray(target)
    if loss == "cross_entropy" and wanted.dtype.kind in "iu" and wanted.ndim == len(shape):
        known = np.where(asked, wanted, 0) if wanted.shape == shape else wanted
        wanted = _whole("target", known, shape, 0, sizes.outputs - 1)
    else:
        wanted = as_floats("target", target, (*shape, sizes.outputs), dtype)
        if loss == "cross_entropy":
            wanted = _classes(wanted, asked)
    target = np.moveaxis(wanted, 2, 0) if every_step else wanted[None]  # (T or 1, S, N, …)
    count = mask.sum((1, 2))
    weight = np.moveaxis(mask, 2, 0) * (1 / count[:, None]).astype(dtype)
    return Examples(read, np.moveaxis(target, 2, -1), weight, every_step, loss)


def _classes(one_hot: np.ndarray, asked: np.ndarray) -> np.ndarray:
    good = (np.count_nonzero(one_hot, -1) == 1) & (one_hot.max(-1) == 1)
    bad = np.argwhere(asked & ~good)
    if len(bad):
        where = tuple(bad[0].tolist())
        raise ValueError(f"target is {one_hot[where].tolist()} at {where}, but must be one-hot there, or an index")
    return one_hot.argmax(-1)


def _check_mask(mask, read: Given) -> np.ndarray:
    mask, shape = np.asarray(mask), read.given.shape[:3]
    if mask.shape != shape or mask.dtype != bool:
        raise ValueError(f"mask is {mask.dtype} of shape {mask.shape}, but bool of shape {shape} is expected")
    empty = np.flatnonzero(~mask.any((1, 2)))
    if len(empty):
        raise ValueError(f"mask leaves network {empty[0]} no target, but each needs one step at least that is True")
    late = np.argwhere(mask & ~np.moveaxis(read.within(), 0, 2))
    if len(late):
        raise ValueError(f"mask is True at {tuple(late[0].tolist())}, behind the sequence's end: cut it to the lengths")
    return mask


def _whole(name: str, array: np.ndarray, shape: tuple[int, ...], least: int, most: int) -> np.ndarray:
    if array.dtype.kind not in "iu" or array.shape != shape:
        raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, but whole numbers {shape} are expected")
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}, and every size must be at least 1")
    if array.min() < least or array.max() > most:
        where = tuple(np.argwhere((array < least) | (array > most))[0].tolist())
        raise ValueError(f"{name} is {array[where]} at {where}, but must be at least {least} and at most {most}")
    return array.astype(np.intp)

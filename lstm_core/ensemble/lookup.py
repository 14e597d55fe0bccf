"""Symbols read by looking up, where one-hot vectors would be long: D may be a thousand.

Shapes: S networks, N sequences, T steps, D inputs, H hidden.
"""

import numpy as np

from lstm_core.ensemble.examples import Given

__all__ = ["add_by_symbol", "look_up"]


def look_up(weights: np.ndarray, read: Given, rows: np.ndarray) -> np.ndarray:
    """Write the columns of `weights` (S, 4H, D) that the symbols name into `rows`; return (T, S, N, 4H) of these."""
    S, H4, D = weights.shape
    at = _places(read, D)[: read.lengths.max()]
    return np.take(weights.transpose(0, 2, 1).reshape(S * D, H4), at, 0, rows[: len(at)], "clip")


def add_by_symbol(dz: np.ndarray, read: Given, dW_ih: np.ndarray) -> None:
    """Add to ∂L/∂W_ih (S, 4H, D), for each symbol, the sum of dz_t (T, S, N, 4H) over the steps that read it."""
    within, D = read.within(), dW_ih.shape[2]
    at = _places(read, D)[within]
    order = np.argsort(at, kind="stable")
    starts = np.flatnonzero(np.diff(at[order], prepend=-1))
    sums = np.add.reduceat(dz[: len(within)][within][order], starts, 0)
    network, symbol = np.divmod(at[order[starts]], D)
    dW_ih[network, :, symbol] += sums


def _places(read: Given, D: int) -> np.ndarray:
    """Where each network's symbols stand in a table of S · D rows, (T, S, N)."""
    return read.given.transpose(2, 0, 1) + D * np.arange(len(read.given))[:, None]

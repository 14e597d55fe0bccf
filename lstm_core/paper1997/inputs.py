"""What a network reads: vectors, or symbols, which stand for one-hot vectors and cost less.

Shapes: S trials, T time, D inputs; x (S, T, D) or (S, T). `rows` are any units that read it.
"""

import numpy as np

from lstm_core._checks import as_floats
from lstm_core.paper1997.net import Net

__all__ = ["check_x", "one_hot", "outer_x", "times_x"]

MANY = 128  # symbols from which on a sum over those that occur is quicker than a product with one-hot vectors


def check_x(net: Net, trials: int, x) -> np.ndarray:
    """Return x as float64 (S, T, D), or as symbols (S, T) of the net's D."""
    if np.ndim(x) != 2:
        return as_floats("x", x, (trials, "T", net.inputs), np.float64)
    x = np.asarray(x)
    as_floats("x", x, (trials, "T"))
    if x.dtype.kind not in "iu":
        raise ValueError(
            f"x has shape {x.shape} and dtype {x.dtype}, but ({trials}, T, {net.inputs}) numbers are expected, or "
            f"({trials}, T) symbols, which are whole: reshape it, or make its dtype int"
        )
    if x.min() < 0 or x.max() >= net.inputs:
        raise ValueError(f"x has symbols from {x.min()} to {x.max()}, but the net's go from 0 to {net.inputs - 1}")
    return x.astype(np.intp)


def one_hot(x, D: int) -> np.ndarray:
    """Symbols (S, T) as vectors (S, T, D); vectors as they are."""
    return x if x.ndim == 3 else (x[:, :, None] == np.arange(D)).astype(np.float64)


def times_x(weight, x) -> np.ndarray:
    """weight (S, rows, D) times the input of every step: (S, T, rows). Times a symbol, it is the symbol's column."""
    if x.ndim == 2:
        return weight[np.arange(len(x))[:, None], :, x]
    return x @ weight.swapaxes(1, 2)


def outer_x(d, x, D: int) -> np.ndarray:
    """Σ_t d_t ⊗ x_t: (S, rows, D) from d (S, T, rows)."""
    if x.ndim == 3 or D < MANY:
        return d.swapaxes(1, 2) @ one_hot(x, D)
    S, _, rows = d.shape
    column = (np.arange(S)[:, None] * D + x)[:, :, None] * rows + np.arange(rows)
    return np.bincount(column.ravel(), d.ravel(), S * D * rows).reshape(S, D, rows).swapaxes(1, 2)

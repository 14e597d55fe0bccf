"""The weights of S networks: as PyTorch lays them out, and as one row of numbers a network, which Adam can take.

Shapes: S networks, D inputs, H hidden, K outputs, P weights of one network. In a row stand, one behind the other,

    W (4H, D + 1 + H) = [W_ih | b | W_hh], gate rows o, i, f, g      V (K, 1 + H) = [b_head | W_head]

so that z_t = W·[x_t, 1, h_{t−1}] and y_t = V·[1, h_t]: a bias is the weight of a constant input 1.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats

__all__ = ["EnsembleParams", "Sizes", "check_ensemble_params", "matrices", "pack", "unpack"]

TO_OIFG, TO_IFGO = [3, 0, 1, 2], [1, 2, 3, 0]  # PyTorch's i, f, g, o → the three σ side by side, and back


class EnsembleParams(NamedTuple):
    weight_ih: np.ndarray  # (S, 4H, D) rows i, f, g, o
    weight_hh: np.ndarray  # (S, 4H, H)
    bias: np.ndarray  # (S, 4H) PyTorch's bias_ih + bias_hh
    head: np.ndarray  # (S, K, H)
    head_bias: np.ndarray  # (S, K)


class Sizes(NamedTuple):
    inputs: int  # D
    hidden: int  # H
    outputs: int  # K

    @property
    def shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Of W and V."""
        D, H, K = self
        return (4 * H, D + 1 + H), (K, 1 + H)


def check_ensemble_params(params: EnsembleParams) -> EnsembleParams:
    """Return `params` as finite floats of one dtype; a ValueError names the one that does not fit the others."""
    if not isinstance(params, EnsembleParams):
        raise ValueError(f"params is a {type(params).__name__}, but should be EnsembleParams: stack_params makes them")
    arrays = [np.asarray(array) for array in params]
    dtype = np.float32 if all(array.dtype == np.float32 for array in arrays) else np.float64
    D, H = (array.shape[-1] if array.ndim else 1 for array in arrays[:2])
    S, K = arrays[3].shape[:2] if arrays[3].ndim == 3 else ("S", "K")
    shapes = (S, 4 * H, D), (S, 4 * H, H), (S, 4 * H), (S, K, H), (S, K)
    return EnsembleParams(*(as_floats(*field, dtype) for field in zip(params._fields, arrays, shapes, strict=True)))


def pack(params: EnsembleParams) -> tuple[np.ndarray, Sizes]:
    """Copy checked params into one row a network, (S, P)."""
    S, K, H = params.head.shape
    sizes = Sizes(params.weight_ih.shape[2], H, K)
    rows = np.empty((S, sum(m * n for m, n in sizes.shapes)), params.head.dtype)
    W, V = matrices(rows, sizes)
    stacked = np.concatenate([params.weight_ih, params.bias[..., None], params.weight_hh], 2)
    W[:] = _reorder(stacked, TO_OIFG)
    V[:, :, 0], V[:, :, 1:] = params.head_bias, params.head
    return rows, sizes


def unpack(rows: np.ndarray, sizes: Sizes) -> EnsembleParams:
    """Copy rows (S, P) back into EnsembleParams."""
    (W, V), D = matrices(rows, sizes), sizes.inputs
    W = _reorder(W, TO_IFGO)
    parts = W[:, :, :D], W[:, :, D + 1 :], W[:, :, D], V[:, :, 1:], V[:, :, 0]
    return EnsembleParams(*(np.array(part, order="C") for part in parts))


def matrices(rows: np.ndarray, sizes: Sizes) -> tuple[np.ndarray, np.ndarray]:
    """W (S, 4H, D + 1 + H) and V (S, K, 1 + H) as windows into rows (S, P): to write into one is to write into them."""
    w, v = sizes.shapes
    split = w[0] * w[1]
    return rows[:, :split].reshape(-1, *w), rows[:, split:].reshape(-1, *v)


def _reorder(W: np.ndarray, gates: list[int]) -> np.ndarray:
    S, rows, columns = W.shape
    return W.reshape(S, 4, rows // 4, columns)[:, gates].reshape(S, rows, columns)

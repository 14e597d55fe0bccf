"""One step of each recurrent cell: the article's equations, line by line.

Notebook 06 builds the LSTM from these lines; `sequence.py` does the same sums faster, and is tested against them.
Shapes: N batch, D inputs, H hidden. Gate rows stand in PyTorch's order: i, f, g, o for the LSTM; r, z, n for the GRU.
The article writes one matrix, W·[h, x]; PyTorch keeps two, W_hh·h + W_ih·x. They are the same sum.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, choose

__all__ = [
    "GRUGates", "GRUParams", "Gates", "LSTMParams", "LSTMState", "RNNParams",
    "gru_step", "lstm_step", "random_params", "rnn_step", "sigmoid",
]  # fmt: skip


class RNNParams(NamedTuple):
    weight_ih: np.ndarray  # (H, D) from the input
    weight_hh: np.ndarray  # (H, H) from the last hidden state
    bias: np.ndarray  # (H,)


class LSTMParams(NamedTuple):
    weight_ih: np.ndarray  # (4H, D) rows i, f, g, o
    weight_hh: np.ndarray  # (4H, H)
    bias: np.ndarray  # (4H,) PyTorch's bias_ih + bias_hh


class GRUParams(NamedTuple):
    weight_ih: np.ndarray  # (3H, D) rows r, z, n
    weight_hh: np.ndarray  # (3H, H)
    bias_ih: np.ndarray  # (3H,)
    bias_hh: np.ndarray  # (3H,) kept apart: r scales its candidate rows


BLOCKS = {RNNParams: 1, LSTMParams: 4, GRUParams: 3}  # of H rows each, one for each gate and the candidate


class LSTMState(NamedTuple):
    h: np.ndarray  # (N, H) hidden state: what the cell says
    c: np.ndarray  # (N, H) cell state: what the cell remembers


class Gates(NamedTuple):
    i: np.ndarray  # (N, H) input gate
    f: np.ndarray  # (N, H) forget gate
    g: np.ndarray  # (N, H) candidate, the article's C̃
    o: np.ndarray  # (N, H) output gate


class GRUGates(NamedTuple):
    r: np.ndarray  # (N, H) reset gate
    z: np.ndarray  # (N, H) update gate: near 1 it keeps the old state
    n: np.ndarray  # (N, H) candidate


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) = 1 / (1 + e⁻ᶻ) = exp(−ln(1 + e⁻ᶻ)), accurate for every z, never overflowing."""
    return np.exp(-np.logaddexp(0, -np.asarray(z)))


def lstm_step(params: LSTMParams, x: np.ndarray, state: LSTMState, candidate: str = "tanh") -> tuple[LSTMState, Gates]:
    """Read one input x (N, D) and update the state.

    f = σ(W_f·[h, x] + b_f)      C̃ = tanh(W_C·[h, x] + b_C)      C′ = f ⊙ C + i ⊙ C̃
    i = σ(W_i·[h, x] + b_i)      o = σ(W_o·[h, x] + b_o)         h′ = o ⊙ tanh(C′)

    `candidate="linear"` leaves C̃'s tanh off, so that the cell can carry an EWMA or a GARCH exactly (notebook 03).
    Raises ValueError for shapes that do not fit, NaN, or another candidate. Source: Hochreiter & Schmidhuber 1997, with
    the forget gate of Gers, Schmidhuber & Cummins 2000.
    """
    params, x, (h, c) = _check_step(LSTMParams, params, x, state)
    choose("candidate", candidate, ("tanh", "linear"))
    z = x @ params.weight_ih.T + h @ params.weight_hh.T + params.bias  # (N, 4H)
    z_i, z_f, z_g, z_o = np.split(z, 4, axis=1)
    f = sigmoid(z_f)
    i = sigmoid(z_i)
    g = np.tanh(z_g) if candidate == "tanh" else z_g
    o = sigmoid(z_o)
    c = f * c + i * g
    h = o * np.tanh(c)
    return LSTMState(h, c), Gates(i, f, g, o)


def rnn_step(params: RNNParams, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Read one input x (N, D) and return the next hidden state (N, H): h′ = tanh(W·[h, x] + b) (Elman 1990)."""
    params, x, (h,) = _check_step(RNNParams, params, x, (h,))
    return np.tanh(x @ params.weight_ih.T + h @ params.weight_hh.T + params.bias)


def gru_step(params: GRUParams, x: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, GRUGates]:
    """Read one input x (N, D) and return the next hidden state (N, H) and the gates.

    r = σ(W_r·[h, x] + b_r)     n  = tanh(W_n·x + b_n + r ⊙ (U_n·h + c_n))
    z = σ(W_z·[h, x] + b_z)     h′ = (1 − z) ⊙ n + z ⊙ h

    Source: Cho et al. 2014, in PyTorch's form, where z near 1 keeps the old state.
    """
    params, x, (h,) = _check_step(GRUParams, params, x, (h,))
    x_r, x_z, x_n = np.split(x @ params.weight_ih.T + params.bias_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ params.weight_hh.T + params.bias_hh, 3, axis=1)
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h, GRUGates(r, z, n)


def random_params(kind: type, inputs: int, hidden: int, rng: np.random.Generator, scale: float | None = None):
    """Draw RNNParams, LSTMParams or GRUParams of `kind` from U(−scale, scale), by default PyTorch's 1/√H."""
    if kind not in BLOCKS:
        raise ValueError(f"kind is {kind!r}, but must be one of {', '.join(known.__name__ for known in BLOCKS)}")
    rows = BLOCKS[kind] * hidden
    scale = 1 / np.sqrt(hidden) if scale is None else scale
    shapes = [(rows, inputs), (rows, hidden)] + [(rows,)] * (len(kind._fields) - 2)
    return kind(*(rng.uniform(-scale, scale, shape) for shape in shapes))


def check_params(kind: type, params):
    """Return `params` as finite floats of one dtype; a ValueError names the one that does not fit the others."""
    if not isinstance(params, kind):
        raise ValueError(f"params is a {type(params).__name__}, but {kind.__name__} is expected")
    arrays = [np.asarray(array) for array in params]
    dtype = np.float32 if all(array.dtype == np.float32 for array in arrays) else np.float64
    D, H = (array.shape[-1] if array.ndim else 1 for array in arrays[:2])
    rows = BLOCKS[kind] * H
    shapes = [(rows, D), (rows, H)] + [(rows,)] * (len(params) - 2)
    return kind(*(as_floats(*field, dtype) for field in zip(kind._fields, arrays, shapes, strict=True)))


def _check_step(kind: type, params, x, state: tuple):
    params = check_params(kind, params)
    x = as_floats("x", x, ("N", params.weight_ih.shape[1]), params.weight_hh.dtype)
    shape = len(x), params.weight_hh.shape[1]
    return params, x, [as_floats(name, part, shape, x.dtype) for name, part in zip("hc", state, strict=False)]

"""Whole sequences through the cells of `cell.py`, every gate kept, and BPTT: the same sums, arranged for speed.

Notebooks 02, 06 and 07 use it. Shapes: N batch, T time, D inputs, H hidden; arrays come and go batch first, (N, T, ·).
Inside, time stands first and the batch last, (T, ·, N), so that each step reads and writes whole blocks of memory. What
a call returns is its own: no later call writes into it.

σ is computed as ½ + ½ tanh(z/2): exact to 1e-16, but not relative to itself. A gate below e⁻²⁰ has few true digits.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, choose
from lstm_core.cell import GRUParams, LSTMParams, LSTMState, RNNParams, check_params

__all__ = [
    "Adjoints", "GRUGrads", "GRUTrace", "LSTMAdjoints", "LSTMGrads", "LSTMTrace", "RNNGrads", "RNNTrace",
    "gru_adjoints", "gru_backward", "gru_forward", "lstm_adjoints", "lstm_backward", "lstm_forward",
    "rnn_adjoints", "rnn_backward", "rnn_forward",
]  # fmt: skip


class LSTMTrace(NamedTuple):
    i: np.ndarray  # (N, T, H) input gate
    f: np.ndarray  # (N, T, H) forget gate
    g: np.ndarray  # (N, T, H) candidate C̃
    o: np.ndarray  # (N, T, H) output gate
    c: np.ndarray  # (N, T, H) cell state after each step
    h: np.ndarray  # (N, T, H) hidden state after each step


class LSTMAdjoints(NamedTuple):
    z: np.ndarray  # (N, T, 4H) ∂L/∂z_t of the pre-activations, rows i, f, g, o
    h: np.ndarray  # (N, T, H) ∂L/∂h_t by every route
    c: np.ndarray  # (N, T, H) ∂L/∂C_t by every route
    h0: np.ndarray  # (N, H)
    c0: np.ndarray  # (N, H)


class LSTMGrads(NamedTuple):
    weight_ih: np.ndarray  # (4H, D)
    weight_hh: np.ndarray  # (4H, H)
    bias: np.ndarray  # (4H,)
    x: np.ndarray  # (N, T, D)
    h0: np.ndarray  # (N, H)
    c0: np.ndarray  # (N, H)


class RNNTrace(NamedTuple):
    h: np.ndarray  # (N, T, H) hidden state after each step


class Adjoints(NamedTuple):
    z: np.ndarray  # (N, T, H) RNN; (N, T, 4H) GRU: rows r, z and the two parts of n, from h and from x
    h: np.ndarray  # (N, T, H) ∂L/∂h_t by every route
    h0: np.ndarray  # (N, H)


class RNNGrads(NamedTuple):
    weight_ih: np.ndarray  # (H, D)
    weight_hh: np.ndarray  # (H, H)
    bias: np.ndarray  # (H,)
    x: np.ndarray  # (N, T, D)
    h0: np.ndarray  # (N, H)


class GRUTrace(NamedTuple):
    r: np.ndarray  # (N, T, H) reset gate
    z: np.ndarray  # (N, T, H) update gate
    n: np.ndarray  # (N, T, H) candidate
    h: np.ndarray  # (N, T, H) hidden state after each step


class GRUGrads(NamedTuple):
    weight_ih: np.ndarray  # (3H, D)
    weight_hh: np.ndarray  # (3H, H)
    bias_ih: np.ndarray  # (3H,)
    bias_hh: np.ndarray  # (3H,)
    x: np.ndarray  # (N, T, D)
    h0: np.ndarray  # (N, H)


def lstm_forward(params: LSTMParams, x, state: LSTMState | None = None, candidate: str = "tanh") -> LSTMTrace:
    """Run `lstm_step` along x (N, T, D) from `state` (zeros if None); keep every gate, cell and hidden state.

    The weights' dtype, float32 or float64, is the result's. `candidate` as in `lstm_step`. Raises ValueError for shapes
    that do not fit, empty input, NaN or infinity.
    """
    params, x, (h0, c0) = _check(LSTMParams, params, x, state)
    choose("candidate", candidate, ("tanh", "linear"))
    N, T, D, H = *x.shape, h0.shape[1]
    # Gate rows o, i, f, g: the three σ side by side, then C̃, and C below it, so that [i, f] ⊙ [C̃, C] is one product.
    W = np.concatenate([params.weight_ih, params.bias[:, None], params.weight_hh], 1)
    W = W.reshape(4, H, D + 1 + H).take([3, 0, 1, 2], 0)
    # σ(z) = ½ + ½ tanh(z/2): with the σ rows' weights halved here, one tanh a step serves all four gates.
    W[:3] *= 0.5
    W = np.asfortranarray(W.reshape(4 * H, D + 1 + H))  # column by column: faster where N = 1
    U = _inputs(x, h0)  # row t: x_t, 1, h_{t−1}; one row more than steps, since h_t is written into row t + 1
    G = np.empty((T + 1, 5 * H, N), x.dtype)  # row t: o_t, i_t, f_t, C̃_t, C_{t−1}; one row more likewise
    G[0, 4 * H :] = c0.T
    z, gates, o, i_f, g_c = G[:T, : 4 * H], G[:, : 3 * H], G[:, :H], G[:, H : 3 * H], G[:, 3 * H :]
    all_squashed = candidate == "tanh"
    c, h = G[1:, 4 * H :], U[1:, D + 1 :]
    products = np.empty((2 * H, N), x.dtype)
    i_g, f_c = products[:H], products[H:]
    tanh_c = np.empty((H, N), x.dtype)
    half = np.array(0.5, x.dtype)  # a 0-d array: NumPy would convert a Python number at every step
    # Looked up once; the last argument is the output. The method W.dot(u) starts sooner than the function np.dot(W, u).
    dot, tanh, multiply, add = W.dot, np.tanh, np.multiply, np.add
    for u, z_t, gates_t, i_f_t, g_c_t, c_t, o_t, h_t in zip(U, z, gates, i_f, g_c, c, o, h):  # noqa: B905
        dot(u, z_t)  # W·[x, 1, h]: the bias is the weight of a constant input 1
        squashed = z_t if all_squashed else gates_t
        tanh(squashed, squashed)
        multiply(gates_t, half, gates_t)
        add(gates_t, half, gates_t)
        multiply(i_f_t, g_c_t, products)
        add(i_g, f_c, c_t)  # C_t = f ⊙ C_{t−1} + i ⊙ C̃
        tanh(c_t, tanh_c)
        multiply(o_t, tanh_c, h_t)
    return LSTMTrace(*map(_batch_first, (G[:T, H : 2 * H], G[:T, 2 * H : 3 * H], G[:T, 3 * H : 4 * H], o[:T], c, h)))


def lstm_adjoints(
    params: LSTMParams, trace: LSTMTrace, grad_h, state: LSTMState | None = None, grad_c=None, candidate: str = "tanh"
) -> LSTMAdjoints:
    """Send ∂L/∂h_t (N, T, H) of every step and `grad_c` = ∂L/∂C_T (N, H) back through time (BPTT, Werbos 1990).

    dh   = ∂L/∂h + W_hhᵀ·dz of the next step             dz_i = dC ⊙ C̃ ⊙ i(1 − i)         dz_g = dC ⊙ i ⊙ (1 − C̃²)
    dC   = dh ⊙ o(1 − tanh²C) + (dC ⊙ f) of the next     dz_f = dC ⊙ C_{t−1} ⊙ f(1 − f)   dz_o = dh ⊙ tanh(C) ⊙ o(1 − o)

    `lstm_backward` turns the result into the weights' gradients, `gradient_flow` into pictures.
    """
    choose("candidate", candidate, ("tanh", "linear"))
    grad_h, (_, c0) = _check_backward(params, trace.h, grad_h, state)
    i, f, g, o, c, _ = map(_time_first, trace)
    T, H, N = c.shape
    c_before = np.concatenate([c0.T[None], c[:-1]])
    tanh_c = np.tanh(c)
    # First the factors of dC (four) and of dh (two), for all steps at once; the loop then multiplies them in place.
    A = np.empty((T, 6, H, N), c.dtype)
    carry, dz_i, dz_f, dz_g, dz_o, dC_from_h = (A[:, k] for k in range(6))
    carry[:] = f
    dz_i[:] = g * i * (1 - i)
    dz_f[:] = c_before * f * (1 - f)
    dz_g[:] = i * (1 - g * g) if candidate == "tanh" else i
    dz_o[:] = tanh_c * o * (1 - o)
    dC_from_h[:] = o * (1 - tanh_c * tanh_c)
    of_c, of_h, dz = A[:, :4], A[:, 4:], A.reshape(T, 6 * H, N)[:, H : 5 * H]
    dH = np.concatenate([np.zeros((1, H, N), c.dtype), _time_first(grad_h)])  # one step ahead: dH[0] is h₀'s
    dC = np.empty((T + 1, H, N), c.dtype)
    dC[T] = 0 if grad_c is None else as_floats("grad_c", grad_c, (N, H), c.dtype).T
    W_hhT, dC_from_next = np.ascontiguousarray(params.weight_hh.T), dC[T]
    for t in reversed(range(T)):
        of_h[t] *= dH[t + 1]
        np.add(dC_from_next, dC_from_h[t], dC[t])
        of_c[t] *= dC[t]
        dH[t] += W_hhT.dot(dz[t])
        dC_from_next = carry[t]
    return LSTMAdjoints(*map(_batch_first, (dz, dH[1:], dC[:T])), dH[0].T, carry[0].T)


def lstm_backward(
    params: LSTMParams, x, trace: LSTMTrace, grad_h, state: LSTMState | None = None, grad_c=None, candidate="tanh"
) -> LSTMGrads:
    """Gradients of L by the weights, x and the initial state, from ∂L/∂h_t (N, T, H) of every step.

    `trace` is what `lstm_forward` made of the same params, x, state and candidate. `grad_c` = ∂L/∂C_T (N, H) allows a
    sequence to be cut in chunks, each handing its `c0` to the one before. Errors as in `lstm_forward`.
    """
    params, x, (h0, c0) = _check(LSTMParams, params, x, state)
    as_floats("trace.h", trace.h, (*x.shape[:2], h0.shape[1]))
    adjoints = lstm_adjoints(params, trace, grad_h, LSTMState(h0, c0), grad_c, candidate)
    dz = _time_first(adjoints.z)
    grad_x = _batch_first(params.weight_ih.T @ dz)
    return LSTMGrads(*_weight_gradients(dz, x, h0, trace.h), grad_x, adjoints.h0, adjoints.c0)


def rnn_forward(params: RNNParams, x, h0=None) -> RNNTrace:
    """Run `rnn_step` along x (N, T, D) from h0 (N, H), zeros if None. Dtype and errors as in `lstm_forward`."""
    params, x, (h0,) = _check(RNNParams, params, x, h0)
    W = np.hstack([params.weight_ih, params.bias[:, None], params.weight_hh])
    U = _inputs(x, h0)
    h = U[1:, -len(W) :]
    dot, tanh = W.dot, np.tanh
    for u, h_t in zip(U, h):  # noqa: B905
        dot(u, h_t)
        tanh(h_t, h_t)
    return RNNTrace(_batch_first(h))


def rnn_adjoints(params: RNNParams, trace: RNNTrace, grad_h) -> Adjoints:
    """Send ∂L/∂h_t (N, T, H) back through time: dz = dh ⊙ (1 − h²), dh = ∂L/∂h + W_hhᵀ·dz of the next step."""
    grad_h, _ = _check_backward(params, trace.h, grad_h, None)
    h = _time_first(trace.h)
    dH = np.concatenate([np.zeros_like(h[:1]), _time_first(grad_h)])  # one step ahead: dH[0] is h₀'s
    dz = 1 - h * h
    W_hhT = np.ascontiguousarray(params.weight_hh.T)
    for t in reversed(range(len(h))):
        dz[t] *= dH[t + 1]
        dH[t] += W_hhT.dot(dz[t])
    return Adjoints(_batch_first(dz), _batch_first(dH[1:]), dH[0].T)


def rnn_backward(params: RNNParams, x, trace: RNNTrace, grad_h, h0=None) -> RNNGrads:
    """Gradients by the weights, x and h0, from ∂L/∂h_t (N, T, H) of every step; see `lstm_backward`."""
    params, x, (h0,) = _check(RNNParams, params, x, h0)
    as_floats("trace.h", trace.h, (*x.shape[:2], h0.shape[1]))
    adjoints = rnn_adjoints(params, trace, grad_h)
    dz = _time_first(adjoints.z)
    grad_x = _batch_first(params.weight_ih.T @ dz)
    return RNNGrads(*_weight_gradients(dz, x, h0, trace.h), grad_x, adjoints.h0)


def gru_forward(params: GRUParams, x, h0=None) -> GRUTrace:
    """Run `gru_step` along x (N, T, D) from h0 (N, H), zeros if None. Dtype and errors as in `lstm_forward`."""
    params, x, (h0,) = _check(GRUParams, params, x, h0)
    N, T, D, H = *x.shape, h0.shape[1]
    # Rows r and z, their weights halved as in the LSTM, and U_n·h + c_n; the loop has no need to wait for W_n·x + b_n.
    W = np.hstack([params.weight_ih, (params.bias_ih + params.bias_hh)[:, None], params.weight_hh])
    W[: 2 * H] *= 0.5
    W[2 * H :, :D] = 0
    W[2 * H :, D] = params.bias_hh[2 * H :]
    U = _inputs(x, h0)
    n = params.weight_ih[2 * H :] @ U[:T, :D] + params.bias_ih[2 * H :, None]
    G = np.empty((T, 3 * H, N), x.dtype)
    gates, r, z, from_h, h = G[:, : 2 * H], G[:, :H], G[:, H : 2 * H], G[:, 2 * H :], U[:, D + 1 :]
    half = np.array(0.5, x.dtype)
    dot, tanh, multiply, add, subtract = W.dot, np.tanh, np.multiply, np.add, np.subtract
    for u, all_t, gates_t, r_t, z_t, from_h_t, n_t, h_before, h_t in zip(U, G, gates, r, z, from_h, n, h, h[1:]):  # noqa: B905
        dot(u, all_t)
        tanh(gates_t, gates_t)
        multiply(gates_t, half, gates_t)
        add(gates_t, half, gates_t)
        multiply(r_t, from_h_t, from_h_t)
        add(n_t, from_h_t, n_t)
        tanh(n_t, n_t)
        subtract(h_before, n_t, h_t)
        multiply(h_t, z_t, h_t)
        add(h_t, n_t, h_t)  # n + z ⊙ (h − n) = (1 − z) ⊙ n + z ⊙ h
    return GRUTrace(*map(_batch_first, (r, z, n, h[1:])))


def gru_adjoints(params: GRUParams, trace: GRUTrace, grad_h, h0=None) -> Adjoints:
    """Send ∂L/∂h_t (N, T, H) back through time, every factor being one of dh (see `lstm_adjoints`)."""
    grad_h, (h0,) = _check_backward(params, trace.h, grad_h, h0)
    r, z, n, h = map(_time_first, trace)
    T, H, N = h.shape
    h_before = np.concatenate([h0.T[None], h[:-1]])
    n_h = params.weight_hh[2 * H :] @ h_before + params.bias_hh[2 * H :, None]
    A = np.empty((T, 5, H, N), h.dtype)
    carry, dz_r, dz_z, dz_n_h, dz_n_x = (A[:, k] for k in range(5))
    carry[:] = z
    dz_z[:] = (h_before - n) * z * (1 - z)
    dz_n_x[:] = (1 - z) * (1 - n * n)
    dz_n_h[:] = dz_n_x * r
    dz_r[:] = dz_n_h * n_h * (1 - r)
    dz = A.reshape(T, 5 * H, N)[:, H:]
    dH = np.concatenate([np.zeros_like(h[:1]), _time_first(grad_h)])
    W_hhT = np.ascontiguousarray(params.weight_hh.T)
    for t in reversed(range(T)):
        A[t] *= dH[t + 1]
        dH[t] += carry[t]
        dH[t] += W_hhT.dot(dz[t, : 3 * H])
    return Adjoints(_batch_first(dz), _batch_first(dH[1:]), dH[0].T)


def gru_backward(params: GRUParams, x, trace: GRUTrace, grad_h, h0=None) -> GRUGrads:
    """Gradients by the weights, x and h0, from ∂L/∂h_t (N, T, H) of every step; see `lstm_backward`."""
    params, x, (h0,) = _check(GRUParams, params, x, h0)
    H = h0.shape[1]
    as_floats("trace.h", trace.h, (*x.shape[:2], h0.shape[1]))
    adjoints = gru_adjoints(params, trace, grad_h, h0)
    dz = _time_first(adjoints.z)
    from_h, from_x = slice(3 * H), np.r_[: 2 * H, 3 * H : 4 * H]
    weight_ih, weight_hh, bias = _weight_gradients(dz, x, h0, trace.h)
    grad_x = params.weight_ih[: 2 * H].T @ dz[:, : 2 * H] + params.weight_ih[2 * H :].T @ dz[:, 3 * H :]
    return GRUGrads(
        weight_ih[from_x], weight_hh[from_h], bias[from_x], bias[from_h], _batch_first(grad_x), adjoints.h0
    )  # fmt: skip


def _inputs(x, h0):
    """U[t] = [x_t, 1, h_{t−1}], one column a sequence: (T + 1, D + 1 + H, N). The forward loop fills in h."""
    (N, T, D), H = x.shape, h0.shape[1]
    U = np.empty((T + 1, D + 1 + H, N), x.dtype)
    U[:T, :D] = _time_first(x)
    U[:, D] = 1
    U[0, D + 1 :] = h0.T
    return U


def _weight_gradients(dz, x, h0, h):
    """∂L/∂W_ih, ∂L/∂W_hh and ∂L/∂b from dz (T, rows, N): Σ_t dz_t ⊗ [x_t, 1, h_{t−1}] holds all three."""
    D = x.shape[2]
    U = _inputs(x, h0)
    U[1:, D + 1 :] = _time_first(h)
    if len(x) == 1:  # the steps of a single sequence stand side by side already: one product instead of T
        total = dz[:, :, 0].T @ U[:-1, :, 0]
    else:
        total = np.zeros((dz.shape[1], U.shape[1]), x.dtype)
        for dz_t, u in zip(dz, U):  # noqa: B905
            total += dz_t @ u.T
    return total[:, :D], total[:, D + 1 :], total[:, D]


def _check(kind: type, params, x, state):
    params = check_params(kind, params)
    x = as_floats("x", x, ("N", "T", params.weight_ih.shape[1]), params.weight_hh.dtype)
    shape = len(x), params.weight_hh.shape[1]
    return params, x, _check_state(kind, state, shape, x.dtype)


def _check_state(kind: type, state, shape: tuple[int, int], dtype):
    names = ("h0", "c0") if kind is LSTMParams else ("h0",)
    if state is None:
        return [np.zeros(shape, dtype) for _ in names]
    parts = state if kind is LSTMParams else (state,)
    if len(parts) != len(names):
        raise ValueError(f"state has {len(parts)} part(s), but h0 and c0 are expected, as in LSTMState(h, c)")
    return [as_floats(name, part, shape, dtype) for name, part in zip(names, parts, strict=True)]


def _check_backward(params, h, grad_h, state):
    N, T, H = h.shape
    grad_h = as_floats("grad_h", grad_h, (N, T, params.weight_hh.shape[1]), h.dtype)
    return grad_h, _check_state(type(params), state, (N, H), h.dtype)


def _batch_first(a):
    return a.transpose(2, 0, 1)


def _time_first(a):
    return a.transpose(1, 2, 0)

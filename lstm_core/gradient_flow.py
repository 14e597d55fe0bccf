"""How much of a gradient survives the way back through time. Notebooks 02, 03 and 07 draw it.

Shapes: N batch, T time, D inputs, H hidden. The measure is the gain of a Jacobian J (H, H): ‖J‖_F / √H, the root mean
square factor by which it stretches a random direction. It is 1 for the identity, and at most the spectral norm.
"""

import numpy as np

from lstm_core import sequence
from lstm_core._checks import as_floats
from lstm_core.cell import GRUParams, LSTMParams, LSTMState, RNNParams

__all__ = [
    "bias_for_half_life", "cell_path", "gain", "gru_jacobians", "half_life", "lstm_jacobians", "orthogonal_rnn",
    "rnn_jacobians", "state_gradients",
]  # fmt: skip


def half_life(forget_bias):
    """Steps after which a forget gate that stays at σ(b_f) has left half: ln 2 / −ln σ(b_f) = ln 2 / ln(1 + e^−b_f)."""
    forget_bias = as_floats("forget_bias", forget_bias, ["any"] * np.ndim(forget_bias))
    return np.log(2) / np.logaddexp(0, -forget_bias)


def bias_for_half_life(steps):
    """The forget bias whose half-life is L = `steps` > 0: σ(b)^L = ½, so b = −ln(2^(1/L) − 1) ≈ ln(L / ln 2)."""
    steps = as_floats("steps", steps, ["any"] * np.ndim(steps))
    if np.any(steps <= 0):
        raise ValueError(f"steps is {np.min(steps):g}, but a half-life is longer than 0 steps")
    return -np.log(np.expm1(np.log(2) / steps))


def cell_path(trace: sequence.LSTMTrace) -> np.ndarray:
    """The cell's own path back from the last step, ∏ f_s over s = t + 1 … T: (N, T, H), 1 at the last step.

    It is ∂C_T/∂C_t with the gates held as they were; `lstm_jacobians` adds the route through h into the gates.
    """
    later = np.concatenate([trace.f[:, 1:], np.ones_like(trace.f[:, :1])], axis=1)
    return np.cumprod(later[:, ::-1], axis=1)[:, ::-1]


def rnn_jacobians(params: RNNParams, x, h0=None) -> np.ndarray:
    """∂h_T/∂h_t for t = 1 … T, (N, T, H, H), row k being the gradient of h_T's unit k. Errors as in `rnn_forward`."""
    trace, seeds = _one_copy_per_unit(sequence.rnn_forward(params, x, h0))
    return _as_jacobians(sequence.rnn_adjoints(params, trace, seeds).h)


def gru_jacobians(params: GRUParams, x, h0=None) -> np.ndarray:
    """∂h_T/∂h_t for t = 1 … T, (N, T, H, H), as in `rnn_jacobians`."""
    trace, seeds = _one_copy_per_unit(sequence.gru_forward(params, x, h0))
    return _as_jacobians(sequence.gru_adjoints(params, trace, seeds).h)


def lstm_jacobians(params: LSTMParams, x, state: LSTMState | None = None, candidate: str = "tanh") -> np.ndarray:
    """∂C_T/∂C_t for t = 1 … T by every route, (N, T, H, H), row k being the gradient of C_T's unit k."""
    trace, seeds = _one_copy_per_unit(sequence.lstm_forward(params, x, state, candidate))
    adjoints = sequence.lstm_adjoints(params, trace, np.zeros_like(seeds), None, seeds[:, -1], candidate)
    return _as_jacobians(adjoints.c)


def state_gradients(params: RNNParams | LSTMParams | GRUParams, x, grad_last) -> np.ndarray:
    """∂L/∂C_t of every step, (N, T, H), where L hears of the last h alone: grad_last = ∂L/∂h_T (N, H).

    For the RNN and the GRU, which have no cell, ∂L/∂h_t. Errors as in `lstm_forward`, and for other params.
    """
    kinds = {RNNParams: sequence.rnn_forward, LSTMParams: sequence.lstm_forward, GRUParams: sequence.gru_forward}
    if type(params) not in kinds:
        raise ValueError(f"params is a {type(params).__name__}, but RNNParams, LSTMParams or GRUParams are expected")
    trace = kinds[type(params)](params, x)
    grad_h = np.zeros_like(trace.h)
    grad_h[:, -1] = as_floats("grad_last", grad_last, (len(grad_h), grad_h.shape[2]))
    if isinstance(params, LSTMParams):
        return sequence.lstm_adjoints(params, trace, grad_h).c
    adjoints = sequence.rnn_adjoints if isinstance(params, RNNParams) else sequence.gru_adjoints
    return adjoints(params, trace, grad_h).h


def gain(jacobians: np.ndarray) -> np.ndarray:
    """‖J‖_F / √H of each of (…, H, H)."""
    most = np.abs(jacobians).max(axis=(-2, -1), keepdims=True)
    most[most == 0] = 1  # divided by the largest entry first, since squares soon leave a float's range
    return most[..., 0, 0] * np.linalg.norm(jacobians / most, axis=(-2, -1)) / np.sqrt(jacobians.shape[-1])


def orthogonal_rnn(
    inputs: int, hidden: int, spectral_radius: float, input_scale: float, rng: np.random.Generator
) -> RNNParams:
    """An RNN whose W_hh is a random ORTHOGONAL matrix times ρ, with input weights N(0, input_scale²) and no bias.

    For an orthogonal matrix ρ is the largest eigenvalue and the largest singular value at once, so the bound
    ‖∂h_T/∂h_t‖ ≤ ρ^(T−t) is one that can be reached (Pascanu, Mikolov & Bengio 2013 give it for any matrix).
    """
    orthogonal, upper = np.linalg.qr(rng.normal(size=(hidden, hidden)))
    orthogonal *= np.sign(np.diag(upper))  # without it LAPACK's habit of signs, which differs by library, would show
    return RNNParams(input_scale * rng.normal(size=(hidden, inputs)), spectral_radius * orthogonal, np.zeros(hidden))


def _one_copy_per_unit(trace):
    """Each sequence H times, with a gradient of 1 on unit k of copy k's last step: BPTT then makes the Jacobians."""
    N, T, H = trace.h.shape
    seeds = np.zeros((N, H, T, H), trace.h.dtype)
    seeds[:, range(H), -1, range(H)] = 1
    return type(trace)(*(np.repeat(a, H, axis=0) for a in trace)), seeds.reshape(N * H, T, H)


def _as_jacobians(adjoints):
    copies, T, H = adjoints.shape
    return adjoints.reshape(copies // H, H, T, H).swapaxes(1, 2)

"""The cell of 1997 along a sequence, and its truncated gradient, which needs no loop back through time.

Shapes: S trials, T time, D inputs, C cells, R hidden units, K outputs; arrays come and go trial first, (S, T, ·).
Inside, time stands first and the trials last, so that each step reads and writes whole blocks of memory.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats
from lstm_core.paper1997.inputs import check_x, outer_x, times_x
from lstm_core.paper1997.net import Net, Weights, check_weights, connections, sizes

__all__ = ["Trace", "forward", "gradient"]


class Trace(NamedTuple):
    y_in: np.ndarray  # (S, T, blocks) input gates
    y_out: np.ndarray  # (S, T, blocks) output gates; 1 where the net has none
    g: np.ndarray  # (S, T, C) squashed input of the cells
    s: np.ndarray  # (S, T, C) internal state after each step
    h: np.ndarray  # (S, T, C) squashed state
    y_c: np.ndarray  # (S, T, C) what the cells say
    y: np.ndarray  # (S, T, K) what the output units say


def forward(net: Net, weights: Weights, x) -> Trace:
    """Run every trial's network along its own sequence x: (S, T, D) numbers, or (S, T) symbols 0 … D − 1, read one-hot.

    net  = W·[x_t, 1, y_{t−1}]         s_t = s_{t−1} + y_in ⊙ g(net_c)     (9)
    y_in = σ(net_in)         (7)       y_c = y_out ⊙ h(s_t)                (9)
    y_out = σ(net_out)       (8)       y   = σ(W_out·[x_t, 1, y_c])

    A step is one of the paper's Section 5: first the input, then the hidden units, then the output units. Activations
    and states start at zero. Raises ValueError for shapes that do not fit, empty input, NaN or infinity.
    """
    weights = check_weights(net, weights)
    x = check_x(net, len(weights.hidden), x)
    hidden = run_hidden(net, weights, x)
    return Trace(*hidden, read_out(net, weights, x, hidden[-1]))


def gradient(net: Net, weights: Weights, x, trace: Trace, grad_y) -> Weights:
    """The truncated ∂L/∂w, summed over the steps, from grad_y = ∂L/∂y (S, T, K): 0 where a step has no target.

    d_k   = grad_y ⊙ y(1 − y)                      (19)      d_out = y_out(1 − y_out) ⊙ Σ_v h(s) ⊙ d_yc     (21)
    d_yc  = W_outᵀ·d_k                                       d_c   = y_in ⊙ g′ ⊙ d_s                        (27)
    d_s_t = Σ_{τ ≥ t} (y_out ⊙ h′(s) ⊙ d_yc)_τ     (23)      d_in  = y_in(1 − y_in) ⊙ Σ_v g ⊙ d_s           (25)

    An error that has come into a cell stays there as it is, so d_s of a step is the sum of all that comes in from then
    on: one value for all steps if the only error is at the end. What leaves, by a gate or by g, changes the weights
    there and goes no further: ∂L/∂w = Σ_t d_t ⊗ [x_t, 1, y_{t−1}] (22, 26, 28). The paper carries ∂s/∂w forward instead
    (see `learn_online`); for weights that stand still it is the same sum, added up the other way. Errors as in
    `forward`.
    """
    weights = check_weights(net, weights)
    x = check_x(net, len(weights.hidden), x)
    grad_y = as_floats("grad_y", grad_y, (*x.shape[:2], net.outputs), np.float64)
    as_floats("trace.y", trace.y, grad_y.shape)
    as_floats("trace.s", trace.s, (*x.shape[:2], net.blocks * net.size))
    came_in, d_out, to_output = errors_come_in(net, weights, x, trace, grad_y * trace.y * (1 - trace.y))
    masks = connections(net)
    to_hidden = errors_go_out(net, x, trace, stay_in(came_in), d_out)
    return Weights(to_hidden * masks.hidden, to_output * masks.output)


def run_hidden(net: Net, weights: Weights, x) -> tuple[np.ndarray, ...]:
    """The fields of `Trace` but the last."""
    _, D, C, R, _ = sizes(net)
    (S, T), b = x.shape[:2], net.blocks
    # σ(z) = ½ + ½ tanh(z/2) and 4σ(z) − 2 = 2 tanh(z/2): with the weights halved one tanh a step serves all units.
    W = 0.5 * weights.hidden
    drive = np.ascontiguousarray(times_x(W[:, :, :D], x).transpose(1, 2, 0))  # (T, R, S)
    drive += W[:, :, D].T
    slope, offset = np.full((R, S), 0.5), np.full((R, S), 0.5)
    if net.g == "centred":
        slope[:C], offset[:C] = 2, 0
    A = np.empty((T + 1, R + C, S))  # row t + 1: step t's g, y_in, y_out, y_c; its net inputs become the first three
    A[0] = 0
    W_yT = np.concatenate([W[:, :, D + 1 + C :], W[:, :, D + 1 : D + 1 + C]], 2).swapaxes(1, 2).copy()
    y_before, net_in = (a.transpose(0, 2, 1)[:, :, None] for a in (A[:-1, C:], A[1:, :R]))  # (T, S, 1, R)
    s = np.zeros((T + 1, C, S))
    h = np.empty((T, C, S)) if net.h == "centred" else s[1:]
    g, y_in, y_c = A[1:, :C], A[1:, C : C + b], A[1:, R:]
    y_out = A[1:, C + b : R] if net.output_gate else np.ones((T, b, S))
    in_block = [a.reshape(T, b, -1, S) for a in (g, y_in, y_out, h, y_c)]
    ds = np.empty((b, net.size, S))
    ds_flat, half, centred = ds.reshape(C, S), np.array(0.5), net.h == "centred"
    matmul, tanh, multiply, add = np.matmul, np.tanh, np.multiply, np.add
    steps = zip(y_before, net_in, A[1:, :R], drive, s, s[1:], h, *in_block)  # noqa: B905
    for y_t, into, units, drive_t, s_before, s_t, h_flat, g_t, y_in_t, y_out_t, h_t, y_c_t in steps:
        matmul(y_t, W_yT, into)  # into is a view of units
        add(units, drive_t, units)
        tanh(units, units)
        multiply(units, slope, units)
        add(units, offset, units)
        multiply(y_in_t, g_t, ds)
        add(s_before, ds_flat, s_t)
        if centred:
            multiply(s_t, half, h_flat)
            tanh(h_flat, h_flat)  # 2σ(s) − 1 = tanh(s/2)
        multiply(y_out_t, h_t, y_c_t)
    return tuple(a.transpose(2, 0, 1) for a in (y_in, y_out, g, s[1:], h, y_c))


def read_out(net: Net, weights: Weights, x, y_c) -> np.ndarray:
    """The output units' activations (S, T, K)."""
    D = net.inputs
    z = np.matmul(y_c, weights.output[:, :, D + 1 :].swapaxes(1, 2)) + weights.output[:, None, :, D]
    if net.direct:
        z += times_x(weights.output[:, :, :D], x)
    return sigmoid(z)


def errors_come_in(net: Net, weights: Weights, x, hidden, d_k) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What d_k = ∂L/∂net_k (S, T, K) of some steps does in those steps, of which `hidden` holds the activations.

    Returns what comes into the cells (S, T, C), d_out (S, T, blocks), and the gradient by the output units' weights.
    """
    y_out, h, y_c = hidden[1], hidden[4], hidden[5]
    D = net.inputs
    d_yc = d_k @ weights.output[:, :, D + 1 :]
    came_in = np.repeat(y_out, net.size, axis=2) * h_slope(net, h) * d_yc
    d_out = y_out * (1 - y_out) * (h * d_yc).reshape(*d_k.shape[:2], net.blocks, net.size).sum(3)
    from_x = outer_x(d_k, x, D) if net.direct else np.zeros((len(x), net.outputs, D))
    return came_in, d_out, np.concatenate([from_x, d_k.sum(1)[:, :, None], d_k.swapaxes(1, 2) @ y_c], axis=2)


def stay_in(came_in: np.ndarray) -> np.ndarray:
    """∂L/∂s of every step (S, T, C): the sum of what comes in at that step and later."""
    return np.cumsum(came_in[:, ::-1], axis=1)[:, ::-1]


def errors_go_out(net: Net, x, hidden, d_s, d_out) -> np.ndarray:
    """The gradient by the hidden units' weights, from d_s (S, T, C) and d_out (S, T, blocks) of every step."""
    y_in, y_out, g, _, _, y_c = (a.transpose(1, 2, 0) for a in hidden[:6])
    (T, C, S), b = g.shape, net.blocks
    in_blocks, d_s = (T, b, net.size, S), d_s.transpose(1, 2, 0)
    d = np.empty((T, sizes(net)[3], S))
    np.multiply((g_slope(net, g) * d_s).reshape(in_blocks), y_in[:, :, None], out=d[:, :C].reshape(in_blocks))
    np.multiply((g * d_s).reshape(in_blocks).sum(2), y_in * (1 - y_in), out=d[:, C : C + b])
    if net.output_gate:
        d[:, C + b :] = d_out.transpose(1, 2, 0)
    d = d.transpose(2, 0, 1).copy()  # (S, T, R)
    y = np.concatenate([a.transpose(2, 0, 1) for a in ((y_c, y_in, y_out) if net.output_gate else (y_c, y_in))], axis=2)
    to_y = d[:, 1:].swapaxes(1, 2) @ y[:, :-1]
    return np.concatenate([outer_x(d, x, net.inputs), d.sum(1)[:, :, None], to_y], axis=2)


def sigmoid(z):
    """σ(z) = ½ + ½ tanh(z/2): quicker than `cell.sigmoid`, and as exact where σ is not tiny."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def squash(net: Net, z) -> tuple[np.ndarray, np.ndarray]:
    """g (S, C) and the gates (S, R − C) of one step, from the hidden units' net inputs (S, R)."""
    gates, cells = sigmoid(z), net.blocks * net.size
    g = gates[:, :cells]
    return 4 * g - 2 if net.g == "centred" else g, gates[:, cells:]


def g_slope(net: Net, g):
    """g′ by g itself: 1 − g²/4 of 4σ − 2, g(1 − g) of σ."""
    return 1 - 0.25 * g * g if net.g == "centred" else g * (1 - g)


def h_slope(net: Net, h):
    """h′ by h itself: (1 − h²)/2 of 2σ − 1, 1 of the identity."""
    return 0.5 - 0.5 * h * h if net.h == "centred" else 1.0

"""On-line learning by the rule of 1997: gradient descent on L = ½ Σ_k (y_k − target_k)², one sequence at a time.

Shapes: S trials, T time, D inputs, C cells, R hidden units, K outputs; x (S, T, D), or (S, T) symbols. The paper's (16)
lacks the ½, its (19) has it. The paper does not say when weights change: "on-line learning (as opposed to batch
learning)" (Section 5) fits both `learn_online`, after every step, and `learn_at_end`, after every sequence by "the sum
of the contributions of all time steps" (A.1). Where the only error comes at the end, both do the same.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats
from lstm_core.paper1997.inputs import check_x, one_hot, times_x
from lstm_core.paper1997.net import Net, Weights, check_weights, connections, sizes
from lstm_core.paper1997.rule import (
    errors_come_in,
    errors_go_out,
    g_slope,
    h_slope,
    read_out,
    run_hidden,
    sigmoid,
    squash,
    stay_in,
)

__all__ = ["Carry", "OnlineRun", "learn_at_end", "learn_online"]


class Carry(NamedTuple):
    y: np.ndarray  # (S, R) the hidden units' last activations
    s: np.ndarray  # (S, C) internal states
    partials: np.ndarray  # (S, 2, C, D + 1 + R) ∂s/∂w by each cell's own weights, and by those of its input gate


class OnlineRun(NamedTuple):
    weights: Weights  # after the last step
    y: np.ndarray  # (S, T, K) the outputs, each step's by the weights it found; 0 after a trial's end
    carry: Carry  # to go on from; means nothing for a trial that has ended before T


def learn_at_end(
    net: Net, weights: Weights, x, target, rate, lengths=None, learns: Weights | None = None
) -> tuple[Weights, np.ndarray]:
    """Run one sequence in every trial, then change the weights once; return them and the outputs before the change.

    `target` (S, K) is for the last step only, and so are the outputs (S, K). With `target` (S, T, K) every step has
    one, and the outputs are (S, T, K), 0 after a trial's end. `lengths` (S,) are the trials' own, T if None; what
    stands behind them in x and target changes nothing. `rate` is one learning rate, or (S,): 0 leaves a trial as it
    is. `learns`, True where a weight may change, holds the others still (experiment 2a adds its cell late). Raises
    ValueError for shapes that do not fit, NaN, infinity, a rate below 0.
    """
    weights, x, lengths, (may_hidden, may_output) = _check(net, weights, x, lengths, learns)
    S, T = x.shape[:2]
    every_step = np.ndim(target) == 3
    target = as_floats("target", target, (S, T, net.outputs) if every_step else (S, net.outputs), np.float64)
    steps = np.arange(T)[None] if every_step else lengths[:, None] - 1  # those that have a target
    there = (steps < lengths[:, None])[:, :, None]
    rate = _check_rate(rate, ((), (S,))).reshape(-1, 1, 1) * there
    at = np.arange(S)[:, None], steps
    trace = run_hidden(net, weights, x)
    trace_at = [a[at] for a in trace]
    y = read_out(net, weights, x[at], trace_at[-1]) * there
    d_k = rate * (y - target.reshape(y.shape)) * y * (1 - y)
    d_s, d_out = np.zeros((S, T, net.blocks * net.size)), np.zeros((S, T, net.blocks))
    d_s[at], d_out[at], to_output = errors_come_in(net, weights, x[at], trace_at, d_k)
    to_hidden = errors_go_out(net, x, trace, stay_in(d_s), d_out)
    changed = Weights(weights.hidden - to_hidden * may_hidden, weights.output - to_output * may_output)
    return changed, y if every_step else y[:, 0]


def learn_online(
    net: Net, weights: Weights, x, target, rate, lengths=None, carry: Carry | None = None, learns: Weights | None = None
) -> OnlineRun:
    """Run one sequence in every trial, changing the weights after every step of it.

    ∂s/∂w_c  += y_in ⊙ g′ ⊗ u              (27)      Δw_c  = −α d_s ⊙ ∂s/∂w_c        (28)      u = [x_t, 1, y_{t−1}]
    ∂s/∂w_in += g ⊙ y_in(1 − y_in) ⊗ u     (25)      Δw_in = −α Σ_v d_s ⊙ ∂s/∂w_in   (26)      Δw_out = −α d_out ⊗ u

    d_s and d_out are `gradient`'s, of what comes in at this step alone. The partials ∂s/∂w go along while the weights
    change, as in RTRL: a step long past counts with the weights it had. `target` is (S, T, K); `rate` is as in
    `learn_at_end`, or (S, T), 0 where a step has no target. `carry` goes on from an earlier run, so that one step is a
    run with T = 1; None starts from zeros. `lengths`, `learns` and errors are those of `learn_at_end`.
    """
    weights, x, lengths, (may_hidden, may_output) = _check(net, weights, x, lengths, learns)
    _, D, C, R, K = sizes(net)
    (S, T), b, in_blocks = x.shape[:2], net.blocks, (len(x), net.blocks, net.size)
    target = as_floats("target", target, (S, T, K), np.float64)
    rate = _check_rate(rate, ((), (S,), (S, T)))
    rate = rate.reshape(rate.shape + (1,) * (2 - rate.ndim)) * (np.arange(T) < lengths[:, None])
    vectors = one_hot(x, D)
    hidden, output = weights.hidden.copy(), weights.output.copy()
    from_cells, may_from_cells = output[:, :, D:], may_output[:, D:]  # the bias with them
    y, to_hidden = np.empty((S, T, K)), np.empty_like(hidden)
    u, v, y_out = np.ones((S, D + 1 + R)), np.ones((S, 1 + C)), np.ones((S, b, 1))  # u, [1, y_c]
    u[:, D + 1 :], s, partials = _check_carry(carry, S, D, C, R)
    s, by_own, by_gate = s.reshape(in_blocks), *(partials.reshape(S, 2, b, net.size, -1)[:, k] for k in (0, 1))
    for t in range(T):
        u[:, :D] = vectors[:, t]
        g, gates = squash(net, (hidden @ u[:, :, None])[:, :, 0])
        g, y_in = g.reshape(in_blocks), gates[:, :b, None]
        if net.output_gate:
            y_out = gates[:, b:, None]
        s = s + y_in * g
        h = np.tanh(0.5 * s) if net.h == "centred" else s
        by_own += (y_in * g_slope(net, g))[..., None] * u[:, None, None]
        by_gate += (g * (y_in * (1 - y_in)))[..., None] * u[:, None, None]

        v[:, 1:] = (y_out * h).reshape(S, C)
        z = (from_cells @ v[:, :, None])[:, :, 0]
        if net.direct:
            z += times_x(output[:, :, :D], x[:, t : t + 1])[:, 0]
        y[:, t] = y_t = sigmoid(z)
        d_k = rate[:, t, None] * (y_t - target[:, t]) * y_t * (1 - y_t)
        d_yc = (d_k[:, None] @ from_cells[:, :, 1:]).reshape(in_blocks)
        d_s = y_out * h_slope(net, h) * d_yc

        to_hidden[:, :C] = (d_s[..., None] * by_own).reshape(S, C, -1)
        to_hidden[:, C : C + b] = (d_s[:, :, None] @ by_gate)[:, :, 0]
        if net.output_gate:
            to_hidden[:, C + b :] = y_out * (1 - y_out) * (h * d_yc).sum(2, keepdims=True) * u[:, None]
        hidden -= to_hidden * may_hidden
        from_cells -= d_k[:, :, None] * v[:, None] * may_from_cells
        if net.direct and x.ndim == 2:
            output[np.arange(S), :, x[:, t]] -= d_k * may_output.T[x[:, t]]
        elif net.direct:
            output[:, :, :D] -= d_k[:, :, None] * x[:, t, None] * may_output[:, :D]
        u[:, D + 1 : D + 1 + C], u[:, D + 1 + C :] = v[:, 1:], gates
    y[np.arange(T) >= lengths[:, None]] = 0
    return OnlineRun(Weights(hidden, output), y, Carry(u[:, D + 1 :], s.reshape(S, C), partials))


def _check(net: Net, weights: Weights, x, lengths, learns):
    weights = check_weights(net, weights)
    x, masks = check_x(net, len(weights.hidden), x), connections(net)
    S, T = x.shape[:2]
    if learns is not None:
        shapes = [mask.shape for mask in masks]
        if [np.shape(mask) for mask in learns] != shapes:
            raise ValueError(f"learns has shapes {[np.shape(m) for m in learns]}, but {shapes} are expected: one for "
                             "all trials, as connections(net) returns them")  # fmt: skip
        masks = Weights(*(np.asarray(mask, bool) & there for mask, there in zip(learns, masks, strict=True)))
    if lengths is None:
        return weights, x, np.full(S, T), masks
    whole = as_floats("lengths", lengths, (S,))
    if (whole != whole.round()).any() or whole.min() < 1 or whole.max() > T:
        raise ValueError(f"lengths is {lengths}, but whole numbers of steps from 1 to x's {T} are expected")
    return weights, x, whole.astype(int), masks


def _check_rate(rate, shapes) -> np.ndarray:
    fits = [shape for shape in shapes if len(shape) == np.ndim(rate)]
    rate = as_floats("rate", rate, fits[0] if fits else shapes[-1], np.float64)
    if rate.min() < 0:
        raise ValueError(f"rate is {rate.min():g} at the lowest, but descent needs 0 or more")
    return rate


def _check_carry(carry: Carry | None, S: int, D: int, C: int, R: int) -> list[np.ndarray]:
    shapes = (S, R), (S, C), (S, 2, C, D + 1 + R)
    if carry is None:
        return [np.zeros(shape) for shape in shapes]
    if not isinstance(carry, Carry):
        raise ValueError(f"carry is a {type(carry).__name__}, but a Carry is expected, as learn_online returns it")
    named = zip(Carry._fields, carry, shapes, strict=True)
    return [as_floats(f"carry.{name}", a, shape, np.float64).copy() for name, a, shape in named]

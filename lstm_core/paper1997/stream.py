"""Sequence after sequence through one network of 1997, in compiled loops: what a replay of the paper needs.

`learning.py` runs S trials side by side, one sequence each, in NumPy. Here one trial goes through a whole stream of
sequences, in loops that Numba compiles, some twenty times as fast; a test holds both to the same weights. It is the
paper's own way of adding up, its partials ∂s/∂w carried forward through time (Appendix A.1, "the complete algorithm").

Shapes: N sequences, T steps of the longest, D inputs, C cells, R hidden units, K outputs; a network's weights stand
without the axis of trials: hidden (R, D + 1 + R), output (K, D + 1 + C).
"""

from typing import NamedTuple

import numba
import numpy as np

from lstm_core._checks import as_floats, choose, whole
from lstm_core.paper1997.net import Net, Weights, check_net, connections, sizes
from lstm_core.tasks.batch import Batch

__all__ = ["WHEN", "answer", "learn_stream", "one_trial"]

WHEN = ("step", "sequence")  # when weights change: after every step, as `learn_online`; at the end, as `learn_at_end`


class Form(NamedTuple):
    """What of a `Net` the loops look at, as numbers."""

    blocks: int
    size: int
    output_gate: bool
    g_centred: bool
    h_centred: bool
    direct: bool
    every_step: bool  # is there an error signal at steps other than the last?
    numbers_wanted: bool  # are targets numbers, or symbols?


def one_trial(weights: Weights, k: int) -> Weights:
    """Copy trial k of S networks' weights: hidden (R, D + 1 + R), output (K, D + 1 + C)."""
    whole("k", k, 0, len(weights.hidden) - 1)
    return Weights(weights.hidden[k].copy(), weights.output[k].copy())


def learn_stream(
    net: Net, weights: Weights, batch: Batch, rate: float, when: str = "step", learns: Weights | None = None
) -> tuple[Weights, np.ndarray]:
    """Show one network the batch's N sequences, one after another, and change its weights after every step or sequence.

    Returns the weights after the last one, and what the network said before it learnt from it: (N, K) at the last step
    where only that has an error signal, else (N, T, K), 0 where there is none. `rate` and `learns` as in
    `learn_online`. Raises ValueError for a batch of other inputs or outputs, weights of other shapes, NaN, a rate below
    0, an unknown `when`.
    """
    hidden, output = _check(net, weights, batch)
    masks = connections(net) if learns is None else _check_learns(net, learns)
    if as_floats("rate", rate, ()) < 0:
        raise ValueError(f"rate is {rate}, but descent needs 0 or more")
    online = choose("when", when, WHEN) == "step"
    return _run(net, hidden, output, batch, float(rate), online, masks, True)


def answer(net: Net, weights: Weights, batch: Batch) -> np.ndarray:
    """What the network says to each of the batch's sequences, as in `learn_stream`, while it learns nothing."""
    hidden, output = _check(net, weights, batch)
    return _run(net, hidden, output, batch, 0.0, False, connections(net), False)[1]


def _run(net, hidden, output, batch, rate, online, masks, learning):
    form = Form(net.blocks, net.size, net.output_gate, net.g == "centred", net.h == "centred", net.direct,
                bool((batch.mask.sum(1) > 1).any()), batch.wanted.ndim == 3)  # fmt: skip
    column, value = _sparse(batch)
    said = np.zeros((len(batch.mask), batch.mask.shape[1] if form.every_step else 1, net.outputs))
    wanted = batch.wanted if batch.wanted.ndim == 3 else batch.wanted[..., None]
    by_input = [np.ascontiguousarray(part.T, float) for part in (hidden, output, *masks)]
    _walk(form, *by_input, column, value, wanted, batch.mask, batch.lengths, rate, online, learning, said)
    return Weights(by_input[0].T.copy(), by_input[1].T.copy()), said if form.every_step else said[:, 0]


def _sparse(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """A step's inputs that are not 0, as columns of the weights and values, (N, T, M) each: one column for a symbol."""
    if batch.given.ndim == 2:
        return batch.given[..., None], np.ones((1, 1, 1), np.float32)
    return np.arange(batch.inputs)[None, None], batch.given


@numba.njit(cache=True, nogil=True)
def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


@numba.njit(cache=True, nogil=True)
def _weighted_sum(weights, rows, u, z):
    """z = Σ_a u_a · weights[rows_a]: the product of a matrix and an input whose other entries are 0."""
    z[:] = 0
    for a in range(len(rows)):
        for r in range(len(z)):
            z[r] += weights[rows[a], r] * u[a]


@numba.njit(cache=True, nogil=True)
def _walk(form, hidden, output, may_hidden, may_output, columns, values, wanted, mask, lengths, rate, online, learning,
          said):  # fmt: skip
    """Weights stand input by input here, hidden (D + 1 + R, R) and output (D + 1 + C, K), so that what one input does
    to all units is one row: a sum that the processor takes several units of at once, in an order that stays the same.
    """
    b, size = form.blocks, form.size
    R, K, C, M = hidden.shape[1], output.shape[1], b * size, columns.shape[2]
    D = len(hidden) - 1 - R
    # The rows of what is not 0, for hidden units x_t, 1, y_{t−1} (M + 1 + R) and for output units x_t, 1, y_c.
    rows, u = np.arange(D - M, D + 1 + R), np.ones(M + 1 + R)
    rows_out, v_out = np.arange(D - M, D + 1 + C), np.ones(M + 1 + C)
    seen = 0 if form.direct else M  # output units without direct connections do not look at x_t
    z, out, d_k = np.empty(R), np.empty(K), np.empty(K)
    g, s, h, y_c, own, gate, d_yc, d_s = np.empty((8, C))
    y_in, y_out, d_out = np.empty(b), np.ones(b), np.empty(b)
    by_own, by_gate = np.empty((len(hidden), C)), np.empty((len(hidden), C))  # ∂s/∂w_c, ∂s/∂w_in
    to_hidden, to_output = np.zeros_like(hidden), np.zeros_like(output)  # what changes at the end of a sequence
    into_hidden, into_output = (hidden, output) if online else (to_hidden, to_output)
    for n in range(len(lengths)):
        u[M + 1 :], s[:], by_own[:], by_gate[:] = 0, 0, 0, 0
        for t in range(lengths[n]):
            for m in range(M):
                rows[m] = rows_out[m] = columns[n % columns.shape[0], t % columns.shape[1], m]
                u[m] = v_out[m] = values[n % values.shape[0], t % values.shape[1], m]
            _weighted_sum(hidden, rows, u, z)  # net = W·[x_t, 1, y_{t−1}]
            for j in range(b):
                y_in[j] = _sigmoid(z[C + j])  # (7)
                if form.output_gate:
                    y_out[j] = _sigmoid(z[C + b + j])  # (8)
            for v in range(C):
                j, squashed = v // size, _sigmoid(z[v])
                g[v] = 4 * squashed - 2 if form.g_centred else squashed
                s[v] += y_in[j] * g[v]  # (9)
                h[v] = 2 * _sigmoid(s[v]) - 1 if form.h_centred else s[v]
                y_c[v] = y_out[j] * h[v]
                own[v] = y_in[j] * (4 if form.g_centred else 1) * squashed * (1 - squashed)
                gate[v] = g[v] * y_in[j] * (1 - y_in[j])
            if learning:
                for a in range(len(rows)):
                    for v in range(C):
                        by_own[rows[a], v] += own[v] * u[a]  # (27)
                        by_gate[rows[a], v] += gate[v] * u[a]  # (25)
            if mask[n, t]:
                v_out[M + 1 :] = y_c
                _weighted_sum(output, rows_out[seen:], v_out[seen:], out)
                for k in range(K):
                    out[k] = _sigmoid(out[k])
                    target = float(wanted[n, t, k]) if form.numbers_wanted else 1.0 if wanted[n, t, 0] == k else 0.0
                    d_k[k] = rate * (out[k] - target) * out[k] * (1 - out[k])  # (19)
                said[n, t if form.every_step else 0] = out
                if learning:
                    d_out[:] = 0
                    for v in range(C):
                        j, slope = v // size, 0.5 - 0.5 * h[v] * h[v] if form.h_centred else 1.0
                        d_yc[v] = 0
                        for k in range(K):
                            d_yc[v] += output[D + 1 + v, k] * d_k[k]
                        d_s[v] = y_out[j] * slope * d_yc[v]  # (23)
                        d_out[j] += y_out[j] * (1 - y_out[j]) * h[v] * d_yc[v]  # (21)
                    for a in range(seen, len(rows_out)):
                        p = rows_out[a]
                        for k in range(K):
                            into_output[p, k] -= may_output[p, k] * d_k[k] * v_out[a]
                    for p in range(len(hidden)):
                        for v in range(C):
                            into_hidden[p, v] -= may_hidden[p, v] * d_s[v] * by_own[p, v]  # (28)
                            j = C + v // size
                            into_hidden[p, j] -= may_hidden[p, j] * d_s[v] * by_gate[p, v]  # (26)
                    if form.output_gate:
                        for a in range(len(rows)):
                            p = rows[a]
                            for j in range(b):
                                into_hidden[p, C + b + j] -= may_hidden[p, C + b + j] * d_out[j] * u[a]  # (22)
            u[M + 1 : M + 1 + C], u[M + 1 + C : M + 1 + C + b] = y_c, y_in
            if form.output_gate:
                u[M + 1 + C + b :] = y_out
        if learning and not online:
            hidden += to_hidden
            output += to_output
            to_hidden[:], to_output[:] = 0, 0


def _check(net: Net, weights: Weights, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """The weights, as float64 of the net's shapes."""
    _, D, C, R, K = sizes(check_net(net))
    if not isinstance(weights, Weights):
        raise ValueError(f"weights is a {type(weights).__name__}, but one network's Weights are expected: one_trial")
    if not isinstance(batch, Batch) or (batch.inputs, batch.outputs) != (D, K):
        came = (batch.inputs, batch.outputs) if isinstance(batch, Batch) else type(batch).__name__
        raise ValueError(f"batch is {came}, but one of {D} inputs and {K} outputs is expected, as the net has")
    hidden = as_floats("weights.hidden", weights.hidden, (R, D + 1 + R), np.float64)
    return hidden, as_floats("weights.output", weights.output, (K, D + 1 + C), np.float64)


def _check_learns(net: Net, learns: Weights) -> Weights:
    masks = connections(net)
    if [np.shape(mask) for mask in learns] != [mask.shape for mask in masks]:
        raise ValueError(f"learns has shapes {[np.shape(mask) for mask in learns]}, but those of connections(net) are "
                         f"expected: {[mask.shape for mask in masks]}")  # fmt: skip
    return Weights(*(np.asarray(mask, bool) & there for mask, there in zip(learns, masks, strict=True)))

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
    may_hidden, may_output = (mask.astype(np.float64) for mask in masks)
    _walk(form, hidden, output, may_hidden, may_output, column, value, wanted, batch.mask, batch.lengths, batch.inputs,
          rate, online, learning, said)  # fmt: skip
    return Weights(hidden, output), said if form.every_step else said[:, 0]


def _sparse(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """A step's inputs that are not 0, as columns of the weights and values, (N, T, M) each: one column for a symbol."""
    if batch.given.ndim == 2:
        return batch.given[..., None], np.ones((1, 1, 1), np.float32)
    return np.arange(batch.inputs)[None, None], batch.given


@numba.njit(cache=True, nogil=True)
def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


@numba.njit(cache=True, nogil=True)
def _weighted(row, column, value, D, y):
    """row · u, where u = [x_t, 1, y] and column, value are what x_t has besides zeros."""
    z = row[D]
    for m in range(len(column)):
        z += row[column[m]] * value[m]
    for q in range(len(y)):
        z += row[D + 1 + q] * y[q]
    return z


@numba.njit(cache=True, nogil=True)
def _add(row, may, factor, column, value, D, y):
    """row += factor · u, where the weights `may` change."""
    for m in range(len(column)):
        row[column[m]] += may[column[m]] * factor * value[m]
    row[D] += may[D] * factor
    for q in range(len(y)):
        row[D + 1 + q] += may[D + 1 + q] * factor * y[q]


@numba.njit(cache=True, nogil=True)
def _walk(form, hidden, output, may_hidden, may_output, columns, values, wanted, mask, lengths, D, rate, online,
          learning, said):  # fmt: skip
    b, size = form.blocks, form.size
    C, R, K = b * size, hidden.shape[0], output.shape[0]
    z, y, s, y_c = np.empty(R), np.empty(R), np.empty(C), np.empty(C)
    g, h, d_yc = np.empty(C), np.empty(C), np.empty(C)
    d_k, y_in, y_out, d_out = np.empty(K), np.empty(b), np.ones(b), np.empty(b)
    by_own, by_gate = np.empty((C, hidden.shape[1])), np.empty((C, hidden.shape[1]))  # ∂s/∂w_c, ∂s/∂w_in
    to_hidden, to_output = np.zeros_like(hidden), np.zeros_like(output)  # what changes at the end of a sequence
    no_x = columns[0, 0, :0]
    for n in range(len(lengths)):
        y[:], s[:], by_own[:], by_gate[:] = 0, 0, 0, 0
        for t in range(lengths[n]):
            column = columns[n % columns.shape[0], t % columns.shape[1]]
            value = values[n % values.shape[0], t % values.shape[1]]
            for r in range(R):
                z[r] = _weighted(hidden[r], column, value, D, y)  # net = W·[x_t, 1, y_{t−1}]
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
                if learning:
                    slope = (4 if form.g_centred else 1) * squashed * (1 - squashed)
                    _add(by_own[v], may_hidden[v], y_in[j] * slope, column, value, D, y)  # (27)
                    _add(by_gate[v], may_hidden[C + j], g[v] * y_in[j] * (1 - y_in[j]), column, value, D, y)  # (25)
            if mask[n, t]:
                seen = column if form.direct else no_x
                d_yc[:], d_out[:] = 0, 0
                for k in range(K):
                    out = _sigmoid(_weighted(output[k], seen, value, D, y_c))
                    said[n, t if form.every_step else 0, k] = out
                    target = float(wanted[n, t, k]) if form.numbers_wanted else 1.0 if wanted[n, t, 0] == k else 0.0
                    d_k[k] = rate * (out - target) * out * (1 - out)  # (19)
                    for v in range(C):
                        d_yc[v] += output[k, D + 1 + v] * d_k[k]
                if learning:
                    into_hidden, into_output = (hidden, output) if online else (to_hidden, to_output)
                    for k in range(K):
                        _add(into_output[k], may_output[k], -d_k[k], seen, value, D, y_c)
                    for v in range(C):
                        j, slope = v // size, 0.5 - 0.5 * h[v] * h[v] if form.h_centred else 1.0
                        d_s = y_out[j] * slope * d_yc[v]  # (23)
                        d_out[j] += y_out[j] * (1 - y_out[j]) * h[v] * d_yc[v]  # (21)
                        for p in range(hidden.shape[1]):
                            into_hidden[v, p] -= d_s * by_own[v, p]  # (28)
                            into_hidden[C + j, p] -= d_s * by_gate[v, p]  # (26)
                    if form.output_gate:
                        for j in range(b):
                            _add(into_hidden[C + b + j], may_hidden[C + b + j], -d_out[j], column, value, D, y)  # (22)
            y[:C], y[C : C + b] = y_c, y_in
            if form.output_gate:
                y[C + b :] = y_out
        if learning and not online:
            hidden += to_hidden
            output += to_output
            to_hidden[:], to_output[:] = 0, 0


def _check(net: Net, weights: Weights, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """The weights' copies, which the loops then change."""
    _, D, C, R, K = sizes(check_net(net))
    if not isinstance(weights, Weights):
        raise ValueError(f"weights is a {type(weights).__name__}, but one network's Weights are expected: one_trial")
    if not isinstance(batch, Batch) or (batch.inputs, batch.outputs) != (D, K):
        came = (batch.inputs, batch.outputs) if isinstance(batch, Batch) else type(batch).__name__
        raise ValueError(f"batch is {came}, but one of {D} inputs and {K} outputs is expected, as the net has")
    hidden = as_floats("weights.hidden", weights.hidden, (R, D + 1 + R), np.float64).copy()
    return hidden, as_floats("weights.output", weights.output, (K, D + 1 + C), np.float64).copy()


def _check_learns(net: Net, learns: Weights) -> Weights:
    masks = connections(net)
    if [np.shape(mask) for mask in learns] != [mask.shape for mask in masks]:
        raise ValueError(f"learns has shapes {[np.shape(mask) for mask in learns]}, but those of connections(net) are "
                         f"expected: {[mask.shape for mask in masks]}")  # fmt: skip
    return Weights(*(np.asarray(mask, bool) & there for mask, there in zip(learns, masks, strict=True)))

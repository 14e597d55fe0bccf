"""A rule that a synapse could run: what it has kept of itself, times what it is told, by feedback of three kinds.

The truncated gradient of 1997 (`paper1997.rule`) takes no way back through time. It has a three-factor rule's form:

    Δw = −η · eligibility · learning signal      eligibility  ∂s/∂w, of what the two ends of the synapse did
                                                 signal       Σ_k B_kv d_k, of the outputs' errors, sent back by B

With B the output weights themselves, transposed, it is the gradient. A brain has no such copy (Crick 1989, Nature 337,
129–132); B drawn once and left alone may do (Lillicrap et al. 2016, Nature Communications 7, 13276). Three factors:
Frémaux & Gerstner 2016, Frontiers in Neural Circuits 9, 85; for recurrent nets, "e-prop": Bellec et al. 2020, Nature
Communications 11, 3625. Shapes: S trials, T time, D inputs, C cells, R hidden units, K outputs, U = D + 1 + R.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, choose
from lstm_core.paper1997.inputs import check_x, one_hot
from lstm_core.paper1997.net import Net, Weights, connections, initial_weights
from lstm_core.paper1997.rule import Trace, forward, g_slope, h_slope, read_out, run_hidden
from lstm_core.tasks.batch import Batch

__all__ = ["FEEDBACK", "Eligibility", "ThreeFactor", "eligibility", "learning_signal", "updates"]

FEEDBACK = ("transposed", "random", "none")


class Eligibility(NamedTuple):
    """What each synapse has kept when the sequence ends."""

    cell: np.ndarray  # (S, C, U) ∂s/∂w of each cell's own weights
    input: np.ndarray  # (S, C, U) ∂s/∂w of its input gate's
    output: np.ndarray  # (S, C, U) ∂y_c/∂w of its output gate's, of the last step alone


def eligibility(net: Net, x, trace: Trace, lengths) -> Eligibility:
    """∂s/∂w += y_in g′ ⊗ u for a cell, g y_in(1 − y_in) ⊗ u for its input gate, u = [x_t, 1, y_{t−1}], to the end.

    Every term is of that step and of the synapse's own two ends. x (S, T, D) or symbols (S, T), `lengths` (S,).
    """
    S, T = trace.s.shape[:2]
    steps, last = np.arange(T) < lengths[:, None], (np.arange(S), lengths - 1)
    y_in, y_out = (np.repeat(gate, net.size, axis=2) for gate in (trace.y_in, trace.y_out))
    y = np.concatenate([trace.y_c, trace.y_in, *([trace.y_out] if net.output_gate else [])], axis=2)
    y_before = np.concatenate([np.zeros_like(y[:, :1]), y[:, :-1]], axis=1)
    u = np.concatenate([one_hot(x, net.inputs), np.ones((S, T, 1)), y_before], axis=2) * steps[:, :, None]
    by_cell = (y_in * g_slope(net, trace.g)).swapaxes(1, 2) @ u
    by_input = (trace.g * y_in * (1 - y_in)).swapaxes(1, 2) @ u
    by_output = (y_out * (1 - y_out) * trace.h)[last][:, :, None] * u[last][:, None]
    return Eligibility(by_cell, by_input, by_output)


def learning_signal(error, feedback) -> np.ndarray:
    """Each cell is told a mixture of the outputs' errors, Σ_k B_kv d_k: (S, C) from d (S, K) and B (S, K, C)."""
    return (error[:, None] @ feedback)[:, 0]


def updates(net: Net, weights: Weights, x, target, feedback, lengths) -> tuple[Weights, np.ndarray]:
    """Run a sequence in every trial; return what each weight is to lose, at a rate of 1, and the last outputs (S, K).

    L = ½ Σ_k (y_k − target_k)² of the last step. `feedback` (S, K, C) is B; `weights.output[:, :, D + 1:]` itself makes
    these sums the truncated ∂L/∂w. The output units learn by the delta rule, whatever B is. Raises ValueError for
    targets and feedback that do not fit.
    """
    S, K, C = len(lengths), net.outputs, net.blocks * net.size
    target = as_floats("target", target, (S, K), np.float64)
    feedback = as_floats("feedback", feedback, (S, K, C), np.float64)
    last = np.arange(S)[:, None], lengths[:, None] - 1
    trace = Trace(*run_hidden(net, weights, x), y=None)
    y, h, y_c, y_out = (a[:, 0] for a in (read_out(net, weights, None, trace.y_c[last]),
                                          *(field[last] for field in (trace.h, trace.y_c, trace.y_out))))  # fmt: skip
    d = (y - target) * y * (1 - y)
    told = learning_signal(d, feedback)  # (S, C)
    kept = eligibility(net, x, trace, lengths)
    into_cell = (np.repeat(y_out, net.size, axis=1) * h_slope(net, h) * told)[:, :, None]  # (S, C, 1)
    parts = [into_cell * kept.cell, _of_block(net, into_cell * kept.input)]
    if net.output_gate:
        parts.append(_of_block(net, told[:, :, None] * kept.output))
    by_output = d[:, :, None] * np.concatenate([np.zeros((len(d), net.inputs)), np.ones((len(d), 1)), y_c], 1)[:, None]
    masks = connections(net)
    return Weights(np.concatenate(parts, axis=1) * masks.hidden, by_output * masks.output), y


class ThreeFactor:
    """S nets of 1997 side by side, each with a feedback of its own; `learn` shows each a sequence and changes it."""

    def __init__(self, net: Net, feedback: str, seeds, rate: float = 0.5) -> None:
        """Draw weights and B by seed; random B from U(−1, 1). Raises ValueError for nets that see inputs directly."""
        self.net, self.feedback = net, choose("feedback", feedback, FEEDBACK)
        if net.direct:
            raise ValueError("net.direct is True, but output units that see the cells only are expected: NETS['6a']")
        if not as_floats("rate", rate, ()) > 0:
            raise ValueError(f"rate is {rate}, but a rule that is to learn takes one above 0")
        self.rate = np.full(len(seeds), float(rate))  # one each: 0 leaves a net as it is
        nets = [initial_weights(net, 1, np.random.default_rng([seed, 2])) for seed in seeds]
        self.weights = Weights(*(np.concatenate(part) for part in zip(*nets, strict=True)))
        cells = self.weights.output[:, :, net.inputs + 1 :]
        drawn = [np.random.default_rng([seed, 3]).uniform(-1, 1, cells.shape[1:]) for seed in seeds]
        self._drawn = np.stack(drawn) * (feedback == "random")

    @property
    def sent_back(self) -> np.ndarray:
        """B (S, K, C) as it now is."""
        return self.weights.output[:, :, self.net.inputs + 1 :] if self.feedback == "transposed" else self._drawn

    def learn(self, x, target, lengths) -> np.ndarray:
        """Show each net its sequence, x (S, T, D) or symbols (S, T); return what it said, (S, K), before it learnt."""
        x = check_x(self.net, len(self.weights.hidden), x)
        change, said = updates(self.net, self.weights, x, target, self.sent_back, np.asarray(lengths))
        rate = self.rate[:, None, None]
        self.weights = Weights(*(w - rate * by for w, by in zip(self.weights, change, strict=True)))
        return said

    def answer(self, k: int, batch: Batch) -> np.ndarray:
        """What net k says at the end of each of the batch's sequences, (N, K), while it learns nothing."""
        copies = Weights(*(np.repeat(w[k : k + 1], len(batch.lengths), axis=0) for w in self.weights))
        return forward(self.net, copies, batch.given).y[np.arange(len(batch.lengths)), batch.last]

    def angle(self) -> np.ndarray:
        """Degrees between B and the output weights it stands in for, (S,); NaN where there is no feedback."""
        W, B = (a.reshape(len(a), -1) for a in (self.weights.output[:, :, self.net.inputs + 1 :], self.sent_back))
        with np.errstate(invalid="ignore"):
            cosine = (W * B).sum(1) / (np.linalg.norm(W, axis=1) * np.linalg.norm(B, axis=1))
        return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def _of_block(net: Net, by_cell: np.ndarray) -> np.ndarray:
    """A gate serves all cells of its block: the sum over them, (S, blocks, U)."""
    S, _, U = by_cell.shape
    return by_cell.reshape(S, net.blocks, net.size, U).sum(axis=2)

"""Notebook 06: counting a cell's weights, and walking its equation."""

import numpy as np

from lstm_core import cell, gradient_flow
from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]


def _weights(kind: type, inputs: int, hidden: int) -> int:
    return sum(a.size for a in cell.random_params(kind, inputs, hidden, np.random.default_rng(0)))


EXERCISES = {
    "06.weights": Exercise(
        lambda: _weights(cell.LSTMParams, 8, 32),
        "Right: 4·H·(D + H + 1). PyTorch would count 128 more, since it keeps the bias in two halves.",
        "Each of H units has 4 gates; each gate a weight for every input, for every hidden unit, and a bias.",
        (
            (lambda: _weights(cell.LSTMParams, 8, 32) - 128, "You left out the biases."),
            (lambda: _weights(cell.RNNParams, 8, 32), "That is a plain RNN's, one gate's share: the LSTM has four."),
            (lambda: _weights(cell.LSTMParams, 8, 32) + 128, "That is PyTorch's, with two biases a gate: here is one."),
        ),
        within=0,
    ),
    "06.cell_after": Exercise(
        lambda: 0.9**10 * 2.0,
        "Right: with i shut, C only decays; 0.9¹⁰ of it is left. h would show less still: o ⊙ tanh(C).",
        "With i = 0 the central equation is C_t = f·C_{t−1}: apply it ten times.",
        (
            (lambda: np.tanh(0.9**10 * 2.0), "That is what h shows behind an open output gate; C is asked for."),
            (lambda: 2.0 * 0.9 * 10, "The forget gate multiplies at every step: f¹⁰, not 10·f."),
        ),
    ),
    "06.half_life": Exercise(
        lambda: gradient_flow.bias_for_half_life(21),
        "Right: b_f ≈ ln(21 / ln 2). A trading month lives in one number.",
        "σ(b)²¹ = ½. Solve for b, or ask gradient_flow.bias_for_half_life(21).",
        ((lambda: 0.5 ** (1 / 21), "That is the forget gate f itself; the bias is its logit, ln(f / (1 − f))."),),
    ),
}

"""Cells and inputs that somebody brings to the Gate Lab, checked; and the two nets of the lens "gradient".

Shapes: T time, D inputs, H hidden.
"""

import numpy as np

from lstm_core import gradient_flow
from lstm_core._checks import as_floats, choose
from lstm_core.cell import LSTMParams, LSTMState, RNNParams, check_params, random_params
from lstm_core.gate_lab import scenes

__all__ = ["WIDEST", "gradient_scene", "own_rnn", "own_scene"]

WIDEST, LONGEST = 32, scenes.LONGEST  # H and T that the front end still draws in a frame


def gradient_scene(rnn: RNNParams | None) -> tuple[LSTMParams, np.ndarray, RNNParams]:
    """The RNN of notebook 02 and its 100 steps of noise, and a small LSTM whose cell's own path shows."""
    rng = np.random.default_rng(0)
    drawn = gradient_flow.orthogonal_rnn(4, 32, 1.0, 1.0, rng)
    x = rng.normal(size=(1, 100, 4))
    lstm = random_params(LSTMParams, 4, 8, np.random.default_rng(0), scale=0.02)
    return lstm, x, drawn if rnn is None else rnn


def own_scene(
    params, x, candidate: str, state, names, dates
) -> tuple[dict[str, scenes.Preset], dict[str, scenes.Input]]:
    """The presets and the input that somebody's own cell gets, checked."""
    params = LSTMParams(*(array.astype(np.float64) for array in check_params(LSTMParams, params)))
    choose("candidate", candidate, ("tanh", "linear"))
    D, H = params.weight_ih.shape[1], params.weight_hh.shape[1]
    x = np.asarray(x)
    if x.ndim == 3 and len(x) != 1:
        raise ValueError(f"x holds {len(x)} sequences, but the Gate Lab shows one: pick one of them")
    x = as_floats("x", x[0] if x.ndim == 3 else x, ("T", D), np.float64).copy()
    if H > WIDEST or len(x) > LONGEST:
        raise ValueError(f"the Gate Lab draws up to H = {WIDEST} and T = {LONGEST}, not H = {H} and T = {len(x)}")
    if state is not None:
        if len(state) != 2:
            raise ValueError(f"state has {len(state)} part(s), but a cell starts from two: LSTMState(h, c)")
        state = LSTMState(*(as_floats(n, part, (1, H), np.float64).copy() for n, part in zip("hc", state, strict=True)))
    names = tuple(map(str, (f"input {k + 1}" for k in range(D)) if names is None else names))
    if len(names) != D:
        raise ValueError(f"names has {len(names)} entries, but x has {D} inputs: name each of them once")
    dates = scenes.spell_dates(() if dates is None else dates)
    if dates and len(dates) != len(x):
        raise ValueError(f"dates has {len(dates)} entries, but x has {len(x)} steps: give each step its date")
    return scenes.variations(params, candidate, state), {"given": scenes.Input("Your own input", x, names, dates)}


def own_rnn(rnn: RNNParams, D: int) -> RNNParams:
    """The RNN of the lens "gradient", checked: D inputs, as x has."""
    rnn = RNNParams(*(array.astype(np.float64) for array in check_params(RNNParams, rnn)))
    H, inputs = rnn.weight_ih.shape
    if inputs != D or H > WIDEST:
        raise ValueError(f"rnn has {inputs} inputs and H = {H}, but should have the {D} of x, and H up to {WIDEST}")
    return rnn

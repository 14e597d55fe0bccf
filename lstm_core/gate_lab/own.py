"""Cells and inputs that somebody brings to the Gate Lab, PyTorch's too, checked; and both nets of the lens "gradient".

Shapes: T time, D inputs, H hidden.
"""

import numpy as np

from lstm_core import gradient_flow
from lstm_core._checks import as_floats, choose
from lstm_core.cell import GRUParams, LSTMParams, LSTMState, RNNParams, check_params, random_params
from lstm_core.gate_lab import gru_scenes, scenes
from lstm_core.gate_lab.kinds import kind_of
from lstm_core.sequence import gru_forward

__all__ = ["WIDEST", "gradient_scene", "layer_of", "own_rnn", "own_scene"]

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
    kind = kind_of(params).params
    params = kind(*(array.astype(np.float64) for array in check_params(kind, params)))
    choose("candidate", candidate, ("tanh", "linear") if kind is LSTMParams else ("tanh",))
    D, H = params.weight_ih.shape[1], params.weight_hh.shape[1]
    x = np.asarray(x)
    if x.ndim == 3 and len(x) != 1:
        raise ValueError(f"x holds {len(x)} sequences, but the Gate Lab shows one: pick one of them")
    x = as_floats("x", x[0] if x.ndim == 3 else x, ("T", D), np.float64).copy()
    if H > WIDEST or len(x) > LONGEST:
        raise ValueError(f"the Gate Lab draws up to H = {WIDEST} and T = {LONGEST}, not H = {H} and T = {len(x)}")
    if state is not None and kind is GRUParams:
        state = as_floats("h", state, (1, H), np.float64).copy()
    elif state is not None:
        if len(state) != 2:
            raise ValueError(f"state has {len(state)} part(s), but a cell starts from two: LSTMState(h, c)")
        state = LSTMState(*(as_floats(n, part, (1, H), np.float64).copy() for n, part in zip("hc", state, strict=True)))
    names = tuple(map(str, (f"input {k + 1}" for k in range(D)) if names is None else names))
    if len(names) != D:
        raise ValueError(f"names has {len(names)} entries, but x has {D} inputs: name each of them once")
    dates = scenes.spell_dates(() if dates is None else dates)
    if dates and len(dates) != len(x):
        raise ValueError(f"dates has {len(dates)} entries, but x has {len(x)} steps: give each step its date")
    given = {"given": scenes.Input("Your own input", x, names, dates)}
    if kind is GRUParams:
        return gru_scenes.variations(params, state), given
    return scenes.variations(params, candidate, state), given


def own_rnn(rnn: RNNParams, D: int) -> RNNParams:
    """The RNN of the lens "gradient", checked: D inputs, as x has."""
    rnn = RNNParams(*(array.astype(np.float64) for array in check_params(RNNParams, rnn)))
    H, inputs = rnn.weight_ih.shape
    if inputs != D or H > WIDEST:
        raise ValueError(f"rnn has {inputs} inputs and H = {H}, but should have the {D} of x, and H up to {WIDEST}")
    return rnn


def layer_of(module, x, layer: int) -> tuple[LSTMParams | GRUParams, np.ndarray]:
    """The params of one layer of an nn.LSTM, nn.GRU or Forecaster, and what it reads of x: (T, D), (1, T, D)."""
    from lstm_core.forecaster import params_from_torch, trace_gates  # PyTorch, only where there is one already

    module = getattr(module, "recurrent", module)
    if getattr(module, "bidirectional", False):
        raise ValueError("the Gate Lab walks forwards only: give it a module that is not bidirectional")
    params = params_from_torch(module, layer)
    x = module.weight_ih_l0.new_tensor(np.asarray(x.detach().cpu() if hasattr(x, "detach") else x))
    is_lstm = isinstance(params, LSTMParams)
    below = trace_gates(module, x)[layer - 1].h if layer and is_lstm else x
    below = below.cpu().numpy()
    if below.ndim == 3 and not module.batch_first:
        below = below.swapaxes(0, 1)
    if layer and isinstance(params, GRUParams):
        if module.training and module.dropout:
            raise ValueError("in train mode dropout draws anew at every call: call gru.eval() first")
        below = below if below.ndim == 3 else below[None]
        for k in range(layer):
            below = gru_forward(params_from_torch(module, k), below).h
    return params, below

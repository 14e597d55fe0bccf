"""Biases of the gates: where a memory starts out before any training. Notebooks 03–05 drag them, 07 chooses them.

Shapes: H hidden. A bias has (4H,) rows in the order i, f, g, o.
"""

import numpy as np

from lstm_core._checks import as_floats
from lstm_core.cell import LSTMParams

__all__ = ["chrono_bias", "gate_bias", "shift_biases"]


def gate_bias(hidden_size: int, *, forget=0.0, input=0.0, candidate=0.0, output=0.0) -> np.ndarray:
    """Return an LSTM bias (4H,), float64, with one value, or H of them, for each gate."""
    if hidden_size < 1:
        raise ValueError(f"hidden_size is {hidden_size}, but must be at least 1")
    values = {"input": input, "forget": forget, "candidate": candidate, "output": output}
    rows = [as_floats(f"{name} bias", value, np.shape(value) and (hidden_size,)) for name, value in values.items()]
    return np.concatenate([np.broadcast_to(row, hidden_size).astype(np.float64) for row in rows])


def chrono_bias(hidden_size: int, longest_lag: int, rng: np.random.Generator) -> np.ndarray:
    """Return the chrono initialisation (4H,): b_f = ln U[1, T − 1], b_i = −b_f, the rest 0, for lags up to T steps.

    A unit with forget gate σ(ln u) = u/(1 + u) forgets over about u + 1 steps, so u spread over [1, T − 1] gives a
    spread of memories, and i = 1 − f keeps the cell in range. Source: Tallec & Ollivier 2018, section 2. Raises
    ValueError for a lag below 2.
    """
    if not 2 <= longest_lag < np.inf:
        raise ValueError(f"longest_lag is {longest_lag} steps, but chrono initialisation needs at least 2")
    forget = np.log(rng.uniform(1, longest_lag - 1, hidden_size))
    return gate_bias(hidden_size, forget=forget, input=-forget)


def shift_biases(params: LSTMParams, *, forget=0.0, input=0.0, candidate=0.0, output=0.0) -> LSTMParams:
    """Return `params` with the given values added to the biases of its gates: what the sliders do."""
    shift = gate_bias(params.weight_hh.shape[1], forget=forget, input=input, candidate=candidate, output=output)
    return params._replace(bias=params.bias + shift.astype(params.bias.dtype))

"""The LSTM's cell with one of its lines changed: what is each part there for? Notebook 12.

`EQUATIONS` holds the six lines of `cell.lstm_step`; a variant replaces one of them and leaves the others alone. After
the variants that Greff, Srivastava, Koutník, Steunebrink & Schmidhuber compared ("LSTM: A Search Space Odyssey", IEEE
Transactions on Neural Networks and Learning Systems 28(10), 2222–2232, 2017). Their cell has peepholes, ours has none.
Shapes: N batch, T time, D inputs, H hidden; gate rows i, f, g, o.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, choose
from lstm_core.cell import Gates, LSTMParams, LSTMState, check_params, sigmoid
from lstm_core.sequence import LSTMTrace

__all__ = ["EQUATIONS", "VARIANTS", "Equations", "Peepholes", "variant_forward", "variant_step"]


class Peepholes(NamedTuple):
    """How loudly each gate hears its own cell (Gers & Schmidhuber 2000): i and f hear C_{t−1}, o hears C_t."""

    i: np.ndarray  # (H,)
    f: np.ndarray  # (H,)
    o: np.ndarray  # (H,)


class Equations(NamedTuple):
    """The lines of a cell, in the order in which they are computed; each reads what the ones before it have found.

    `s` holds z_i, z_f, z_g, z_o, which are W·[h, x] + b of each gate, and C (both (N, H)); p, the peepholes; and then
    i, f, g, the new C and o, as they come.
    """

    i: Callable = lambda s: sigmoid(s.z_i)
    f: Callable = lambda s: sigmoid(s.z_f)
    g: Callable = lambda s: np.tanh(s.z_g)
    C: Callable = lambda s: s.f * s.C + s.i * s.g
    o: Callable = lambda s: sigmoid(s.z_o)
    h: Callable = lambda s: s.o * np.tanh(s.C)


EQUATIONS = Equations()
VARIANTS = {
    "no input gate": EQUATIONS._replace(i=lambda s: np.ones_like(s.z_i)),
    "no forget gate": EQUATIONS._replace(f=lambda s: np.ones_like(s.z_f)),
    "no output gate": EQUATIONS._replace(o=lambda s: np.ones_like(s.z_o)),
    "coupled gates": EQUATIONS._replace(f=lambda s: 1 - s.i),
    "no input activation": EQUATIONS._replace(g=lambda s: s.z_g),
    "no output activation": EQUATIONS._replace(h=lambda s: s.o * s.C),
    "peepholes": EQUATIONS._replace(  # one line for each gate that looks
        i=lambda s: sigmoid(s.z_i + s.p.i * s.C),
        f=lambda s: sigmoid(s.z_f + s.p.f * s.C),
        o=lambda s: sigmoid(s.z_o + s.p.o * s.C),
    ),
}


def variant_step(
    variant: str | Equations, params: LSTMParams, x: np.ndarray, state: LSTMState, peepholes: Peepholes | None = None
) -> tuple[LSTMState, Gates]:
    """Read one input x (N, D) and update the state, as `cell.lstm_step` does, but for the line that `variant` changes.

    `variant` is one of `VARIANTS`, "LSTM" for none, or Equations of your own. "peepholes" needs Peepholes, which no
    other name takes. Raises ValueError for another name, for peepholes missing or idle, for shapes that do not fit,
    NaN or infinity.
    """
    lines = _lines(variant)
    params = check_params(LSTMParams, params)
    x = as_floats("x", x, ("N", params.weight_ih.shape[1]), params.weight_hh.dtype)
    shape = len(x), params.weight_hh.shape[1]
    h, c = (as_floats(name, part, shape, x.dtype) for name, part in zip("hc", state, strict=True))
    z = x @ params.weight_ih.T + h @ params.weight_hh.T + params.bias  # (N, 4H)
    z_i, z_f, z_g, z_o = np.split(z, 4, axis=1)
    s = SimpleNamespace(z_i=z_i, z_f=z_f, z_g=z_g, z_o=z_o, C=c, p=_check_peepholes(variant, peepholes, params))
    for name, line in zip(Equations._fields, lines, strict=True):
        setattr(s, name, line(s))
    return LSTMState(s.h, s.C), Gates(s.i, s.f, s.g, s.o)


def variant_forward(
    variant: str | Equations, params: LSTMParams, x, state: LSTMState | None = None, peepholes: Peepholes | None = None
) -> LSTMTrace:
    """Run `variant_step` along x (N, T, D) from `state` (zeros if None); keep every gate, cell and hidden state.

    Errors as in `variant_step`. One step at a time, for pictures rather than for training.
    """
    params = check_params(LSTMParams, params)
    x = as_floats("x", x, ("N", "T", params.weight_ih.shape[1]), params.weight_hh.dtype)
    if state is None:
        state = LSTMState(*np.zeros((2, len(x), params.weight_hh.shape[1]), x.dtype))
    steps = []
    for x_t in x.swapaxes(0, 1):
        state, gates = variant_step(variant, params, x_t, state, peepholes)
        steps.append((*gates, state.c, state.h))
    return LSTMTrace(*(np.stack(part, axis=1) for part in zip(*steps, strict=True)))


def _lines(variant: str | Equations) -> Equations:
    if isinstance(variant, Equations):
        return variant
    return ({"LSTM": EQUATIONS} | VARIANTS)[choose("variant", variant, ("LSTM", *VARIANTS))]


def _check_peepholes(variant: str | Equations, peepholes, params: LSTMParams) -> Peepholes | None:
    if isinstance(variant, str) and (variant == "peepholes") != (peepholes is not None):
        wrong = "takes no peepholes: leave them out" if peepholes else "needs Peepholes(i, f, o), H weights each"
        raise ValueError(f"variant {variant!r} {wrong}")
    if peepholes is None:
        return None
    if len(peepholes) != 3:
        raise ValueError(f"peepholes has {len(peepholes)} part(s), but three are expected, as in Peepholes(i, f, o)")
    shape, dtype = (params.weight_hh.shape[1],), params.weight_hh.dtype
    return Peepholes(*(as_floats(f"peephole {n}", p, shape, dtype) for n, p in zip("ifo", peepholes, strict=True)))

"""The kinds of cell that the Gate Lab opens, an LSTM and a GRU: their sliders, and what each lens shows. All as plain
words and letters: gate_lab.js is sent them, and the still picture goes by them too.

A part of a cell goes by its letter in a trace: i, f, g, o, c, h and r, z, n, h. Shapes: D inputs, H hidden.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import choose
from lstm_core.biases import shift_biases
from lstm_core.cell import BLOCKS, GRUParams, LSTMParams
from lstm_core.gate_lab import plumbing

__all__ = ["GRU", "KINDS", "LSTM", "RANGES", "SLIDERS", "Kind", "Lens", "chosen", "gru_shifted", "kind_json", "kind_of",
           "lstm_shifted"]  # fmt: skip

OPEN = 40.0  # a bias at which σ is 1 to the last digit


class Lens(NamedTuple):
    """What one lens shows, by letters."""

    moves: str  # what its sliders move
    gates: str = ""  # its panel of gates
    states: str = ""  # its panel of states
    lines: str = ""  # its equations
    path: bool = False  # whether it has a panel of the gradient along the cell
    scale: str = "0 shut, 1 open"  # what a gate's ends mean
    title: str = ""  # over the states, where their names would not do


class Kind(NamedTuple):
    name: str
    params: type
    keeps: str  # the gate that keeps
    state: str  # what it keeps
    sliders: dict[str, str]  # trait → what it moves; in the order of a preset's biases
    lenses: dict[str, Lens]  # the first is that of the whole cell
    of_variance: str  # what every lens has sliders for, where the cell carries a variance
    words: dict[str, str]
    plumbing: dict  # the cell as pipes and valves


LSTM = Kind(
    "lstm", LSTMParams, "f", "c",
    {"forget_bias": "f", "input_bias": "i", "candidate_bias": "g", "output_bias": "o"},
    {
        "cell": Lens("figo", "fio", "gch", "figcoh", path=True),
        "forget": Lens("f", "f", "c", "fc", path=True),
        "input": Lens("ig", "i", "gc", "igc"),
        "output": Lens("o", "o", "ch", "oh", title="cell C, and what is shown of it, h"),
        "gradient": Lens("f"),
    },
    "fig",
    {"i": "input gate", "f": "forget gate", "o": "output gate", "g": "candidate", "c": "cell", "h": "hidden state"},
    plumbing.LSTM,
)  # fmt: skip
GRU = Kind(
    "gru", GRUParams, "z", "h",
    {"update_bias": "z", "reset_bias": "r", "candidate_bias": "n"},
    {
        "cell": Lens("zrn", "zr", "nh", "zrnh", path=True, scale="z 1 keeps, 0 writes; r 1 open"),
        "update": Lens("z", "z", "h", "zh", path=True, scale="1 keeps, 0 writes, as in PyTorch"),
        "reset": Lens("rn", "r", "nh", "rn"),
    },
    "z",
    {"r": "reset gate", "z": "update gate", "n": "candidate", "h": "hidden state", "w": "write gate"},  # w: 1 − z
    plumbing.GRU,
)  # fmt: skip
KINDS = {kind.name: kind for kind in (LSTM, GRU)}
RANGES = {  # sliders of the lens "gradient" that move an RNN: label, both ends, a key's step
    "rho": ("ρ of the RNN's weights", 0.5, 2.0, 0.05),
    "input_scale": ("scale of the RNN's inputs", 0.0, 2.0, 0.05),
}
SLIDERS = tuple(LSTM.sliders | GRU.sliders)  # of every kind


def kind_json(kind: Kind) -> dict:
    """What gate_lab.js needs to know of a kind; sliders as pairs, since a saved notebook sorts what has names."""
    lenses = {name: lens._asdict() for name, lens in kind.lenses.items()}
    weights = {"rows": BLOCKS[kind.params], "biases": list(kind.params._fields[2:])}
    rest = {name: getattr(kind, name) for name in ("name", "keeps", "state", "of_variance", "words", "plumbing")}
    fields = ("label", "low", "high", "step")
    ranges = [[name, dict(zip(fields, spec, strict=True))] for name, spec in RANGES.items()]
    return weights | rest | {"ranges": ranges, "sliders": list(map(list, kind.sliders.items())), "lenses": lenses}


def kind_of(params) -> Kind:
    """The kind that these params are of; whatever is no GRUParams is taken for an LSTM, and refused as one."""
    return GRU if isinstance(params, GRUParams) else LSTM


def chosen(cell: str | None, params) -> Kind:
    """The kind that `cell` names, or else that of the params, or else the LSTM; a ValueError if the two disagree."""
    if params is None:
        return LSTM if cell is None else KINDS[choose("cell", cell, tuple(KINDS))]
    kind = kind_of(params)
    if cell not in (None, kind.name):
        raise ValueError(f"cell is {cell!r}, but params is a {type(params).__name__}: leave cell out, or change params")
    return kind


def lstm_shifted(params: LSTMParams, shifts: dict[str, float], open_output: bool) -> LSTMParams:
    """A copy with the sliders' shifts added; a held-open output gate has a bias of 40 and no weights."""
    moved = LSTMParams(*map(np.array, shift_biases(params, **shifts)))
    if open_output:
        H = moved.weight_hh.shape[1]
        moved.weight_ih[3 * H :], moved.weight_hh[3 * H :], moved.bias[3 * H :] = 0, 0, OPEN
    return moved


def gru_shifted(params: GRUParams, *, reset: float, update: float, candidate: float) -> GRUParams:
    """A copy with the sliders' shifts added to b, not to c, which r scales: n = tanh(W·x + b + r ⊙ (U·h + c))."""
    shift = np.repeat([reset, update, candidate], params.weight_hh.shape[1])  # rows r, z, n
    return GRUParams(*map(np.array, params._replace(bias_ih=params.bias_ih + shift)))

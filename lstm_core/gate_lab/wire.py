"""Cells and inputs as plain numbers and words: what gate_lab.js reads, in a notebook as in a page.

Shapes: T time, D inputs, H hidden; arrays go flat, row by row.
"""

import numpy as np

from lstm_core.cell import GRUParams, LSTMParams, LSTMState, RNNParams
from lstm_core.gate_lab.scenes import Input, Preset

__all__ = ["inputs_json", "params_json", "presets_json", "weights_json"]


def presets_json(cells: dict[str, Preset]) -> dict[str, dict]:
    """By name what a preset does, and whose weights it has: presets of one and the same cell share theirs."""
    return _in_order({
        name: {
            "title": cell.title, "note": cell.note, "weights": _owner(cells, cell), "candidate": cell.candidate,
            "biases": list(map(float, cell.biases)), "tied": cell.tied, "variance": cell.variance,
        }
        for name, cell in cells.items()
    })  # fmt: skip


def weights_json(cells: dict[str, Preset]) -> dict[str, dict]:
    """By name the weights that presets have, and the state that they start from."""
    return {_owner(cells, cell): params_json(cell.params) | _state_json(cell) for cell in cells.values()}


def inputs_json(xs: dict[str, Input]) -> dict[str, dict]:
    return _in_order({
        name: {
            "title": one.title, "names": list(one.names), "dates": list(one.dates),
            "T": one.x.shape[0], "D": one.x.shape[1], "x": one.x.ravel().tolist(),
        }
        for name, one in xs.items()
    })  # fmt: skip


def params_json(params: LSTMParams | GRUParams | RNNParams) -> dict:
    sizes = {"D": params.weight_ih.shape[1], "H": params.weight_hh.shape[1]}
    return sizes | {name: np.ravel(array).tolist() for name, array in params._asdict().items()}


def _state_json(cell: Preset) -> dict:
    names = ("h",) if isinstance(cell.params, GRUParams) else LSTMState._fields
    state = np.zeros((len(names), cell.params.weight_hh.shape[1])) if cell.state is None else cell.state
    parts = state if isinstance(state, LSTMState) else np.reshape(state, (len(names), -1))
    return {name: np.ravel(part).tolist() for name, part in zip(names, parts, strict=True)}


def _owner(cells: dict[str, Preset], cell: Preset) -> str:
    """The first preset with these very weights."""
    return next(name for name, other in cells.items() if other.params is cell.params)


def _in_order(table: dict[str, dict]) -> dict[str, dict]:
    """With each entry its place in the menu: a notebook that is saved sorts them by name."""
    return {name: entry | {"order": place} for place, (name, entry) in enumerate(table.items())}

"""The sliders and buttons of a TrainLab, and the checks of what it is given."""

import math
from collections.abc import Callable, Sequence

import ipywidgets

from lstm_core._checks import whole
from lstm_core.live import slider
from lstm_core.train_lab.bias_map import FORGET, INPUT

__all__ = ["check_options", "checked_background", "make_buttons", "make_sliders"]

KEYS = ("forget_bias", "input_bias", "runs", "solved", "sequences")


def make_sliders(forget_bias: float, input_bias: float, chrono: bool) -> dict[str, ipywidgets.Widget]:
    """The controls that say what the next press starts from."""
    sliders = {
        "forget_bias": slider("forget bias b_f", forget_bias, *FORGET, 0.5),
        "input_bias": slider("input bias b_i", input_bias, *INPUT, 0.5),
    }
    for control in sliders.values():
        control.readout_format = ".1f"
    if chrono:
        sliders["chrono"] = ipywidgets.Checkbox(False, description="chrono biases instead", indent=False)
    return sliders


def make_buttons() -> dict[str, ipywidgets.Button]:
    """Train, Stop and Again, as they are before the first press."""
    wide = ipywidgets.Layout(width="auto", min_width="90px")
    return {
        "train": ipywidgets.Button(description="Train", button_style="primary", icon="play", layout=wide),
        "stop": ipywidgets.Button(description="Stop", icon="stop", layout=wide, disabled=True),
        "again": ipywidgets.Button(description="Again with another seed", icon="repeat", layout=wide, disabled=True),
    }


def check_options(start: Callable, forget_bias: float, input_bias: float, budget: int, seed: int) -> None:
    if not callable(start):
        raise ValueError(
            f"start is {start!r:.80}, but should be a function of forget_bias, input_bias, seed that yields Progress"
        )
    for name, value, (low, high) in (("forget_bias", forget_bias, FORGET), ("input_bias", input_bias, INPUT)):
        if not isinstance(value, int | float) or not low <= value <= high or (2 * value) % 1:
            raise ValueError(f"{name} is {value!r}, but its slider goes from {low:g} to {high:g} in steps of 0.5")
    whole("budget", budget, 1)
    whole("seed", seed, 0)


def checked_background(background: Sequence[dict]) -> tuple[dict, ...]:
    """The rows of recorded runs; a ValueError names the one that cannot be right."""
    rows = tuple(background)
    for k, row in enumerate(rows):
        missing = [key for key in KEYS if not isinstance(row, dict) or key not in row]
        if missing:
            raise ValueError(f"background row {k} lacks {', '.join(missing)}: it is {row!r:.80}")
        runs, solved, sequences = (row[key] for key in KEYS[2:])
        if whole(f"runs of background row {k}", runs, 1) < whole(f"solved of background row {k}", solved, 0):
            raise ValueError(f"background row {k} has {solved} runs solved of {runs}: count the solved among the runs")
        if solved and not (isinstance(sequences, int | float) and 0 < sequences < math.inf):
            raise ValueError(
                f"background row {k} has sequences {sequences!r}: give the mean to success of its solved runs"
            )
        if (row["forget_bias"] is None) != (row["input_bias"] is None):
            raise ValueError(f"background row {k} has one bias: give both, or None twice for chrono")
    return rows

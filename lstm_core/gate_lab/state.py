"""The traits of the Gate Lab, kept whole: each within its bounds, and one pulling others along where they are tied.

Shapes: T time, H hidden. Steps and units count from 1.
"""

import anywidget
import traitlets as t

from lstm_core._checks import choose
from lstm_core.cell import RNNParams
from lstm_core.gate_lab import wire
from lstm_core.gate_lab.kinds import RANGES, SLIDERS, kind_json, kind_of
from lstm_core.gate_lab.scenes import Input, Preset

__all__ = ["State"]

TIES = ("tied", "open_output")  # switches that only an LSTM has


class Refusal(t.TraitError, ValueError):
    """The ValueError that a trait raises: for traitlets a reason to put back what was there before."""


class _Refuses:
    def error(self, obj, value, error=None, info=None):
        raise Refusal(f"{self.name} is {value!r}, but should be {info or self.info()}")


class Number(_Refuses, t.CFloat):
    pass


class Count(_Refuses, t.CInt):
    pass


class Switch(_Refuses, t.Bool):
    pass


class Name(_Refuses, t.Unicode):
    pass


class State(anywidget.AnyWidget):
    """What both halves of the Gate Lab know: the cells and inputs to choose from, and where its controls stand."""

    forget_bias = Number().tag(sync=True)
    input_bias = Number().tag(sync=True)
    candidate_bias = Number().tag(sync=True)
    output_bias = Number().tag(sync=True)
    reset_bias = Number().tag(sync=True)
    update_bias = Number().tag(sync=True)
    tied = Switch().tag(sync=True)
    open_output = Switch().tag(sync=True)
    preset = Name().tag(sync=True)
    input = Name().tag(sync=True)
    show = Name("cell").tag(sync=True)
    step = Count(1).tag(sync=True)
    unit = Count(1).tag(sync=True)
    rho = Number(1.0).tag(sync=True)
    input_scale = Number(0.1).tag(sync=True)
    _cell = t.Dict().tag(sync=True)  # its kind: sliders, lenses, words
    _presets = t.Dict().tag(sync=True)  # name → title, note, biases, …, and which of the weights
    _weights = t.Dict().tag(sync=True)  # name → D, H, weight_ih, weight_hh, bias, …, h, c, flat
    _inputs = t.Dict().tag(sync=True)  # name → title, names, dates, T, D, x, flat
    _rnn = t.Dict().tag(sync=True)  # D, H, weight_ih, weight_hh, flat, for the lens "gradient"

    def __init__(self, cells: dict[str, Preset], xs: dict[str, Input], rnn: RNNParams | None, **traits) -> None:
        """Choose a cell and an input, by the traits preset and input or the first; other traits win over the cell's."""
        self._cells, self._xs, self._beside = cells, xs, rnn
        self._kind = kind_of(next(iter(cells.values())).params)
        preset = choose("preset", traits.pop("preset", next(iter(cells))), tuple(cells))
        first = "noise" if "noise" in xs else next(iter(xs))
        first = choose("input", traits.pop("input", first), tuple(xs))
        begin = {"tied": cells[preset].tied, "step": (len(xs[first].x) + 1) // 2}
        begin |= zip(self._kind.sliders, cells[preset].biases, strict=True)
        self._told = frozenset(self.trait_names())  # all that is given here stays as given
        super().__init__(
            _cell=kind_json(self._kind), preset=preset, input=first, **begin | traits,
            _presets=wire.presets_json(cells), _weights=wire.weights_json(cells), _inputs=wire.inputs_json(xs),
            _rnn={} if rnn is None else wire.params_json(rnn),
        )  # fmt: skip
        self._told = frozenset()
        self._follow({"name": "input_bias" if "input_bias" in traits and "forget_bias" not in traits else "tied"})

    def reset(self) -> None:
        """Put the sliders back where the preset has them, as the button does."""
        cell = self._cells[self.preset]
        with self.hold_sync():
            self.tied, self.open_output = False, False  # free, so that no slider pulls another one along
            for slider, value in zip(self._kind.sliders, cell.biases, strict=True):
                setattr(self, slider, value)
            self.tied = cell.tied

    def set_state(self, sync_data: dict) -> None:
        """What the front end says, taken as it is; what an observer sets meanwhile pulls others along as ever."""
        before, self._told = self._told, frozenset(sync_data)
        try:
            super().set_state(sync_data)
        finally:
            self._told = before

    @t.validate(*SLIDERS, *TIES)
    def _check_slider(self, proposal) -> float:
        name, value = proposal["trait"].name, proposal["value"]
        if value and name not in self._controls:
            raise Refusal(
                f"{name} is {value}, but no {self._kind.name.upper()} has it: it has {', '.join(self._controls)}"
            )
        return value if name in TIES else within(name, value, -8.0, 8.0)

    @t.validate("rho", "input_scale")
    def _check_rnn(self, proposal) -> float:
        name = proposal["trait"].name
        _, low, high, _ = RANGES[name]
        return within(name, proposal["value"], low, high)

    @t.validate("preset", "input", "show")
    def _check_name(self, proposal) -> str:
        name = proposal["trait"].name
        known = {"preset": tuple(self._cells), "input": tuple(self._xs), "show": tuple(self._kind.lenses)}[name]
        if name == "show" and self._beside is None:  # and nothing to set beside the LSTM
            known = tuple(lens for lens in known if lens != "gradient")
        return known_name(name, proposal["value"], known)

    @t.validate("step", "unit")
    def _check_place(self, proposal) -> int:
        name = proposal["trait"].name
        return int(within(name, proposal["value"], 1, self._size(name)))

    @t.observe("preset", "input", "forget_bias", "input_bias", "tied")
    def _follow(self, change) -> None:
        """One trait pulls others along. What the front end sends is whole already, and may not be bent."""
        name = change["name"]
        if name in self._told:
            pass
        elif name == "preset":
            self.reset()
        elif self.tied and name in ("tied", "forget_bias"):
            self.input_bias = -self.forget_bias
        elif self.tied and name == "input_bias":
            self.forget_bias = -self.input_bias
        self.step = min(self.step, self._size("step"))
        self.unit = min(self.unit, self._size("unit"))

    @property
    def _controls(self) -> tuple[str, ...]:
        return tuple(self._kind.sliders) + (TIES if self._kind.name == "lstm" else ())

    def _size(self, of: str) -> int:
        if of == "step":
            return len(self._xs[known_name("input", self.input, tuple(self._xs))].x)
        return self._cells[known_name("preset", self.preset, tuple(self._cells))].params.weight_hh.shape[1]


def within(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise Refusal(f"{name} is {value}, but should lie between {low:g} and {high:g}")
    return value


def known_name(name: str, value: str, known: tuple[str, ...]) -> str:
    try:
        return choose(name, value, known)
    except ValueError as error:
        raise Refusal(*error.args) from None

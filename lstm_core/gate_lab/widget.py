"""GateLab: the Python half of the Gate Lab. It holds the state; gate_lab.js computes and draws, in the browser.

A slider that asks Python and redraws with matplotlib takes a quarter of a second; one whose front end computes the cell
takes a hundredth, kernel busy or not. So both halves know the equations, and tests hold them together to 1e-12.
Shapes: T time, D inputs, H hidden. Steps and units count from 1, as t does in the equations.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import anywidget
import numpy as np
import traitlets as t

from lstm_core import gradient_flow
from lstm_core._checks import as_floats, choose
from lstm_core.biases import shift_biases
from lstm_core.cell import LSTMParams, LSTMState, RNNParams, check_params, random_params
from lstm_core.gate_lab import page, reading, scenes
from lstm_core.sequence import LSTMTrace, lstm_forward

__all__ = ["Gains", "GateLab"]

LENSES = ("cell", "forget", "input", "output", "gradient")
SLIDERS = ("forget_bias", "input_bias", "candidate_bias", "output_bias")
WIDEST, LONGEST = 32, scenes.LONGEST  # H and T that the front end still draws in a frame
OPEN = 40.0  # a bias at which σ is 1 to the last digit


class Gains(NamedTuple):
    rnn: np.ndarray  # (T,) gain of ∂h_T/∂h_t
    lstm: np.ndarray  # (T,) gain of ∂C_T/∂C_t


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


class GateLab(anywidget.AnyWidget):
    """An LSTM under four sliders: `GateLab()` opens cells that come with it, `GateLab(params, x)` your own.

    params : LSTMParams, H ≤ 32. x : (T, D) or (1, T, D), T ≤ 512. state : LSTMState (1, H), zeros if None.
    candidate : "tanh", or "linear" for a cell that carries an EWMA or a GARCH.
    show : the lens: "cell" (everything), one gate ("forget", "input", "output"), or "gradient", which sets an RNN's
        ∂h_T/∂h_t (sliders rho and input_scale; `rnn` brings its weights for ρ = 1, scale 1) beside this LSTM's
        ∂C_T/∂C_t (slider forget_bias).
    returns, garch, start : daily returns (T,) in percent, which become one of the inputs; (ω, α, β) of the GARCH
        preset; the variance σ² with which that one and RiskMetrics come to the first step.
    names, dates : D names for the inputs of x, and T dates for its steps.

    Traits, read and set from Python and moved by the front end: forget_bias, input_bias, candidate_bias, output_bias
    (each within ±8, added to the params' own), tied (b_i follows −b_f), open_output (o held at 1), preset, input, show,
    step and unit (from 1), rho, input_scale. Give any of them here to start there. A ValueError says what a wrong one
    should have been.
    """

    _esm = Path(__file__).with_name("gate_lab.js")
    _ipython_display_ = None  # ipywidgets 7 would display through it, without the still picture

    forget_bias = Number().tag(sync=True)
    input_bias = Number().tag(sync=True)
    candidate_bias = Number().tag(sync=True)
    output_bias = Number().tag(sync=True)
    tied = Switch().tag(sync=True)
    open_output = Switch().tag(sync=True)
    preset = Name().tag(sync=True)
    input = Name().tag(sync=True)
    show = Name("cell").tag(sync=True)
    step = Count(1).tag(sync=True)
    unit = Count(1).tag(sync=True)
    rho = Number(1.0).tag(sync=True)
    input_scale = Number(0.1).tag(sync=True)
    _presets = t.Dict().tag(sync=True)  # name → title, note, biases, …, and which of the weights
    _weights = t.Dict().tag(sync=True)  # name → D, H, weight_ih, weight_hh, bias, h, c, flat
    _inputs = t.Dict().tag(sync=True)  # name → title, names, dates, T, D, x, flat
    _rnn = t.Dict().tag(sync=True)  # D, H, weight_ih, weight_hh, flat, for the lens "gradient"

    def __init__(
        self, params: LSTMParams | None = None, x=None, *, state: LSTMState | None = None, candidate: str = "tanh",
        show: str = "cell", returns=None, garch: tuple[float, float, float] = scenes.GARCH,
        start: float = 0.0, names: Sequence[str] | None = None, dates: Sequence | None = None,
        rnn: RNNParams | None = None, **traits,
    ) -> None:  # fmt: skip
        choose("show", show, LENSES)
        if unknown := set(traits) - {name for name in self.trait_names(sync=True) if not name.startswith("_")}:
            raise ValueError(f"GateLab knows no {', '.join(sorted(unknown))}: see help(GateLab)")
        if (params is None) != (x is None):
            raise ValueError("GateLab takes params and x together, or neither: with neither it brings its own cells")
        yours = {"state": state is not None, "candidate": candidate != "tanh"}
        yours |= {"names": names is not None, "dates": dates is not None}
        ours = {"returns": returns is not None, "garch": garch is not scenes.GARCH, "start": start != 0}
        no_use = (yours if params is None else {}) | (ours if params is not None or show == "gradient" else {})
        if idle := [name for name, given in no_use.items() if given]:
            raise ValueError(
                f"{', '.join(idle)} would change nothing here: state, candidate, names and dates go with params "
                "and x, returns, garch and start with the cells that GateLab brings"
            )
        if params is None and show == "gradient":
            params, x, rnn = gradient_scene(rnn)
        if params is None:
            self._cells, self._xs = scenes.presets(garch, start), scenes.inputs(returns)
        else:
            self._cells, self._xs = own_scene(params, x, candidate, state, names, dates)
        preset = choose("preset", traits.pop("preset", next(iter(self._cells))), tuple(self._cells))
        first = "noise" if "noise" in self._xs else next(iter(self._xs))
        first = choose("input", traits.pop("input", first), tuple(self._xs))
        chosen, x = self._cells[preset], self._xs[first].x
        begin = dict(zip(SLIDERS, chosen.biases, strict=True)) | {"tied": chosen.tied, "step": (len(x) + 1) // 2}
        if show == "gradient" and rnn is None:
            raise ValueError("show='gradient' sets an RNN beside the LSTM: give rnn, RNNParams with the inputs of x")
        self._orthogonal = None if rnn is None else own_rnn(rnn, x.shape[1])
        self._told = frozenset(self.trait_names())  # all that __init__ is given stays as given
        super().__init__(
            show=show, preset=preset, input=first, **begin | traits,
            _presets=in_order({name: preset_json(self._cells, cell) for name, cell in self._cells.items()}),
            _weights={owner(self._cells, cell): weights_json(cell) for cell in self._cells.values()},
            _inputs=in_order({name: input_json(one) for name, one in self._xs.items()}),
            _rnn={} if rnn is None else params_json(self._orthogonal),
        )  # fmt: skip
        self._told = frozenset()
        self._follow({"name": "input_bias" if "input_bias" in traits and "forget_bias" not in traits else "tied"})

    @classmethod
    def from_torch(cls, lstm, x, *, layer: int = 0, **options) -> "GateLab":
        """Open one layer of a trained nn.LSTM or Forecaster, one direction, on x (T, D), or (1, T, D), (T, 1, D).

        The batch stands where the module has it. What layer k reads is what the layers below it put out. Other options
        as for GateLab. Raises ValueError for a bidirectional module, several sequences at once, H > 32 or T > 512.
        """
        from lstm_core.forecaster import params_from_torch, trace_gates  # PyTorch, only where there is one already

        lstm = getattr(lstm, "recurrent", lstm)
        if getattr(lstm, "bidirectional", False):
            raise ValueError("the Gate Lab walks forwards only: give it an nn.LSTM that is not bidirectional")
        params = params_from_torch(lstm, layer)
        x = lstm.weight_ih_l0.new_tensor(np.asarray(x.detach().cpu() if hasattr(x, "detach") else x))
        below = (x if layer == 0 else trace_gates(lstm, x)[layer - 1].h).cpu().numpy()
        if below.ndim == 3 and not lstm.batch_first:
            below = below.swapaxes(0, 1)
        return cls(params, below, **options)

    # --- what the sliders stand for

    @property
    def params(self) -> LSTMParams:
        """The cell with the biases as they stand; a held-open output gate has a bias of 40 and no weights."""
        shifts = {slider.removesuffix("_bias"): getattr(self, slider) for slider in SLIDERS}
        moved = LSTMParams(*map(np.array, shift_biases(self._cells[self.preset].params, **shifts)))
        if self.open_output:
            H = moved.weight_hh.shape[1]
            moved.weight_ih[3 * H :], moved.weight_hh[3 * H :], moved.bias[3 * H :] = 0, 0, OPEN
        return moved

    @property
    def x(self) -> np.ndarray:
        """The chosen input, (1, T, D)."""
        return self._xs[self.input].x[None].copy()

    @property
    def dates(self) -> tuple[str, ...]:
        """The dates of the chosen input's T steps, or none."""
        return self._xs[self.input].dates

    @property
    def trace(self) -> LSTMTrace:
        """Every gate and state for the biases as they stand, (1, T, H) each, by `sequence.lstm_forward`."""
        cell = self._cells[self.preset]
        return lstm_forward(self.params, self.x, cell.state, cell.candidate)

    @property
    def gains(self) -> Gains:
        """What the lens "gradient" draws, by `gradient_flow`: both gains, (T,) each."""
        if self._orthogonal is None:
            raise ValueError("this Gate Lab has no RNN: open it with show='gradient'")
        hidden, cell = self._orthogonal, self._cells[self.preset]
        rnn = RNNParams(self.input_scale * hidden.weight_ih, self.rho * hidden.weight_hh, hidden.bias)
        of_rnn = gradient_flow.rnn_jacobians(rnn, self.x)
        of_lstm = gradient_flow.lstm_jacobians(self.params, self.x, cell.state, cell.candidate)
        return Gains(*(gradient_flow.gain(jacobians)[0] for jacobians in (of_rnn, of_lstm)))

    @property
    def sentence(self) -> str:
        """What the picture says, in the words that stand under it."""
        if self.show == "gradient":
            rnn, lstm = (float(gain[0]) for gain in self.gains)
            return reading.gradient_sentence(
                self.rho, self.input_scale, rnn, self.forget_bias, lstm, self.x.shape[1] - 1
            )
        trace, step, unit = self.trace, self.step - 1, self.unit - 1
        gates = tuple(float(part[0, step, unit]) for part in trace)
        left = float(np.prod(trace.f[0, step + 1 :, unit]))
        said = reading.sentence(self.show, self._at(), gates, left, trace.f.shape[1], self.open_output)
        if self._cells[self.preset].variance:
            said += " " + reading.variance_sentence(gates[1], gates[0], self.candidate_bias)
        return said

    def _at(self) -> str:
        """Step 42 (2008-10-13), unit 3."""
        date, H = f" ({self.dates[self.step - 1]})" if self.dates else "", len(self.params.bias) // 4
        return f"Step {self.step}{date}" + (f", unit {self.unit}" if H > 1 else "")

    def reset(self) -> None:
        """Put the sliders back where the preset has them, as the button does."""
        self._choose(self._cells[self.preset])

    # --- without widgets

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The widget, and for those who cannot have it a picture with its sentence for alt text."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        from lstm_core.gate_lab import picture  # matplotlib, only where a picture is asked for

        return data | {"text/plain": self.sentence, "text/html": picture.image(self)}, metadata

    def to_html(self, title: str = "Gate Lab") -> str:
        """One page with this lab, as it stands, in it: it runs from disk, with no kernel and no network."""
        return page.page([self], title)

    # --- keeping the state whole

    @t.validate(*SLIDERS)
    def _check_slider(self, proposal) -> float:
        return within(proposal["trait"].name, proposal["value"], -8.0, 8.0)

    @t.validate("rho", "input_scale")
    def _check_rnn(self, proposal) -> float:
        name = proposal["trait"].name
        return within(name, proposal["value"], 0.5 if name == "rho" else 0.0, 2.0)

    @t.validate("preset", "input", "show")
    def _check_name(self, proposal) -> str:
        name = proposal["trait"].name
        known = {"preset": tuple(self._cells), "input": tuple(self._xs), "show": LENSES}[name]
        if name == "show" and self._orthogonal is None:
            known = LENSES[:-1]  # without an RNN there is nothing to set beside the LSTM
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
            self._choose(self._cells[self.preset])
        elif self.tied and name in ("tied", "forget_bias"):
            self.input_bias = -self.forget_bias
        elif self.tied and name == "input_bias":
            self.forget_bias = -self.input_bias
        self._keep_within()

    def _choose(self, cell: scenes.Preset) -> None:
        with self.hold_sync():
            self.tied, self.open_output = False, False  # free, so that no slider pulls another one along
            for slider, value in zip(SLIDERS, cell.biases, strict=True):
                setattr(self, slider, value)
            self.tied = cell.tied

    def _keep_within(self) -> None:
        self.step = min(self.step, self._size("step"))
        self.unit = min(self.unit, self._size("unit"))

    def _size(self, of: str) -> int:
        if of == "step":
            return len(self._xs[known_name("input", self.input, tuple(self._xs))].x)
        return self._cells[known_name("preset", self.preset, tuple(self._cells))].params.weight_hh.shape[1]

    def set_state(self, sync_data: dict) -> None:
        """What the front end says, taken as it is; what an observer sets meanwhile pulls others along as ever."""
        before, self._told = self._told, frozenset(sync_data)
        try:
            super().set_state(sync_data)
        finally:
            self._told = before


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


def within(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise Refusal(f"{name} is {value}, but should lie between {low:g} and {high:g}")
    return value


def known_name(name: str, value: str, known: tuple[str, ...]) -> str:
    try:
        return choose(name, value, known)
    except ValueError as error:
        raise Refusal(*error.args) from None


def owner(cells: dict[str, scenes.Preset], cell: scenes.Preset) -> str:
    """The first preset with these very weights: presets of one and the same cell share theirs."""
    return next(name for name, other in cells.items() if other.params is cell.params)


def in_order(table: dict[str, dict]) -> dict[str, dict]:
    """With each entry its place in the menu: a notebook that is saved sorts them by name."""
    return {name: entry | {"order": place} for place, (name, entry) in enumerate(table.items())}


def preset_json(cells: dict[str, scenes.Preset], cell: scenes.Preset) -> dict:
    return {
        "title": cell.title, "note": cell.note, "weights": owner(cells, cell), "candidate": cell.candidate,
        "biases": list(map(float, cell.biases)), "tied": cell.tied, "variance": cell.variance,
    }  # fmt: skip


def weights_json(cell: scenes.Preset) -> dict:
    H = cell.params.weight_hh.shape[1]
    state = LSTMState(np.zeros(H), np.zeros(H)) if cell.state is None else cell.state
    return params_json(cell.params) | {name: np.ravel(part).tolist() for name, part in state._asdict().items()}


def params_json(params: LSTMParams | RNNParams) -> dict:
    sizes = {"D": params.weight_ih.shape[1], "H": params.weight_hh.shape[1]}
    return sizes | {name: np.ravel(array).tolist() for name, array in params._asdict().items()}


def input_json(one: scenes.Input) -> dict:
    T, D = one.x.shape
    sizes = {"T": T, "D": D, "x": one.x.ravel().tolist()}
    return {"title": one.title, "names": list(one.names), "dates": list(one.dates)} | sizes

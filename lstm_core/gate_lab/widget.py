"""GateLab: the Python half of the Gate Lab. It holds the state; gate_lab.js computes and draws, in the browser.

A slider that asks Python and redraws with matplotlib takes a quarter of a second; one whose front end computes the cell
takes a hundredth, kernel busy or not. So both halves know the equations, and tests hold them together to 1e-12.
Shapes: T time, D inputs, H hidden. Steps and units count from 1, as t does in the equations.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lstm_core import gradient_flow
from lstm_core._checks import choose
from lstm_core.biases import shift_biases
from lstm_core.cell import LSTMParams, LSTMState, RNNParams
from lstm_core.gate_lab import page, reading, scenes
from lstm_core.gate_lab.own import gradient_scene, own_rnn, own_scene
from lstm_core.gate_lab.state import LENSES, SLIDERS, State
from lstm_core.sequence import LSTMTrace, lstm_forward

__all__ = ["Gains", "GateLab"]

OPEN = 40.0  # a bias at which σ is 1 to the last digit


class Gains(NamedTuple):
    rnn: np.ndarray  # (T,) gain of ∂h_T/∂h_t
    lstm: np.ndarray  # (T,) gain of ∂C_T/∂C_t


class GateLab(State):
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
            cells, xs = scenes.presets(garch, start), scenes.inputs(returns)
        else:
            cells, xs = own_scene(params, x, candidate, state, names, dates)
        if show == "gradient" and rnn is None:
            raise ValueError("show='gradient' sets an RNN beside the LSTM: give rnn, RNNParams with the inputs of x")
        beside = None if rnn is None else own_rnn(rnn, next(iter(xs.values())).x.shape[1])
        super().__init__(cells, xs, beside, show=show, **traits)

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
        if self._beside is None:
            raise ValueError("this Gate Lab has no RNN: open it with show='gradient'")
        hidden, cell = self._beside, self._cells[self.preset]
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

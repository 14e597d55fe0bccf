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
from lstm_core.cell import GRUParams, LSTMParams, LSTMState, RNNParams
from lstm_core.gate_lab import gru_scenes, own, page, reading, scenes
from lstm_core.gate_lab.kinds import GRU, chosen, gru_shifted, lstm_shifted
from lstm_core.gate_lab.state import State
from lstm_core.sequence import GRUTrace, LSTMTrace, gru_forward, lstm_forward

__all__ = ["Gains", "GateLab"]


class Gains(NamedTuple):
    rnn: np.ndarray  # (T,) gain of ∂h_T/∂h_t
    lstm: np.ndarray  # (T,) gain of ∂C_T/∂C_t


class GateLab(State):
    """An LSTM or a GRU under its sliders: `GateLab()` opens cells that come with it, `GateLab(params, x)` your own.

    params : LSTMParams or GRUParams, H ≤ 32. x : (T, D) or (1, T, D), T ≤ 512. state : LSTMState (1, H), or the GRU's h
        (1, H), zeros if None.
    cell : "lstm" or "gru": whose cells GateLab brings. Left out it is the params', and the LSTM's where there are none.
    candidate : "tanh", or "linear" for an LSTM that carries an EWMA or a GARCH.
    show : the lens: "cell" (everything), one gate ("forget", "input", "output"), or "gradient", which sets an RNN's
        ∂h_T/∂h_t (sliders rho and input_scale; `rnn` brings its weights for ρ = 1, scale 1) beside this LSTM's
        ∂C_T/∂C_t (slider forget_bias). A GRU has "cell", "update" and "reset". Its update gate z is PyTorch's, as in
        Cho et al. 2014: at 1 it keeps the old state. Chung et al. 2014 write 1 − z for it.
    returns, garch, start : daily returns (T,) in percent, which become one of the inputs; (ω, α, β) of the GARCH
        preset; the variance σ² with which that one and RiskMetrics come to the first step.
    names, dates : D names for the inputs of x, and T dates for its steps.

    Traits, read and set from Python and moved by the front end: forget_bias, input_bias, candidate_bias, output_bias
    (each within ±8, added to the params' own), tied (b_i follows −b_f), open_output (o held at 1), preset, input, show,
    step and unit (from 1), rho, input_scale; of a GRU update_bias, reset_bias and candidate_bias in place of the first
    six. Give any of them here to start there. A ValueError says what a wrong one should have been.
    """

    _esm = Path(__file__).with_name("gate_lab.js")
    _ipython_display_ = None  # ipywidgets 7 would display through it, without the still picture

    def __init__(
        self, params: LSTMParams | GRUParams | None = None, x=None, *, cell: str | None = None,
        state: LSTMState | np.ndarray | None = None, candidate: str = "tanh", show: str = "cell", returns=None,
        garch: tuple[float, float, float] = scenes.GARCH, start: float = 0.0, names: Sequence[str] | None = None,
        dates: Sequence | None = None, rnn: RNNParams | None = None, **traits,
    ) -> None:  # fmt: skip
        kind = chosen(cell, params)
        choose("show", show, tuple(kind.lenses))
        if unknown := set(traits) - {name for name in self.trait_names(sync=True) if not name.startswith("_")}:
            raise ValueError(f"GateLab knows no {', '.join(sorted(unknown))}: see help(GateLab)")
        if (params is None) != (x is None):
            raise ValueError("GateLab takes params and x together, or neither: with neither it brings its own cells")
        yours = {"state": state is not None, "candidate": candidate != "tanh"}
        yours |= {"names": names is not None, "dates": dates is not None}
        ours = {"returns": returns is not None, "garch": garch is not scenes.GARCH, "start": start != 0}
        lstms = {"garch": garch is not scenes.GARCH, "rnn": rnn is not None} if kind is GRU else {}
        if idle := [name for name, given in lstms.items() if given]:
            raise ValueError(f"{', '.join(idle)} would change nothing here: they go with an LSTM, and this is a GRU")
        no_use = (yours if params is None else {}) | (ours if params is not None or show == "gradient" else {})
        if idle := [name for name, given in no_use.items() if given]:
            raise ValueError(
                f"{', '.join(idle)} would change nothing here: state, candidate, names and dates go with params "
                "and x, returns, garch and start with the cells that GateLab brings"
            )
        if params is None and show == "gradient":
            params, x, rnn = own.gradient_scene(rnn)
        if params is None:
            cells = gru_scenes.presets(start) if kind is GRU else scenes.presets(garch, start)
            xs = scenes.inputs(returns)
        else:
            cells, xs = own.own_scene(params, x, candidate, state, names, dates)
        if show == "gradient" and rnn is None:
            raise ValueError("show='gradient' sets an RNN beside the LSTM: give rnn, RNNParams with the inputs of x")
        beside = None if rnn is None else own.own_rnn(rnn, next(iter(xs.values())).x.shape[1])
        super().__init__(cells, xs, beside, show=show, **traits)

    @classmethod
    def from_torch(cls, lstm, x, *, layer: int = 0, **options) -> "GateLab":
        """Open one layer of a trained nn.LSTM, nn.GRU or Forecaster, one direction, on x (T, D), (1, T, D), (T, 1, D).

        The batch stands where the module has it. What layer k reads is what the layers below it put out. Other options
        as for GateLab. Raises ValueError for a bidirectional module, several sequences at once, H > 32 or T > 512.
        """
        return cls(*own.layer_of(lstm, x, layer), **options)

    # --- what the sliders stand for

    @property
    def cell(self) -> str:
        """What kind of cell it is: "lstm" or "gru"."""
        return self._kind.name

    @property
    def params(self) -> LSTMParams | GRUParams:
        """The cell with the biases as they stand; a held-open output gate has a bias of 40 and no weights."""
        shifts = {slider.removesuffix("_bias"): getattr(self, slider) for slider in self._kind.sliders}
        params = self._cells[self.preset].params
        return gru_shifted(params, **shifts) if self._kind is GRU else lstm_shifted(params, shifts, self.open_output)

    @property
    def x(self) -> np.ndarray:
        """The chosen input, (1, T, D)."""
        return self._xs[self.input].x[None].copy()

    @property
    def dates(self) -> tuple[str, ...]:
        """The dates of the chosen input's T steps, or none."""
        return self._xs[self.input].dates

    @property
    def trace(self) -> LSTMTrace | GRUTrace:
        """Every gate and state for the biases as they stand, (1, T, H) each, by `lstm_forward` or `gru_forward`."""
        cell = self._cells[self.preset]
        if self._kind is GRU:
            return gru_forward(self.params, self.x, cell.state)
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
        left = float(np.prod(getattr(trace, self._kind.keeps)[0, step + 1 :, unit]))
        variance = self._cells[self.preset].variance
        if self._kind is GRU:
            heard = self._heard(trace, step, unit)
            said = reading.gru_sentence(self.show, self._at(), gates, heard, left, trace.h.shape[1])
            z = gates[1]  # the other gate is 1 − z, so an EWMA it is, unless the candidate has a constant
            return said + (" " + reading.variance_sentence(z, 1 - z, 0) if variance and not self.candidate_bias else "")
        said = reading.sentence(self.show, self._at(), gates, left, trace.h.shape[1], self.open_output)
        return said + (" " + reading.variance_sentence(gates[1], gates[0], self.candidate_bias) if variance else "")

    def _heard(self, trace: GRUTrace, step: int, unit: int) -> float:
        """U_n·h + c_n of one unit at one step: what the old state says to the candidate."""
        params, start = self.params, self._cells[self.preset].state
        h = trace.h[0, step - 1] if step else np.zeros(trace.h.shape[2]) if start is None else np.ravel(start)
        row = 2 * trace.h.shape[2] + unit
        return float(params.weight_hh[row] @ h + params.bias_hh[row])

    def _at(self) -> str:
        """Step 42 (2008-10-13), unit 3."""
        date, H = f" ({self.dates[self.step - 1]})" if self.dates else "", self._size("unit")
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

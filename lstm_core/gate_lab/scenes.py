"""What the Gate Lab opens with: cells with a job to do, and inputs to try them on. Notebooks 03–05 drag them.

Shapes: T time, D inputs, H hidden. Every input has the same three columns, so that every cell can read every input:
its value, a mark (+1: take note of this; −1: you are asked now), and the value's square, which a variance is made of.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats
from lstm_core.biases import chrono_bias
from lstm_core.cell import GRUParams, LSTMParams, LSTMState, random_params

__all__ = ["COLUMNS", "GARCH", "Input", "Preset", "ewma_cell", "garch_cell", "inputs", "logit", "presets"]

COLUMNS = ("value", "mark", "value²")
GARCH = (0.018, 0.1, 0.885)  # ω, α, β of a typical daily equity index, returns in percent
LARGE = 3.0  # percent: a day's return that deserves a mark
LONGEST = 512  # steps


class Preset(NamedTuple):
    title: str
    note: str  # what to look at
    params: LSTMParams | GRUParams
    biases: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)  # sliders: forget, input, candidate, output; or those of kinds.GRU
    candidate: str = "tanh"  # or "linear": C̃ without its tanh
    tied: bool = False  # b_i follows −b_f, so that i = 1 − f where the weights are 0
    variance: bool = False  # the cell carries σ² of an EWMA or a GARCH(1,1)
    state: LSTMState | np.ndarray | None = None  # h and c, or a GRU's h, (1, H), before the first step; None: zeros


class Input(NamedTuple):
    title: str
    x: np.ndarray  # (T, D)
    names: tuple[str, ...] = COLUMNS  # D of them
    dates: tuple[str, ...] = ()  # T of them, or none


def logit(share: float) -> float:
    """The bias b of a gate that stands at σ(b) = share, 0 < share < 1: ln(share / (1 − share))."""
    if not 0 < share < 1:
        raise ValueError(f"share is {share}, but a gate stands strictly between 0 and 1")
    return float(np.log(share) - np.log1p(-share))


def ewma_cell(decay: float = 0.94) -> Preset:
    """RiskMetrics' σ²_t = λ σ²_{t−1} + (1 − λ) r²_t as a cell: f = λ, i = 1 − λ, C̃ = r², nothing from h.

    Source: J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th edition, 1996, section 5.2.
    """
    bias = logit(decay)
    return Preset(
        f"RiskMetrics, λ = {decay:g}", "An EWMA of the squares: the gates never look, and i = 1 − f.",
        _unit(candidate=(0, 0, 1)), (bias, -bias, 0.0, 4.0), "linear", tied=True, variance=True,
    )  # fmt: skip


def garch_cell(omega: float, alpha: float, beta: float) -> Preset:
    """GARCH(1,1), σ²_{t+1} = ω + α ε²_t + β σ²_t, as a cell: f = β, i = α, C̃ = ε² + ω/α, nothing from h.

    Its C_t, made from ε_1 … ε_t, is the variance of step t + 1. Source: Bollerslev 1986, equation 1. Raises ValueError
    unless α and β lie in [0.0004, 0.9996] and ω in [0, 8α]: the sliders reach no further than ±8.
    """
    low, high = 0.0004, 0.9996
    if not (low <= alpha <= high and low <= beta <= high and 0 <= omega <= 8 * alpha):
        raise ValueError(
            f"(ω, α, β) is ({omega:g}, {alpha:g}, {beta:g}): α and β should lie in [{low}, {high}], and ω in [0, 8α]"
        )
    return Preset(
        "GARCH(1,1)",
        f"ω, α, β = {omega:.3g}, {alpha:.3g}, {beta:.3g}. The gates never look, and need not add up to 1.",
        _unit(candidate=(0, 0, 1)), (logit(beta), logit(alpha), omega / alpha, 4.0), "linear", variance=True,
    )  # fmt: skip


def presets(garch: tuple[float, float, float] = GARCH, start: float = 0.0) -> dict[str, Preset]:
    """The cells to choose from; `garch` is (ω, α, β) of the one that carries a GARCH(1,1).

    `start`, 0 or more, is the variance σ² with which that one and RiskMetrics come to the first step.
    """
    begin = LSTMState(np.zeros((1, 1)), np.full((1, 1), check_variance(start)))
    value, on_mark, when_asked = (1, 0, 0), (0, 12, 0), (0, -12, 0)
    writes_at_mark = _unit(input=on_mark, candidate=value)
    spread = random_params(LSTMParams, 3, 8, np.random.default_rng(0))
    spread.weight_ih[:, 2] = 0  # the square of a crash would drive every gate to its end
    chrono = spread._replace(bias=chrono_bias(8, 100, np.random.default_rng(0)))
    return {
        "write_once": Preset(
            "Write once and protect", "Input gate: opens at a mark only.", writes_at_mark, (6.0, -6.0, 0.0, 4.0)
        ),
        "silent_until_asked": Preset(
            "Silent until asked", "Output gate: shut until the mark says −1.",
            _unit(input=on_mark, candidate=value, output=when_asked), (6.0, -6.0, 0.0, -6.0),
        ),
        "remember_all": Preset(
            "Remember all", "f ≈ 1, i ≈ 1: it adds up whatever comes.", _unit(candidate=value), (8.0, 4.0, 0.0, 4.0)
        ),
        "forget_all": Preset(
            "Forget all", "f ≈ 0: each step starts afresh.", _unit(candidate=value), (-8.0, 4.0, 0.0, 4.0)
        ),
        "riskmetrics": ewma_cell()._replace(state=begin),
        "garch": garch_cell(*as_floats("garch", garch, (3,)).tolist())._replace(state=begin),
        "chrono": Preset(
            "Chrono: eight units", "Eight memories, some short, some long, each with i = 1 − f to begin with.", chrono
        ),
    }  # fmt: skip


def check_variance(start: float) -> float:
    variance = as_floats("start", start, (), np.float64)
    if variance < 0:
        raise ValueError(f"start is {start!r}, but a variance is 0 or more")
    return float(variance)


def variations(params: LSTMParams, candidate: str, state: LSTMState | None) -> dict[str, Preset]:
    """What can be asked of any cell: as given, and with one gate after another pushed to its end."""
    settings = {
        "given": ("As given", "Your own cell; every slider adds to its biases.", (0.0, 0.0, 0.0, 0.0)),
        "remember_all": ("Remember all", "Forget gates pushed open.", (8.0, 0.0, 0.0, 0.0)),
        "forget_all": ("Forget all", "Forget gates pushed shut.", (-8.0, 0.0, 0.0, 0.0)),
        "write_nothing": ("Write nothing", "Input gates pushed shut.", (0.0, -8.0, 0.0, 0.0)),
        "say_nothing": ("Say nothing", "Output gates pushed shut.", (0.0, 0.0, 0.0, -8.0)),
    }
    return {
        name: Preset(title, note, params, biases, candidate, state=state)
        for name, (title, note, biases) in settings.items()
    }


def inputs(returns=None) -> dict[str, Input]:
    """The inputs to choose from, 100 steps each; with `returns` (T,), in percent, those too, marked where |r| ≥ 3.

    A pandas Series brings its dates along. Raises ValueError for returns longer than 512 steps.
    """
    rng = np.random.default_rng(0)
    pulse, noise, adding = np.zeros((3, 100, 2))
    pulse[9] = 1, 1
    noise[:, 0] = 0.3 * rng.normal(size=100)
    noise[[9, 29, 59], 0] = 1.5, -1.5, 1.5
    noise[9, 1] = 1
    adding[:, 0] = rng.uniform(-1, 1, 100)  # experiment 4 of 1997 draws from [−1, 1], and marks the ends with −1
    adding[[6, 37], 1] = 1
    for x, asked in ((pulse, 79), (noise, 79), (adding, 0), (adding, 99)):
        x[asked, 1] = -1
    found = {
        "pulse": Input("One pulse", with_square(pulse)),
        "noise": Input("Pulses in noise, one marked", with_square(noise)),
        "adding": Input("Adding task of 1997", with_square(adding)),
    }
    return found if returns is None else found | {"returns": market_input(returns)}


def market_input(returns) -> Input:
    """Daily returns (T,) in percent as an input: a mark on large moves, a question on the last day."""
    index = getattr(returns, "index", None)  # a list has one as well, a method
    dates = spell_dates(index) if hasattr(index, "strftime") else ()
    r = as_floats("returns", returns, ("T",), np.float64)
    if len(r) > LONGEST:
        raise ValueError(f"returns has {len(r)} days, but the Gate Lab draws at most {LONGEST}: cut a piece out of it")
    mark = np.where(np.abs(r) >= LARGE, 1.0, 0.0)
    mark[-1] = -1
    return Input("Daily returns in percent", with_square(np.stack([r, mark], 1)), dates=dates)


def spell_dates(dates) -> tuple[str, ...]:
    """2008-10-13, from whatever spells itself so."""
    return tuple(str(date)[:10] for date in dates)


def with_square(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x, x[:, 0] ** 2])


def _unit(**rows: tuple[float, float, float]) -> LSTMParams:
    """One unit that hears nothing of h, its gates' weights on value, mark and square as given, its biases 0."""
    gates = [rows.get(gate, (0, 0, 0)) for gate in ("input", "forget", "candidate", "output")]
    return LSTMParams(np.array(gates, np.float64), np.zeros((4, 1)), np.zeros(4))

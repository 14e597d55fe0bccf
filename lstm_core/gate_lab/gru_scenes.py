"""What the Gate Lab opens with for a GRU: cells with a job to do, on the inputs of `scenes`. Notebook 12.

A GRU writes as much as it erases: one gate z keeps, and 1 − z writes. Shapes: H hidden; rows r, z, n.
"""

import numpy as np

from lstm_core.biases import chrono_bias
from lstm_core.cell import GRUParams, random_params
from lstm_core.gate_lab.scenes import Preset, check_variance, logit

__all__ = ["gru_ewma_cell", "presets", "variations"]

FRACTION = 1e-4  # r² of returns in percent, as the square of a fraction


def gru_ewma_cell(decay: float = 0.94) -> Preset:
    """RiskMetrics' σ²_t = λ σ²_{t−1} + (1 − λ) r²_t as a GRU: z = λ, n = tanh((r/100)²), nothing from h.

    A GRU's candidate keeps its tanh; of squares this small it takes nothing that counts: a part in 30,000 of a day of
    10%. So h is σ² of returns as fractions of 1, not in percent. Source: as for `scenes.ewma_cell`.
    """
    return Preset(
        f"RiskMetrics, λ = {decay:g}",
        "An EWMA of the squares, (r/100)²: z never looks, and 1 − z comes with it.",
        _unit(candidate=(0, 0, FRACTION)), (logit(decay), 4.0, 0.0), variance=True,
    )  # fmt: skip


def presets(start: float = 0.0) -> dict[str, Preset]:
    """The GRUs to choose from; `start`, 0 or more, is the variance in percent² with which RiskMetrics begins."""
    begin = np.full((1, 1), FRACTION * check_variance(start))
    value, on_mark, when_asked = (1, 0, 0), (0, -12, 0), (0, 12, 0)
    spread = random_params(GRUParams, 3, 8, np.random.default_rng(0))
    spread.weight_ih[:, 2] = 0  # the square of a crash would drive every gate to its end
    spread.bias_ih[8:16], spread.bias_hh[8:16] = chrono_bias(8, 100, np.random.default_rng(0))[8:16], 0
    return {
        "write_once": Preset(
            "Write once and protect", "z keeps, but for a mark: it lets go of the old and writes in one.",
            _unit(update=on_mark, candidate=value), (6.0, 4.0, 0.0),
        ),
        "latch": Preset(
            "Latch, reset when asked",
            "n = tanh(2·r·h + value), z ≈ 0: it takes a side and keeps it, until r shuts at a −1.",
            _unit(reset=when_asked, candidate=value, hears=2), (-8.0, 6.0, 0.0),
        ),
        "average_all": Preset(
            "Average all", "z ≈ 0.95: an average of what came. Adding up is not to be had: what keeps does not write.",
            _unit(candidate=value), (3.0, 4.0, 0.0),
        ),
        "forget_all": Preset(
            "Forget all", "z ≈ 0: each step starts afresh.", _unit(candidate=value), (-8.0, 4.0, 0.0)
        ),
        "riskmetrics": gru_ewma_cell()._replace(state=begin),
        "chrono": Preset(
            "Chrono: eight units", "Eight memories, some short, some long; the gate that writes needs no bias.",
            spread, (0.0, 0.0, 0.0),
        ),
    }  # fmt: skip


def variations(params: GRUParams, state: np.ndarray | None) -> dict[str, Preset]:
    """What can be asked of any GRU: as given, and with one gate after another pushed to its end."""
    settings = {
        "given": ("As given", "Your own cell; every slider adds to its biases.", (0.0, 0.0, 0.0)),
        "remember_all": ("Remember all", "Update gates pushed open: the old state stays.", (8.0, 0.0, 0.0)),
        "forget_all": ("Forget all", "Update gates pushed shut: the candidate takes over.", (-8.0, 0.0, 0.0)),
        "reset_nothing": ("Reset nothing", "Reset gates pushed open: candidates hear all of h.", (0.0, 8.0, 0.0)),
        "reset_all": ("Reset all", "Reset gates pushed shut: candidates hear the input alone.", (0.0, -8.0, 0.0)),
    }
    return {name: Preset(*texts, params, biases, state=state) for name, (*texts, biases) in settings.items()}


def _unit(hears: float = 0.0, **rows: tuple[float, float, float]) -> GRUParams:
    """One unit, its gates' weights on value, mark and square as given, its candidate's on h, all else 0."""
    weights = [rows.get(gate, (0, 0, 0)) for gate in ("reset", "update", "candidate")]
    return GRUParams(np.array(weights, np.float64), np.array([[0.0], [0.0], [hears]]), np.zeros(3), np.zeros(3))

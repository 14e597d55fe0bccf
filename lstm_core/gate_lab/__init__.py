"""The Gate Lab: an LSTM or a GRU under its sliders, computed and drawn where the finger is. Notebooks 02–06 and 12.

widget    GateLab, the half in Python; what it says is what gate_lab.js draws
state     its traits, which refuse what they cannot be and pull each other along
kinds     what an LSTM and a GRU are made of: sliders, lenses, the gate that keeps
scenes    cells with a job to do, RiskMetrics and a GARCH among them, and inputs to try them on; gru_scenes: GRUs
own       cells and inputs of one's own, checked
wire      both as gate_lab.js reads them
reading   the sentence under the picture
picture   a still picture, for where no widget can run
page      a page with a Gate Lab in it that needs no kernel
gate_lab.js   one self-contained ES module: sliders, the forward pass of both, the drawing
"""

from lstm_core.gate_lab.scenes import ewma_cell, garch_cell, logit, presets
from lstm_core.gate_lab.widget import Gains, GateLab

__all__ = ["Gains", "GateLab", "ewma_cell", "garch_cell", "logit", "presets"]

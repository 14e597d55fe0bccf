"""A GRU beside an LSTM of as many units, and, per minibatch, all the readers of notebook 12's race beside its LSTM.

Unlike elsewhere, contenders here do not compute the same: what is asked is what a cell costs. Shapes as in `recurrent`.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from benchmarks.recurrent import draw
from benchmarks.timing import Column, Size, Spread, Times, duration, race, ratio_table, table
from lstm_core.field import READERS, new_reader, weights
from lstm_core.practice import learn
from lstm_core.sequence import gru_backward, gru_forward, lstm_backward, lstm_forward
from lstm_core.tasks import adding

__all__ = ["SECTIONS", "beside", "field_table", "training"]

SIZES = [(1, 64, 1, 8), (20, 110, 2, 32), (64, 100, 2, 64), (256, 60, 16, 128)]
COLUMNS = [
    Column("gru_forward", "lstm_forward"),
    Column("gru_backward", "lstm_backward"),
    Column("nn.GRU", "nn.LSTM"),
    Column("nn.GRU, trained", "nn.LSTM, trained"),
]


def beside(size: Size) -> dict[str, Callable]:
    """Forward, and forward with the gradients by all weights, in NumPy and in PyTorch, float32."""
    (lstm, x, lstm_params, array), (gru, _, gru_params, _) = draw(nn.LSTM, size), draw(nn.GRU, size)
    grad_h = torch.randn(*size[:2], size[3])

    def without_graph(module: nn.RNNBase) -> torch.Tensor:
        with torch.no_grad():
            return module(x)[0]

    def trained(module: nn.RNNBase) -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad(module(x)[0], list(module.parameters()), grad_h)

    return {
        "lstm_forward": lambda: lstm_forward(lstm_params, array),
        "gru_forward": lambda: gru_forward(gru_params, array),
        "lstm_backward": lambda: lstm_backward(lstm_params, array, lstm_forward(lstm_params, array), grad_h.numpy()),
        "gru_backward": lambda: gru_backward(gru_params, array, gru_forward(gru_params, array), grad_h.numpy()),
        "nn.LSTM": partial(without_graph, lstm),
        "nn.GRU": partial(without_graph, gru),
        "nn.LSTM, trained": partial(trained, lstm),
        "nn.GRU, trained": partial(trained, gru),
    }


def training() -> dict[str, Callable]:
    """A minibatch of twenty sequences of the adding problem, T = 100: drawn, learnt from by Adam, judged."""
    task = adding(100)
    nets = {kind: new_reader(kind, task.inputs, task.outputs, 100) for kind in READERS}
    return {kind: partial(next, learn(task, net, lr=1e-4)) for kind, net in nets.items()}


def field_table(times: Times) -> str:
    """One row a reader: its units, its weights, the time of a minibatch, and the ratio to the LSTM's."""
    task = adding(100)
    rows = [
        [kind, str(READERS[kind]), f"{weights(new_reader(kind, task.inputs, task.outputs, 100)):,}",
         duration(float(Spread.of(seconds).median)), str(Spread.of(seconds / times["lstm"]))]
        for kind, seconds in times.items()
    ]  # fmt: skip
    header = [("reader", ""), ("H", ""), ("weights", ""), ("a minibatch", ""), ("÷ LSTM", "")]
    return table(header, rows)


def _beside_section(seconds: float) -> str:
    races = {size: race(beside(size), seconds) for size in SIZES}
    title = "GRU beside LSTM, float32; backward and trained: forward, and the gradients by all weights"
    return f"{title}\n\n{ratio_table(COLUMNS, races)}"


def _field_section(seconds: float) -> str:
    title = "A minibatch of the adding problem, (N, T, D) = (20, 100 to 110, 2), forward, backward, clipped, Adam"
    return f"{title}\n\n{field_table(race(training(), 2 * seconds))}"


SECTIONS = {"cells": _beside_section, "field": _field_section}

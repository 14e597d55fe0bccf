"""Recurrent nets: lstm_core's NumPy beside torch.nn, textbook NumPy, and a loop over nn.LSTMCell.

Shapes: N batch, T time, D inputs, H hidden; batch first. A function below that takes a size returns the contenders of
a race; what they return is compared before the first is timed.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.timing import Bar, Column, Size, agree, race, ratio_table
from lstm_core.cell import LSTMParams
from lstm_core.forecaster import params_from_torch, trace_gates
from lstm_core.sequence import gru_forward, lstm_backward, lstm_forward, rnn_forward

__all__ = ["SECTIONS", "SIZES", "backward", "cell_loop", "draw", "forward", "gru", "rnn", "textbook_lstm", "trace"]

SIZES = [(1, 64, 1, 8), (1, 200, 1, 16), (1, 512, 4, 32), (32, 60, 8, 32), (64, 100, 2, 64), (256, 60, 16, 128)]


def forward(size: Size) -> dict[str, Callable]:
    module, x, params, array = draw(nn.LSTM, size)
    cell, zeros = _cell(module), torch.zeros(size[0], size[3])
    return {
        "nn.LSTM": lambda: module(x)[0],
        "lstm_forward": lambda: lstm_forward(params, array).h,
        "textbook NumPy": lambda: textbook_lstm(params, array),
        "LSTMCell loop": lambda: cell_loop(cell, x, (zeros, zeros)),
    }


def backward(size: Size, dtype: torch.dtype) -> dict[str, Callable]:
    """Forward, then the gradients by weights, biases, x, h_0 and c_0, from a given ∂L/∂h_t of every step."""
    module, x, params, array = draw(nn.LSTM, size, dtype)
    cell, (h0, c0) = _cell(module), torch.zeros(2, 1, size[0], size[3], dtype=dtype)
    grad_h = torch.randn(*size[:2], size[3], dtype=dtype)
    inputs = [x.clone().requires_grad_(), h0.requires_grad_(), c0.requires_grad_()]

    def in_torch() -> tuple[Tensor, ...]:
        return torch.autograd.grad(module(inputs[0], (h0, c0))[0], [*module.parameters(), *inputs], grad_h)

    def in_a_loop() -> tuple[Tensor, ...]:
        return torch.autograd.grad(cell_loop(cell, inputs[0], (h0[0], c0[0])), [*cell.parameters(), *inputs], grad_h)

    def in_numpy() -> list[np.ndarray]:
        w_ih, w_hh, b, *others = lstm_backward(params, array, lstm_forward(params, array), grad_h.numpy())
        return [w_ih, w_hh, b, b, others[0], others[1][None], others[2][None]]

    return {"nn.LSTM": in_torch, "lstm_backward": in_numpy, "LSTMCell loop": in_a_loop}


def rnn(size: Size) -> dict[str, Callable]:
    module, x, params, array = draw(nn.RNN, size)
    return {"nn.RNN": lambda: module(x)[0], "rnn_forward": lambda: rnn_forward(params, array).h}


def gru(size: Size) -> dict[str, Callable]:
    module, x, params, array = draw(nn.GRU, size)
    return {"nn.GRU": lambda: module(x)[0], "gru_forward": lambda: gru_forward(params, array).h}


def trace(size: Size) -> dict[str, Callable]:
    module, x, *_ = draw(nn.LSTM, size)
    return {"nn.LSTM": lambda: module(x)[0], "trace_gates": lambda: trace_gates(module, x)[0].h}


def textbook_lstm(params: LSTMParams, x: np.ndarray) -> np.ndarray:
    """The loop of tutorials: gate by gate, eight matmuls a step."""

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    W_i, W_f, W_c, W_o = np.split(params.weight_ih.T, 4, axis=1)
    U_i, U_f, U_c, U_o = np.split(params.weight_hh.T, 4, axis=1)
    b_i, b_f, b_c, b_o = np.split(params.bias, 4)
    h = c = np.zeros((len(x), len(U_i)), x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        x_t = x[:, t, :]
        input_gate = sigmoid(x_t @ W_i + h @ U_i + b_i)
        forget_gate = sigmoid(x_t @ W_f + h @ U_f + b_f)
        output_gate = sigmoid(x_t @ W_o + h @ U_o + b_o)
        candidate = np.tanh(x_t @ W_c + h @ U_c + b_c)
        c = forget_gate * c + input_gate * candidate
        h = output_gate * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def cell_loop(cell: nn.LSTMCell, x: Tensor, state: tuple[Tensor, Tensor]) -> Tensor:
    """The loop that people write to look inside: one call of nn.LSTMCell a step."""
    outputs = []
    for x_t in x.unbind(1):
        state = cell(x_t, state)
        outputs.append(state[0])
    return torch.stack(outputs, 1)


def draw(kind: type[nn.RNNBase], size: Size, dtype: torch.dtype = torch.float32):
    """Return a module of this size, its input, and both again for NumPy: weights and an array."""
    N, T, D, H = size
    torch.manual_seed(0)
    module = kind(D, H, batch_first=True, dtype=dtype)
    x = torch.randn(N, T, D, dtype=dtype)
    return module, x, params_from_torch(module), x.numpy()


def _cell(module: nn.LSTM) -> nn.LSTMCell:
    cell = nn.LSTMCell(module.input_size, module.hidden_size, dtype=module.weight_ih_l0.dtype)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in module.state_dict().items()})
    return cell


def _section(title: str, contenders: Callable, columns: list[Column], tolerance: float, grad: bool = False) -> Callable:
    """Make the function that runs one race at every size and returns its table."""

    def section(seconds: float) -> str:
        races = {}
        with torch.set_grad_enabled(grad):
            for size in SIZES:
                runs = contenders(size)
                agree({name: run() for name, run in runs.items()}, tolerance)
                races[size] = race(runs, seconds)
        return f"{title}\n\n{ratio_table(columns, races)}"

    return section


def _backward_section(dtype: torch.dtype, tolerance: float, bar: Callable | None) -> Callable:
    title = f"LSTM forward and backward, {str(dtype).removeprefix('torch.')}: gradients by weights, x, h_0 and c_0"
    columns = [Column("lstm_backward", "nn.LSTM", bar), Column("LSTMCell loop", "nn.LSTM")]
    return _section(title, lambda size: backward(size, dtype), columns, tolerance, grad=True)


def _forward_bar(size: Size) -> Bar | None:
    return Bar("≤", 2.4) if size == SIZES[0] else Bar("≤", 1.9) if size[0] > 1 else None


def _backward_bar(size: Size) -> Bar:
    return Bar("≤", {1: 0.17, 32: 0.65}.get(size[0], 0.72))


FORWARD = [
    Column("lstm_forward", "nn.LSTM", _forward_bar),
    Column("textbook NumPy", "nn.LSTM"),
    Column("LSTMCell loop", "nn.LSTM"),
    Column("textbook NumPy", "lstm_forward", lambda size: Bar("≥", 5) if size[0] == 1 else None),
]
SECTIONS = {
    "forward": _section("LSTM forward, float32: nn.LSTM keeps h, lstm_forward every gate", forward, FORWARD, 1e-5),
    "backward32": _backward_section(torch.float32, 1e-3, None),
    "backward64": _backward_section(torch.float64, 1e-10, _backward_bar),
    "rnn": _section("RNN forward, float32", rnn, [Column("rnn_forward", "nn.RNN", lambda size: Bar("≤", 0.4))], 1e-5),
    "gru": _section("GRU forward, float32", gru, [Column("gru_forward", "nn.GRU", lambda size: Bar("≤", 0.75))], 1e-5),
    "trace": _section(
        "Every gate of a trained nn.LSTM, float32", trace,
        [Column("trace_gates", "nn.LSTM", lambda size: Bar("≤", 2.3 if size[0] == 1 else 2.0))], 1e-5,
    ),
}  # fmt: skip

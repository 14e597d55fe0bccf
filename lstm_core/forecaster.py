"""A small recurrent forecaster in PyTorch, and windows into any nn.LSTM: its weights, and every gate at every step.

Notebooks 05 to 12 train Forecasters; 06 holds `cell.py` against nn.LSTM through `params_from_torch` and `trace_gates`.
Shapes: N batch, T time, D inputs, H hidden. Gate rows stand in PyTorch's order: i, f, g, o; the GRU's: r, z, n.
"""

import math
import warnings
from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lstm_core._checks import choose, whole
from lstm_core.biases import chrono_bias
from lstm_core.cell import GRUParams, LSTMParams, LSTMState, RNNParams
from lstm_core.ensemble import EnsembleParams
from lstm_core.sequence import LSTMTrace, lstm_forward

__all__ = ["Forecaster", "load_params", "params_from_torch", "stack_params", "trace_gates"]

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
PARAMS = {nn.RNN: RNNParams, nn.LSTM: LSTMParams, nn.GRU: GRUParams}
NUMPY_BATCH = 8  # from this many sequences on, NumPy's own walk beats PyTorch's kernel and a replay of its gates


class Forecaster(nn.Module):
    """Read a window x (N, T, D) with an rnn, an lstm or a gru; forecast (N, output_size) from the last step's h.

    With `every_step` there is a forecast after each step, from its own h: (N, T, output_size).

    The weights are PyTorch's own draw, U(−1/√H, 1/√H), made on the CPU from `seed` alone: the global generator stays as
    it was. Gate biases can start elsewhere, in every layer; the value is that of PyTorch's two biases together.

    forget_bias : b_f of the LSTM (Gers, Schmidhuber & Cummins 2000), or b_z of the GRU, whose open z keeps the state.
    input_bias : b_i of the LSTM; below 0 the input gate starts out shut (Hochreiter & Schmidhuber 1997).
    chrono : the longest lag in steps, T: b_f or b_z = ln U[1, T − 1] and b_i = −b_f (Tallec & Ollivier 2018).

    Raises ValueError for an unknown cell, a size below 1, and biases that the cell lacks or that exclude each other.
    """

    def __init__(
        self, input_size: int, hidden_size: int, cell: str = "lstm", *, output_size: int = 1, num_layers: int = 1,
        forget_bias: float | None = None, input_bias: float | None = None, chrono: int | None = None,
        every_step: bool = False, seed: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.every_step = every_step
        sizes = dict(input_size=input_size, hidden_size=hidden_size, output_size=output_size, num_layers=num_layers)
        _check_forecaster(cell, sizes, dict(forget_bias=forget_bias, input_bias=input_bias, chrono=chrono))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.recurrent = CELLS[cell](input_size, hidden_size, num_layers, batch_first=True, device="cpu")
            self.head = nn.Linear(hidden_size, output_size, device="cpu")
        rng = np.random.default_rng(seed)
        for layer in range(num_layers):
            if chrono is not None:
                input_bias, forget_bias = chrono_bias(hidden_size, chrono, rng).reshape(4, -1)[:2]
            self._start_gate(layer, 0, input_bias if cell == "lstm" else None)
            self._start_gate(layer, 1, forget_bias)  # gate 1 is the one that keeps: the LSTM's f, the GRU's z

    def forward(self, x: Tensor) -> Tensor:
        """Forecast (N, output_size), or (N, T, output_size), from x (N, T, D); ValueError for another or empty x."""
        D = self.recurrent.input_size
        if x.ndim != 3 or x.shape[2] != D or x.numel() == 0:
            raise ValueError(f"x has shape {tuple(x.shape)}, but (N, T, {D}) is expected, each at least 1")
        h, _ = self.recurrent(x)
        return self.head(h if self.every_step else h[:, -1])

    @torch.no_grad()
    def _start_gate(self, layer: int, gate: int, value) -> None:
        if value is not None:
            H = self.recurrent.hidden_size
            rows = slice(gate * H, (gate + 1) * H)
            getattr(self.recurrent, f"bias_ih_l{layer}")[rows] = torch.as_tensor(value)
            getattr(self.recurrent, f"bias_hh_l{layer}")[rows] = 0


def params_from_torch(module: nn.Module, layer: int = 0, reverse: bool = False) -> RNNParams | LSTMParams | GRUParams:
    """Copy one layer of an nn.RNN (tanh), nn.LSTM, nn.GRU or Forecaster into NumPy, dtype kept, no bias meaning zeros.

    `reverse` picks the backward direction of a bidirectional module. Later training does not reach the copies. Raises
    ValueError for another module, projections, dtypes other than float32 and float64, a layer or direction not there.
    """
    module = getattr(module, "recurrent", module)
    kind = next((PARAMS[cell] for cell in PARAMS if isinstance(module, cell)), None)
    if kind is None or module.proj_size or getattr(module, "nonlinearity", "tanh") != "tanh":
        raise ValueError(f"params_from_torch reads an nn.LSTM, nn.GRU or tanh nn.RNN without projections, not {module}")
    if not 0 <= layer < module.num_layers or reverse > module.bidirectional:
        raise ValueError(f"{module} has no layer {layer}{' reverse' if reverse else ''}; layers count from 0")
    _check_dtype(module)
    weights = module.all_weights[layer * (1 + module.bidirectional) + reverse]
    w_ih, w_hh, *biases = (weight.detach().cpu().numpy().copy() for weight in weights)
    b_ih, b_hh = biases or np.zeros((2, len(w_ih)), w_ih.dtype)
    return GRUParams(w_ih, w_hh, b_ih, b_hh) if kind is GRUParams else kind(w_ih, w_hh, b_ih + b_hh)


def stack_params(forecasters: Sequence[Forecaster]) -> EnsembleParams:
    """Copy the weights of S one-layer LSTM Forecasters of one shape and dtype, for an Ensemble to train them at once.

    Raises ValueError for none, for another cell or more layers, and for shapes or dtypes that differ.
    """
    found = [_ensemble_params(f"forecasters[{k}]", forecaster) for k, forecaster in enumerate(forecasters)]
    if not found:
        raise ValueError("forecasters is empty, but one at least is needed")
    kinds = [(params.head.dtype.name, *(part.shape for part in params)) for params in found]
    for k, kind in enumerate(kinds):
        if kind != kinds[0]:
            raise ValueError(f"forecasters[{k}] has weights {kind}, but the first {kinds[0]}: stack those of one shape")
    return EnsembleParams(*map(np.stack, zip(*found, strict=True)))


@torch.no_grad()
def load_params(forecaster: Forecaster, params: EnsembleParams, k: int) -> Forecaster:
    """Put the weights of network k into `forecaster`, and return it; stack_params([forecaster]) gives the same again.

    Raises ValueError for a forecaster that stack_params would not take or of other shapes, and for k that is not there.
    """
    k = whole("k", k, 0, len(params.head) - 1)
    here, there = ([part.shape for part in weights] for weights in (_ensemble_params("forecaster", forecaster), params))
    if here != [shape[1:] for shape in there]:
        raise ValueError(f"forecaster has weights {here}, but params {there}: make a Forecaster of the same sizes")
    lstm, head = forecaster.recurrent, forecaster.head
    ours = lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, head.weight, head.bias
    for parameter, part in zip(ours, params, strict=True):
        parameter.copy_(torch.from_numpy(part[k]))
    lstm.bias_hh_l0.zero_()  # the other holds the sum
    return forecaster


@torch.no_grad()
def trace_gates(lstm: nn.LSTM, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> list[LSTMTrace]:
    """Run any nn.LSTM on x and keep i, f, g, o, c and h of every step: an LSTMTrace for each layer and direction.

    x and `state` = (h_0, c_0) are what the module itself takes. Traces come layer by layer, forward before backward,
    both in input time; tensors are laid out like the module's output, (N, T, H), (T, N, H) or, unbatched, (T, H). No
    graph is built, and the module stays as it is. Raises ValueError for packed sequences, projections, dropout in train
    mode, dtypes other than float32 and float64, shapes that do not fit, NaN and infinity.
    """
    inputs, h0, c0 = _check_trace(lstm, x, state)
    in_numpy = x.device.type == "cpu" and len(inputs) >= NUMPY_BATCH
    directions = 1 + lstm.bidirectional
    traces: list[LSTMTrace] = []
    for k, weights in enumerate(lstm.all_weights):
        layer, backward = k // directions, k % directions == 1
        if layer and not backward:
            inputs = torch.cat([trace.h for trace in traces[-directions:]], -1)  # a layer reads the layer below it
        walked = inputs.flip(1) if backward else inputs
        if in_numpy:
            start = LSTMState(h0[k].numpy(), c0[k].numpy()) if state is not None else None
            arrays = lstm_forward(params_from_torch(lstm, layer, backward), walked.numpy(), start)
            trace = LSTMTrace(*map(torch.from_numpy, arrays))
        else:
            trace = _replay(weights, walked, h0[k], c0[k])
        traces.append(LSTMTrace(*(part.flip(1) for part in trace)) if backward else trace)
    if x.ndim == 2:
        return [LSTMTrace(*(part[0] for part in trace)) for trace in traces]
    return traces if lstm.batch_first else [LSTMTrace(*(part.transpose(0, 1) for part in trace)) for trace in traces]


def _replay(weights: list[Tensor], x: Tensor, h0: Tensor, c0: Tensor) -> LSTMTrace:
    """Trace one direction of one layer along x (N, T, D) from h0 and c0 (N, H).

    PyTorch's fused kernel gives every h_t. Those known, all gates of all steps are one product; only c needs a walk.
    """
    w_ih, w_hh, *biases = weights
    b_ih, b_hh = biases or (None, None)
    # cuDNN warns when a stack's layers run one by one: their weights then are not one block of memory.
    with warnings.catch_warnings(action="ignore", category=UserWarning) if x.is_cuda else nullcontext():
        h = torch.lstm(x, (h0[None], c0[None]), weights, bool(biases), 1, 0.0, False, False, True)[0]
    h_prev = torch.cat([h0[:, None], h[:, :-1]], 1)
    z = F.linear(x, w_ih, b_ih).add_(F.linear(h_prev, w_hh, b_hh))
    i, f, g, o = z.chunk(4, -1)
    g.mul_(2)
    z.sigmoid_()
    g.mul_(2).sub_(1)  # tanh(z) = 2σ(2z) − 1: one σ serves all four gates, ten times faster than PyTorch's tanh
    c = i * g
    _walk_cells(*(part.numpy() if part.device.type == "cpu" else part for part in (f, c, c0)))
    return LSTMTrace(i, f, g, o, c, h)


def _walk_cells(f, c, c0) -> None:
    """Turn c, which holds i ⊙ g (N, T, H), into c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t in place. Takes tensors or arrays.

    It takes log₂T strides, not T steps (Hillis & Steele 1986). Before each, c_t sums what the last `span` steps wrote,
    and f_t is how much of anything older they let pass; the stride adds the sum that ended `span` steps earlier.
    """
    c[:, 0] += f[:, 0] * c0
    span = 1
    while span < c.shape[1]:
        c[:, span:] += f[:, 1:] * c[:, :-span]
        f = f[:, span:] * f[:, :-span]
        span *= 2


def _ensemble_params(name: str, forecaster: Forecaster) -> EnsembleParams:
    """One network's, without the S."""
    lstm = getattr(forecaster, "recurrent", None)
    if not isinstance(forecaster, Forecaster) or not isinstance(lstm, nn.LSTM) or lstm.num_layers > 1:
        raise ValueError(f"{name} is {forecaster!r:.200}, but a Forecaster with one layer of lstm is expected")
    head = (weight.detach().cpu().numpy().copy() for weight in (forecaster.head.weight, forecaster.head.bias))
    return EnsembleParams(*params_from_torch(lstm), *head)


def _check_trace(lstm: nn.LSTM, x: Tensor, state) -> tuple[Tensor, Tensor, Tensor]:
    """Return x (N, T, D) and h_0, c_0 (layers · directions, N, H), or say what cannot be traced and what to do."""
    if not isinstance(lstm, nn.LSTM):
        raise ValueError(f"trace_gates reads an nn.LSTM, not a {type(lstm).__name__}; a Forecaster's is its .recurrent")
    if lstm.proj_size:
        raise ValueError(f"trace_gates reads no projections: proj_size is {lstm.proj_size}, and should be 0")
    if lstm.training and lstm.dropout and lstm.num_layers > 1:
        raise ValueError("in train mode dropout draws anew at every call: call lstm.eval() before trace_gates")
    if isinstance(x, nn.utils.rnn.PackedSequence):
        raise ValueError("trace_gates reads no packed sequences: trace one sequence at a time, or pad them")
    _check_dtype(lstm)
    D, H, K = lstm.input_size, lstm.hidden_size, lstm.num_layers * (1 + lstm.bidirectional)
    single = isinstance(x, Tensor) and x.ndim == 2
    shape = ("T", D) if single else ("N", "T", D) if lstm.batch_first else ("T", "N", D)
    _check_tensor("x", x, shape, lstm.weight_ih_l0)
    x = x[None] if single else x if lstm.batch_first else x.transpose(0, 1)
    if state is None:
        return x, *x.new_zeros(2, K, len(x), H)
    if len(state) != 2:
        raise ValueError(f"state has {len(state)} part(s), but nn.LSTM starts from two, (h_0, c_0)")
    for name, part in zip(("h_0", "c_0"), state, strict=True):
        _check_tensor(name, part, (K, H) if single else (K, len(x), H), x)
    return x, *(part.reshape(K, len(x), H) for part in state)


def _check_tensor(name: str, value, shape: tuple, like: Tensor) -> None:
    wanted = f"{name} should be a {like.dtype} tensor of shape ({', '.join(map(str, shape))}) on {like.device}"
    if not isinstance(value, Tensor):
        raise ValueError(f"{wanted}, not a {type(value).__name__}")
    fits = value.ndim == len(shape) and all(m in (n, "N", "T") for n, m in zip(value.shape, shape, strict=True))
    if not fits or value.numel() == 0 or (value.dtype, value.device) != (like.dtype, like.device):
        raise ValueError(f"{wanted}, and not empty; it is {value.dtype}, {tuple(value.shape)}, on {value.device}")
    if not math.isfinite(value.sum()) and not value.isfinite().all():  # a sum is cheap, but may overflow
        raise ValueError(f"{name} holds {(~value.isfinite()).sum()} NaN or infinite value(s): drop or fill them first")


def _check_dtype(module: nn.Module) -> None:
    dtype = module.weight_ih_l0.dtype
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"the module is {dtype}, but only float32 and float64 are read: module.float() converts it")


def _check_forecaster(cell: str, sizes: dict[str, int], biases: dict[str, float | None]) -> None:
    for name, size in sizes.items():
        whole(name, size, 1)
    known = {"rnn": (), "gru": ("forget_bias", "chrono"), "lstm": tuple(biases)}[choose("cell", cell, tuple(CELLS))]
    given = {name: value for name, value in biases.items() if value is not None}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"{name} is {value}, but the cell {cell!r} has no such gate: leave it out")
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value}, but must be finite")
    if "chrono" in given and len(given) > 1:
        raise ValueError("chrono sets the forget and input biases itself: give chrono, or give them, not both")

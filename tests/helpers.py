"""What several tests share: random problems of pairwise different sizes, three oracles for the NumPy core, pictures.

The oracles: `stepped`, which walks along a sequence with cell.py's step; `torch_run`, PyTorch's own nn.LSTM, nn.GRU and
nn.RNN with autograd; `torch_loop`, the LSTM's equations written out once more with autograd, which can leave the
candidate's tanh off and keeps what nn.LSTM hides. Shapes: N batch, T time, D inputs, H hidden.
"""

import base64
import io
from collections.abc import Callable
from html.parser import HTMLParser
from typing import NamedTuple

import numpy as np
import torch
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image

from lstm_core import cell, sequence
from lstm_core.cell import GRUParams, LSTMParams, LSTMState, RNNParams

few, many, hundreds = (settings(max_examples=n, derandomize=True, deadline=None) for n in (20, 60, 200))
# T, N, D or H may be 1, and no two are equal, so that no transpose can hide.
sizes = st.lists(st.integers(1, 11), min_size=4, max_size=4, unique=True).map(tuple)
seeds = st.integers(0, 2**32 - 1)


class Kind(NamedTuple):
    params: type
    module: type[torch.nn.RNNBase]
    forward: Callable
    backward: Callable


RNN = Kind(RNNParams, torch.nn.RNN, sequence.rnn_forward, sequence.rnn_backward)
LSTM = Kind(LSTMParams, torch.nn.LSTM, sequence.lstm_forward, sequence.lstm_backward)
GRU = Kind(GRUParams, torch.nn.GRU, sequence.gru_forward, sequence.gru_backward)
KINDS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


class Problem(NamedTuple):
    params: RNNParams | LSTMParams | GRUParams
    x: np.ndarray  # (N, T, D)
    state: LSTMState | np.ndarray  # h0 (N, H) for the RNN and the GRU
    grad_h: np.ndarray  # (N, T, H)


def draw(kind: Kind, sizes: tuple[int, int, int, int], seed: int = 0, dtype=np.float64) -> Problem:
    """A random problem of `sizes` (N, T, D, H), its weights three times PyTorch's, so that gates leave their middle."""
    (N, T, D, H), rng = sizes, np.random.default_rng(seed)
    params = cell.random_params(kind.params, D, H, rng, scale=3 / np.sqrt(H))
    x, grad_h, h0, c0 = (rng.normal(size=shape) for shape in [(N, T, D), (N, T, H), (N, H), (N, H)])
    return cast(Problem(params, x, LSTMState(h0, c0) if kind is LSTM else h0, grad_h), lambda a: a.astype(dtype))


def cast(tree, function: Callable):
    """`tree` with `function` applied to each of its arrays."""
    if isinstance(tree, tuple):
        parts = [cast(part, function) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)
    return function(tree)


def arrays(*trees) -> list[np.ndarray]:
    """All arrays in the given trees of tuples."""
    return [a for tree in trees for a in (arrays(*tree) if isinstance(tree, tuple) else [tree])]


def error(ours, theirs) -> float:
    """The largest difference between two arrays."""
    assert np.shape(ours) == np.shape(theirs)
    return float(np.max(np.abs(np.asarray(ours) - np.asarray(theirs))))


def relative(ours, theirs) -> float:
    """The largest difference, relative to the largest value."""
    return error(ours, theirs) / float(np.max(np.abs(np.asarray(theirs))))


def stepped(kind: Kind, params, x, state, **candidate):
    """The trace that cell.py makes, step by step."""
    steps = []
    for x_t in np.swapaxes(x, 0, 1):
        if kind is LSTM:
            state, gates = cell.lstm_step(params, x_t, state, **candidate)
            steps.append((*gates, state.c, state.h))
        elif kind is GRU:
            state, gates = cell.gru_step(params, x_t, state)
            steps.append((*gates, state))
        else:
            state = cell.rnn_step(params, x_t, state)
            steps.append((state,))
    trace = {LSTM: sequence.LSTMTrace, GRU: sequence.GRUTrace, RNN: sequence.RNNTrace}[kind]
    return trace(*(np.stack(field, axis=1) for field in zip(*steps, strict=True)))


def torch_module(kind: Kind, params) -> torch.nn.RNNBase:
    """PyTorch's module with these weights; a single bias is laid half into each of its two."""
    H, D = params.weight_hh.shape[1], params.weight_ih.shape[1]
    module = kind.module(D, H, batch_first=True, dtype=torch.as_tensor(params.weight_ih).dtype)
    biases = params[2:] if kind is GRU else (params.bias / 2, params.bias / 2)
    with torch.no_grad():
        for mine, theirs in zip(module.parameters(), (*params[:2], *biases), strict=True):
            mine.copy_(torch.as_tensor(theirs))
    return module


class TorchRun(NamedTuple):
    h: np.ndarray  # (N, T, H)
    last: tuple[np.ndarray, ...]  # the state after the last step: h, or h and c, (N, H) each
    grads: dict[str, np.ndarray]  # by the names of our Grads


def torch_run(kind: Kind, problem: Problem, grad_c=None) -> TorchRun:
    """PyTorch's outputs, and autograd's gradients of L = Σ grad_h ⊙ h + Σ grad_c ⊙ C_T."""
    module = torch_module(kind, problem.params)
    x, *state = leaves = [torch.tensor(a, requires_grad=True) for a in arrays(problem.x, problem.state)]
    h, last = module(x, tuple(s[None] for s in state) if kind is LSTM else state[0][None])
    loss = (h * torch.as_tensor(problem.grad_h)).sum()
    if grad_c is not None:
        loss = loss + (last[1] * torch.as_tensor(grad_c)).sum()
    grads = [g.numpy() for g in torch.autograd.grad(loss, [*module.parameters(), *leaves])]
    names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "x", "h0", "c0"]
    by_name = dict(zip(names, grads, strict=False)) | {"bias": grads[2]}
    return TorchRun(h.detach().numpy(), tuple(s[0].detach().numpy() for s in arrays(last)), by_name)


class TorchLoop(NamedTuple):
    z: list[torch.Tensor]  # T tensors (N, 4H), pre-activations of i, f, g, o, with their gradients
    c: list[torch.Tensor]  # T tensors (N, H)
    h: list[torch.Tensor]  # T tensors (N, H)
    leaves: list[torch.Tensor]  # weight_ih, weight_hh, bias, x, h0, c0, in the order of LSTMGrads


def torch_loop(problem: Problem, grad_c=None, candidate: str = "tanh") -> TorchLoop:
    """The LSTM's equations in PyTorch; every tensor holds its gradient of the loss that `torch_run` names."""
    weight_ih, weight_hh, bias, x, h, c = leaves = [
        torch.tensor(a, requires_grad=True) for a in arrays(problem.params, problem.x, problem.state)
    ]
    steps = []
    for x_t in x.unbind(1):
        z = torch.nn.functional.linear(x_t, weight_ih, bias) + h @ weight_hh.T
        i, f, g, o = z.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * (g.tanh() if candidate == "tanh" else g)
        h = o.sigmoid() * c.tanh()
        steps.append((z, c, h))
    for tensor in arrays(*steps):
        tensor.retain_grad()
    loss = (torch.stack([h for *_, h in steps], dim=1) * torch.as_tensor(problem.grad_h)).sum()
    (loss if grad_c is None else loss + (c * torch.as_tensor(grad_c)).sum()).backward()
    return TorchLoop(*map(list, zip(*steps, strict=True)), leaves)


def central_differences(function: Callable[[], float], array: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """∂function/∂array, each entry nudged up and down in place."""
    gradient = np.empty_like(array)
    for k in np.ndindex(array.shape):
        middle = array[k]
        array[k] = middle + step
        above = function()
        array[k] = middle - step
        gradient[k] = (above - function()) / (2 * step)
        array[k] = middle
    return gradient


def images(page: str) -> list[dict[str, str]]:
    """The attributes of every <img> of an HTML page, as a browser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append(dict(attributes)) if tag == "img" else None
    parser.feed(page)
    return found


def decoded(source: str) -> np.ndarray:
    """The pixels (height, width, 3) of a picture that stands in a page as a data: address."""
    kind, data = source.split(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))

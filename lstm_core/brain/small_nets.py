"""A small LSTM with one output, in NumPy: drawn, trained side by side with others, and operated on.

Shapes: N sequences, T steps, D inputs, H hidden.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, whole
from lstm_core.biases import gate_bias
from lstm_core.cell import LSTMParams, random_params
from lstm_core.ensemble import Ensemble, EnsembleParams
from lstm_core.sequence import LSTMTrace, lstm_forward

__all__ = ["Net", "hold_output", "new_net", "says", "trace", "train"]

WIDE = 50.0  # a bias that opens a gate to the last digit of a float64: its slope there is exactly 0
Draw = Callable[[], tuple[np.ndarray, np.ndarray]]  # → inputs (N, T, D), and what is wanted at each step (N, T)


class Net(NamedTuple):
    lstm: LSTMParams
    head: np.ndarray  # (H,)
    head_bias: float


def new_net(inputs: int, hidden: int, seed: int, *, forget_bias=0.0, scale=None, head=None, output_gate=True) -> Net:
    """Draw a net as `random_params` does, with its forget gates' bias raised by `forget_bias`.

    The head is `head` for each unit, or drawn like PyTorch's, from U(±1/√H). Without an output gate o is 1 at every
    step, and stays so in training.
    """
    rng = np.random.default_rng(seed)
    lstm = random_params(LSTMParams, whole("inputs", inputs, 1), whole("hidden", hidden, 1), rng, scale)
    lstm = lstm._replace(bias=lstm.bias + gate_bias(hidden, forget=forget_bias))
    V = rng.uniform(-1, 1, hidden) / np.sqrt(hidden) if head is None else np.full(hidden, float(head))
    net = Net(lstm, V, 0.0)
    return net if output_gate else hold_output(net, 1.0)


def train(nets: Sequence[Net], draws: Sequence[Draw], steps: int, lr: float) -> list[Net]:
    """Train each net on its own stream of minibatches, by squared error at every step (Adam, gradients cut at norm 1).

    Side by side, and each to the last bit as if alone. Raises ValueError for as many draws as there are not nets.
    """
    if len(draws) != len(nets):
        raise ValueError(f"draws has {len(draws)} streams, but nets has {len(nets)} nets: one each")
    ensemble = Ensemble(_stacked(nets), lr=lr)
    for _ in range(whole("steps", steps, 1)):
        x, wanted = map(np.stack, zip(*(draw() for draw in draws), strict=True))
        ensemble.step(x, wanted[..., None], mask=np.ones(wanted.shape, bool))
    W, U, b, V, a = ensemble.params
    return [Net(LSTMParams(W[k], U[k], b[k]), V[k, 0], float(a[k, 0])) for k in range(len(nets))]


def trace(net: Net, x) -> LSTMTrace:
    """Every gate and state along x (N, T, D)."""
    return lstm_forward(net.lstm, x)


def says(net: Net, x) -> np.ndarray:
    """What the net answers at every step, (N, T), having heard x (N, T, D)."""
    return trace(net, x).h @ net.head + net.head_bias


def hold_output(net: Net, o: float) -> Net:
    """Return the net with its output gates held at `o`, whatever they hear: 1 is open, 0 shut.

    Their weights become 0 and their bias the logit of o. Raises ValueError for an o that does not lie in [0, 1].
    """
    o = float(as_floats("o", o, ()))
    if not 0 <= o <= 1:
        raise ValueError(f"o is {o}, but a gate stands between 0, shut, and 1, open")
    logit = WIDE * (2 * o - 1) if o in (0, 1) else np.log(o / (1 - o))
    H = len(net.head)
    W, U, b = (part.copy() for part in net.lstm)
    W[3 * H :], U[3 * H :], b[3 * H :] = 0, 0, logit
    return net._replace(lstm=LSTMParams(W, U, b))


def _stacked(nets: Sequence[Net]) -> EnsembleParams:
    lstms, heads, biases = zip(*nets, strict=True)
    W, U, b = map(np.stack, zip(*lstms, strict=True))
    return EnsembleParams(W, U, b, np.stack(heads)[:, None], np.array(biases)[:, None])

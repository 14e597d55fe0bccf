"""Which units and connections a network of 1997 has, how many weights that makes, and where they start.

Shapes: S trials, D inputs, C = blocks · size cells, R hidden units, K outputs. Hidden units stand in this order: the
cells, block by block; the blocks' input gates; their output gates. Columns of weights: D inputs, the bias, the units.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, choose, whole

__all__ = ["NETS", "Net", "Weights", "connections", "initial_weights", "weight_count"]


class Net(NamedTuple):
    """A network as the paper's Table 10 describes it: three layers, the hidden one made of memory-cell blocks."""

    inputs: int  # D
    blocks: int  # each has an input gate and an output gate
    size: int  # cells in a block, which share its gates
    outputs: int  # K, logistic
    scale: float = 0.1  # weights start in U(−scale, scale)
    input_bias: tuple[float, ...] | None = None  # where the input gates' biases start, a block each; None: drawn too
    output_bias: tuple[float, ...] | None = None  # the output gates', likewise
    biased: str = "all"  # which units have a bias: "all" but the inputs, the "hidden" ones, the "gates", or "none"
    output_gate: bool = True  # without it y_out is 1
    recurrent: bool = True  # hidden units see the last activations of all hidden units, gates included
    direct: bool = False  # output units see the inputs as well as the cells
    g: str = "centred"  # what squashes a cell's input: "centred", 4σ − 2 in [−2, 2] (5), or "logistic", σ in [0, 1]
    h: str = "centred"  # what squashes its state: "centred", 2σ − 1 in [−1, 1] (4), or "identity"


class Weights(NamedTuple):
    hidden: np.ndarray  # (S, R, D + 1 + R) from the inputs, the constant 1 and the last hidden activations
    output: np.ndarray  # (S, K, D + 1 + C) from the inputs, the constant 1 and the cells


BIASED = ("all", "hidden", "gates", "none")
# The paper's networks, by experiment (Tables 10 and 11). `_replace(inputs=p + 4)` makes 2c's for other numbers p of
# distractors, `_replace(inputs=p + 1, outputs=p + 1)` 2a's for other lags p. Table 10's "none" is "no such bias".
NETS = {
    "1, 4×1": Net(7, 4, 1, 7, scale=0.2, output_bias=(-1, -2, -3, -4), biased="gates"),
    "1, 3×2": Net(7, 3, 2, 7, scale=0.2, output_bias=(-1, -2, -3), biased="gates"),
    "2a": Net(101, 1, 1, 101, scale=0.2, biased="none", output_gate=False, recurrent=False, direct=True,
              g="logistic", h="identity"),
    "2c": Net(54, 2, 1, 2, scale=0.2, biased="none"),
    "3": Net(1, 3, 1, 1, input_bias=(-1, -3, -5), output_bias=(-2, -4, -6), biased="hidden"),
    "4": Net(2, 2, 2, 1, input_bias=(-3, -6)),
    "5": Net(2, 2, 2, 1),
    "6a": Net(8, 2, 2, 4, input_bias=(-2, -4)),
    "6b": Net(8, 3, 2, 8, input_bias=(-2, -4, -6)),
}  # fmt: skip
NETS["2b"] = NETS["2a"]


def connections(net: Net) -> Weights:
    """True where `net` has a weight: hidden (R, D + 1 + R), output (K, D + 1 + C), read-only. Elsewhere it stays 0."""
    return _connections(check_net(net)._replace(scale=0, input_bias=None, output_bias=None))


def weight_count(net: Net) -> int:
    """How many weights there are, as the paper counts: biases too, the cells' fixed self-connections not."""
    return sum(int(mask.sum()) for mask in connections(net))


def initial_weights(net: Net, trials: int, rng: np.random.Generator) -> Weights:
    """Draw the weights of `trials` networks from U(−scale, scale); then set the gates' biases that `net` names.

    A trial's weights do not depend on how many follow it. Raises ValueError for a `net` that cannot be, or no trials.
    """
    masks, (_, D, C, _, _) = connections(net), sizes(net)
    drawn = rng.uniform(-net.scale, net.scale, (whole("trials", trials, 1), weight_count(net)))
    hidden, output = (np.zeros((trials, *mask.shape)) for mask in masks)
    hidden[:, masks.hidden], output[:, masks.output] = np.split(drawn, [np.count_nonzero(masks.hidden)], axis=1)
    for first, bias in ((C, net.input_bias), (C + net.blocks, net.output_bias)):
        if bias is not None:
            hidden[:, first : first + net.blocks, D] = bias
    return Weights(hidden, output)


def sizes(net: Net) -> tuple[int, int, int, int, int]:
    """Gate units a block, D, C, R, K."""
    gates, cells = 1 + net.output_gate, net.blocks * net.size
    return gates, net.inputs, cells, cells + gates * net.blocks, net.outputs


def check_net(net: Net) -> Net:
    """Return `net`, or raise a ValueError that names the field that cannot be."""
    if not isinstance(net, Net):
        raise ValueError(f"net is a {type(net).__name__}, but a Net is expected, such as NETS['4']")
    for name in ("inputs", "blocks", "size", "outputs"):
        whole(f"net.{name}", getattr(net, name), 1)
    if as_floats("net.scale", net.scale, ()) < 0:
        raise ValueError(f"net.scale is {net.scale}, but weights are drawn from U(−scale, scale): make it 0 or more")
    choose("net.biased", net.biased, BIASED)
    choose("net.g", net.g, ("centred", "logistic"))
    choose("net.h", net.h, ("centred", "identity"))
    for name, gate in (("input_bias", True), ("output_bias", net.output_gate)):
        bias = getattr(net, name)
        if bias is not None and not (gate and net.biased != "none"):
            raise ValueError(f"net.{name} is {bias}, but this net has no such bias: leave it None")
        if bias is not None:
            as_floats(f"net.{name}", bias, (net.blocks,))
    return net


def check_weights(net: Net, weights: Weights) -> Weights:
    """Return `weights` as float64 of `net`'s shapes."""
    if not isinstance(weights, Weights):
        raise ValueError(f"weights is a {type(weights).__name__}, but Weights are expected: see initial_weights")
    _, D, C, R, K = sizes(check_net(net))
    hidden = as_floats("weights.hidden", weights.hidden, ("S", R, D + 1 + R), np.float64)
    return Weights(hidden, as_floats("weights.output", weights.output, (len(hidden), K, D + 1 + C), np.float64))


@lru_cache(maxsize=64)  # learning asks at every sequence
def _connections(net: Net) -> Weights:
    _, D, C, R, K = sizes(net)
    hidden, output = np.ones((R, D + 1 + R), bool), np.ones((K, D + 1 + C), bool)
    hidden[:, D + 1 :] = net.recurrent
    output[:, :D] = net.direct
    hidden[:C, D] = net.biased in ("all", "hidden")
    hidden[C:, D] = net.biased != "none"
    output[:, D] = net.biased == "all"
    for mask in (hidden, output):
        mask.setflags(write=False)
    return Weights(hidden, output)

"""Three rules for the weights of one linear neuron, y = w·x: Hebb's, Oja's, and the one that is told its error.

Shapes: S neurons side by side, each with its own inputs, or none of that axis; N samples, D inputs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, whole

__all__ = ["Found", "Stream", "along", "compare", "delta", "draw_stream", "hebb", "oja"]


def hebb(w, x, rate: float):
    """Δw = η y x: what fires with the neuron is strengthened, and nothing ever weakens it. w and x are (…, D).

    On given inputs w grows by the product of all (1 + η x xᵀ); on average by (1 + η C)ᴺ, where C = E[x xᵀ], so that
    the direction of the largest variance outgrows all others, without bound.
    Source: Hebb 1949, The Organization of Behavior, p. 62, has it in words; the product of activities is the usual
    reading of them.
    """
    return w + rate * _y(w, x) * x


def oja(w, x, rate: float):
    """Δw = η y (x − y w): Hebb's rule, less what keeps |w| near 1. w and x are (…, D).

    To first order in η it is Hebb's rule followed by w / |w|. What it settles at, on average, is the unit vector along
    the largest variance: the first principal component. x − y w is also what is left of x once w·y has been taken for
    it, so the rule is a descent of ½|x − y w|² by w where y is held.
    Source: Oja 1982, Journal of Mathematical Biology 15, 267–273.
    """
    y = _y(w, x)
    return w + rate * y * (x - y * w)


def delta(w, x, rate: float, target):
    """Δw = η (target − y) x: the gradient of ½(target − y)², which needs to be told. w and x (…, D), target (…).

    Without an error nothing changes, however often the weights are used. Source: Widrow & Hoff 1960, IRE WESCON
    Convention Record 4, 96–104; for one linear neuron backpropagation is the same.
    """
    return w + rate * (np.asarray(target)[..., None] - _y(w, x)) * x


def along(rule: Callable, w, x, rate: float, *target) -> np.ndarray:
    """Run one of the rules over x (…, N, D), sample after sample, from w (…, D): the weights before each and at the
    end, (…, N + 1, D). `target` (…, N) is for `delta` only.

    Raises ValueError for shapes that do not fit, NaN, infinity, and a rate that is not above 0; and where the weights
    have left the finite numbers.
    """
    x = np.asarray(x)
    x = as_floats("x", x, (*("S" * (x.ndim - 2)), "N", "D"), np.float64)
    w = as_floats("w", w, (*x.shape[:-2], x.shape[-1]), np.float64)
    target = [as_floats("target", t, x.shape[:-1], np.float64) for t in target]
    if not as_floats("rate", rate, ()) > 0:
        raise ValueError(f"rate is {rate}, but a rule that is to move takes one above 0")
    path = np.empty((*x.shape[:-2], x.shape[-2] + 1, x.shape[-1]))
    path[..., 0, :] = w
    with np.errstate(over="ignore", invalid="ignore"):
        for n in range(x.shape[-2]):
            path[..., n + 1, :] = rule(path[..., n, :], x[..., n, :], rate, *(t[..., n] for t in target))
    if not np.isfinite(path[..., -1, :]).all():
        raise ValueError(f"the weights have left the finite numbers: take a rate below {rate}, or fewer samples")
    return path


class Stream(NamedTuple):
    """Inputs whose variance lies along known directions, and a target along one of its own."""

    x: np.ndarray  # (S, N, D)
    target: np.ndarray  # (S, N) = x · aim
    directions: np.ndarray  # (S, D, D) a row each, of unit length, the largest variance first
    aim: np.ndarray  # (S, D) unit length: what a neuron that is told its error should find


def draw_stream(seeds, variances, turn: float = 90, samples: int = 2000) -> Stream:
    """Draw a stream a seed: x normal, with these variances (D,) along directions that nobody tells the neuron.

    The target lies `turn` degrees from the direction of the largest variance, towards that of the smallest: 90 is along
    the latter. The same seed draws the same stream but for these two. Raises ValueError for fewer than two variances,
    and for one that is not above 0.
    """
    variances = as_floats("variances", variances, ("D",), np.float64)
    if variances.min() <= 0 or len(variances) < 2:
        raise ValueError(f"variances is {variances}, but two or more are expected, all above 0")
    order, turn = np.argsort(-variances, kind="stable"), np.radians(as_floats("turn", turn, ()))
    loudest, quietest = np.eye(len(order))[order[[0, -1]]]
    aim = np.cos(turn) * loudest + np.sin(turn) * quietest
    parts = [_one_stream(seed, variances, aim, whole("samples", samples, 1)) for seed in seeds]
    x, directions, aims = (np.stack(part) for part in zip(*parts, strict=True))
    return Stream(x, (x @ aims[:, :, None])[..., 0], directions[:, order], aims)


class Found(NamedTuple):
    """The weights that a rule came to, in terms of its stream's directions: entry 0 is along the largest variance."""

    weights: np.ndarray  # (S, D)
    aim: np.ndarray  # (S, D) the target, likewise

    @property
    def length(self) -> np.ndarray:
        """|w|, (S,)."""
        return np.linalg.norm(self.weights, axis=1)

    @property
    def unit(self) -> np.ndarray:
        """The weights at length 1, (S, D), their largest entry positive."""
        largest = np.take_along_axis(self.weights, np.abs(self.weights).argmax(axis=1)[:, None], axis=1)
        return self.weights / self.length[:, None] * np.sign(largest)

    @property
    def loudest(self) -> np.ndarray:
        """|cos| with the direction of the largest variance, (S,)."""
        return np.abs(self.unit[:, 0])

    @property
    def target(self) -> np.ndarray:
        """|cos| with the target, (S,)."""
        return np.abs((self.unit * self.aim).sum(axis=1))


def compare(stream: Stream, w, rate: float = 0.005, told: float = 0.02) -> dict[str, Found]:
    """Run the three rules over the same stream from the same w (S, D): "Hebb", "Oja", "delta" and what each has found.

    `told` is the rate of the rule that is told the target.
    """
    ends = {
        "Hebb": along(hebb, w, stream.x, rate)[:, -1],
        "Oja": along(oja, w, stream.x, rate)[:, -1],
        "delta": along(delta, w, stream.x, told, stream.target)[:, -1],
    }
    turned = {name: (stream.directions @ end[:, :, None])[..., 0] for name, end in {**ends, "aim": stream.aim}.items()}
    return {name: Found(turned[name], turned["aim"]) for name in ends}


def _one_stream(seed: int, variances, aim, samples: int):
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.normal(size=(len(variances), len(variances))))[0]
    x = (rng.normal(size=(samples, len(variances))) * np.sqrt(variances)) @ directions
    return x, directions, aim @ directions


def _y(w, x):
    return np.sum(w * x, axis=-1, keepdims=True)

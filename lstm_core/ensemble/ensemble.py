"""S networks trained side by side, each with its own weights, its own sequences and its own moments of Adam.

Shapes: S networks, N sequences of each, T steps of the longest, D inputs, H hidden, K outputs.
"""

import math

import numpy as np

from lstm_core._checks import choose
from lstm_core.ensemble.adam import Adam, clip_rows
from lstm_core.ensemble.blocks import Blocks
from lstm_core.ensemble.examples import LOSSES, Examples, check_examples, check_given
from lstm_core.ensemble.params import EnsembleParams, check_ensemble_params, matrices, pack, unpack

__all__ = ["Ensemble", "gradients"]

QUIET = np.errstate(over="ignore", invalid="ignore")  # where one network overflows, the others need no warning


class Ensemble:
    """S one-layer LSTMs, each with a linear head on h, in copies of `params`, whose dtype is everything's.

    A step is what torch.optim.Adam(lr=lr) makes of a Forecaster after nn.utils.clip_grad_norm_(…, clip): moments start
    at zero, each network is clipped by its own norm (clip=None: not at all), and a bias, in PyTorch the sum of two
    parameters, counts and moves as two. To the last bit, no network's result depends on the others. One that leaves the
    finite numbers has losses of NaN from then on; the others go on.

    Raises ValueError for params that do not fit each other, NaN or infinity, and for lr or clip not above 0.
    """

    def __init__(self, params: EnsembleParams, *, lr: float = 0.01, clip: float | None = 1.0) -> None:
        for name, value in {"lr": lr, "clip": 1.0 if clip is None else clip}.items():
            if not 0 < value < math.inf:
                raise ValueError(f"{name} is {value}, but must be above 0 and finite{', or None' * (name == 'clip')}")
        self.clip = clip
        self._rows, self._sizes = pack(check_ensemble_params(params))
        self._blocks = Blocks(self._sizes, self._rows.dtype)
        copies = np.ones_like(self._rows[:1])
        matrices(copies, self._sizes)[0][:, :, self._sizes.inputs] = 2  # nn.LSTM's bias_ih and bias_hh
        self._adam = Adam(self._rows, lr, copies[0])

    def __len__(self) -> int:
        """S, the networks that there still are."""
        return len(self._rows)

    @property
    def params(self) -> EnsembleParams:
        """Copies of the weights as they stand."""
        return unpack(self._rows, self._sizes)

    @QUIET
    def step(self, given, target, lengths=None, mask=None, loss: str = "mse") -> tuple[np.ndarray, np.ndarray]:
        """Move each network one step of Adam down its own loss; return losses (S,) and outputs, from before the step.

        given : (S, N, T, D) values, or (S, N, T) symbols 0 … D − 1, whole numbers that stand for one-hot vectors.
        lengths : (S, N) steps of each sequence, T if None; what stands behind the end changes nothing.
        target : what is wanted at each sequence's last step, (S, N, K); or, with `mask` (S, N, T), at its True steps,
            (S, N, T, K), whatever stands elsewhere. For cross_entropy one-hot, or class indices without the K.
        loss : "mse", the mean over elements; or "cross_entropy" of softmax(head), the mean over targets.

        Outputs, for cross_entropy probabilities, are (S, N, K), or with a mask those of every step, (S, N, T, K), 0
        behind the end. Raises ValueError, with the weights untouched, for shapes that do not fit, empty input, NaN,
        symbols, classes and lengths out of range, a mask that leaves a network no target, and an unknown loss.
        """
        examples = self._check(given, target, lengths, mask, loss)
        self._adam.steps += 1
        losses, outputs = [], []
        for block, loss_of, grads, outputs_of in self._blocks.gradients(self._rows, examples):
            if self.clip is not None:
                clip_rows(grads, self.clip, self._adam.copies)
            self._adam.step(self._rows[block], grads, block)
            losses.append(loss_of)
            outputs.append(outputs_of)
        return np.concatenate(losses), np.concatenate(outputs)

    @QUIET
    def outputs(self, given, lengths=None, every_step: bool = False, loss: str = "mse") -> np.ndarray:
        """What the networks say at each sequence's last step, (S, N, K), or at every step, (S, N, T, K).

        given, lengths, loss : as in `step`, errors likewise; "cross_entropy" asks for probabilities.
        """
        choose("loss", loss, LOSSES)
        read = check_given(given, lengths, len(self), self._sizes, self._rows.dtype)
        return self._blocks.outputs(self._rows, read, every_step, loss)

    def keep(self, rows) -> None:
        """Go on with these networks only, in this order (indices, or a mask (S,)), their moments of Adam kept.

        Raises ValueError where `rows` names none, or one that is not there.
        """
        try:
            kept = np.arange(len(self))[np.asarray(rows)]
        except IndexError:
            kept = None
        if kept is None or kept.ndim != 1 or kept.size == 0:
            raise ValueError(f"rows is {rows!r:.80}, but must be one or more indices below {len(self)}, or a mask")
        self._rows = self._rows[kept]
        self._adam.keep(kept)
        self._blocks = Blocks(self._sizes, self._rows.dtype)

    def _check(self, given, target, lengths, mask, loss) -> Examples:
        read = check_given(given, lengths, len(self), self._sizes, self._rows.dtype)
        return check_examples(read, target, mask, loss, self._sizes, self._rows.dtype)


@QUIET
def gradients(
    params: EnsembleParams, given, target, lengths=None, mask=None, loss: str = "mse"
) -> tuple[np.ndarray, EnsembleParams, np.ndarray]:
    """Losses (S,), their gradients by `params`, and the outputs; arguments and errors as in `Ensemble.step`."""
    ensemble = Ensemble(params)
    examples = ensemble._check(given, target, lengths, mask, loss)
    _, losses, grads, outputs = zip(*ensemble._blocks.gradients(ensemble._rows, examples), strict=True)
    return np.concatenate(losses), unpack(np.concatenate(grads), ensemble._sizes), np.concatenate(outputs)

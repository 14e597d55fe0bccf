"""The tasks of 1997 with today's means: Adam on minibatches, a fused LSTM, GRU or RNN, and the biases one wants to try.

`learn` and `learn_many` are generators that a notebook pulls from as it likes: notebook 07's button Train does, in
slices. Shapes: S networks, N sequences of a minibatch, T steps of the longest, D inputs, K outputs.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from lstm_core._checks import whole
from lstm_core.ensemble import Ensemble, EnsembleParams
from lstm_core.forecaster import Forecaster
from lstm_core.tasks.batch import Batch
from lstm_core.tasks.examiner import Examiner, Progress
from lstm_core.tasks.task import Task

__all__ = ["answer", "learn", "learn_many", "new_net"]


def new_net(task: Task, hidden_size: int = 32, cell: str = "lstm", seed: int = 0, **biases) -> Forecaster:
    """A Forecaster with the task's inputs and outputs; `biases` are its own: forget_bias, input_bias, chrono."""
    return Forecaster(task.inputs, hidden_size, cell, output_size=task.outputs, seed=seed, **biases)


def learn(
    task: Task, net: Forecaster, *, lr: float = 0.01, batch_size: int = 20, clip: float = 1.0, seed: int = 0
) -> Iterator[Progress]:
    """Train `net` on fresh sequences of the task, a minibatch a pull, until the task's strictest rule is met.

    Adam with gradients clipped at norm `clip`; squared error, or cross-entropy where the outputs are classes. Sequences
    come from `Examiner(task, seed)`. It works on one thread, which is faster at these sizes, and leaves the number of
    threads as it found it between pulls. Raises ValueError for a net of other inputs or outputs.
    """
    whole("batch_size", batch_size, 1)
    if (net.recurrent.input_size, net.head.out_features) != (task.inputs, task.outputs):
        raise ValueError(f"net reads {net.recurrent.input_size} and says {net.head.out_features} numbers, but "
                         f"{task.name} has {task.inputs} inputs and {task.outputs} outputs: see new_net")  # fmt: skip
    solver = torch.optim.Adam(net.parameters(), lr=lr, fused=True)
    examiner = Examiner(task, seed)
    while not examiner.solved:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            batch = examiner.draw(batch_size)
            said = _say(net, batch)
            loss = _loss(task, said, batch)
            solver.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), clip)
            solver.step()
            errors = task.errors(_as_answer(task, said), batch)
            examiner.saw(errors)
            examiner.look(lambda batch: answer(task, net, batch))
        finally:
            torch.set_num_threads(threads)
        yield Progress(examiner.sequences, loss.item(), float(np.mean(errors >= task.threshold)), examiner.solved)


def learn_many(
    task: Task, params: EnsembleParams, seeds: Sequence[int], *, lr: float = 0.01, batch_size: int = 20,
    clip: float = 1.0,
) -> Iterator[dict[int, tuple[Progress, "One"]]]:  # fmt: skip
    """As `learn`, for S LSTMs at once, which train on the sequences of `seeds`: each one's draw is its own.

    A pull gives every network still in training, by its place among the S, its Progress and itself; one that has solved
    the task, or has left the finite numbers (its loss is NaN then), is there for the last time. The generator ends with
    the last of them. Raises ValueError for as many seeds as there are not networks.
    """
    if len(seeds) != len(params.bias):
        raise ValueError(f"seeds has {len(seeds)} entries, but params has {len(params.bias)} networks: one each")
    ensemble = Ensemble(params, lr=lr, clip=clip)
    examiners = {k: Examiner(task, seed) for k, seed in enumerate(seeds)}
    while examiners:
        batches = [examiner.draw(batch_size) for examiner in examiners.values()]
        losses, outputs = ensemble.step(**_side_by_side(batches), loss=_loss_name(task))
        came = {}
        for row, ((k, examiner), batch) in enumerate(zip(examiners.items(), batches, strict=True)):
            one, wrong = One(task, ensemble, row), 1.0
            if np.isfinite(losses[row]):
                said = outputs[row] if outputs.ndim == 3 else outputs[row, :, : batch.mask.shape[1]]
                errors = task.errors(said, batch)
                wrong = float(np.mean(errors >= task.threshold))
                examiner.saw(errors)
                examiner.look(one.answer)
            came[k] = Progress(examiner.sequences, float(losses[row]), wrong, examiner.solved), one, examiner
        yield {k: (progress, one) for k, (progress, one, _) in came.items()}
        done = [k for k, (progress, *_) in came.items() if progress.solved or not np.isfinite(progress.loss)]
        if done and len(done) < len(examiners):
            ensemble.keep([row for row, k in enumerate(examiners) if k not in done])
        examiners = {k: examiner for k, examiner in examiners.items() if k not in done}


class One:
    """One network of an ensemble, until the next pull."""

    def __init__(self, task: Task, ensemble: Ensemble, row: int) -> None:
        self._task, self._ensemble, self._row = task, ensemble, row

    @property
    def params(self) -> EnsembleParams:
        """Its weights, S = 1."""
        return EnsembleParams(*(part[self._row : self._row + 1] for part in self._ensemble.params))

    def answer(self, batch: Batch) -> np.ndarray:
        """What it says, as `answer` does for a Forecaster."""
        every_step = batch.mask.sum() > len(batch.mask)
        return Ensemble(self.params).outputs(batch.given[None], batch.lengths[None], every_step,
                                             _loss_name(self._task))[0]  # fmt: skip


@torch.no_grad()
def answer(task: Task, net: Forecaster, batch: Batch) -> np.ndarray:
    """What the net says, probabilities where the outputs are classes: (N, K), or (N, T, K) if every step is asked."""
    return _as_answer(task, _say(net, batch))


def _say(net: Forecaster, batch: Batch) -> Tensor:
    h, _ = net.recurrent(torch.from_numpy(batch.x))
    if batch.mask.sum() == len(batch.mask):
        h = h[torch.arange(len(h)), torch.from_numpy(batch.last)]
    return net.head(h)


def _loss(task: Task, said: Tensor, batch: Batch) -> Tensor:
    if said.ndim == 3:
        said = said[torch.from_numpy(batch.mask)]
    wanted = torch.from_numpy(batch.wanted[batch.mask])
    return nn.functional.cross_entropy(said, wanted) if task.classes else nn.functional.mse_loss(said, wanted)


def _as_answer(task: Task, said: Tensor) -> np.ndarray:
    return (said.softmax(-1) if task.classes else said).detach().numpy()


def _loss_name(task: Task) -> str:
    return "cross_entropy" if task.classes else "mse"


def _side_by_side(batches: list[Batch]) -> dict[str, np.ndarray]:
    """What `Ensemble.step` takes, from one batch a network, all padded to the longest sequence of all."""
    T = max(batch.mask.shape[1] for batch in batches)
    given, wanted, mask = (np.stack([_pad(part, T) for part in parts]) for parts in zip(*(b[:3] for b in batches)))  # noqa: B905
    lengths = np.stack([batch.lengths for batch in batches])
    if mask.sum() > lengths.size:
        return dict(given=given, target=wanted, lengths=lengths, mask=mask)
    at = np.arange(len(batches))[:, None], np.arange(lengths.shape[1]), lengths - 1
    return dict(given=given, target=wanted[at], lengths=lengths)


def _pad(part: np.ndarray, T: int) -> np.ndarray:
    return np.pad(part, [(0, 0), (0, T - part.shape[1])] + [(0, 0)] * (part.ndim - 2))

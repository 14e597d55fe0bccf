"""One training loop for every notebook: repeatable to the bit, kind to interrupts, and resumable without a seam.

Notebooks 05 to 12 train with `fit`. Shapes: N rows (windows, sequences), T time, D inputs, K outputs.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from lstm_core._checks import choose
from lstm_core.history import History, check_shapes, load_checkpoint, save_checkpoint
from lstm_core.progress import progress as show_progress

__all__ = ["History", "fit", "load_checkpoint", "mse", "save_checkpoint"]

OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
ROWS_AT_ONCE = 4096  # longer validation data goes through the model in parts
SMALL_STEP = 4_000_000  # weights × rows of a step, up to which a second thread costs more than it brings


def mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of predictions and targets of one shape; whole numbers and True or False count as numbers."""
    return nn.functional.mse_loss(prediction, target.to(prediction.dtype))


def fit(
    model: nn.Module, train, valid=None, *, epochs: int, lr: float = 1e-3, batch_size: int = 64, seed: int = 0,
    loss: Callable[[Tensor, Tensor], Tensor] = mse, optimizer: str = "adam", weight_decay: float = 0.0,
    clip: float | None = 1.0, patience: int | None = None, progress: bool = True, resume: History | None = None,
) -> History:  # fmt: skip
    """Train `model`, on the device where it is, on train = (x, y), tensors or arrays, and leave it in eval mode.

    x is (N, T, D), y has the shape that the model predicts, and `loss(prediction, target)` is one number. `clip` bounds
    the norm of each gradient. With `valid`, another (x, y), the model ends with the weights of its best epoch, and
    `patience` is after how many epochs without a better one it stops early.

    Epoch e draws its batches and dropout from (seed, e) alone: a run repeats to the bit on one machine and device (on a
    GPU, under CUBLAS_WORKSPACE_CONFIG=:4096:8), and torch's generators and number of threads stay as they were.

    An interrupt, from Ctrl-C or the kernel's stop button, ends the training and keeps what was learnt: with `valid` the
    best weights, else the latest. History counts whole epochs. `resume`, a History, takes up weights and optimiser as
    they were after its last epoch, for `epochs` more: an epoch that was cut short is done again, and with the same
    arguments the end is, to the bit, that of a run without a break.

    Raises ValueError for data and arguments that cannot be right, FloatingPointError if a loss or weight stops being
    finite; the best weights are then put back.
    """
    choose("optimizer", optimizer, tuple(OPTIMIZERS))
    _check_options(epochs, batch_size, seed, lr, clip, patience, valid)
    device = next(model.parameters()).device
    train, valid = _as_data("train", train, model), valid and _as_data("valid", valid, model)
    gpus = [device] if device.type == "cuda" else []
    with _threads_for(model, batch_size), torch.random.fork_rng(gpus), show_progress(epochs, progress) as advance:
        for name, data in [("train", train), ("valid", valid)][: 2 if valid else 1]:
            _check_prediction(name, model.eval(), *(part[:batch_size] for part in data), loss)
        solver = OPTIMIZERS[optimizer](model.parameters(), lr=lr, weight_decay=weight_decay, fused=True)
        history, stopped = _start(model, solver, valid, resume), "finished"
        try:
            for epoch in range(len(history.train_loss) + 1, len(history.train_loss) + 1 + epochs):
                if patience and history.valid_loss and epoch - 1 - history.best_epoch >= patience:
                    stopped = "early"
                    break
                order = torch.randperm(len(train[0]), generator=_reseed(device, seed, epoch)).to(device)
                train_loss = _train_epoch(model.train(), solver, *train, order.split(batch_size), loss, clip)
                valid_loss = [_evaluate(model.eval(), *valid, loss)] if valid else []
                _check_finite(model, history, [train_loss, *valid_loss], epoch, lr)
                # An epoch ends in this one assignment: whenever an interrupt comes, `history` is of whole epochs.
                history = _add_epoch(history, model, solver, train_loss, valid_loss)
                advance(f"train {train_loss:.3g}" + "".join(f", valid {value:.3g}" for value in valid_loss))
        except KeyboardInterrupt:
            stopped = "interrupted"
        _put_back(model, history.state["best_weights"] or model.state_dict())
    return replace(history, stopped=stopped)


def _start(model: nn.Module, solver: torch.optim.Optimizer, valid, resume: History | None) -> History:
    if resume is None:
        return History(state={"weights": _copy(model.state_dict()), "best_weights": {}, "optimizer": {}})
    if not isinstance(resume, History) or not resume.state:
        raise ValueError(f"resume should be a History from fit or load_checkpoint, not {resume!r}")
    if resume.train_loss and bool(resume.valid_loss) != bool(valid):
        raise ValueError(f"resume was trained {'with' if resume.valid_loss else 'without'} valid: go on likewise")
    check_shapes(model, resume.state["weights"], "resume")
    model.load_state_dict(resume.state["weights"])
    solver.load_state_dict({**solver.state_dict(), "state": _copy(resume.state["optimizer"])})
    return resume


def _reseed(device: torch.device, seed: int, epoch: int) -> torch.Generator:
    """Seed the dropout of one epoch and return the generator of its order, all from (seed, epoch).

    Python's hash of whole numbers is the same in every process, and mixes well: neighbours get unlike generators.
    """
    torch.default_generator.manual_seed(hash((seed, epoch, 0)))
    if device.type == "cuda":
        torch.cuda.default_generators[device.index].manual_seed(hash((seed, epoch, 0)))
    return torch.Generator().manual_seed(hash((seed, epoch, 1)))


def _train_epoch(model: nn.Module, solver, x: Tensor, y: Tensor, batches, loss, clip: float | None) -> float:
    parameters, losses = list(model.parameters()), []
    for rows in batches:
        solver.zero_grad()
        batch_loss = loss(model(x[rows]), y[rows])
        batch_loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(parameters, clip)
        solver.step()
        losses.append(batch_loss.detach() * len(rows))
    return torch.stack(losses).sum().item() / len(x)  # .item() once an epoch: each one makes a GPU wait


@torch.no_grad()
def _evaluate(model: nn.Module, x: Tensor, y: Tensor, loss) -> float:
    parts = zip(x.split(ROWS_AT_ONCE), y.split(ROWS_AT_ONCE), strict=True)
    return sum(loss(model(x_part), y_part).item() * len(x_part) for x_part, y_part in parts) / len(x)


def _add_epoch(history: History, model: nn.Module, solver, train_loss: float, valid_loss: list[float]) -> History:
    weights, best_weights = _copy(model.state_dict()), history.state["best_weights"]
    if valid_loss and valid_loss[0] < min(history.valid_loss, default=math.inf):
        best_weights = weights
    state = {"weights": weights, "best_weights": best_weights, "optimizer": _copy(solver.state_dict()["state"])}
    return History([*history.train_loss, train_loss], history.valid_loss + valid_loss, state=state)


def _check_finite(model: nn.Module, history: History, losses: list[float], epoch: int, lr: float) -> None:
    finite = all(map(math.isfinite, losses))
    if finite and len(losses) == 1:  # without validation, the last step's weights have made no loss yet
        finite = nn.utils.parameters_to_vector(model.parameters()).isfinite().all()
    if not finite:
        _put_back(model, history.state["best_weights"] or history.state["weights"])
        raise FloatingPointError(
            f"training left the finite numbers in epoch {epoch} at lr={lr:g}, with losses {losses}: try a smaller lr or"
            " clip, or scale the inputs; the model has its best weights back"
        )


def _put_back(model: nn.Module, weights: dict[str, Tensor]) -> None:
    model.load_state_dict(weights)
    model.eval()


def _copy(tree):
    """Copy nested dicts of tensors, as copy.deepcopy would, ten times faster."""
    if isinstance(tree, dict):
        return {key: _copy(value) for key, value in tree.items()}
    return tree.detach().clone() if isinstance(tree, Tensor) else tree


@contextmanager
def _threads_for(model: nn.Module, batch_size: int) -> Iterator[None]:
    """Work on one thread where a second would only wait for the first, and put the number back."""
    found = torch.get_num_threads()
    step = batch_size * sum(parameter.numel() for parameter in model.parameters())
    torch.set_num_threads(found if step > SMALL_STEP else 1)
    try:
        yield
    finally:
        torch.set_num_threads(found)


def _as_data(name: str, pair, model: nn.Module) -> tuple[Tensor, Tensor]:
    """Return (x, y) as tensors where the model is and of its dtype; whole numbers in y, class labels, stay whole."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"{name} should be a pair (x, y), not a {type(pair).__name__}")
    like = next(model.parameters())
    x, y = (part if isinstance(part, Tensor) else torch.from_numpy(np.array(part)) for part in pair)
    x, y = x.to(like), y.to(like if y.is_floating_point() else like.device)
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"{name} has {len(x)} rows of x and {len(y)} of y, but needs as many of each, one at least")
    for part, values in (("x", x), ("y", y)):
        bad = (~values.isfinite()).nonzero().tolist()
        if bad:
            raise ValueError(f"{name} {part} holds {len(bad)} NaN or infinite value(s), the first at {tuple(bad[0])}")
    return x, y


@torch.no_grad()
def _check_prediction(name: str, model: nn.Module, x: Tensor, y: Tensor, loss) -> None:
    prediction = model(x)
    if prediction.shape != y.shape and (loss is mse or prediction.numel() == y.numel()):
        came, wanted = (("N", *part.shape[1:]) for part in (y, prediction))
        raise ValueError(f"{name}'s y is {came}, but the model predicts {wanted}: reshape y, for it would broadcast")
    if (value := loss(prediction, y)).numel() != 1:
        raise ValueError(f"loss should return one number, not a tensor of shape {tuple(value.shape)}: take its mean")


def _check_options(epochs, batch_size, seed, lr, clip, patience, valid) -> None:
    for name, value, good, wanted in (
        ("epochs", epochs, epochs >= 1, "at least 1"),
        ("batch_size", batch_size, batch_size >= 1, "at least 1"),
        ("seed", seed, seed >= 0, "0 or more"),
        ("lr", lr, 0 < lr < math.inf, "above 0"),
        ("clip", clip, clip is None or clip > 0, "above 0, or None"),
        ("patience", patience, patience is None or (patience >= 1 and valid is not None), "at least 1, with valid"),
    ):
        if not good:
            raise ValueError(f"{name} is {value}, but must be {wanted}")

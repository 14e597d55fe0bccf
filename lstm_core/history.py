"""What a training leaves behind: its History, and a checkpoint on disk from which another process goes on.

`training` hands these names on, so that a notebook needs one import.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

__all__ = ["History", "check_shapes", "load_checkpoint", "save_checkpoint"]

FORMAT = "lstm_core checkpoint 1"


@dataclass(frozen=True)
class History:
    """What `fit` did, epoch by epoch, and all it takes to go on: `fit(..., resume=history)`."""

    train_loss: list[float] = field(default_factory=list)  # one per epoch: the mean over its batches, as they came
    valid_loss: list[float] = field(default_factory=list)  # one per epoch, at its end; empty without valid
    stopped: str = "finished"  # or "early" or "interrupted"
    state: dict = field(default_factory=dict, compare=False)  # after the last epoch: weights, best_weights, optimizer

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the lowest validation loss, counted from 1; None without validation."""
        return 1 + self.valid_loss.index(min(self.valid_loss)) if self.valid_loss else None

    def __repr__(self) -> str:
        parts = [f"{len(self.train_loss)} epochs"]
        if self.valid_loss:
            parts.append(f"best validation loss {min(self.valid_loss):.3g} at epoch {self.best_epoch}")
        elif self.train_loss:
            parts.append(f"last training loss {self.train_loss[-1]:.3g}")
        return f"History: {', '.join(parts)}, {'stopped early' if self.stopped == 'early' else self.stopped}"

    def plot(self, ax=None):
        """Draw both losses against the epoch on `ax`, or on new axes, and return the axes."""
        from lstm_core import plots

        return plots.plot_history(self.train_loss, self.valid_loss or None, self.best_epoch, ax=ax)


def save_checkpoint(path: str | os.PathLike, model: nn.Module, history: History) -> None:
    """Write the model's weights and the History to the file `path`, whole or not at all."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        torch.save({"format": FORMAT, "model": model.state_dict(), "history": vars(history)}, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: str | os.PathLike, model: nn.Module) -> History:
    """Put the weights saved at `path` into `model` and return the History, ready for `fit(..., resume=history)`.

    Runs no code from the file (`weights_only=True`). Raises FileNotFoundError if there is no file, and ValueError, with
    the model untouched, if it is cut short, not of `save_checkpoint`, or of a model of other shapes.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"there is no checkpoint {path}: save_checkpoint(path, model, history) writes one")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # which one torch raises depends on the bytes it meets
        raise ValueError(f"{path} is cut short or no file of save_checkpoint's: save it anew") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is PyTorch's, but not of save_checkpoint: read it with torch.load")
    check_shapes(model, content["model"], path)
    model.load_state_dict(content["model"])
    return History(**content["history"])


def check_shapes(model: nn.Module, weights: dict[str, Tensor], source) -> None:
    """Raise ValueError, naming the first that differs, unless `weights` are of the model's names and shapes."""
    here, there = ({name: tuple(part.shape) for name, part in w.items()} for w in (model.state_dict(), weights))
    for name in {**here, **there}:
        if here.get(name) != there.get(name):
            raise ValueError(f"{source} is of another model: {name} is {there.get(name)} there, {here.get(name)} here")

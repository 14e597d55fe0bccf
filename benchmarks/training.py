"""Training: `fit` beside the loop that one writes by hand, with the same batches, clipping and validation."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.timing import Bar, Spread, Times, agree, duration, race, table
from lstm_core.forecaster import Forecaster
from lstm_core.training import fit

__all__ = ["contenders", "data", "fit_table", "plain_loop", "section"]

SIZE = BATCH, T, D, H = 64, 60, 8, 32
EPOCHS, STEPS, LR, CLIP = 10, 16, 1e-3, 1.0
ROWS = STEPS * BATCH  # windows to train on; a quarter as many validate
OPTIONS = {"epochs": EPOCHS, "lr": LR, "batch_size": BATCH, "clip": CLIP, "progress": False}


class Plain(nn.Module):
    """A Forecaster without its checks, and with its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent, self.head = nn.LSTM(D, H, batch_first=True), nn.Linear(H, 1)
        self.load_state_dict(Forecaster(D, H).state_dict())

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.recurrent(x)[0][:, -1])


def plain_loop(train: tuple[Tensor, Tensor], valid: tuple[Tensor, Tensor], batches: list, **options) -> list[float]:
    """Train a Plain model on each epoch's batches, with `options` for Adam, and return the validation losses."""
    (x, y), (x_valid, y_valid), model, losses = train, valid, Plain(), []
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, **options)
    for epoch in batches:
        model.train()
        for rows in epoch:
            optimizer.zero_grad()
            F.mse_loss(model(x[rows]), y[rows]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(F.mse_loss(model(x_valid), y_valid).item())
    return losses


def fit_batches(train: tuple[Tensor, Tensor]) -> list[list[Tensor]]:
    """The rows of every batch that `fit` draws, epoch by epoch: its loss sees the targets, and no two are the same."""
    seen = []

    def listen(prediction: Tensor, target: Tensor) -> Tensor:
        if prediction.requires_grad:
            seen.append((target == train[1].T).nonzero()[:, 1])
        return F.mse_loss(prediction, target)

    fit(Forecaster(D, H), train, loss=listen, **OPTIONS)
    return [seen[start : start + STEPS] for start in range(0, len(seen), STEPS)]


def data() -> list[tuple[Tensor, Tensor]]:
    """Windows x (N, T, D) and the mean y (N, 1) of each one's last ten steps, to train on and to validate on."""
    windows = [torch.randn(N, T, D, generator=torch.Generator().manual_seed(N)) for N in (ROWS, ROWS // 4)]
    return [(x, x[:, -10:, 0].mean(1, keepdim=True)) for x in windows]


def contenders() -> dict[str, Callable[[], list[float]]]:
    """The plain loop, the same with Adam's fused kernel, and `fit`: each trains a fresh model from the same weights."""
    train, valid = data()
    batches = fit_batches(train)
    return {
        "plain torch loop": lambda: plain_loop(train, valid, batches),
        "the same, Adam(fused=True)": lambda: plain_loop(train, valid, batches, fused=True),
        "fit": lambda: fit(Forecaster(D, H), train, valid, **OPTIONS).valid_loss,
    }


def section(seconds: float) -> str:
    runs = contenders()
    agree({name: np.array(run()) for name, run in runs.items()}, 1e-3)
    title = f"Training, (N, T, D, H) = {SIZE}, Adam, {EPOCHS} epochs of {STEPS} batches, clipped, validated"
    return f"{title}\n\n{fit_table(race(runs, 5 * seconds), {})}"


def fit_table(times: Times, remarks: dict[str, str]) -> str:
    """One row a contender, as multiples of the plain loop."""
    rows = []
    for name, seconds in times.items():
        ratio = Spread.of(seconds / times["plain torch loop"])
        remark = Bar("≤", 1.05).verdict(ratio.median) if name == "fit" else remarks.get(name, "")
        rows.append([name, duration(np.median(seconds)), str(ratio), remark])
    last = ("trained, or" if remarks else "", "bar")
    return table([("", ""), ("", "process time"), ("", "÷ plain torch loop"), last], rows)

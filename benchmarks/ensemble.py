"""Many small LSTMs at once: one step of an Ensemble beside a loop over Forecasters, one step of Adam each.

A size is (S, N, T, D, H): S networks, N sequences of each, T steps, D inputs, H hidden. Weights are float32.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.timing import Bar, Size, Spread, Times, agree, duration, race, table
from lstm_core.ensemble import Ensemble
from lstm_core.forecaster import Forecaster, stack_params

__all__ = ["LOOP", "OURS", "contenders", "section"]

SIZES = [(S, 32, 60, D, H) for H, D in ((32, 8), (8, 1)) for S in (8, 32, 128)]
SIZES.append((32, 20, 110, 2, 32))  # the adding problem of notebook 07
LR, CLIP = 1e-3, 1.0
LOOP, OURS = "torch loop", "Ensemble.step"


def contenders(size: Size) -> dict[str, Callable[[], np.ndarray]]:
    """Each call trains every network one step further, on the same sequences, and returns the losses (S,)."""
    S, N, T, D, H = size
    models = [Forecaster(D, H, seed=seed) for seed in range(S)]
    ensemble = Ensemble(stack_params(models), lr=LR, clip=CLIP)
    optimizers = [torch.optim.Adam(model.parameters(), lr=LR, fused=True) for model in models]
    x = torch.randn(S, N, T, D, generator=torch.Generator().manual_seed(0))
    y = x[:, :, -10:, 0].mean(2, keepdim=True)
    given, target = x.numpy(), y.numpy()

    def loop() -> np.ndarray:
        losses = []
        for model, optimizer, x_of, y_of in zip(models, optimizers, x, y, strict=True):
            optimizer.zero_grad()
            loss = F.mse_loss(model(x_of), y_of)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            losses.append(loss.item())
        return np.array(losses)

    return {LOOP: loop, OURS: lambda: ensemble.step(given, target)[0]}


def section(seconds: float) -> str:
    races = {}
    for size in SIZES:
        runs = contenders(size)
        for _ in range(3):
            agree({name: run() for name, run in runs.items()}, 1e-3)
        races[size] = race(runs, seconds)
    title = "S networks, one step of each: forward, backward, clipping and Adam, float32"
    return f"{title}\n\n{ensemble_table(races)}"


def ensemble_table(races: dict[Size, Times]) -> str:
    """One row a size: a network's step in the loop, and how much longer the loop takes than the ensemble."""
    rows = []
    for size, times in races.items():
        S, *_, H = size
        ratio = Spread.of(times[LOOP] / times[OURS])
        verdict = Bar("≥", 6 if H == 8 else 1.25).verdict(ratio.median)
        rows.append([", ".join(map(str, size)), duration(np.median(times[LOOP]) / S), str(ratio), verdict])
    return table([("S, N, T, D, H", ""), (LOOP, "÷ S"), (LOOP, f"÷ {OURS}"), ("", "bar")], rows)

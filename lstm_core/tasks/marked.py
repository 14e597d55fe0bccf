"""Experiments 4 and 5: two numbers out of a long line are marked; say their sum, or their product, at its end."""

from functools import partial

import numpy as np

from lstm_core._checks import whole
from lstm_core.tasks.batch import Batch, error_at_the_end
from lstm_core.tasks.task import Reported, Stop, Task, largest_error

__all__ = ["adding", "multiplication"]

REPORTED_4 = {100: (74_000, 1), 500: (209_000, 0), 1000: (853_000, 1)}  # T → sequences, wrong: Table 7, of 10 trials
REPORTED_5 = ((482_000, '139 of 2560 wrong, "MSE" 0.0223'), (1_273_000, '14 of 2560 wrong, "MSE" 0.0139'))  # Table 8


def adding(T: int = 100) -> Task:
    """The adding problem: D = 2, a value from U(−1, 1) and a marker; K = 1, the target 0.5 + (X₁ + X₂)/4 at the end.

    X₁ is the value of one of the first ten pairs, X₂ that of one of the first T/2 − 1 pairs that are still unmarked,
    each drawn evenly; their markers are 1. The markers of the first and the last pair are −1, all others 0. A sequence
    is right if the error is below 0.04. Solved: the last 2000 training sequences right, their mean error below 0.01.
    Source: section 5.4. What the paper leaves open: lengths "between T and T + T/10", drawn here evenly over the whole
    numbers, both ends among them (T/10 and T/2 rounded down). If the first pair is the one marked, the paper sets X₁ to
    0: here its marker stays −1 and its value becomes 0, whichever of the two marks fell on it. The training error's
    average is over as many sequences as have to be right, 2000. The lag is T/2, as in Table 7.
    Raises ValueError for T below 20, where the first mark could come later than T/2.
    """
    T = whole("T", T, 20)
    return Task(
        name=f"adding problem, T = {T}", experiment="4", inputs=2, outputs=1, lag=T - T // 2, every_step=False,
        judged_at_end=True, measure="error at the last step", threshold=0.04,
        stops=(Stop("latest training sequences", 2000, mean=0.01),),
        paper=tuple(Reported("", n, f"{wrong} of 2560 wrong") for row, (n, wrong) in REPORTED_4.items() if row == T),
        draw=partial(_draw, T, False), judge=largest_error,
    )  # fmt: skip


def multiplication(T: int = 100) -> Task:
    """The multiplication problem: as `adding`, with values from U(0, 1) and the target X₁ · X₂.

    If the first pair is marked its value becomes 1. Solved, the paper's n_seq: fewer than 140 of the last 2000 training
    sequences have an error above 0.04 (the values are stored), or fewer than 13 (they are precise). Source: section
    5.5, T = 100 only. What Table 8 calls MSE cannot be one: with 14 of 2560 errors above 0.04 it is 0.0071 at most.
    """
    T = whole("T", T, 20)
    latest = "latest training sequences"
    stops = Stop(latest, 2000, 139, name="n_seq = 140"), Stop(latest, 2000, 12, name="n_seq = 13")
    rows = zip(stops, REPORTED_5, strict=True) if T == 100 else ()
    return Task(
        name=f"multiplication problem, T = {T}", experiment="5", inputs=2, outputs=1, lag=T - T // 2, every_step=False,
        judged_at_end=True, measure="error at the last step", threshold=0.04, stops=stops,
        paper=tuple(Reported(stop.name, count, outcome) for stop, (count, outcome) in rows),
        draw=partial(_draw, T, True), judge=largest_error,
    )  # fmt: skip


def _draw(T: int, product: bool, count: int, rng: np.random.Generator) -> Batch:
    lengths = rng.integers(T, T + T // 10, count, endpoint=True)
    first = rng.integers(10, size=count)
    second = rng.integers(T // 2 - 1, size=count)
    second += second >= first  # it passes over the pair that is marked already
    given = np.zeros((count, lengths.max(), 2), np.float32)
    value, marker, rows = given[..., 0], given[..., 1], np.arange(count)
    value[:] = rng.random(value.shape, np.float32)
    if not product:
        value[:] = 2 * value - 1
    value[(first == 0) | (second == 0), 0] = 1 if product else 0
    marker[rows, first] = marker[rows, second] = 1
    marker[:, 0] = marker[rows, lengths - 1] = -1
    X1, X2 = value[rows, first], value[rows, second]
    target = X1 * X2 if product else 0.5 + (X1 + X2) / 4
    return error_at_the_end(given, target[:, None], lengths, 2, 1)

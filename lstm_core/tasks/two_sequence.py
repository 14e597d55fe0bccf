"""Experiment 3, the two-sequence problem of Bengio et al. 1994: a class to be kept while noise comes in on its line."""

from functools import partial

import numpy as np

from lstm_core._checks import whole
from lstm_core.tasks.batch import Batch, error_at_the_end
from lstm_core.tasks.task import Reported, Stop, Task, largest_error

__all__ = ["two_sequence_3a", "two_sequence_3b", "two_sequence_3c"]

NOISE = np.float32(np.sqrt(0.2))  # standard deviation on the input line, in the paper variance 0.2
TARGET_NOISE = np.sqrt(0.1)
REPORTED = {  # experiment → (T, signal) → sequences to each stopping rule, share of 2560 misclassified at the last
    "3a": {  # Table 4
        (100, 3): (27_380, 39_850, "0.000195"),
        (100, 1): (58_370, 64_330, "0.000117"),
        (1000, 3): (446_850, 452_460, "0.000078"),
    },
    "3b": {  # Table 5
        (100, 3): (41_740, 43_250, "0.00828"),
        (100, 1): (74_950, 78_430, "0.01500"),
        (1000, 1): (481_060, 485_080, "0.01207"),
    },
    "3c": {  # Table 6
        (100, 3): (269_650, "0.00558"),
        (100, 1): (565_640, "0.00441"),
    },
}


def two_sequence_3a(T: int = 100, signal: int = 3) -> Task:
    """Tell the class from the first elements of a noisy line: D = 1, K = 1, an error signal at the last step only.

    Either class comes with probability ½. The first `signal` elements (the paper's N, 1 or 3) are 1 for class 1 and −1
    for class 2, all later ones Gaussian with mean 0 and variance 0.2; the target is 1 for class 1, 0 for class 2. A
    sequence is right if the error is below 0.2. Solved: ST1, all of 256 test sequences right; ST2, their mean absolute
    error below 0.01 too. The length lies between T and T + T/10; the paper does not say how it is distributed: here
    evenly over the whole numbers, both ends among them, T/10 rounded down. The lag is T − signal, where Table 10 gives
    T. Source: section 5.3, task 3a. Raises ValueError for T below 2, and a signal outside 1 … T − 1.
    """
    return _task("3a", "two-sequence problem", T, signal, threshold=0.2, wrong=0, mean=0.01)


def two_sequence_3b(T: int = 100, signal: int = 3) -> Task:
    """As 3a, with noise of variance 0.2 on the first `signal` elements as well.

    Solved: ST1, fewer than 6 of 256 test sequences wrong; ST2, their mean absolute error below 0.04 too.
    Source: section 5.3, task 3b.
    """
    return _task("3b", "two-sequence problem, noisy signal", T, signal, threshold=0.2, wrong=5, mean=0.04)


def two_sequence_3c(T: int = 100, signal: int = 3) -> Task:
    """As 3a, with the target 0.2 for class 1 and 0.8 for class 2, and on it Gaussian noise of variance 0.1.

    What is to be learnt is the expected target: errors are taken to it, without the noise. A sequence is right if that
    error is below 0.1. Solved: all of 256 test sequences right, and their mean error below 0.015.
    Source: section 5.3, task 3c.
    """
    return _task("3c", "two-sequence problem, noisy targets", T, signal, threshold=0.1, wrong=0, mean=0.015)


def _task(experiment: str, name: str, T: int, signal: int, threshold: float, wrong: int, mean: float) -> Task:
    T = whole("T", T, 2)
    signal = whole("signal", signal, 1, T - 1)
    rules = [Stop("test sequences", 256, wrong, name="ST1"), Stop("test sequences", 256, wrong, mean, "ST2")]
    measure, judge = "error at the last step", largest_error
    if experiment == "3c":
        rules = [rules[1]._replace(name="")]
        measure, judge = "error at the last step, to the noise-free target,", _error_without_noise
    *counts, misclassified = REPORTED[experiment].get((T, signal), [""])
    outcomes = [""] * (len(counts) - 1) + [f"a fraction of {misclassified} of 2560 misclassified"]  # once all is done
    rows = zip(rules, counts, outcomes, strict=False)  # counts is empty where the paper has no row
    return Task(
        name=f"{name}, T = {T}, signal = {signal}", experiment=experiment, inputs=1, outputs=1, lag=T - signal,
        every_step=False, judged_at_end=True, measure=measure, threshold=threshold, stops=tuple(rules),
        paper=tuple(Reported(rule.name, count, outcome) for rule, count, outcome in rows),
        draw=partial(_draw, experiment, T, signal), judge=judge,
    )  # fmt: skip


def _draw(experiment: str, T: int, signal: int, count: int, rng: np.random.Generator) -> Batch:
    lengths = rng.integers(T, T + T // 10, count, endpoint=True)
    first_class = rng.integers(2, size=(count, 1)) == 1
    line = NOISE * rng.standard_normal((count, lengths.max()), np.float32)
    if experiment != "3b":
        line[:, :signal] = 0
    line[:, :signal] += np.where(first_class, np.float32(1), np.float32(-1))
    if experiment == "3c":
        target = _expected_target(line) + TARGET_NOISE * rng.standard_normal((count, 1))
    else:
        target = first_class
    return error_at_the_end(line[..., None], target.astype(np.float32), lengths, 1, 1)


def _expected_target(line: np.ndarray) -> np.ndarray:
    """Task 3c's target (N, 1) without its noise; the first element (N, T) gives the class away."""
    return np.where(line[:, :1] > 0, 0.2, 0.8)


def _error_without_noise(outputs: np.ndarray, batch: Batch) -> np.ndarray:
    return np.abs(outputs - _expected_target(batch.given[..., 0]))[:, 0]

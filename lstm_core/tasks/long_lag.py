"""Experiment 2: keep one symbol over a long lag, without noise (2a), with noise (2b), over a very long one (2c)."""

from functools import partial

import numpy as np

from lstm_core._checks import whole
from lstm_core.tasks.batch import Batch, error_at_every_step, error_at_the_end
from lstm_core.tasks.task import Reported, Stop, Task, largest_error

__all__ = ["long_lag_2a", "long_lag_2b", "long_lag_2c"]

REPORTED_2C = {  # (q, p) → sequences: Table 3, means of 20 trials
    (50, 50): 30_000, (100, 100): 31_000, (200, 200): 33_000, (500, 500): 38_000, (1000, 1000): 49_000,
    (1000, 500): 49_000, (1000, 200): 75_000, (1000, 100): 135_000, (1000, 50): 203_000,
}  # fmt: skip


def long_lag_2a(p: int = 100) -> Task:
    """Predict each next symbol of (y, a₁, …, a_{p−1}, y) or (x, a₁, …, a_{p−1}, x), either with probability ½.

    D = K = p + 1, in the order a₁, …, a_{p−1}, x, y; every sequence has p + 1 symbols, p steps, and an error signal at
    each. Solved: in 10,000 sequences after training every output stays within 0.25 of its target at every step.
    The last symbol is asked for p − 1 steps after the first was read, p before it would be: the paper calls the lag p.
    Source: section 5.2, task 2a. Raises ValueError for p below 2.
    """
    return _next_symbol("noise-free sequence", "2a", p, 5_040, judged_at_end=False)


def long_lag_2b(p: int = 100) -> Task:
    """As 2a, with p − 1 random symbols out of a₁, …, a_{p−1} in the middle, so that no regularity is left there.

    Error signals come at every step; success is judged at the last only, where each of the p + 1 outputs has to be
    within 0.25 of its target, in 10,000 sequences. The paper does not say how the symbols are distributed; here each
    is equally likely. Source: section 5.2, task 2b. Raises ValueError for p below 2.
    """
    return _next_symbol("no local regularities", "2b", p, 5_680, judged_at_end=True)


def long_lag_2c(q: int = 50, p: int = 50) -> Task:
    """After b, (x or y), q + k distractors and e, tell which of x and y it was; K = 2, in the order x, y.

    D = p + 4, in the order a₁, …, a_p, e, b, x, y; distractors are drawn evenly from a₁, …, a_p. After the first q of
    them each further draw is one more with probability 9/10, or else the trigger e, so that P(k) = 9ᵏ/10ᵏ⁺¹; steps:
    q + k + 3, since the final x or y is not read. Solved: both outputs within 0.2 of their targets in 10,000 sequences.
    Source: section 5.2, task 2c. Where the paper contradicts itself: its index bound of q for the distractors should be
    p; k has mean 9, so that the expected number of symbols is q + 13, where it prints q + 14; and the lag is q + 1, as
    in its text, where Table 10 gives q. It does not say how often x comes; here with probability ½.
    Raises ValueError for q or p below 1.
    """
    q, p = whole("q", q, 1), whole("p", p, 1)
    return Task(
        name=f"very long lag, q = {q}, p = {p}", experiment="2c", inputs=p + 4, outputs=2, lag=q + 1, every_step=False,
        judged_at_end=True, measure="largest output error at the last step", threshold=0.2,
        stops=(Stop("sequences after training", 10_000),),
        paper=tuple(Reported("", n, "mean of 20 trials") for row, n in REPORTED_2C.items() if row == (q, p)),
        draw=partial(_draw_2c, q, p), judge=largest_error, symbols=(*_numbered(p), "e", "b", "x", "y"),
        classes=("x", "y"), test_sequences=10_000,
    )  # fmt: skip


def _next_symbol(name: str, experiment: str, p: int, reported: int, judged_at_end: bool) -> Task:
    p = whole("p", p, 2)
    symbols = (*_numbered(p - 1), "x", "y")
    return Task(
        name=f"{name}, p = {p}", experiment=experiment, inputs=p + 1, outputs=p + 1, lag=p - 1, every_step=True,
        judged_at_end=judged_at_end, threshold=0.25,
        measure=f"largest output error at {'the last' if judged_at_end else 'any'} step",
        stops=(Stop("sequences after training", 10_000),),
        paper=(Reported("", reported, "100% of 18 trials solved"),) if p == 100 else (),
        draw=partial(_draw_next_symbol, p, experiment == "2b"), judge=largest_error, symbols=symbols, classes=symbols,
        test_sequences=10_000,
    )  # fmt: skip


def _draw_next_symbol(p: int, noisy: bool, count: int, rng: np.random.Generator) -> Batch:
    strings = np.empty((count, p + 1), np.int64)
    strings[:, 0] = strings[:, p] = p - 1 + rng.integers(2, size=count)  # x or y
    strings[:, 1:p] = rng.integers(p - 1, size=(count, p - 1)) if noisy else np.arange(p - 1)
    return error_at_every_step(strings, np.full(count, p), p + 1)


def _draw_2c(q: int, p: int, count: int, rng: np.random.Generator) -> Batch:
    e, b, x = p, p + 1, p + 2
    lengths = q + 3 + rng.geometric(0.1, count) - 1  # NumPy counts the draw that ends the suffix, k does not
    y_or_not = rng.integers(2, size=count)
    given = rng.integers(p, size=(count, lengths.max()))
    given[:, 0], given[:, 1] = b, x + y_or_not
    given[np.arange(count), lengths - 1] = e
    return error_at_the_end(given, y_or_not, lengths, p + 4, 2)


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"a{k}" for k in range(1, count + 1))

"""Experiment 6, temporal order: was it X or Y that came first, and second (and third), among a hundred symbols?"""

from functools import partial

import numpy as np

from lstm_core.tasks.batch import Batch, error_at_the_end
from lstm_core.tasks.task import Reported, Stop, Task, largest_error

__all__ = ["temporal_order_6a", "temporal_order_6b"]

SYMBOLS = "EBabcdXY"


def temporal_order_6a() -> Task:
    """Tell the order of two X or Y: D = 8 (E, B, a, b, c, d, X, Y), K = 4 (XX → Q, XY → R, YX → S, YY → U).

    A sequence is E, random symbols out of a, b, c, d, and B at its end; those at t₁ and t₂ are X or Y instead. Its
    length lies between 100 and 110, t₁ between 10 and 20, t₂ between 50 and 60, the E being number 1 (this counting
    gives the lag of 40 in Table 10). The error signal comes at the B. A sequence is right if every output is within 0.3
    of its target. Solved: the last 2000 training sequences right, their mean error below 0.1. Source: section 5.6.
    What the paper leaves open: the distributions, here even ones with both ends among them; the sequences over which
    the mean is taken, here the same 2000; and whose error it is, here that of each sequence's worst output, the
    strictest reading.
    """
    reported = Reported("", 31_390, "1 of 2560 wrong")
    return _task("6a", "temporal order, two symbols", ((10, 20), (50, 60)), "QRSU", reported)


def temporal_order_6b() -> Task:
    """As 6a, with three X or Y, at t₁ in 10 … 20, t₂ in 33 … 43 and t₃ in 66 … 76.

    K = 8: XXX → Q, XXY → R, XYX → S, XYY → U, YXX → V, YXY → A, YYX → B, YYY → C. Source: section 5.6.
    """
    reported = Reported("", 571_100, "2 of 2560 wrong")
    return _task("6b", "temporal order, three symbols", ((10, 20), (33, 43), (66, 76)), "QRSUVABC", reported)


def _task(experiment: str, name: str, places: tuple, classes: str, reported: Reported) -> Task:
    return Task(
        name=name, experiment=experiment, inputs=8, outputs=len(classes), lag=100 - places[-1][1], every_step=False,
        judged_at_end=True, measure="largest output error at the last step", threshold=0.3,
        stops=(Stop("latest training sequences", 2000, mean=0.1),), paper=(reported,),
        draw=partial(_draw, places), judge=largest_error, symbols=tuple(SYMBOLS), classes=tuple(classes),
    )  # fmt: skip


def _draw(places: tuple, count: int, rng: np.random.Generator) -> Batch:
    E, B, a, X = (SYMBOLS.index(symbol) for symbol in "EBaX")
    lengths = rng.integers(100, 110, count, endpoint=True)
    given = rng.integers(a, X, size=(count, lengths.max()))
    rows, number = np.arange(count), np.zeros(count, np.int64)
    given[:, 0], given[rows, lengths - 1] = E, B
    for earliest, latest in places:
        y_or_not = rng.integers(2, size=count)
        given[rows, rng.integers(earliest, latest, count, endpoint=True) - 1] = X + y_or_not
        number = 2 * number + y_or_not  # the Xs and Ys, read as a binary number
    return error_at_the_end(given, number, lengths, len(SYMBOLS), 2 ** len(places))

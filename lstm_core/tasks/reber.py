"""Experiment 1, the embedded Reber grammar: B, then T or P, a Reber string, the same T or P again, and E."""

import numpy as np

from lstm_core._checks import whole
from lstm_core.tasks.batch import Batch, error_at_every_step
from lstm_core.tasks.task import Reported, Stop, Task

__all__ = ["embedded_reber", "legal_successors", "reber_sets"]

SYMBOLS = "BTSXPVE"
REBER = [  # node → the symbol on each edge out of it, and the node it leads to; node 7 is the string's end
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
]


def _embedded() -> list[dict[str, int]]:
    """The edges of the embedded grammar: the Reber grammar twice, so that a node knows whether T or P went before."""
    nodes = [{"B": 1}, {"T": 2, "P": 10}]  # to the first node of either copy
    for letter, first in nodes[1].items():
        nodes += [{symbol: first + node for symbol, node in edges.items()} for edges in REBER] + [{letter: 18}]
    return [*nodes, {"E": 19}]


NODES = _embedded()
END = len(NODES)  # the node after the last E, which nothing leaves
LEGAL = np.array([[symbol in edges for symbol in SYMBOLS] for edges in [*NODES, {}]])  # (nodes, 7)
NEXT = np.array([[edges.get(symbol, END) for symbol in SYMBOLS] for edges in [*NODES, {}]])
# What either side of a coin leads to, (nodes, 2): an edge that has no rival stands for both.
COIN = np.array([[SYMBOLS.index((2 * list(edges))[side]) for side in (0, 1)] for edges in [*NODES, {"B": END}]])


def embedded_reber() -> Task:
    """Predict each next symbol of an embedded Reber string (section 5.1); D = K = 7, error signals at every step.

    Where two edges leave a node each is taken with probability ½. A string is right if at every step the legal
    successors are the most active outputs; here its error is the largest lead of an illegal output over a legal one,
    so that it must be below 0. The paper does not say what a tie is; here it is wrong.
    Solved: all of 256 training and 256 test strings are right, see `reber_sets`. The shortest string, of 9 symbols,
    asks for its second symbol 5 steps after reading it; Table 10 gives 9 as the lag.
    """
    reported = [  # Table 1, means of 30 trials
        ("4 blocks of 1 cell, learning rate 0.1", 39_740, 100),
        ("3 blocks of 2 cells, learning rate 0.1", 21_730, 100),
        ("3 blocks of 2 cells, learning rate 0.2", 14_060, 97),
        ("4 blocks of 1 cell, learning rate 0.5", 9_500, 97),
        ("3 blocks of 2 cells, learning rate 0.5", 8_440, 100),
    ]
    return Task(
        name="embedded Reber grammar", experiment="1", inputs=7, outputs=7, lag=5, every_step=True, judged_at_end=False,
        measure="largest lead of an illegal output over a legal one, at any step,", threshold=0.0,
        stops=(Stop("training and test strings", 512),),
        paper=tuple(Reported(net, count, f"{percent}% of trials solved") for net, count, percent in reported),
        draw=_draw, judge=_lead_of_the_illegal, symbols=tuple(SYMBOLS), classes=tuple(SYMBOLS), test_sequences=256,
    )  # fmt: skip


def reber_sets(rng: np.random.Generator, train: int = 256, test: int = 256) -> tuple[Batch, Batch]:
    """The training and the test strings of one trial: all drawn at random, no test string being a training string.

    Training then draws from the first again and again: `strings.take(rng.integers(256))`. The paper does not say
    whether a string may come twice within a set; here it may, as in independent draws it will: a quarter of them is
    one of the four shortest strings. Source: section 5.1, after Fahlman 1991.
    """
    task, size = embedded_reber(), 8 * whole("test", test, 1)
    training = task.batch(whole("train", train, 1), rng)
    fresh = np.zeros(0, bool)
    while fresh.sum() < test:
        strings = task.batch(size, rng)
        fresh = ~np.isin(_spelt(strings), _spelt(training))
        size *= 2
    return training, strings.take(np.flatnonzero(fresh)[:test])


def legal_successors(batch: Batch) -> np.ndarray:
    """The symbols (N, T, 7), bool, that may follow each step of embedded Reber strings; none after a string's end.

    Raises ValueError for a string that breaks the grammar.
    """
    node = np.zeros(len(batch.given), int)
    legal = np.zeros((*batch.given.shape, len(SYMBOLS)), bool)
    for t, symbol in enumerate(batch.given.T):
        broken = np.flatnonzero(batch.mask[:, t] & ~LEGAL[node, symbol])
        if broken.size:
            start = "".join(SYMBOLS[k] for k in batch.given[broken[0], : t + 1])
            raise ValueError(f"string {broken[0]} begins with {start}, as no embedded Reber string does: check its end")
        node = NEXT[node, symbol]
        legal[:, t] = LEGAL[node] & batch.mask[:, t, None]
    return legal


def _draw(count: int, rng: np.random.Generator) -> Batch:
    node, strings, lengths = np.zeros(count, int), [], np.zeros(count, int)
    while np.any(node != END):
        lengths += node != END
        strings.append(COIN[node, rng.integers(2, size=count)])
        node = NEXT[node, strings[-1]]
    return error_at_every_step(np.stack(strings, axis=1), lengths - 1, len(SYMBOLS))


def _spelt(batch: Batch) -> np.ndarray:
    """Each string as one entry (N,) of bytes, which can be looked up; byte 0 is none of its symbols."""
    letters = np.ascontiguousarray((batch.given + 1) * batch.steps, np.uint8)
    return letters.view(f"S{letters.shape[1]}")[:, 0]


def _lead_of_the_illegal(outputs: np.ndarray, batch: Batch) -> np.ndarray:
    legal = legal_successors(batch)
    best_illegal = np.max(outputs, axis=2, initial=-np.inf, where=~legal)
    worst_legal = np.min(outputs, axis=2, initial=np.inf, where=legal)  # +∞ after a string's end, where none is legal
    return np.max(best_illegal - worst_legal, axis=1)

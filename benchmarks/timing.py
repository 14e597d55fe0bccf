"""Races in turns, ratios of process time, bars, and tables that read well in a terminal.

A machine that others use too is slow for a while, then fast again. So contenders take turns, A B C, B C A, C A B, …;
each turn gives one ratio, and what is printed is the median of these with their 10–90 % range.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Bar", "Column", "Spread", "agree", "duration", "race", "ratio_table", "table"]

SAMPLE = 1e-2  # seconds that a contender's turn takes at least: shorter calls are repeated, and their mean taken
Size = tuple[int, ...]
Times = dict[str, np.ndarray]  # for each contender the seconds that a call took, turn by turn


class Spread(NamedTuple):
    median: float
    low: float  # one turn in ten stayed below
    high: float  # nine in ten did

    @classmethod
    def of(cls, values: np.ndarray) -> "Spread":
        return cls(*np.quantile(values, (0.5, 0.1, 0.9)).tolist())

    def __str__(self) -> str:
        return "{} ({}–{})".format(*(f"{value:#.3g}".rstrip(".") for value in self))


class Bar(NamedTuple):
    sign: str  # "≤" or "≥"
    limit: float

    def verdict(self, value: float, unit: str = "") -> str:
        met = value <= self.limit if self.sign == "≤" else value >= self.limit
        return f"{self.sign} {self.limit:g}{unit} {'met' if met else 'NOT MET'}"


class Column(NamedTuple):
    of: str
    over: str
    bar: Callable[[Size], Bar | None] | None = None  # which bar, if any, stands at a size


def race(contenders: dict[str, Callable], seconds: float, fewest: int = 7) -> Times:
    """Let contenders take turns for about `seconds` of process time, and for `fewest` turns at least."""
    calls = {name: math.ceil(SAMPLE / min(_sample(run, 1) for _ in range(3))) for name, run in contenders.items()}
    names, turns, start = list(contenders), [], time.process_time()
    while len(turns) < fewest or time.process_time() - start < seconds:
        turns.append({name: _sample(contenders[name], calls[name]) for name in names})
        names.append(names.pop(0))  # who follows whom changes, and with it what is left in the caches
    return {name: np.array([turn[name] for turn in turns]) for name in contenders}


def _sample(run: Callable, calls: int) -> float:
    if calls > 1:
        run()  # the caches are still the last contender's
    start = time.process_time()
    for _ in range(calls):
        run()
    return (time.process_time() - start) / calls


def agree(results: dict[str, object], tolerance: float) -> None:
    """Raise ValueError unless all arrays equal the first contender's, to `tolerance` of the largest number in each."""
    (first, expected), *others = results.items()
    for name, result in others:
        for k, (a, b) in enumerate(zip(_arrays(result), _arrays(expected), strict=True)):
            error = np.abs(a - b).max() / np.abs(b).max() if a.shape == b.shape else math.inf
            if not error <= tolerance:
                raise ValueError(f"{name} and {first} should compute the same, but array {k} is off by {error:.1e}")


def _arrays(result: object) -> list[np.ndarray]:
    return [np.asarray(array) for array in (result if isinstance(result, (list, tuple)) else [result])]


def ratio_table(columns: list[Column], races: dict[Size, Times]) -> str:
    """One row a size: the time of what the first column divides by, then every ratio and its bar, if there is one."""
    header = [("N, T, D, H", ""), (columns[0].over, "")]
    for column in columns:
        header += [(column.of, f"÷ {column.over}"), ("", "bar")][: 2 if column.bar else 1]
    return table(header, [_row(columns, size, times) for size, times in races.items()])


def _row(columns: list[Column], size: Size, times: Times) -> list[str]:
    cells = [", ".join(map(str, size)), duration(np.median(times[columns[0].over]))]
    for of, over, bar in columns:
        ratio = Spread.of(times[of] / times[over])
        verdict = [bar(size).verdict(ratio.median) if bar(size) else ""] if bar else []
        cells += [str(ratio), *verdict]
    return cells


def table(header: list[tuple[str, str]], rows: list[list[str]]) -> str:
    """Lay rows out under a header of two lines: the first column and every bar to the left, all else to the right."""
    lines = [*map(list, zip(*header, strict=True)), *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    aligned = [f"{'<' if k == 0 or heading[1] == 'bar' else '>'}{widths[k]}" for k, heading in enumerate(header)]
    text = ["  ".join(map(format, line, aligned)).rstrip() for line in lines]
    return "\n".join([*filter(None, text[:2]), "─" * max(map(len, text)), *text[2:]])


def duration(seconds: float) -> str:
    """Spell a time in the unit that suits it."""
    scale, unit = (1, "s") if seconds >= 1 else (1e3, "ms") if seconds >= 1e-3 else (1e6, "µs")
    return f"{seconds * scale:#.3g}".rstrip(".") + f" {unit}"

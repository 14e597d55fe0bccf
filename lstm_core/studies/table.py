"""The paper's own table beside ours: one line for every row of its Tables 1 to 9 that is about its LSTM."""

from collections.abc import Iterator
from typing import NamedTuple

from lstm_core.studies.record import load
from lstm_core.studies.summary import Summary, summary
from lstm_core.tasks import TASKS, Task

__all__ = ["Line", "replay_table"]

NETS_1 = {"4 blocks of 1 cell": "4×1", "3 blocks of 2 cells": "3×2"}  # experiment 1: the paper's words → our keys
NAMES = {
    "1": "embedded Reber", "2a": "no noise", "2b": "noise", "2c": "long lag", "3a": "two sequences",
    "3b": "noisy signal", "3c": "noisy target", "4": "adding", "5": "multiplication", "6a": "temporal order",
    "6b": "three symbols",
}  # fmt: skip


class Line(NamedTuple):
    experiment: str
    task: str  # its name
    condition: str  # net and learning rate, or stopping rule, where the paper has several
    paper: int  # sequences until the rule was met, a mean
    outcome: str  # what the paper says of its trials
    original: Summary  # ours, by the rule of 1997
    today: Summary | None  # ours, by today's practice; None where a line before has it, or a line after it
    changed: Summary | None = None  # ours by the rule of 1997, the net changed in one thing: the best that was tried
    change: str = ""  # which change that was

    @property
    def label(self) -> str:
        """A short name, such as "2c long lag, q=50, p=50"."""
        parts, condition = [f"{self.experiment} {NAMES[self.experiment]}"], self.condition
        if "," in self.task and self.experiment in ("2c", "3a", "3b", "3c", "4"):
            arguments = self.task.split(",", 1)[1].replace("noisy signal,", "").replace("noisy targets,", "")
            parts.append(arguments.replace(" = ", "=").strip())
        for words, short in (*NETS_1.items(), ("learning rate ", "α=")):
            condition = condition.replace(words, short)
        return ", ".join([*parts, condition] if condition else parts)


def replay_table() -> list[Line]:
    """Every line, in the paper's order."""
    original, today = load("original"), load("today")
    lines = []
    for experiment, key, task in sorted(_tasks(today), key=_place):
        rules = [stop.name for stop in task.stops]
        for reported in task.paper:
            own_key = _key_1(reported.condition) if experiment == "1" else key
            rule = reported.condition if reported.condition in rules and len(rules) > 1 else None
            last = reported is task.paper[-1]
            lines.append(
                Line(experiment, task.name, reported.condition, reported.sequences, reported.outcome,
                     summary(original[own_key], rule), summary(today[key]) if last else None,
                     *_changed(original, own_key))
            )  # fmt: skip
    return lines


def _changed(original: dict[str, dict], key: str) -> tuple[Summary | None, str]:
    """The row of this experiment with another net that solved the most trials, and what was changed in it."""
    others = [other for other in original if other.startswith(f"{key}, ") and "but" in original[other]["settings"]]
    if not others:
        return None, ""
    best = max(others, key=lambda other: summary(original[other]).solved)
    return summary(original[best]), best.removeprefix(f"{key}, ")


def _tasks(keys) -> Iterator[tuple[str, str, Task]]:
    """Experiment, key of its rows, and task, for every set of arguments that the paper has results for."""
    for key in keys:
        experiment = key.split(",")[0]
        yield experiment, key, TASKS[experiment](**_arguments(key))


def _place(entry: tuple[str, str, Task]) -> tuple:
    """Where a task stands in the paper: by experiment, then as its tables do."""
    experiment, key, _ = entry
    arguments = _arguments(key)
    return (list(TASKS).index(experiment), arguments.get("T", 0), arguments.get("q", 0), -arguments.get("p", 0),
            -arguments.get("signal", 0))  # fmt: skip


def _arguments(key: str) -> dict[str, int]:
    return {name.strip(): int(value) for name, value in (part.split("=") for part in key.split(",")[1:])}


def _key_1(condition: str) -> str:
    net, rate = condition.split(", learning rate ")
    return f"1, {NETS_1[net]}, rate {rate}"

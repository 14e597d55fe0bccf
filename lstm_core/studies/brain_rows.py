"""The rows of brain_rules as notebook 13 shows them: curves with intervals over seeds, a table, any stage of learning.

Shapes: S seeds, K loads.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lstm_core.brain.episodes import look_up
from lstm_core.studies.brain_rules import KEPT
from lstm_core.studies.intervals import interval, share

__all__ = ["Stage", "curves", "stage", "stored", "table", "turned"]

EVERY = 100 * KEPT  # sequences between two points of a recorded curve
FEEDBACK = ("transposed", "random", "none")


class Stage(NamedTuple):
    """Where the recorded trials stood after so many sequences; one that was over stays where it ended."""

    sequences: int
    angle: dict[str, np.ndarray]  # (S,) degrees between feedback and output weights; NaN without feedback
    error: dict[str, np.ndarray]  # (S,) of the newest 500 sequences
    solved: dict[str, int]

    def __str__(self) -> str:
        ways = [f"{name} {self.solved[name]} of {len(error)} solved" for name, error in self.error.items()]
        ways[1] += f" (mean angle {self.angle['random'].mean():.0f}°)"
        return f"After {self.sequences:,} sequences: {', '.join(ways)}."


def stored(rows: Mapping[str, dict]) -> tuple[list[int], dict[str, tuple]]:
    """The loads, and for each memory (mean (K,), half (K,) or None) of the bits right; the Hopfield net and a look-up
    table, which is computed, come last."""
    found = {}
    for key, row in rows.items():
        if key.startswith("store"):
            right = [trial["right"] for trial in row["trials"]]
            found[row["settings"]["training"]["load"]] = [list(one["LSTM"].values()) for one in right]
            at_once = [list(one["Hopfield"].values()) for one in right]  # the same episodes in all of these rows
            loads = [int(load) for load in right[0]["LSTM"]]
    memories = {f"LSTM, trained up to {most}": interval(found[most]) for most in sorted(found)}
    table_of_all = [look_up(load) for load in loads]
    return loads, memories | {"Hopfield, at one sight": interval(at_once), "look-up table": (table_of_all, None)}


def curves(rows: Mapping[str, dict]) -> dict[str, list[tuple]]:
    """For each feedback its trials' (sequences, errors)."""
    return {
        name: [(EVERY * np.arange(1, len(one["errors"]) + 1), one["errors"]) for one in _trials(rows, name)]
        for name in FEEDBACK
    }


def stage(rows: Mapping[str, dict], sequences: float) -> Stage:
    """The stage after so many sequences, to the nearest 500; 0 is birth, with the first 500's error."""
    block, angle, error, solved = round(sequences / EVERY), {}, {}, {}
    for name in FEEDBACK:
        trials = _trials(rows, name)
        at = [min(block, len(one["errors"])) for one in trials]
        angle[name] = np.array(
            [one["angles"][k] if one["angles"] else np.nan for one, k in zip(trials, at, strict=True)]
        )
        error[name] = np.array([one["errors"][max(k, 1) - 1] for one, k in zip(trials, at, strict=True)])
        solved[name] = sum(one["solved"] and one["sequences"] <= EVERY * block for one in trials)
    return Stage(EVERY * block, angle, error, solved)


def table(rows: Mapping[str, dict]) -> str:
    """A line a feedback: how many trials solved the task, with Wilson's 95% interval, and after how many sequences."""
    lines = []
    for name in FEEDBACK:
        trials, cap = _trials(rows, name), rows[f"feedback, {name}"]["settings"]["cap"]
        solved = [one["sequences"] for one in trials if one["solved"]]
        low, high = share(len(solved), len(trials))
        when = f"after {solved[0]:,}" if solved else f"within {cap:,}"
        if len(solved) > 1:
            when = "after {:,.0f} ± {:,.0f}".format(*interval(solved))
        lines.append(f"{name:10s} {len(solved):2d} of {len(trials)} solved ({low:.0%} to {high:.0%}) {when} sequences")
    return "\n".join(lines)


def turned(rows: Mapping[str, dict]) -> str:
    """How far random feedback and the output weights are apart, at birth and when a trial ends, with the range."""
    lines = []
    for when, k in (("at birth", 0), ("at the end", -1)):
        angle = [one["angles"][k] for one in _trials(rows, "random")]
        mean, half = interval(angle)
        lines.append(f"{when:10s} {mean:.0f}° ± {half:.0f} apart, from {min(angle):.0f}° to {max(angle):.0f}°")
    return "\n".join(lines)


def _trials(rows: Mapping[str, dict], feedback: str) -> list[dict]:
    return rows[f"feedback, {feedback}"]["trials"]

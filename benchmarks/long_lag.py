"""Sequences to success on the 1997 tasks, beside the paper's own counts: seeds 0 to 2 of a few rows, run anew.

The whole table, with ten trials a row, is what `make results` records and notebook 14 shows.
"""

from benchmarks.timing import duration, table
from lstm_core.studies import original, today
from lstm_core.studies.tables import TABLES
from lstm_core.tasks import TASKS

__all__ = ["long_lag_table", "section"]

ROWS = (("original", "6a"), ("original", "3a, T = 100, signal = 3"), ("today", "4, T = 100"), ("today", "6a"))
RUN = {"original": original.run, "today": today.run}
SEEDS = [0, 1, 2]


def section(seconds: float) -> str:
    """What it costs does not hang on `seconds`: a trial ends when it ends."""
    del seconds
    found = {}
    for name, key in ROWS:
        settings = TABLES[name].settings[key]
        found[name, key] = list(RUN[name](settings, SEEDS))
    return f"Sequences until a task counts as solved: seeds {SEEDS}\n\n{long_lag_table(found)}"


def long_lag_table(found: dict[tuple[str, str], list[dict]]) -> str:
    """One row for each of a study's: the paper's mean, how many of our trials solved the task, their mean, its time."""
    rows = []
    for (name, key), trials in found.items():
        settings = TABLES[name].settings[key]
        paper = TASKS[settings["task"]](**settings.get("of", {})).paper[-1].sequences
        solved = [trial["sequences"] for trial in trials if trial["solved"]]
        mean = sum(solved) / len(solved) if solved else None
        rows.append([
            f"{key} ({'rule of 1997' if name == 'original' else 'Adam, chrono'})", f"{paper:,}",
            f"{len(solved)}/{len(trials)}", f"{mean:,.0f}" if mean else "–", f"{mean / paper:.2f}" if mean else "–",
            duration(sum(trial["seconds"] for trial in trials) / len(trials)),
        ])  # fmt: skip
    header = [
        ("experiment", ""),
        ("the paper", ""),
        ("solved", ""),
        ("mean", "here"),
        ("here", "÷ paper"),
        ("a trial", ""),
    ]
    return table(header, rows)

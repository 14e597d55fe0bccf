"""A recorded row in a line: how many trials solved the task, after how many sequences, how many mistakes were left."""

from typing import NamedTuple

__all__ = ["Summary", "background", "summary"]


class Summary(NamedTuple):
    trials: int
    solved: int
    mean: float | None  # sequences shown until the rule was met, of those that met it; None if none did
    low: int | None  # the quickest of them
    high: int | None  # the slowest
    wrong: float | None  # mistakes left on `tested` fresh sequences, their mean over those trials
    tested: int
    seconds: float  # a trial, solved or not, on the machine that recorded it

    def __str__(self):
        if self.solved == 0:
            return f"0/{self.trials}"
        return f"{self.solved}/{self.trials}  {self.mean:>9,.0f}  ({self.low:,}–{self.high:,})  {self.wrong:.1f} wrong"


def summary(row: dict, rule: str | None = None) -> Summary:
    """Sum up a row of `load`; `rule` names one of several stopping rules (ST1, ST2), else it is the strictest."""
    trials = row["trials"]
    counts = [_sequences(trial, rule) for trial in trials]
    met = [(count, trial["wrong"]) for count, trial in zip(counts, trials, strict=True) if count is not None]
    times = [count for count, _ in met]
    return Summary(
        len(trials), len(met), sum(times) / len(met) if met else None, min(times, default=None),
        max(times, default=None), sum(wrong for _, wrong in met) / len(met) if met else None, trials[0]["tested"],
        sum(trial["seconds"] for trial in trials) / len(trials),
    )  # fmt: skip


def background(rows: dict[str, dict]) -> list[dict]:
    """The rows of the study "biases" that TrainLab shows: the map, and for chrono biases, None, the long row."""
    found = []
    for key, row in rows.items():
        if key.startswith("map") or key == "long, chrono":
            cell, biases = summary(row), row["settings"]["biases"]
            recorded = {name: biases.get(name) for name in ("forget_bias", "input_bias")}
            recorded |= dict(runs=cell.trials, solved=cell.solved, sequences=cell.mean, budget=row["settings"]["cap"])
            found.append(recorded)
    return found


def _sequences(trial: dict, rule: str | None) -> int | None:
    if rule is None:
        return trial["sequences"] if trial["solved"] else None
    return trial["met"].get(rule)

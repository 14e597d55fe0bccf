"""The study "brain_gates" read: who keeps silent, and what arousal is worth in which world, with intervals over seeds.

Shapes: S seeds, A arousals. An interval is that of a mean, ± t s / √S, or Wilson's for a share of seeds, both of 95%.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lstm_core.studies.intervals import interval, share

__all__ = ["error_curves", "held_curves", "recall_table", "saved", "tracking_table"]

RIVALS = ("calm", "aroused", "mixed", "mixed_longer", "retrained", "bayes")
ALARMING = 0.9  # a net of which more than this share of the waiting is false alarms


def recall_table(rows: Mapping[str, dict]) -> pd.DataFrame:
    """How many seeds of each net solve the task, how many are false alarms throughout, Wilson's interval of the latter.

    To solve it is to answer 99% of the sequences. Then how far the output gate stands open while waiting, in the seed
    where it is most, and at the bell, in the seed where it is least. The net with a gate comes twice: as trained, and
    with its gate open.
    """
    lines = {}
    for key, row in rows.items():
        if key.startswith("recall"):
            name = key.removeprefix("recall, ")
            lines[name] = row["trials"]
            if row["settings"]["output_gate"]:
                lines[f"{name}, gate then held open"] = [trial["held"]["1.0"] for trial in row["trials"]]
    return pd.DataFrame.from_dict({name: _seeds(found) for name, found in lines.items()}, "index")


def held_curves(rows: Mapping[str, dict]) -> pd.DataFrame:
    """False alarms and bells that were answered, mean over seeds, by where the output gate of one unit is held."""
    trials = rows["recall, 1 unit"]["trials"]
    table = {float(o): [[t["held"][o][what] for t in trials] for what in ("alarms", "told")] for o in trials[0]["held"]}
    return pd.DataFrame({o: np.mean(found, axis=1) for o, found in table.items()}, ["alarms", "told"]).T.sort_index()


def error_curves(rows: Mapping[str, dict]) -> dict[float, tuple[np.ndarray, float]]:
    """By hazard rate: the calm tracker's errors (S, A) at each arousal, and Bayes' error."""
    return {
        hazard: (np.array([world["errors"] for world in found]), found[0]["bayes"])
        for hazard, found in _worlds(rows).items()
    }


def tracking_table(rows: Mapping[str, dict]) -> pd.DataFrame:
    """By hazard rate: the best arousal and each tracker's error, means over seeds, as "mean ± half"."""
    table = {}
    for hazard, found in _worlds(rows).items():
        errors = {name: _said([world[name] for world in found], 3) for name in RIVALS}
        table[hazard] = {"best a": _said([world["best"] for world in found], 1), **errors}
    return pd.DataFrame.from_dict(table, "index").rename_axis("hazard")


def saved(rows: Mapping[str, dict], against: str = "calm") -> pd.DataFrame:
    """By how much the aroused tracker's error lies below that of `against`, seed by seed: mean, half, in favour."""
    table = {}
    for hazard, found in _worlds(rows).items():
        gain = np.array([world[against] - world["aroused"] for world in found])
        table[hazard] = dict(zip(("mean", "half"), interval(gain), strict=True), favour=int((gain > 0).sum()))
    return pd.DataFrame.from_dict(table, "index").rename_axis("hazard")


def _worlds(rows: Mapping[str, dict]) -> dict[float, list[dict]]:
    trials = rows["tracking"]["trials"]
    return {float(hazard): [trial["worlds"][hazard] for trial in trials] for hazard in trials[0]["worlds"]}


def _seeds(found: list[dict]) -> dict:
    alarming = sum(trial["alarms"] > ALARMING for trial in found)
    low, high = share(alarming, len(found))
    solved = sum(trial["right"] >= 0.99 for trial in found)
    return {
        "seeds": len(found), "solve it": solved, "all alarms": alarming, "low": low, "high": high,
        "o waiting": max(trial["o_waiting"] for trial in found), "o bell": min(trial["o_bell"] for trial in found),
    }  # fmt: skip


def _said(values, digits: int) -> str:
    mean, half = interval(values)
    return f"{mean:.{digits}f} ± {half:.{digits}f}".replace("-", "−")

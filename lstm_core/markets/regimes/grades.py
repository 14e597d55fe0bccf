"""The report on all detectors at once: AUC by label, who differs from a benchmark, and delays side by side.

Notebook 11 prints it. What the numbers mean is said in `ranking` and `alarms`. Shapes: N days, M detectors, L labels.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core.markets.regimes.alarms import delays, falls_before, false_rings, rings
from lstm_core.markets.regimes.ranking import auc_draws, auc_table, difference
from lstm_core.markets.significance import holm, p_text

__all__ = ["Grades", "by_event", "by_peak", "grade", "over_seeds"]

SIGNIFICANCE = 0.05


class Grades(NamedTuple):
    """`print` it for the AUCs with their 95 % intervals, and for who differs from the benchmark."""

    auc: dict[str, pd.DataFrame]  # label → (M, 3) AUC, low, high
    gaps: dict[str, pd.DataFrame]  # label → (M − 1, 5) value, low, high, p, Holm's p, each against the benchmark
    against: str  # the benchmark

    def __str__(self) -> str:
        cells = {label: [f"{a:.2f} [{b:.2f}, {c:.2f}]" for a, b, c in t.to_numpy()] for label, t in self.auc.items()}
        lines, rest, total = [pd.DataFrame(cells, next(iter(self.auc.values())).index).to_string()], 0, 0
        for label, table in self.gaps.items():
            for name, gap in table.iterrows():
                verb = "beats" if gap.value > 0 else "is beaten by"
                if gap.holm < SIGNIFICANCE:
                    lines.append(f"{label}: {name} {verb} {self.against} by {abs(gap.value):.2f}, {p_text(gap.holm)}")
                rest, total = rest + (gap.holm >= SIGNIFICANCE), total + 1
        lines.append(f"{rest} of {total} comparisons: not told apart from {self.against} (Holm's p ≥ 0.05)")
        return "\n".join(lines)


def grade(
    scores: pd.DataFrame, labels: Mapping[str, pd.Series], against: str, *, draws: int = 2000, seed: int = 0
) -> Grades:
    """Grade scores (N, M) by each of L labels, and all against one of them; Holm corrects over all L (M − 1) tests.

    Raises ValueError if `against` is none of the scores, and what `ranking.auc_draws` does.
    """
    if against not in scores:
        raise ValueError(f"against is {against!r}, but must be one of {', '.join(map(repr, scores))}")
    auc, gaps, rivals = {}, {}, [name for name in scores if name != against]
    for name, label in labels.items():
        drawn = auc_draws(scores, label, draws=draws, seed=seed)
        auc[name] = auc_table(scores, label, drawn)
        found = [difference(scores, label, drawn, rival, against)._asdict() for rival in rivals]
        gaps[name] = pd.DataFrame(found, rivals)
    corrected = holm(np.concatenate([table["p"] for table in gaps.values()]))
    for table, ps in zip(gaps.values(), np.split(corrected, len(gaps)), strict=True):
        table["holm"] = ps
    return Grades(auc, gaps, against)


def by_event(on: Mapping[str, pd.Series], events: Mapping[str, str]) -> pd.DataFrame:
    """Return the delay of each detector (rows) for each event, in trading days, NaN for a miss."""
    return pd.DataFrame({name: delays(state, events)["delay"] for name, state in on.items()}).T


def heard(on: Mapping[str, pd.Series], close: pd.Series, until: str) -> str:
    """Return how often each alarm rang up to a day, and how many of its rings were false, as text."""
    rung = {name: rings(state[:until]) for name, state in on.items()}
    return "; ".join(f"{name} {len(days)}, {false_rings(days, close).sum()}" for name, days in rung.items())


def by_peak(on: Mapping[str, pd.Series], close: pd.Series, falls: pd.Series) -> pd.DataFrame:
    """Return what each detector (rows) lets be lost from each peak before it is on, in per cent."""
    table = pd.DataFrame({name: falls_before(state, close, falls)["lost"] for name, state in on.items()}).T
    return table.set_axis(pd.DatetimeIndex(falls.index).strftime("%b %Y"), axis=1)


def over_seeds(rows: Mapping[str, list[dict]], field: str) -> pd.DataFrame:
    """Return recorded trials in words: one row a network, one column a name in `field`, "mean (lowest–highest)"."""

    def told(values: list[float]) -> str:
        return f"{np.mean(values):.2f} ({min(values):.2f}–{max(values):.2f})"

    table = {
        network: {name: told([trial[field][name] for trial in trials]) for name in trials[0][field]}
        for network, trials in rows.items()
    }
    return pd.DataFrame.from_dict(table, orient="index")

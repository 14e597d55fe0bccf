"""Cells beside cells, out of what was recorded: who solves a task of 1997, and whose forecasts of variance cost less.

Notebook 12 prints both tables. Shapes: M days, S seeds, K pairs.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from lstm_core.markets import diebold_mariano
from lstm_core.markets.significance import holm
from lstm_core.studies.forecasts import seeds_of
from lstm_core.studies.intervals import interval, share

__all__ = ["Pairs", "pairs", "solvers"]


def solvers(rows: Mapping[str, dict]) -> pd.DataFrame:
    """Return one line a recorded row whose trials solve a task or do not, named by the row's key.

    solved, trials : how many met the task's rule within the cap
    at least, at most : 95 % interval of the share that would (Clopper & Pearson 1934), in per cent
    sequences, ± : mean of those that met it, and half of its 95 % interval over seeds, Student's t; NaN for one
    wrong : mistakes left on `tested` fresh sequences, their mean over all trials
    """
    lines = {}
    for key, row in rows.items():
        trials = row["trials"]
        met = [trial["sequences"] for trial in trials if trial["solved"]]
        k, n = len(met), len(trials)
        low, high = share(k, n, "exact") if n else (0.0, 1.0)
        lines[key] = {
            "solved": k, "trials": n, "at least": 100 * low, "at most": 100 * high,
            "sequences": np.mean(met) if met else np.nan, "±": interval(met)[1] if k > 1 else np.nan,
            "wrong": np.mean([trial["wrong"] for trial in trials]),
        }  # fmt: skip
    return pd.DataFrame.from_dict(lines, orient="index")


class Pairs(NamedTuple):
    """What a GRU's forecasts of variance cost more than an LSTM's of as many units: below zero the GRU was better."""

    names: list[str]  # (K,) such as "8 on LHAR"
    lstm: np.ndarray  # (K,) the LSTM's mean loss, over days and seeds
    differences: np.ndarray  # (K, S) the GRU's less the LSTM's, seed k's less seed k's
    days: np.ndarray  # (K,) half of the 95 % interval of the mean difference over days, Newey–West
    seeds: np.ndarray  # (K,) the same over seeds, Student's t with S − 1 degrees of freedom
    p: np.ndarray  # (K,) Diebold–Mariano, two-sided
    holm: np.ndarray  # (K,) the same, for K pairs looked at

    def table(self) -> pd.DataFrame:
        """Return one line a pair; differences and their intervals in per cent of the LSTM's loss."""
        percent = 100 / self.lstm
        columns = {"LSTM": self.lstm, "GRU": self.lstm + self.differences.mean(axis=1)}
        columns |= {"GRU − LSTM %": percent * self.differences.mean(axis=1), "days ±": percent * self.days}
        columns |= {"seeds ±": percent * self.seeds, "DM p": self.p, "Holm p": self.holm}
        return pd.DataFrame(columns, self.names)


def pairs(
    rows: Mapping[str, dict],
    realised: pd.Series,
    loss: Callable[[pd.Series, pd.Series], np.ndarray],
    part: str = "test",
) -> Pairs:
    """Set every "gru H on base" of the study "volatility" beside the "lstm H on base" of the same years.

    realised : the variance that came, by date, all days of the series.
    loss : of (realised, forecast) the loss of each day (M,), such as `normalised_qlike`.
    part : how the rows' keys begin, "test" or "validation".
    A day's loss is the mean over seeds. Raises ValueError where no row begins so, and where a GRU's LSTM is missing.
    """
    found = [key for key in rows if key.startswith(f"{part}, gru ")]
    if not found:
        raise ValueError(f"of {len(rows)} rows none begins with '{part}, gru ': give those of load('volatility')")
    losses = {key: _losses(rows, key, realised, loss) for gru in found for key in (gru, gru.replace("gru", "lstm"))}
    names, lines = [], []
    for gru in sorted(found, key=lambda key: (key.partition(" on ")[2], rows[key]["settings"]["hidden"])):
        one, other = losses[gru], losses[gru.replace("gru", "lstm")]
        apart = one - other
        statistic, p = diebold_mariano(one.mean(axis=1), other.mean(axis=1))
        by_seed, M = apart.mean(axis=0), len(apart)
        days = stats.t.ppf(0.975, M - 1) * abs(apart.mean() / statistic)
        seeds = interval(by_seed)[1]
        names.append(gru.partition("gru ")[2])
        lines.append((other.mean(), by_seed, days, seeds, p))
    lstm, differences, days, seeds, p = map(np.array, zip(*lines, strict=True))
    return Pairs(names, lstm, differences, days, seeds, p, holm(p))


def _losses(rows: Mapping[str, dict], key: str, realised: pd.Series, loss: Callable) -> np.ndarray:
    """What each seed's forecasts cost on each day, (M, S)."""
    if key not in rows:
        raise ValueError(f"there is no row {key!r} to set beside its pair: compute it with make results")
    forecasts = seeds_of(rows[key], realised.index)
    came = realised[forecasts.index]
    return np.column_stack([loss(came, forecasts[seed]) for seed in forecasts])

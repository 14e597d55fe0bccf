"""How well scores rank bad days above good ones, and how sure that is: AUC, and a bootstrap in blocks of a year.

AUC, the area under the receiver operating characteristic, is the probability that a bad day scores higher than a good
one, ties counted half. Bad days come in long spells, so that days drawn one by one would make intervals far too narrow.
Shapes: N days, M scores, B draws.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats, whole
from lstm_core.markets.regimes.stress import check_days

__all__ = ["Difference", "auc", "auc_draws", "auc_table", "difference"]


class Difference(NamedTuple):
    """AUC of one score less that of another."""

    value: float
    low: float  # ends of the 95 % interval
    high: float
    p: float  # two-sided, from the draws: twice the smaller share beyond 0


def auc(score, label) -> float:
    """Return the AUC of `score` (N,) for `label` (N,), True on bad days; ValueError unless there are both kinds."""
    return float(_aucs(as_floats("score", score, ("N",)), _both_kinds(label), np.ones((1, len(label))))[0])


def auc_draws(
    scores: pd.DataFrame, label: pd.Series, *, block: int = 250, draws: int = 1000, seed: int = 0
) -> np.ndarray:
    """Return the AUCs (B, M) of `scores` (N, M) on the same B resamples of the days of `label`, in circular blocks.

    The blocks are `arch`'s (Politis & Romano 1992). A draw without a bad day, or without a good one, ranks nothing and
    is drawn again. Raises ValueError for scores that lack a day of the label, NaN, and days out of order.
    """
    from arch.bootstrap import CircularBlockBootstrap

    check_days(scores.index)
    check_days(label.index)
    bad, days, draws = _both_kinds(label), len(label), whole("draws", draws, 1)
    values = as_floats("scores", scores.reindex(label.index), (days, "M"))
    resamples = CircularBlockBootstrap(whole("block", block, 1, days), np.arange(days), seed=seed)
    counts, kept = np.empty((draws, days)), 0
    for (chosen,), _ in resamples.bootstrap(20 * draws):
        counts[kept] = np.bincount(chosen, minlength=days)
        kept += 0 < counts[kept] @ bad < days
        if kept == draws:
            return np.stack([_aucs(column, bad, counts) for column in values.T], axis=1)
    raise ValueError("hardly a resample has both bad and good days: give shorter blocks, or a label with more spells")


def auc_table(scores: pd.DataFrame, label: pd.Series, drawn: np.ndarray) -> pd.DataFrame:
    """Return "AUC" and the ends of its 95 % interval, "low" and "high", a row a score, from `auc_draws`' answer."""
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    values = [auc(scores.loc[label.index, name], label) for name in scores]
    return pd.DataFrame({"AUC": values, "low": low, "high": high}, scores.columns)


def difference(scores: pd.DataFrame, label: pd.Series, drawn: np.ndarray, one: str, other: str) -> Difference:
    """Return by how much the AUC of `one` exceeds that of `other`, on the same draws: neighbours' errors cancel."""
    at = [scores.columns.get_loc(name) for name in (one, other)]
    gap = drawn[:, at[0]] - drawn[:, at[1]]
    low, high = np.quantile(gap, (0.025, 0.975))
    value = auc(scores.loc[label.index, one], label) - auc(scores.loc[label.index, other], label)
    p = 2 * (1 + min((gap <= 0).sum(), (gap >= 0).sum())) / (1 + len(gap))
    return Difference(value, float(low), float(high), float(min(1.0, p)))


def _aucs(score: np.ndarray, bad: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """AUCs (B,) with day n counted counts[b, n] times: Σ over values of bad at it × (good below it + ½ good at it)."""
    _, value = np.unique(score, return_inverse=True)
    order = np.argsort(value, kind="stable")
    starts = np.flatnonzero(np.diff(value[order], prepend=-1))  # where each value begins
    of_bad, of_good = (np.add.reduceat((counts * kind)[:, order], starts, axis=1) for kind in (bad, ~bad))
    below = np.cumsum(of_good, axis=1) - of_good
    return (of_bad * (below + of_good / 2)).sum(axis=1) / (of_bad.sum(axis=1) * of_good.sum(axis=1))


def _both_kinds(label) -> np.ndarray:
    bad = np.asarray(label)
    if bad.dtype != bool or bad.ndim != 1 or not len(bad) or bad.all() or not bad.any():
        raise ValueError(f"label should be True on some days and False on others; got {bad.dtype} {bad.shape}")
    return bad

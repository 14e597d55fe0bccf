"""How sure a mean over recorded trials is, and a share of them: the two intervals that the readers of rows print."""

import numpy as np
from scipy import stats

from lstm_core._checks import as_floats

__all__ = ["interval", "share"]


def interval(values) -> tuple[np.ndarray, np.ndarray]:
    """The mean over seeds, the first axis of values (S, …), and half of its 95% interval by Student's t.

    Raises ValueError for fewer than two seeds, and for values that are not finite.
    """
    values = np.asarray(values, float)
    as_floats("values", values, ("S", *"KLM"[: max(values.ndim - 1, 0)]))
    if len(values) < 2:
        raise ValueError(f"values has shape {values.shape}, but an interval takes two seeds or more: give more")
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return values.mean(axis=0), stats.t.ppf(0.975, len(values) - 1) * error


def share(hits: int, trials: int, method: str = "wilson") -> tuple[float, float]:
    """The 95% interval of a share, `hits` out of `trials`: Wilson's, or "exact", Clopper & Pearson's."""
    found = stats.binomtest(hits, trials).proportion_ci(method=method)
    return float(found.low), float(found.high)

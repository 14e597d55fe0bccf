"""What a forecast of variance is worth: QLIKE, as it is and normalised, and a table of forecasts (notebooks 01 and 09).

Shapes: N days. Variances in the returns' unit squared.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats
from lstm_core.markets.significance import diebold_mariano

__all__ = ["normalised_qlike", "qlike", "variance_scores"]


def qlike(squared, variance) -> np.ndarray:
    """Return the loss ln σ² + ε²/σ² of each day (N,), for squared returns ε² (N,) and forecasts σ² (N,).

    On average it is lowest for the true variance, though ε² is a noisy measure of that (Patton 2011). Raises ValueError
    for a variance that is not positive.
    """
    squared = as_floats("squared", squared, ("N",))
    variance = as_floats("variance", variance, squared.shape)
    if not (variance > 0).all() or (squared < 0).any():
        raise ValueError("variances should be positive and squared returns not negative: give σ² and ε², no logarithms")
    return np.log(variance) + squared / variance


def normalised_qlike(realised, forecast) -> np.ndarray:
    """Return `qlike` less its value for a perfect forecast, y/f − ln(y/f) − 1, of each day (N,): zero is the best.

    For realised variances y, as those of ranges, that are all positive; an under-forecast costs more than an
    over-forecast. Raises ValueError for a y or f that is not positive.
    """
    y = as_floats("realised", realised, ("N",))
    if not (y > 0).all():
        raise ValueError(
            f"realised variances should be positive, but the smallest is {y.min():g}: squares have `qlike`"
        )
    return qlike(y, forecast) - np.log(y) - 1


def variance_scores(squared, forecasts: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return one row a forecast of variance (N,), for squared returns (N,), in the order in which they are given.

    QLIKE, its mean; R2 % = 100 (1 − SSE / SSE of the best constant), where that constant is the mean of `squared`,
    known only with hindsight; DM p, two-sided, of the QLIKE against the row above, after Diebold and Mariano.
    """
    squared, rows, above = as_floats("squared", squared, ("N",)), {}, None
    for name, variance in forecasts.items():
        loss = qlike(squared, variance)
        p = np.nan if above is None else diebold_mariano(loss, above)[1]
        r2 = 1 - np.mean((squared - np.asarray(variance)) ** 2) / squared.var()
        rows[name], above = {"QLIKE": loss.mean(), "R2 %": 100 * r2, "DM p": p}, loss
    return pd.DataFrame.from_dict(rows, orient="index")

"""Does a model know what it could not have known? The guard that stands before every study of notebooks 09 to 11.

It never reads the model's code: it changes the future, and looks whether the past moves. That finds a scaler fitted to
all the data, a target shifted the wrong way, training targets that reach into the test days, and probabilities that are
smoothed backwards in time.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from lstm_core._checks import choose, whole

__all__ = ["LookAhead", "check_causal"]

KNOWN = {"the day before": 1, "the same day": 0}


class LookAhead(ValueError):
    """A forecast moved when nothing but its future did."""


def check_causal(
    model: Callable[[pd.DataFrame, int], np.ndarray],
    days: pd.DataFrame,
    train: int,
    *,
    known: str = "the day before",
    seed: int = 0,
) -> None:
    """Raise LookAhead if `model(days, train)` looks ahead from row `train` on.

    `days` (N, columns) stand in time order; the model learns from the first `train` rows and answers with an array of N
    rows, of which those before `train` are its own affair. Row t may use the days up to "the day before" t, as a
    forecast does, or up to "the same day", as an alarm does that rings at its close; and no more than the first `train`
    rows may have set the parameters. Four times, at different days t, all later days are exchanged for others, three
    times as large, so that means, spreads and orders change: rows `train` … t must stay what they were.
    """
    lag = KNOWN[choose("known", known, tuple(KNOWN))]
    train = whole("train", train, 1, len(days) - 2)
    rng = np.random.default_rng(seed)
    answer = _answer(model, days, train)
    for t in np.linspace(train, len(days) - 2, 4).astype(int):
        other, first = days.copy(), t + 1 - lag  # the first day that row t must not know
        other.iloc[first:] = 3 * days.to_numpy()[rng.integers(0, len(days), len(days) - first)]
        moved = ~np.isclose(_answer(model, other, train)[train : t + 1], answer[train : t + 1], rtol=1e-6, atol=1e-9)
        if moved.any():
            row = train + int(np.argwhere(moved)[0, 0])
            raise LookAhead(
                f"row {row} ({days.index[row]}) moves when nothing but the days from row {first} on changes: it was not"
                f" all known by {known}. Look at scalers, shifts, windows and smoothing"
            )


def _answer(model: Callable, days: pd.DataFrame, train: int) -> np.ndarray:
    answer = np.asarray(model(days.copy(), train), dtype=float)
    if len(answer) != len(days) or not np.isfinite(answer[train:]).all():
        raise ValueError(
            f"the model should answer with {len(days)} rows, finite from row {train} on; it gave shape {answer.shape}"
            f" with {np.count_nonzero(~np.isfinite(answer[train:]))} values that are not"
        )
    return answer

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
    probes: int = 4,
    seed: int = 0,
) -> None:
    """Raise LookAhead if `model(days, train)` looks ahead from row `train` on.

    `days` (N, columns) stand in time order; the model learns from the first `train` rows and answers with an array of N
    rows, of which those before `train` are its own affair. Row t may use the days up to "the day before" t, as a
    forecast does, or up to "the same day", as an alarm does that rings at its close; and no more than the first `train`
    rows may have set the parameters.

    At each of `probes` days t, the first, the last and some that `seed` draws between them, the days that row t may not
    know are exchanged for others, unlike those that were there and, where they are floats, three times as large, so
    that signs, means, spreads and orders change: rows `train` … t must stay what they were. What looks ahead on every
    day, and what sets parameters, does not escape; what looks ahead on some days only, say at the ends of months, shows
    at a probe that falls on one: where the model is quick, take more probes, up to every day. How many days there are,
    and their dates, the model may know.

    Raises ValueError for a model that answers otherwise when it is asked the same again, and for another shape or NaN.
    """
    lag = KNOWN[choose("known", known, tuple(KNOWN))]
    train = whole("train", train, 1, len(days) - 2)
    last, rng = len(days) - 2 + lag, np.random.default_rng(seed)
    between = np.arange(train + 1, last)
    drawn = rng.choice(between, min(whole("probes", probes, 2) - 2, len(between)), replace=False)
    answer = _answer(model, days, train)
    for t in sorted({train, last, *drawn.tolist()}):
        first = t + 1 - lag  # the first day that row t must not know
        moved = _differ(_answer(model, _other_future(days, first, rng), train)[train : t + 1], answer[train : t + 1])
        if moved.any():
            if _differ(_answer(model, days, train)[train:], answer[train:]).any():
                raise ValueError("the model answers otherwise when it is asked the same again: give it a seed")
            row = train + int(np.argwhere(moved)[0, 0])
            raise LookAhead(
                f"row {row} ({days.index[row]}) moves when nothing but the days from row {first} on changes: it was not"
                f" all known by {known}. Look at scalers, shifts, windows and smoothing"
            )


def _other_future(days: pd.DataFrame, first: int, rng: np.random.Generator) -> pd.DataFrame:
    """The same days until row `first`; from there on, of eight that are drawn, the one least like what was there."""
    numbers = days.select_dtypes("number").to_numpy(float)  # (N, D)
    z = np.nan_to_num((numbers - np.nanmean(numbers, 0)) / (np.nanstd(numbers, 0) + np.finfo(float).tiny))
    candidates = rng.integers(0, len(days), (len(days) - first, 8))
    distance = ((z[candidates] - z[first:, None]) ** 2).sum(2)
    others = days.iloc[candidates[np.arange(len(candidates)), distance.argmax(1)]].set_axis(days.index[first:])
    others = others.assign(**{column: 3 * others[column] for column in days.select_dtypes("floating")})
    return pd.concat([days.iloc[:first], others])


def _differ(answer: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Which values moved by more than rounding does, in whatever unit they are."""
    return ~np.isclose(answer, before, rtol=1e-6, atol=1e-9 * np.abs(before).max())


def _answer(model: Callable, days: pd.DataFrame, train: int) -> np.ndarray:
    answer = np.asarray(model(days.copy(), train), dtype=float)
    if len(answer) != len(days) or not np.isfinite(answer[train:]).all():
        raise ValueError(
            f"the model should answer with {len(days)} rows, finite from row {train} on; it gave shape {answer.shape}"
            f" with {np.count_nonzero(~np.isfinite(answer[train:]))} values that are not"
        )
    return answer

"""What the study "returns" recorded, as scores: how far they lie apart from seed to seed, and from sample to sample.

Notebook 08 prints and draws it. Two intervals answer two questions. Over seeds: where would another network's score
lie, trained on the same days from other weights? Over days: where could it have lain, had the years come otherwise?
Shapes: M rows, S seeds.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from lstm_core.markets.returns.closer import apart
from lstm_core.markets.returns.scoreboard import Scoreboard
from lstm_core.studies.returns import fold_of

__all__ = ["OverSeeds", "Spread", "apart_by_seed", "board_of", "over_seeds"]

TOGETHER = "all seeds, averaged"


class Spread(NamedTuple):
    """One score of several seeds, row by row, in per cent."""

    values: np.ndarray  # (M, S)
    seeds: np.ndarray  # (M,) half of the 95 % interval for the score of one more seed
    days: np.ndarray  # (M,) half of the 95 % sampling interval of a seed's score, on average over seeds
    reference: np.ndarray  # (M,) what costs nothing: an R² of zero; the share of days on which the index rose


class OverSeeds(NamedTuple):
    """Scores over seeds; `print` it for the table."""

    names: list[str]  # (M,)
    r2: Spread  # out of sample, against persistence
    direction: Spread  # share of days whose sign was right
    together: pd.DataFrame  # (M, 3) of the forecasts averaged over seeds: R2 %, ±, DM p
    days: list[int]  # (M,)

    def __str__(self) -> str:
        columns = {("", "days"): self.days, ("", "seeds"): [len(row) for row in self.r2.values]}
        for name, spread in (("R2 %", self.r2), ("direction %", self.direction)):
            columns |= {(name, "mean"): spread.values.mean(axis=1), (name, "seeds ±"): spread.seeds}
            columns |= {(name, "days ±"): spread.days}
        columns |= {(TOGETHER, column): self.together[column].to_numpy() for column in self.together}
        return pd.DataFrame(columns, self.names).to_string(float_format="{:.2f}".format)


def board_of(row: dict) -> Scoreboard:
    """Return a recorded row's forecasts beside persistence, one column a seed and their mean; MASE's scale is 1."""
    settings = row["settings"]
    days = settings["folds"] * settings["size"]
    actual = fold_of(settings, settings["folds"] - 1)[0].iloc[-days:, 0]
    forecasts = {"persistence": np.zeros(days)}
    for seed in range(settings["seeds"]):
        parts = [trial["forecasts"].split() for trial in row["trials"] if trial["seed"] == seed]
        forecasts[f"seed {seed}"] = np.concatenate(parts).astype(float) / 1e4
    table = pd.DataFrame(forecasts, actual.index)
    table[TOGETHER] = table.drop(columns="persistence").mean(axis=1)
    return Scoreboard(actual, table, pd.Series(1.0, actual.index), ("persistence",))


def apart_by_seed(row: dict, span: str, shown: int = 3) -> str:
    """Return a recorded row's scores in a span of days and on all others, as text.

    In full for the first `shown` seeds and all of them averaged; of all, the range of R², and how many lie above 0.
    """
    board = board_of(row)
    seeds = [name for name in board.forecasts if name.startswith("seed ")]
    parts = apart(board, span, [*seeds, TOGETHER])
    lines = [parts.drop(index=seeds[shown:], level=1).round(2).to_string(na_rep="–")]
    for name in parts.index.unique(0):
        r2 = parts.loc[name].loc[seeds, "R2 %"]
        above = f"above zero for {(r2 > 0).sum()} of {len(seeds)} seeds"
        lines += [f"{name}: R² from {r2.min():.1f} to {r2.max():.1f}%, {above}"]
    return "\n".join(lines)


def over_seeds(rows: Mapping[str, dict], span: str = "") -> OverSeeds:
    """Return the scores of those recorded rows whose key begins with `span`, the smallest network first.

    The interval over seeds is mean ± t s √(1 + 1/S), where one more draw from a normal distribution falls 95 times in a
    hundred. Raises ValueError if there is no row, or one with fewer than two seeds.
    """
    wanted = [key for key in rows if key.startswith(span)]
    chosen = {key: rows[key] for key in sorted(wanted, key=lambda key: (key[:4], rows[key]["settings"]["hidden"]))}
    if not chosen or min(row["settings"]["seeds"] for row in chosen.values()) < 2:
        raise ValueError(
            f"of {list(rows)} it takes a row with two seeds or more: none begins with {span!r} and has them"
        )
    tables = {key: board_of(row).table() for key, row in chosen.items()}
    always_up = np.array([100 * table.loc["always up", "direction"] for table in tables.values()])
    of_seeds = [table[table.index.str.startswith("seed ")] for table in tables.values()]
    r2 = [table["R2 %"].to_numpy() for table in of_seeds]
    hits = [100 * table["direction"].to_numpy() for table in of_seeds]
    wilson = [50 * (table["high"] - table["low"]).mean() for table in of_seeds]
    return OverSeeds(
        names=list(tables),
        r2=Spread(np.array(r2), _another(r2), np.array([table["±"].mean() for table in of_seeds]), np.zeros(len(r2))),
        direction=Spread(np.array(hits), _another(hits), np.array(wilson), always_up),
        together=pd.DataFrame([table.loc[TOGETHER, ["R2 %", "±", "DM p"]] for table in tables.values()], list(tables)),
        days=[row["settings"]["folds"] * row["settings"]["size"] for row in chosen.values()],
    )


def _another(values: list[np.ndarray]) -> np.ndarray:
    halves = [stats.t.ppf(0.975, len(v) - 1) * v.std(ddof=1) * np.sqrt(1 + 1 / len(v)) for v in values]
    return np.array(halves)

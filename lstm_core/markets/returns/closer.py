"""A scoreboard looked at more closely: which days it rests on, which it broke on, and what becomes of it without them.

Notebook 08 prints all of it. Days picked after the outcome was seen make no test; they say on how few it hangs.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from lstm_core.markets.returns.scoreboard import Illusion, Scoreboard
from lstm_core.markets.significance import clark_west, p_text

__all__ = ["apart", "heaviest", "largest_errors", "price_scores"]


def price_scores(scores: Sequence[Illusion]) -> str:
    """Return the scores of price levels, one line a seed, below those of "tomorrow = today", as text."""
    lines = ["                    R²   RMSE, points   Diebold–Mariano"]
    lines += [f"tomorrow = today   {scores[0].r2[1]:.3f}       {scores[0].rmse[1]:.1f}"]
    for seed, score in enumerate(scores):
        test = f"{p_text(score.p, 3)}: {score.verdict}"
        lines += [f"LSTM, seed {seed}       {score.r2[0]:.3f}       {score.rmse[0]:.1f}      {test}"]
    return "\n".join(lines)


def heaviest(board: Scoreboard, models: Iterable[str], days: int = 10) -> str:
    """Return Clark & West's p-value of each model against the benchmark, and without its `days` heaviest days, as text.

    The heaviest are those with the largest |return · forecast|, which are what the test averages.
    """
    lines, zero = [], board.forecasts.iloc[:, 0]
    for model in models:
        y_hat = board.forecasts[model]
        rest = board.actual.index.difference((board.actual * y_hat).abs().nlargest(days).index)
        _, p_all = clark_west(board.actual, y_hat, zero)
        _, p_rest = clark_west(board.actual[rest], y_hat[rest], zero[rest])
        without = f"without {days} of the {len(zero):,} days {p_text(p_rest)}"
        lines += [f"{model}: Clark–West {p_text(p_all)}; {without}"]
    return "\n".join(lines)


def apart(board: Scoreboard, span: str, models: Sequence[str]) -> pd.DataFrame:
    """Return the scores of `models` in a span of days, such as "2020-03", and on all other days; days says how many.

    Columns as in `Scoreboard.table`; the last row of either part is "always up".
    """
    inside = board.actual.index.isin(board.actual[span].index)
    columns, tables = ["days", "RMSE", "DM p", "R2 %", "±", "direction", "low", "high"], {}
    for name, days in ((f"in {span}", inside), ("all other days", ~inside)):
        part = board._replace(actual=board.actual[days], forecasts=board.forecasts.loc[days], scale=board.scale[days])
        tables[name] = part.table().assign(days=int(days.sum())).loc[[*models, "always up"], columns]
    return pd.concat(tables)


def largest_errors(board: Scoreboard, models: Sequence[str], days: int = 5) -> pd.DataFrame:
    """Return the days on which the models' mean squared error is largest: what came, and what each had forecast.

    "share %" is the day's part of the squared errors of the whole span, on average over the models.
    """
    squared = board.errors()[list(models)] ** 2
    share = 100 * (squared / squared.sum()).mean(axis=1)
    worst = share.nlargest(days).index
    table = board.forecasts.loc[worst, list(models)]
    table.insert(0, "return", board.actual[worst])
    return table.assign(**{"share %": share[worst]})

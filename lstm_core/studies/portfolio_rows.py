"""The recorded portfolios, read: the grid of the validation years, the accounts of the test years, seeds one by one."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lstm_core.markets.portfolio.account import Account, stitch

__all__ = ["WAYS", "accounts", "beyond", "chosen", "grid", "leads", "own_ratios"]

WAYS = ("daily", "daily, costs in the loss", "monthly")
MOST_EPOCHS = 30  # 100 were tried, and set aside before a test year was looked at: they treble the walk's time
JUDGED_BY = dict(zip(WAYS, ("gross", "net", "net"), strict=True))  # what each is trained for


def grid(rows: Mapping[str, dict]) -> pd.DataFrame:
    """The validation rows of `load("portfolio")`, one line each.

    Way, units, epochs; yearly Sharpe ratios in sample, and on the validation years before costs and after 10 basis
    points; turnover a year; what it is judged by; and whether it was chosen: the best of its way, of no more epochs
    than MOST_EPOCHS.
    """
    found = []
    for key, row in rows.items():
        if key.startswith("validation, "):
            settings, (trial,) = row["settings"], row["trials"]
            account, way = _account(trial), key.removeprefix("validation, ").rsplit(", ", 2)[0]
            ratios = {"gross": _sharpe(account.gross), "net": _sharpe(account.net(10))}
            line = dict(way=way, units=settings["hidden"], epochs=settings["epochs"], in_sample=trial["in_sample"])
            found.append({**line, **ratios, "turnover": account.yearly_turnover(), "judged": ratios[JUDGED_BY[way]]})
    table = pd.DataFrame(found).sort_values(["way", "units", "epochs"], ignore_index=True)
    best = table[table.epochs <= MOST_EPOCHS].groupby("way").judged.max()
    return table.assign(chosen=table.judged == table.way.map(best))


def chosen(rows: Mapping[str, dict]) -> dict[str, tuple[int, int]]:
    """Units and epochs that the validation years pick, by way."""
    table = grid(rows)
    return {line.way: (line.units, line.epochs) for line in table[table.chosen].itertuples()}


def leads(rows: Mapping[str, dict], benchmark: pd.Series) -> np.ndarray:
    """What each of the grid's configurations earned beside `benchmark` (days of 1998–2001) after 10 basis points.

    As yearly Sharpe ratios of the difference, the information ratio, in no order: what `sharpe.deflated` asks for.
    """
    tried = [row["trials"][0] for key, row in rows.items() if key.startswith("validation, ")]
    return np.array([_sharpe(_account(trial, benchmark.index).net(10) - benchmark) for trial in tried])


def beyond(rows: Mapping[str, dict], benchmark: pd.Series) -> dict[str, pd.Series]:
    """What the configuration chosen of each way earned beyond `benchmark`, day by day, where it was picked: 1998–2001.

    After 10 basis points; `benchmark` holds the returns of those days.
    """
    names = {way: f"validation, {way}, {units} units, {epochs} epochs" for way, (units, epochs) in chosen(rows).items()}
    trials = {way: rows[names[way]]["trials"][0] for way in WAYS}
    return {way: _account(trial, benchmark.index).net(10) - benchmark for way, trial in trials.items()}


def accounts(rows: Mapping[str, dict], days: pd.DatetimeIndex) -> dict[str, Account]:
    """The account of each way over the test years, folds joined; `days` holds the market's, their days among them."""
    return {way: stitch([_account(trial, days) for trial in rows[f"test, {way}"]["trials"]]) for way in WAYS}


def own_ratios(rows: Mapping[str, dict], which: str = "net") -> pd.DataFrame:
    """The Sharpe ratio a year of each seed alone, (seeds, ways), over all test years, "gross" or "net" of 10 bp.

    Each seed opens each fold with cash, so that it pays for seven purchases in full.
    """
    return pd.DataFrame({way: _pooled(rows[f"test, {way}"]["trials"], which) for way in WAYS})


def _pooled(trials: list[dict], which: str) -> np.ndarray:
    days = np.array([[own["days"] for own in trial["own"]] for trial in trials])  # (folds, seeds)
    mean, spread = np.array([[own[which] for own in trial["own"]] for trial in trials]).transpose(2, 0, 1)
    share = days / days.sum(axis=0)
    centre = (share * mean).sum(axis=0)
    return np.sqrt(252) * centre / np.sqrt((share * (spread**2 + mean**2)).sum(axis=0) - centre**2)


def _account(trial: dict, days: pd.DatetimeIndex | None = None) -> Account:
    """Of one fold, whose years say which of the market's days are its own; without `days`, without dates."""
    begin, end = map(int, trial["fold"])
    index = None if days is None else days[(days.year >= begin) & (days.year <= end)]
    gross, turnover = (pd.Series(trial[name], index, name=name) for name in ("gross", "turnover"))
    return Account(gross, turnover, np.array(trial["opening"]), np.array(trial["closing"]))


def _sharpe(returns: pd.Series) -> float:
    return float(np.sqrt(252) * returns.mean() / returns.std(ddof=0))

"""What the study "volatility" recorded, as forecasts by date."""

import numpy as np
import pandas as pd

__all__ = ["by_base", "seeds_of", "variances"]


def seeds_of(row: dict, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Return a row's forecasts of variance (M, seeds), one column a seed, by date.

    `dates` are those of the series that was forecast, whole. Raises ValueError if they are not.
    """
    settings, columns = row["settings"], {}
    dates = dates[(dates.year >= settings["first"]) & (dates.year <= settings["last"])]
    for seed in range(settings["seeds"]):
        parts = [trial["thousandths"].split() for trial in row["trials"] if trial["seed"] == seed]
        columns[seed] = np.exp(np.concatenate(parts).astype(float) / 1000)
    if len(columns[0]) != len(dates):
        span = f"{settings['first']} to {settings['last']}"
        raise ValueError(
            f"{row['key']} has {len(columns[0])} days from {span}, the dates {len(dates)}: another series?"
        )
    return pd.DataFrame(columns, dates)


def variances(row: dict, dates: pd.DatetimeIndex) -> pd.Series:
    """Return the forecasts (M,) of all seeds together: the exponential of the mean of their logarithms."""
    return np.exp(np.log(seeds_of(row, dates)).mean(axis=1))


def by_base(losses: pd.Series) -> pd.DataFrame:
    """Return mean losses, named "gru 8 on LHAR", as a table: one row a network, one column a base."""
    names = pd.MultiIndex.from_tuples([name.split(" on ") for name in losses.index], names=["network", "base"])
    return losses.set_axis(names).unstack()

"""The broader economy: US output and unemployment by the quarter, 1959 to 2009, which `statsmodels` carries.

Notebook 08 puts its pipeline to them. They are the figures as revised up to 2009, not those of the day: what was known
in 1990 was preliminary, and came weeks after the quarter's end.
"""

from importlib import import_module

import numpy as np
import pandas as pd

__all__ = ["load_macro"]


def load_macro() -> pd.DataFrame:
    """Return, by quarter, 1959Q2 to 2009Q3, "growth" of real GDP and the "unemployment" rate's change, (202, 2).

    growth_t = 100 ln(GDP_t / GDP_{t−1}), in per cent a quarter; unemployment_t is in percentage points.
    """
    data = import_module("statsmodels.datasets.macrodata").load_pandas().data
    quarters = pd.PeriodIndex.from_fields(year=data["year"].astype(int), quarter=data["quarter"].astype(int), freq="Q")
    columns = {"growth": 100 * np.log(data["realgdp"]).diff(), "unemployment": data["unemp"].diff()}
    return pd.DataFrame(columns).set_axis(quarters.rename("quarter")).iloc[1:]

"""The S&P 500 for longer than `bundled` has its bars: closes alone, 1990 to 2022, which `skfolio` carries.

In a module of its own, since a change of `bundled` would make every recorded row stale that reads from there.
"""

from importlib import import_module

import pandas as pd

__all__ = ["load_index"]


def load_index() -> pd.DataFrame:
    """Return the index's Close as floats by naive date, 2 January 1990 to 28 December 2022, in order."""
    frame = import_module("skfolio.datasets").load_sp500_index().set_axis(["Close"], axis=1).astype(float)
    return frame.set_axis(frame.index.as_unit("ns").rename("Date")).sort_index().rename_axis(columns=None)

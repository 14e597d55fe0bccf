"""What one day's news does to a GJR's later forecasts: `correction.Learnt.impact` asks a network the same question.

Notebook 09 draws the two together. Shapes: N days, R returns.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from lstm_core._checks import whole

__all__ = ["gjr_impact"]


def gjr_impact(days: pd.DataFrame, usual: float) -> Callable[[np.ndarray, int], np.ndarray]:
    """Fit a GJR to the signed ranges of `days` and return `impact(returns, lag)`, (R,) of (R,): by which factor a day
    with such a return, `lag` days ago, changes its forecast of variance if all other days are average ones.

    h_{t+1} = ω + (α + γ 1[r<0]) v + β h_t     with v = usual + r²/(4 ln 2) on that day, the range of the move itself

    An average day has the variance `usual` and is as often a fall as a rise: its news are (α + γ/2) · usual. Since the
    days after it do not respond, that day's share in h fades by β alone (news impact: Engle & Ng 1993).
    """
    from arch import arch_model

    signed = np.where(days["return"] < 0, -1.0, 1.0) * np.sqrt(days["variance"])
    ω, α, γ, β = arch_model(signed, mean="Zero", o=1).fit(disp="off").params
    average = (α + γ / 2) * usual
    level = (ω + average) / (1 - β)

    def impact(returns: np.ndarray, lag: int) -> np.ndarray:
        r = np.asarray(returns, dtype=float)
        news = (α + γ * (r < 0)) * (usual + r**2 / (4 * np.log(2)))
        return 1 + β ** (whole("lag", lag, 1) - 1) * (news - average) / level

    return impact

"""Is one forecast better than another, or was it lucky? Three tests that ask three different questions.

Notebook 08 puts the first two to the same forecasts, 09 the first and the third; the scoreboard and 01 use the first.
Shapes: M test days.
"""

import numpy as np
from scipy import stats

from lstm_core._checks import as_floats

__all__ = ["clark_west", "diebold_mariano", "giacomini_white", "holm", "p_text"]


def diebold_mariano(loss, rival_loss, *, lags: int | None = None) -> tuple[float, float]:
    """Return the Diebold–Mariano statistic and its two-sided p-value; a negative statistic favours the first loss.

    d_t = loss_t − rival_t     DM = d̄ / √(ω / M)     ω = γ₀ + 2 Σ_{k=1…L} (1 − k/(L+1)) γ_k

    ω is the Newey–West variance (Bartlett weights, L = ⌈M^⅓⌉ lags unless `lags` says otherwise); p comes from Student's
    t with M − 1 degrees of freedom (Diebold & Mariano 1995; Harvey, Leybourne & Newbold 1997). Equal losses: (0, 1).
    """
    d = as_floats("loss", loss, ("M",)) - as_floats("rival_loss", rival_loss, ("M",))
    lags = int(np.ceil(len(d) ** (1 / 3))) if lags is None else lags
    if not 0 <= lags < len(d):
        raise ValueError(f"lags is {lags}, but must lie between 0 and {len(d) - 1} for {len(d)} days")
    if not d.any():
        return 0.0, 1.0
    u = d - d.mean()
    γ = [u[k:] @ u[: len(u) - k] / len(u) for k in range(lags + 1)]
    ω = γ[0] + 2 * sum((1 - k / (lags + 1)) * γ[k] for k in range(1, lags + 1))
    if ω <= 0:
        raise ValueError("the two losses differ by a constant, which has no variance to test against: give more days")
    statistic = d.mean() / np.sqrt(ω / len(d))
    return float(statistic), float(2 * stats.t.sf(abs(statistic), len(d) - 1))


def clark_west(actual, forecast, rival) -> tuple[float, float]:
    """Return Clark & West's statistic (2007) and its one-sided p-value; a negative statistic favours `forecast` (M,).

    For a `rival` (M,) that is a special case of the model behind `forecast`. The squared error is eased by
    (forecast − rival)², what estimating weights that are truly zero would cost: the test asks whether there is any
    relation to be found, Diebold and Mariano's whether this forecast was the more accurate one.
    """
    actual = as_floats("actual", actual, ("M",))
    forecast, rival = as_floats("forecast", forecast, actual.shape), as_floats("rival", rival, actual.shape)
    statistic, p = diebold_mariano((actual - forecast) ** 2 - (forecast - rival) ** 2, (actual - rival) ** 2)
    return statistic, p / 2 if statistic < 0 else 1 - p / 2


def giacomini_white(loss, rival_loss) -> tuple[float, float]:
    """Return the statistic and p-value of equal *conditional* predictive ability, a day ahead (2006).

    d_t = loss_t − rival_t     z_t = (1, d_{t−1}) d_t     GW = M z̄′ Ω⁻¹ z̄,  Ω = mean of z z′     GW ~ χ²(2)

    Could yesterday's difference have told which forecast to take today? It asks about forecasts *as they were made*,
    estimation noise and all, and so holds where one model nests the other, if both learnt from a window of fixed length
    that rolls on. The statistic has no sign; see the mean losses for who was better.
    """
    d = as_floats("loss", loss, ("M",)) - as_floats("rival_loss", rival_loss, ("M",))
    if len(d) < 10 or not d.any():
        raise ValueError(f"the losses of {len(d)} days do not differ, or are too few to tell: give ten or more")
    z = np.column_stack([d[1:], d[:-1] * d[1:]])
    statistic = len(z) * z.mean(0) @ np.linalg.solve(z.T @ z / len(z), z.mean(0))
    return float(statistic), float(stats.chi2.sf(statistic, 2))


def holm(p) -> np.ndarray:
    """Return p-values (K,) corrected for their number after Holm (1979), as statsmodels does it."""
    from statsmodels.stats.multitest import multipletests

    return multipletests(as_floats("p", p, ("K",)), method="holm")[1]


def p_text(p: float, digits: int = 2) -> str:
    """Return "p = 0.02", rounded to so many digits, or "p < 0.001": a p-value is small, never zero."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.{digits}f}"

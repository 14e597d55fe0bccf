"""How long a fitted GARCH remembers, and paths that one makes; the models are `arch`'s (notebook 01).

"Persistence" here is the econometricians' word for α + β, and has nothing to do with the forecast of that name in
`returns.baselines`. Shapes: N days, M paths. Variances in the returns' unit squared.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import as_floats, whole

__all__ = ["Persistence", "half_life", "persistence", "simulate_garch"]


class Persistence(NamedTuple):
    value: float  # the share of a shock to the variance that a day leaves in the forecast
    standard_error: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, by the normal approximation; its upper end may exceed 1."""
        return self.value - 1.96 * self.standard_error, self.value + 1.96 * self.standard_error

    def __str__(self) -> str:
        low, high = map(half_life, self.interval)
        upper = f"{high:.0f}" if np.isfinite(high) else "∞"
        return f"persistence {self.value:.3f}, half-life {half_life(self.value):.0f} days [{low:.0f}, {upper}]"


def half_life(persistence: float) -> float:
    """Return after how many days half of a shock is gone, L = ln ½ / ln p; infinite from p = 1 on.

    Raises ValueError unless p is positive.
    """
    if not persistence > 0:
        raise ValueError(f"persistence is {persistence!r}, but must be positive, as α + β of a GARCH is")
    return float(np.log(0.5) / np.log(persistence)) if persistence < 1 else np.inf


def persistence(fitted) -> Persistence:
    """Return p = α + β of a GARCH(1,1) that `arch` has fitted, or p = α + γ/2 + β of a GJR-GARCH(1,1,1).

    In both E[σ²_{t+1+k}] − σ̄² = pᵏ (σ²_{t+1} − σ̄²), GJR's for news as often negative as positive (Bollerslev 1986;
    Glosten, Jagannathan & Runkle 1993). The standard error is √(w′Vw) with w the weights of that sum and V the
    covariance of the estimates, by default the robust one of Bollerslev & Wooldridge (1992).

    Raises ValueError for another model.
    """
    weights = {"alpha[1]": 1.0, "gamma[1]": 0.5, "beta[1]": 1.0}
    names = set(fitted.params.index) - {"mu", "omega"}
    if not {"alpha[1]", "beta[1]"} <= names <= set(weights):
        raise ValueError(f"the model has {', '.join(fitted.params.index)}: give a GARCH(1,1) or a GJR-GARCH(1,1,1)")
    w = np.array([weights.get(name, 0.0) for name in fitted.params.index])
    return Persistence(float(w @ fitted.params), float(np.sqrt(w @ fitted.param_cov.to_numpy() @ w)))


def simulate_garch(params, days: int, paths: int, rng: np.random.Generator) -> np.ndarray:
    """Return the news ε (N, M) of M markets that a GARCH(1,1) makes, ε = σz with normal z, side by side.

    `params` are (ω, α, β). Each path starts at the long-run variance and has a thousand days to forget that. Raises
    ValueError unless α + β < 1, without which there is no such level.
    """
    ω, α, β = as_floats("params", params, (3,))
    days, paths = whole("days", days, 1), whole("paths", paths, 1)
    if not (ω > 0 and α >= 0 and β >= 0 and α + β < 1):
        raise ValueError(f"(ω, α, β) is ({ω:g}, {α:g}, {β:g}), but must be positive with α + β < 1")
    variance, news = np.full(paths, ω / (1 - α - β)), np.empty((1000 + days, paths))
    for today in news:
        today[:] = np.sqrt(variance) * rng.standard_normal(paths)
        variance = ω + α * today**2 + β * variance
    return news[1000:]

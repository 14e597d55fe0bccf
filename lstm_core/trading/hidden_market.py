"""A market whose drift changes its sign, and does not say when: a Markov chain of two regimes under noisy returns.

    r_t = s_t μ + σ ε_t,   ε_t ~ N(0, 1),   s_t ∈ {−1, +1},   P(s_{t+1} = s_t) = 1 − 1/D

Its returns are hardly correlated, and yet whoever remembers enough of them knows the regime. Notebook 12 trades it.
"""

from typing import NamedTuple

import numpy as np

from lstm_core._checks import whole

__all__ = ["MARKETS", "HiddenMarket", "Paths", "simulate"]


class HiddenMarket(NamedTuple):
    """The rules of the market. ValueError from `checked` for such as make no sense."""

    drift: float = 0.3  # μ, % a day: up in a rising spell, down in a falling one
    volatility: float = 1.0  # σ, % a day, the same in both
    spell: float = 100.0  # D, days that a spell lasts on average

    @property
    def stay(self) -> float:
        """The probability that tomorrow's regime is today's."""
        return 1 - 1 / self.spell

    def checked(self) -> "HiddenMarket":
        """Itself, if drift is 0 or more, volatility above 0 and a spell two days or longer."""
        if not (0 <= self.drift < np.inf and 0 < self.volatility < np.inf and 2 <= self.spell < np.inf):
            raise ValueError(
                f"{self} cannot be: give drift 0 or more, volatility above 0, in % a day, and spells of 2 days or more"
            )
        return self

    def draw(self, rng: np.random.Generator, days: int = 500) -> np.ndarray:
        """The returns (days,) of one new path: what a TradingEnv asks for at each reset."""
        return _drawn(self.checked(), 1, whole("days", days, 2), rng).returns[0]


class Paths(NamedTuple):
    returns: np.ndarray  # (P, T) % a day
    rising: np.ndarray  # (P, T) bool: the regime that nobody sees


# Two of them. In the second, a day says less and a spell lasts longer: more days are worth remembering.
MARKETS = {"short spells": HiddenMarket(0.3, 1.0, 100.0), "long spells": HiddenMarket(0.2, 1.0, 500.0)}


def simulate(market: HiddenMarket, *, paths: int = 1, days: int = 1000, seed: int = 0) -> Paths:
    """Simulate independent paths, each from a regime drawn with even odds. ValueError below 1 path or 2 days."""
    rng = np.random.default_rng(seed)
    return _drawn(market.checked(), whole("paths", paths, 1), whole("days", days, 2), rng)


def _drawn(market: HiddenMarket, paths: int, days: int, rng: np.random.Generator) -> Paths:
    changes = rng.random((paths, days)) >= market.stay
    changes[:, 0] = rng.random(paths) < 0.5
    rising = changes.cumsum(axis=1) % 2 == 1
    noise = rng.standard_normal((paths, days))
    return Paths(np.where(rising, market.drift, -market.drift) + market.volatility * noise, rising)

"""Trading as gymnasium sees it: look at the last return and at your position, choose the next one, be paid tomorrow.

    reward = position · tomorrow's return − cost · |change of position|        (all in per cent of the stake)

The stake is the same every day: gains are not reinvested. Nothing that the agent does moves a price.
"""

from collections.abc import Callable, Sequence

import gymnasium
import numpy as np

from lstm_core._checks import as_floats, whole

__all__ = ["TradingEnv", "stretches"]

Draw = Callable[[np.random.Generator], np.ndarray]  # a generator → returns (T,) of one path, in %
MOST = 100.0  # %: no day of an index comes near


class TradingEnv(gymnasium.Env):
    """One path an episode, T − 1 decisions long.

    `draw(rng)` gives the path at each reset: `HiddenMarket.draw`, or `stretches` of a real series. An observation is
    the last `memory` returns, the latest last, zeros before the first, and the position held, (memory + 1,). An action
    is an index into `positions`. No episode is terminated, for a market has no end; it is truncated on the path's last
    day. Raises ValueError for returns that are empty, NaN, or ±100 % and more a day, and for a step after the last.
    """

    metadata = {"render_modes": []}  # noqa: RUF012, gymnasium's own way

    def __init__(self, draw: Draw, *, cost_bp: float = 5.0, positions: Sequence[float] = (-1, 0, 1), memory: int = 1):
        if not callable(draw):
            raise ValueError(f"draw is {draw!r:.60}, but must be a function of a generator, as HiddenMarket.draw")
        if not 0 <= cost_bp < np.inf:
            raise ValueError(f"cost_bp is {cost_bp}, but a cost is a finite number of basis points, 0 or more")
        self._draw, self._cost = draw, cost_bp / 100
        self._positions = as_floats("positions", positions, ("A",))
        self._memory = whole("memory", memory, 1)
        self._returns, self._day = np.zeros(1), 0  # over before it has begun: reset
        self.action_space = gymnasium.spaces.Discrete(len(self._positions))
        self.observation_space = gymnasium.spaces.Box(-MOST, MOST, (self._memory + 1,), np.float32)

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        """Draw a new path and stand beside it, without a position, at the close of its first day."""
        super().reset(seed=seed)
        drawn = check_returns("returns", self._draw(self.np_random))
        self._returns = np.concatenate([np.zeros(self._memory - 1), drawn])
        self._day, self._position = self._memory - 1, 0.0
        return self._seen(), {}

    def step(self, action):
        """Trade at today's close, and live through tomorrow."""
        if self._day >= len(self._returns) - 1:
            raise ValueError("the path is over: call reset() before another step")
        position = self._positions[action]
        cost = self._cost * abs(position - self._position)
        self._day, self._position = self._day + 1, position
        reward = position * self._returns[self._day] - cost
        return self._seen(), float(reward), False, self._day == len(self._returns) - 1, {}

    def _seen(self) -> np.ndarray:
        last = self._returns[self._day + 1 - self._memory : self._day + 1]
        return np.append(last, self._position).astype(np.float32)


def stretches(returns, days: int = 500) -> Draw:
    """Return a `draw` of `days` days in a row of a real series (T,), in %, begun at random. ValueError if shorter."""
    returns = check_returns("returns", returns)
    days = whole("days", days, 2, len(returns))

    def draw(rng: np.random.Generator) -> np.ndarray:
        start = rng.integers(len(returns) - days + 1)
        return returns[start : start + days]

    return draw


def check_returns(name: str, returns) -> np.ndarray:
    """Return daily returns (T,) in per cent as floats; ValueError for fewer than two, NaN, or ±100 % and more."""
    found = as_floats(name, returns, ("T",))
    if len(found) < 2 or np.abs(found).max() >= MOST:
        raise ValueError(f"{name} should be two days or more, in per cent, each within ±100; got {len(found)}, up to"
                         f" {np.abs(found).max():g}: are these prices?")  # fmt: skip
    return found

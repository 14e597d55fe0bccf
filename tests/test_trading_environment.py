"""trading/environment.py: gymnasium's own checks, rewards by hand and by the account, and no look ahead."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from lstm_core.trading.accounts import earn
from lstm_core.trading.environment import TradingEnv, stretches
from lstm_core.trading.hidden_market import MARKETS

MARKET = MARKETS["short spells"]


def over(returns, **options) -> TradingEnv:
    """An environment over these returns."""
    return TradingEnv(lambda rng: np.array(returns, dtype=float), **options)


def walk(env: TradingEnv, actions) -> tuple[np.ndarray, list[float], list[bool]]:
    """Observations (one more than actions), rewards, and whether the path was over."""
    seen, rewards, ends = [env.reset(seed=0)[0]], [], []
    for action in actions:
        observation, reward, terminated, truncated, _ = env.step(action)
        assert not terminated
        seen.append(observation)
        rewards.append(reward)
        ends.append(truncated)
    return np.array(seen), rewards, ends


@pytest.mark.parametrize("options", [{}, dict(memory=5), dict(positions=(0, 1)), dict(cost_bp=0, memory=2)])
def test_gymnasium_is_content(options):
    check_env(TradingEnv(MARKET.draw, **options), skip_render_check=True)


def test_a_path_by_hand():
    env = over([1.0, 2.0, -3.0, 0.5], cost_bp=10, memory=2)
    seen, rewards, ends = walk(env, [2, 0, 1])
    np.testing.assert_allclose(seen, [[0, 1, 0], [1, 2, 1], [2, -3, -1], [-3, 0.5, 0]])
    assert rewards == pytest.approx([2 - 0.1, 3 - 0.2, 0 - 0.1])
    assert ends == [False, False, True]
    with pytest.raises(ValueError, match="the path is over"):
        env.step(0)


@pytest.mark.parametrize("memory", [1, 7])
def test_rewards_are_what_the_account_says(memory):
    returns = np.random.default_rng(1).standard_normal(60)
    actions = np.random.default_rng(2).integers(3, size=59)
    _, rewards, _ = walk(over(returns, cost_bp=7, memory=memory), actions)
    positions = np.append(actions - 1, 0)[None]
    np.testing.assert_allclose(rewards, earn(positions, returns[None], 7).net[0], rtol=0, atol=1e-12)


class Leaky(TradingEnv):
    """It shows tomorrow's return, as if by an index off by one."""

    def _seen(self):
        shown = super()._seen()
        shown[-2] = self._returns[min(self._day + 1, len(self._returns) - 1)]
        return shown


class Prescaled(TradingEnv):
    """It divides by the standard deviation of the whole path."""

    def _seen(self):
        return (super()._seen() / self._returns.std()).astype(np.float32)


class Early(TradingEnv):
    """It pays today's return for a position that is taken at today's close."""

    def step(self, action):
        paid = self._positions[action] * self._returns[self._day]
        seen, _, *rest = super().step(action)
        return seen, paid, *rest


def moved(kind, memory: int = 3, days: int = 40) -> bool:
    """Whether anything seen or paid up to some day moves when only later days change."""
    rng = np.random.default_rng(3)
    returns, actions = rng.standard_normal(days), rng.integers(3, size=days - 1)
    for t in range(1, days - 1):
        other = np.concatenate([returns[: t + 1], 3 * rng.standard_normal(days - t - 1)])
        (seen, paid, _), (seen_too, paid_too, _) = (
            walk(kind(lambda _, path=path: path, memory=memory), actions) for path in (returns, other)
        )
        if not np.array_equal(seen[: t + 1], seen_too[: t + 1]) or paid[:t] != paid_too[:t]:
            return True
    return False


def test_the_future_moves_nothing_that_was_seen_or_paid():
    assert not moved(TradingEnv)


@pytest.mark.parametrize("leak", [Leaky, Prescaled])
def test_a_planted_leak_is_caught(leak):
    assert moved(leak)


def test_pay_for_the_day_that_is_already_known_is_caught_by_the_account():
    returns = np.random.default_rng(1).standard_normal(30)
    _, rewards, _ = walk(Early(lambda _: returns, cost_bp=0), np.full(29, 2))
    assert not np.allclose(rewards, earn(np.ones((1, 30)), returns[None], 0).net[0])


def test_stretches_are_days_in_a_row_and_reach_both_ends():
    series = np.arange(20.0)
    draw, rng = stretches(series, 5), np.random.default_rng(0)
    drawn = np.array([draw(rng) for _ in range(300)])
    assert (np.diff(drawn, axis=1) == 1).all()
    assert (drawn[:, 0].min(), drawn[:, -1].max()) == (0, 19)
    with pytest.raises(ValueError, match="days is 21"):
        stretches(series, 21)


@pytest.mark.parametrize(
    ("returns", "why"),
    [
        ([], "returns is empty"), ([1.0], "should be two days or more"), ([1.0, np.nan], "1 NaN"),
        ([[1.0, 2.0]], r"shape \(1, 2\)"), ([1200.0, 1210.0], "are these prices"),
    ],
)  # fmt: skip
def test_spoilt_returns_are_refused(returns, why):
    with pytest.raises(ValueError, match=why):
        over(returns).reset()
    with pytest.raises(ValueError, match=why):
        stretches(returns, 2)


@pytest.mark.parametrize(
    ("options", "why"),
    [(dict(cost_bp=-1), "cost_bp is -1"), (dict(memory=0), "memory is 0"), (dict(positions=()), "positions is empty")],
)
def test_wrong_arguments_get_a_sentence(options, why):
    with pytest.raises(ValueError, match=why):
        over([1.0, 2.0], **options)
    with pytest.raises(ValueError, match="draw is"):
        TradingEnv([1.0, 2.0])


def test_a_step_before_the_first_reset_is_refused():
    with pytest.raises(ValueError, match=r"call reset\(\)"):
        over([1.0, 2.0]).step(0)

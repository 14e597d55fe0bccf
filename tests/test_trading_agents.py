"""trading/agents.py: a seed is an agent to the bit, the generators of others stay, and what can be learnt is learnt."""

import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.trading.accounts import earn, sharpe
from lstm_core.trading.agents import MEMORIES, ROLLOUT, act, train_ppo
from lstm_core.trading.environment import TradingEnv
from lstm_core.trading.hidden_market import HiddenMarket, simulate

MARKET = HiddenMarket(1.5, 1.0, 20.0)  # so plain that a moment's training is enough


def quick(memory: str, seed: int = 0, **options):
    return train_ppo(MARKET.draw, memory, steps=ROLLOUT, seed=seed, hidden=4, stack=3, **options)


@pytest.mark.parametrize("memory", MEMORIES)
def test_the_same_seed_is_the_same_agent_and_leaves_other_generators_alone(memory):
    random.seed(1), np.random.seed(2), torch.manual_seed(3)  # noqa: NPY002
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    threads = torch.get_num_threads()
    agents = [quick(memory, seed) for seed in (4, 4, 5)]
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    assert after == before
    assert torch.get_num_threads() == threads
    weights = [np.concatenate([p.detach().ravel() for p in agent.model.policy.parameters()]) for agent in agents]
    np.testing.assert_array_equal(weights[0], weights[1])
    np.testing.assert_array_equal(agents[0].curve, agents[1].curve)
    assert not np.allclose(weights[0], weights[2])
    assert agents[0].curve.shape == (1,)


@pytest.mark.parametrize("memory", MEMORIES)
def test_acting_is_walking_through_the_environment(memory):
    agent, returns = quick(memory), simulate(MARKET, paths=3, days=30, seed=1).returns
    positions = act(agent, returns)
    env = TradingEnv(lambda _: returns[1], memory=agent.memory)
    seen, _ = env.reset()
    state, rewards = None, []
    for t in range(29):
        action, state = agent.model.predict(seen, state, np.array([t == 0]), deterministic=True)
        assert agent.positions[action] == positions[1, t]
        seen, reward, *_ = env.step(int(action))
        rewards.append(reward)
    np.testing.assert_allclose(rewards, earn(positions, returns, 5.0).net[1], atol=1e-12)


@pytest.fixture(scope="module", params=MEMORIES)
def agent(request):
    return train_ppo(MARKET.draw, request.param, steps=4 * ROLLOUT, seed=0, hidden=8, stack=3)


def test_the_guard_lets_an_agent_pass_and_stops_one_that_is_shown_tomorrow(agent):
    returns = simulate(MARKET, days=60, seed=2).returns[0]
    days = pd.DataFrame({"return": returns}, pd.bdate_range("2001-01-01", periods=60))
    check_causal(lambda days, train: act(agent, days.to_numpy().T)[0], days, 20, known="the same day", probes=9)
    with pytest.raises(LookAhead):
        check_causal(lambda days, train: act(agent, days.shift(-1).fillna(0.0).to_numpy().T)[0], days, 20,
                     known="the same day", probes=40)  # fmt: skip


def test_in_a_plain_market_every_agent_learns_to_follow(agent):
    returns = simulate(MARKET, paths=10, days=300, seed=3).returns
    assert sharpe(earn(act(agent, returns), returns, 5.0).moments) > 8  # whoever knows the regime has 21
    assert agent.curve[-1] > agent.curve[0]


def test_positions_that_are_not_offered_are_not_taken():
    agent = quick("none", positions=(0, 1))
    assert set(np.unique(act(agent, simulate(MARKET, days=100).returns))) <= {0, 1}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [(dict(memory="gru"), "memory is 'gru'"), (dict(memory="lstm", hidden=0), "hidden is 0"),
     (dict(memory="stack", stack=0), "stack is 0"), (dict(memory="none", seed=-1), "seed is -1"),
     (dict(memory="none", steps=0), "steps is 0")],
)  # fmt: skip
def test_wrong_arguments_get_a_sentence(wrong, why):
    with pytest.raises(ValueError, match=why):
        train_ppo(MARKET.draw, **dict(dict(steps=1, seed=0), **wrong))


def test_the_package_is_light_until_an_agent_is_wanted():
    code = "import lstm_core.trading, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded
    assert not set(loaded) & {"torch", "gymnasium", "stable_baselines3", "sb3_contrib", "pandas", "matplotlib"}

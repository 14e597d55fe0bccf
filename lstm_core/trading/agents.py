"""PPO that learns to trade: with an LSTM for a memory, with a stack of past returns, or with neither.

stable-baselines3 and sb3-contrib do the learning (Schulman et al. 2017); here stand settings and seeds. Shapes: P
paths, T days.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch

from lstm_core._checks import as_floats, choose, whole
from lstm_core.trading.environment import Draw, TradingEnv

__all__ = ["MEMORIES", "ROLLOUT", "Agent", "act", "train_ppo"]

MEMORIES = ("lstm", "none", "stack")
ENVS, DAYS = 32, 64  # that many paths side by side, that many days between two updates
ROLLOUT = ENVS * DAYS  # steps between two updates
# Of all agents alike. The bonus for entropy keeps an agent from settling on "never trade again" before it knows better.
SHARED = dict(n_steps=DAYS, batch_size=512, n_epochs=4, gamma=0.9, gae_lambda=0.9, ent_coef=0.02)


class Agent(NamedTuple):
    model: object  # stable-baselines3's PPO or sb3-contrib's RecurrentPPO
    positions: np.ndarray  # (A,) what its actions mean
    memory: int  # how many returns it is shown
    curve: np.ndarray  # (updates,) mean reward a day, in %, of the days before each update


def train_ppo(
    draw: Draw, memory: str, *, steps: int, seed: int, hidden: int = 32, stack: int = 10, lr: float = 3e-3,
    cost_bp: float = 5.0, positions: Sequence[float] = (-1, 0, 1),
) -> Agent:  # fmt: skip
    """Train on `steps` days, rounded up to whole rollouts of 2,048, of paths that `draw` gives.

    memory "lstm": one return a day and an LSTM of `hidden` units; "none": one return a day; "stack": the last `stack`
    returns; these two with two layers of `hidden` units. All see their own position. One thread; the same seed gives
    the same agent to the bit, another one other paths. Raises ValueError for another memory and for sizes below 1.
    """
    from sb3_contrib import RecurrentPPO
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import DummyVecEnv

    choose("memory", memory, MEMORIES)
    hidden, steps = whole("hidden", hidden, 1), whole("steps", steps, 1)
    shown = whole("stack", stack, 1) if memory == "stack" else 1
    how = dict(SHARED, learning_rate=lr, seed=1000 * whole("seed", seed, 0), device="cpu")
    with _apart():
        venv = DummyVecEnv([lambda: TradingEnv(draw, cost_bp=cost_bp, positions=positions, memory=shown)] * ENVS)
        if memory == "lstm":
            net = dict(lstm_hidden_size=hidden, net_arch=[], shared_lstm=True, enable_critic_lstm=False)
            model = RecurrentPPO("MlpLstmPolicy", venv, policy_kwargs=net, **how)
        else:
            model = PPO("MlpPolicy", venv, policy_kwargs=dict(net_arch=[hidden, hidden]), **how)
        rewards: list[float] = []  # of each day, the mean of its environments
        note = lambda seen, _: rewards.append(float(seen["rewards"].mean())) is None  # noqa: E731, True: go on
        model.learn(steps, callback=note, log_interval=None)
    curve = np.array(rewards).reshape(-1, DAYS).mean(axis=1)
    return Agent(model, np.array(positions, dtype=float), shown, curve)


def act(agent: Agent, returns) -> np.ndarray:
    """Positions (P, T) at each close of returns (P, T), in %: always the likeliest action, from no position on."""
    returns = as_floats("returns", returns, ("P", "T"))
    padded = np.pad(returns, ((0, 0), (agent.memory - 1, 0)))
    positions, state = np.zeros((len(returns), returns.shape[1] + 1)), None
    with _apart():
        for t in range(returns.shape[1]):
            seen = np.column_stack([padded[:, t : t + agent.memory], positions[:, t]]).astype(np.float32)
            first = np.full(len(returns), t == 0)
            action, state = agent.model.predict(seen, state, first, deterministic=True)
            positions[:, t + 1] = agent.positions[action]
    return positions[:, 1:]


@contextmanager
def _apart() -> Iterator[None]:
    """One thread; and stable-baselines3, which seeds all the generators of the process, leaves them as they were."""
    threads, plain, numpys = torch.get_num_threads(), random.getstate(), np.random.get_state()  # noqa: NPY002
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)
        random.setstate(plain)
        np.random.set_state(numpys)  # noqa: NPY002

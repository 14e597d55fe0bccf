"""An LSTM that answers with portfolio weights and is trained on their Sharpe ratio (Zhang, Zohren & Roberts 2020).

Notebook 10 and its study train it. Shapes: N days, S stretches of L days in a row, D = 2K inputs, K stocks.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from lstm_core._checks import as_floats, whole
from lstm_core.forecaster import Forecaster
from lstm_core.markets.portfolio.account import simple_returns
from lstm_core.training import History, fit

__all__ = ["BURN", "Allocator", "Stretches", "features", "learn", "sharpe_loss", "stretches", "turnover", "weigh"]

BURN = 63  # days at the start of a stretch that are read and not scored: a quarter, for the memory to fill
SCORED = 63  # days that are
STEP = 21  # days from the start of one stretch to that of the next
WINDOW = 63  # days whose mean a price is measured by
LEAST_SPREAD = 1e-6  # below a standard deviation of 0.0001 % a day, there is no risk to divide by


class Allocator(Forecaster):
    """A Forecaster that says after every day how to be invested: x (S, L, D) → weights (S, L, K), the softmax of its
    head's K outputs, so that none is negative and each day's sum to one."""

    def __init__(self, inputs: int, hidden: int, stocks: int, *, seed: int = 0) -> None:
        super().__init__(inputs, hidden, output_size=stocks, every_step=True, seed=seed)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(-1)


class Stretches(NamedTuple):
    x: np.ndarray  # (S, L, D) what is known at each close
    y: np.ndarray  # (S, L, K) what each stock earns from that close on


def features(prices: pd.DataFrame, train: int) -> tuple[np.ndarray, int]:
    """What the network sees at each close, (N, 2K), and how many rows at the start are incomplete, and zero.

    Each stock's return of the day, and the logarithm of its price over its mean of the last 63 closes; each divided by
    its standard deviation over the first `train` rows. `prices` (N, K) are closes.
    """
    train = whole("train", train, 2 * WINDOW, len(prices))
    r = simple_returns(prices).reindex(prices.index)
    level = np.log(prices / prices.rolling(WINDOW).mean())
    both = pd.concat([r, level], axis=1).to_numpy()
    spread = np.nanstd(both[:train], axis=0)
    if not (spread > 0).all():
        raise ValueError("some price never moves in the training rows, so it has no scale: drop that stock")
    return np.nan_to_num(both / spread), WINDOW - 1


def stretches(x: np.ndarray, y: np.ndarray, first: int = 0) -> Stretches:
    """Cut rows `first` … of x (N, D) and y (N, K) into stretches of 126 days in a row, a new one every 21 days.

    Counted from the end, so that the latest days are in. Raises ValueError if there are too few for one.
    """
    x, y = as_floats("x", x, ("N", "D")), as_floats("y", y, ("N", "K"))
    length = BURN + SCORED
    starts = np.arange(len(x) - length, first - 1, -STEP)[::-1]
    if len(x) != len(y) or not len(starts):
        raise ValueError(f"x and y have {len(x)} and {len(y)} rows, the first {first} not to be used: give {length} "
                         "or more beside those, and as many of each")  # fmt: skip
    days = starts[:, None] + np.arange(length)
    return Stretches(x[days], y[days])


def turnover(weights: Tensor, earned: Tensor) -> Tensor:
    """Bought + sold at each close but the first of a stretch, (S, L − 1): |w_t − ŵ_t| summed over the stocks.

    ŵ_t = w_{t−1} ⊙ (1 + r_t) / (1 + w_{t−1} · r_t) is what yesterday's weights have drifted to; row t of `earned`
    (S, L, K) holds r_{t+1}.
    """
    grown = weights[:, :-1] * (1 + earned[:, :-1])
    return (weights[:, 1:] - grown / grown.sum(-1, keepdim=True)).abs().sum(-1)


def sharpe_loss(cost_bp: float = 0.0, burn: int = BURN) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss −mean(R) / std(R), R the portfolio's returns on all scored days of all stretches, after costs.

    R_{t+1} = w_t · r_{t+1} − cost · turnover_t. The first `burn` days of a stretch are left out. ValueError for a cost
    that is not 0 or more, and a burn below 1: the first day has no day before it to trade from.
    """
    if not 0 <= cost_bp < np.inf:
        raise ValueError(f"cost_bp is {cost_bp}, but a cost is a finite number of basis points, 0 or more")
    whole("burn", burn, 1)

    def loss(weights: Tensor, earned: Tensor) -> Tensor:
        R = (weights * earned).sum(-1)[:, burn:]
        if cost_bp:
            R = R - cost_bp / 1e4 * turnover(weights[:, burn - 1 :], earned[:, burn - 1 :])
        return -R.mean() / R.std().clamp(min=LEAST_SPREAD)

    return loss


def learn(
    prices: pd.DataFrame, train: int, *, hidden: int, epochs: int, cost_bp: float = 0.0, hold: int = 1,
    lr: float = 1e-3, seed: int = 0,
) -> tuple[Allocator, History]:  # fmt: skip
    """Train an Allocator on the first `train` rows of `prices` (N, K) and nothing else.

    It is paid for what its weights earn over the next `hold` days. The last `hold` of the training rows are therefore
    inputs only: what follows them is not known yet.
    """
    if whole("hold", hold, 1) > 1 and cost_bp:
        raise ValueError(f"hold is {hold} days and cost_bp {cost_bp}, but costs in the loss are those of trading daily")
    x, incomplete = features(prices, train)
    known = prices.to_numpy()[:train]
    earned = known[hold:] / known[:-hold] - 1  # (train − hold, K): row t from the close of t to that of t + hold
    model = Allocator(x.shape[1], hidden, known.shape[1], seed=seed)
    data = stretches(x[: len(earned)], earned, incomplete)
    return model, fit(model, data, epochs=epochs, lr=lr, batch_size=16, seed=seed, loss=sharpe_loss(cost_bp),
                      progress=False)  # fmt: skip


@torch.no_grad()
def weigh(model: Allocator, prices: pd.DataFrame, train: int) -> pd.DataFrame:
    """The weights (N, K) that a trained Allocator decides on at each close, reading all `prices` in a row."""
    x, _ = features(prices, train)
    weights = model(torch.tensor(x[None], dtype=torch.float32))[0].double().numpy()
    return pd.DataFrame(weights / weights.sum(1, keepdims=True), prices.index, prices.columns)

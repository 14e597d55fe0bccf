"""A trader who feels as prospect theory has it, beside one who does not, on the same prices.

Each day the moody one takes the returns lately seen for a lottery, all equally likely, and asks whether it would play
it. How long a return it looks at is how often it looks: myopic loss aversion (Benartzi & Thaler 1995). The calm one
holds as much as keeps the risk that it forecasts at one level, and has no other feelings. Shapes: M days, n returns.
"""

import numpy as np

from lstm_core._checks import as_floats, whole
from lstm_core.brain.prospect import TK1992, Prospect, decision_weights

__all__ = ["calm_positions", "earned", "lotteries", "redraw", "tolerated"]


def lotteries(close, horizon: int, window: int = 250) -> np.ndarray:
    """The `window` latest returns over `horizon` days, up to each close (M,): (M − horizon − window + 1, window).

    The first row is known at close `horizon + window − 1`, the last at the last. Raises ValueError for fewer closes.
    """
    close = as_floats("close", close, ("M",))
    horizon, window = whole("horizon", horizon, 1), whole("window", window, 2)
    if len(close) < horizon + window:
        raise ValueError(f"close has {len(close)} days, but {horizon + window} are needed: give more, or look less far")
    returns = close[horizon:] / close[:-horizon] - 1
    return np.lib.stride_tricks.sliding_window_view(returns, window)


def tolerated(returns, taste: Prospect = TK1992) -> np.ndarray:
    """The mood at which each lottery (M, n) stops being worth playing, λ* (M,): it is played while λ < λ*.

    λ* = Σ_gains π x^α / Σ_losses π (−x)^β; infinite where there is no loss. The `taste`'s own λ plays no part.

    Where α = β a stake s of a lottery is worth s^α times the whole of it: it is all or nothing, and `taste` must have
    α = β for that. Raises ValueError if it has not.
    """
    returns = as_floats("returns", returns, ("M", "n"))
    if taste.alpha != taste.beta:
        raise ValueError(f"alpha is {taste.alpha} and beta {taste.beta}, but all-or-nothing holds for equal ones only")
    ranked = np.sort(returns, axis=1)
    n = ranked.shape[1]
    rank, equal = np.arange(1, n + 1), np.full(n, 1 / n)  # a weight depends on the outcome's rank alone
    of_gain, of_loss = decision_weights(rank, equal, taste), decision_weights(rank - n - 1, equal, taste)
    gains = np.maximum(ranked, 0) ** taste.alpha @ of_gain
    losses = np.maximum(-ranked, 0) ** taste.beta @ of_loss
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(losses > 0, gains / losses, np.inf)


def calm_positions(volatility, target: float) -> np.ndarray:
    """The share of wealth (M,) that keeps a forecast `volatility` (M,) at `target`, in the same units, 1 at most."""
    volatility = as_floats("volatility", volatility, ("M",))
    if volatility.min() <= 0 or not target > 0:
        raise ValueError(f"volatility goes down to {volatility.min():g} and target is {target}: both must be above 0")
    return np.minimum(target / volatility, 1)


def earned(positions, returns, cost_bp: float = 5.0) -> np.ndarray:
    """Simple returns (M,) of holding `positions` (M,), decided on the eve of each day, on a day's `returns` (M,).

    A change of position costs `cost_bp` basis points of what is bought or sold, the first one, from cash, too.
    """
    positions = as_floats("positions", positions, ("M",))
    returns = as_floats("returns", returns, positions.shape)
    return positions * returns - cost_bp / 1e4 * np.abs(np.diff(positions, prepend=0))


def redraw(returns, rng: np.random.Generator, block: int = 63) -> np.ndarray:
    """Another history (M,) of the same days: blocks of `block` days from random places, end joined to beginning."""
    returns = as_floats("returns", returns, ("M",))
    starts = rng.integers(0, len(returns), -(-len(returns) // whole("block", block, 1)))
    return returns[(starts[:, None] + np.arange(block)).ravel()[: len(returns)] % len(returns)]

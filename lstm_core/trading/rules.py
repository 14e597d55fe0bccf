"""The Bayes filter that knows the market's rules, and the band that spares it trades: what agents are measured by.

Shapes: P paths, T days; a score (P, T) at each close, of which no value hangs on a later day.
"""

import numpy as np

from lstm_core._checks import as_floats, whole
from lstm_core.trading.accounts import earn, sharpe
from lstm_core.trading.hidden_market import HiddenMarket

__all__ = ["WIDTHS", "belief", "choose_width", "hold"]

WIDTHS = 20  # how many bands are tried


def belief(returns, market: HiddenMarket, last: int | None = None) -> np.ndarray:
    """P(the market is rising | r_1 … r_t), (P, T), by Bayes' rule (Hamilton 1989), of returns (P, T) in % a day.

    prior_t = p_{t−1} (1 − 1/D) + (1 − p_{t−1}) / D      carried along overnight, from p_0 = 1/2
    p_t     = σ( logit(prior_t) + 2 μ r_t / σ² )         reweighed by today's return

    With `last`, each day's belief starts from 1/2 anew, so many returns ago, and forgets what was before.
    """
    returns, market = as_floats("returns", returns, ("P", "T")), market.checked()
    if last is None:
        p, found = np.full(len(returns), 0.5), np.empty(returns.shape)
        for t, r in enumerate(returns.T):
            found[:, t] = p = _reweighed(p, r, market)
        return found
    p, days = np.full(returns.shape, 0.5), returns.shape[1]
    for ago in reversed(range(min(whole("last", last, 1), days))):
        shifted = np.pad(returns, ((0, 0), (ago, 0)))[:, :days]  # a zero before the first day says nothing
        p = _reweighed(p, shifted, market)
    return p


def _reweighed(p: np.ndarray, r: np.ndarray, market: HiddenMarket) -> np.ndarray:
    prior = p * market.stay + (1 - p) * (1 - market.stay)
    with np.errstate(over="ignore"):  # e^{1000}: then the belief is 0, which is right
        return 1 / (1 + (1 - prior) / prior * np.exp(-2 * market.drift * r / market.volatility**2))


def hold(score, width: float) -> np.ndarray:
    """Positions (P, T): +1 above `width`, −1 below −`width`, and between the two what there was, at first 0.

    The wider the band, the fewer trades, and the later. ValueError for a negative width.
    """
    score = as_floats("score", score, ("P", "T"))
    if not 0 <= width < np.inf:
        raise ValueError(f"width is {width}, but a band is 0 or wider")
    wish = np.where(score > width, 1.0, np.where(score < -width, -1.0, 0.0))
    acted = np.where(wish != 0, np.arange(score.shape[1]), 0)  # the day whose wish still holds
    return np.take_along_axis(wish, np.maximum.accumulate(acted, axis=1), axis=1)


def choose_width(score, returns, cost_bp: float) -> float:
    """Return the width, of `WIDTHS` quantiles of |score|, whose Sharpe ratio after costs is the highest here.

    Give it a training simulation, (P, T) each, and never the days that are to judge.
    """
    score = as_floats("score", score, ("P", "T"))
    widths = np.quantile(np.abs(score), np.linspace(0, 0.98, WIDTHS))
    return float(max(widths, key=lambda width: sharpe(earn(hold(score, width), returns, cost_bp).moments)))

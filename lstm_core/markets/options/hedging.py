"""Sell an option, hedge its delta every so often, see what is left at expiry: on simulated paths and on real closes.

Notebook 09 drags the hedging interval. Everything is in per cent of the first spot; volatilities are fractions a year
and times in years, as in `options`; rates and dividends are zero, so cash earns nothing. The option is struck at the
first spot (at the money), and its seller is short one. Shapes: M paths, N steps.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats, whole
from lstm_core.markets.options import black_scholes

__all__ = ["MONTH", "Hedge", "delta_hedge", "expected_spread", "gamma_earnings", "hedge_realised", "simulate_spots"]

MONTH = 21 / 252  # years: 21 trading days


class Hedge(NamedTuple):
    unhedged: np.ndarray  # (M,) price received − payoff, % of the first spot
    hedged: np.ndarray  # (M,) the same + what the hedge earned − what it cost to trade
    delta: np.ndarray  # (M, N) units of the underlying held over each step


def simulate_spots(
    volatility: float, rng: np.random.Generator, *, paths: int = 2000, steps: int = 252, years: float = MONTH, drift=0.0
) -> np.ndarray:
    """Return geometric Brownian motions (M, N+1) that start at 100 and reach `years` in N equal steps.

    S_{k+1} = S_k exp((μ − σ²/2) Δt + σ√Δt z)     z independent, standard normal; μ = `drift` a year
    """
    volatility, paths, steps = _volatility("volatility", volatility), whole("paths", paths, 1), whole("steps", steps, 1)
    if not 0 < years < np.inf:
        raise ValueError(f"years is {years!r}, but must be positive: 21/252 for a trading month")
    dt = years / steps
    z = rng.standard_normal((paths, steps))
    logs = np.cumsum((drift - volatility**2 / 2) * dt + volatility * np.sqrt(dt) * z, axis=1)
    return 100 * np.exp(np.pad(logs, ((0, 0), (1, 0))))


def delta_hedge(
    spots, implied, hedging=None, *, every: int = 1, kind: str = "straddle", cost: float = 0.0, years: float = MONTH
) -> Hedge:
    """Sell one `kind` of option on each path of `spots` (M, N+1) at volatility `implied`, hedge it until it expires.

    Every `every` steps the seller holds Δ(S, K, `hedging`, time left); the last interval is shorter if `every` does not
    divide N. `hedging` is `implied` unless given; both are numbers or arrays (M,). `cost` is paid on the value of each
    trade, 0.0001 for a basis point: on the first hedge, each change, and the sale at expiry.

    Raises ValueError for spots that are not positive, volatilities above 500 % (per cent for fractions, most likely)
    and an `every` beyond N.
    """
    shares, implied, hedging = _paths(spots, implied, hedging)
    steps = shares.shape[1] - 1
    every = whole("every", every, 1, steps)
    if not 0 <= cost < 1:
        raise ValueError(f"cost is {cost!r}, but must be a share of the value traded: 0.0001 for a basis point")
    set_at = np.arange(0, steps, every)  # the steps at whose start the hedge is set
    left = years * (1 - set_at / steps)
    held = black_scholes.greeks(shares[:, set_at], 1.0, hedging[:, None], left, kind=kind).delta
    delta = np.repeat(held, np.diff([*set_at, steps]), axis=1)
    paid = black_scholes.payoff(shares[:, -1], 1.0, kind=kind)
    unhedged = black_scholes.price(1.0, 1.0, implied, years, kind=kind) - paid
    hedged = unhedged + (delta * np.diff(shares)).sum(axis=1) - cost * _traded(delta, shares).sum(axis=1)
    return Hedge(100 * unhedged, 100 * hedged, delta)


def gamma_earnings(spots, implied, hedging=None, *, kind: str = "straddle", years: float = MONTH) -> np.ndarray:
    """Return where the P&L (M,) of a seller who hedges at every step comes from, in % of the first spot.

    V₀(σ_implied) − V₀(σ) + Σ ½ Γ S² (σ² Δt − (ΔS/S)²)     with Γ and σ those of `hedging`

    Day by day the seller earns the variance that the hedge supposes and pays the one that comes, each weighted by
    Γ S²: large only while the spot is near the strike. What `delta_hedge` has beyond that is of higher order in ΔS.
    """
    shares, implied, hedging = _paths(spots, implied, hedging)
    steps = shares.shape[1] - 1
    before, left = shares[:, :-1], years * (1 - np.arange(steps) / steps)
    gamma = black_scholes.greeks(before, 1.0, hedging[:, None], left, kind=kind).gamma
    expected, came = hedging[:, None] ** 2 * years / steps, (np.diff(shares) / before) ** 2
    sold, worth = (black_scholes.price(1.0, 1.0, volatility, years, kind=kind) for volatility in (implied, hedging))
    return 100 * (sold - worth + (gamma * before**2 * (expected - came) / 2).sum(axis=1))


def expected_spread(volatility, hedges, *, kind: str = "straddle", years: float = MONTH) -> np.ndarray:
    """Return √(π/4) · vega · σ / √n: the standard deviation of the P&L, in % of spot, of n equally spaced hedges.

    For an option at the money, geometric Brownian motion of this `volatility` without drift, hedged at the same; the
    leading order for large n (Kamal & Derman 1999, When you cannot hedge continuously, Risk 12(1), 82–85). From
    `gamma_earnings`: an interval has the variance ½ (Γ S² σ² Δt)², and E[(Γ S²)²] grows like 1/√(1 − (t/T)²).
    """
    vega = black_scholes.greeks(1.0, 1.0, volatility, years, kind=kind).vega
    return 100 * np.sqrt(np.pi / 4) * vega * volatility / np.sqrt(hedges)


def hedge_realised(
    closes, implied: float, hedging: float | None = None, *, every: int = 1, kind: str = "straddle", cost: float = 0.0
) -> pd.DataFrame:
    """Replay the sale of one option along real daily closes (N+1,), which are N trading days, day by day.

    Columns: spot, 100 on the first day; delta, what is held from this close to the next; unhedged and hedged, the P&L
    so far in % of the first spot, with the option marked at `implied` until it pays. The last row is `delta_hedge`'s.
    """
    shares, volatility, _ = _paths(np.asarray(closes)[None], implied, hedging)
    steps = shares.shape[1] - 1
    years = steps / 252
    delta = delta_hedge(shares, implied, hedging, every=every, kind=kind, cost=cost, years=years).delta
    left = years * (1 - np.arange(steps) / steps)
    marks = black_scholes.price(shares[0, :-1], 1.0, volatility, left, kind=kind)
    unhedged = marks[0] - np.append(marks, black_scholes.payoff(shares[0, -1], 1.0, kind=kind))
    earned = np.append(0, np.cumsum(delta * np.diff(shares)))
    hedged = unhedged + earned - cost * np.cumsum(_traded(delta, shares))
    days = closes.index if isinstance(closes, pd.Series) else pd.RangeIndex(steps + 1)
    columns = {"spot": shares[0], "unhedged": unhedged, "hedged": hedged}
    return pd.DataFrame({"delta": np.append(delta, 0), **{name: 100 * c for name, c in columns.items()}}, days)


def _traded(delta: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The value (M, N+1) that changes hands at each step, the first hedge and the last sale included."""
    return np.abs(np.diff(delta, axis=1, prepend=0, append=0)) * shares


def _paths(spots, implied, hedging) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The paths in units of their first spot (M, N+1), and the two volatilities (M,)."""
    spots = as_floats("spots", spots, ("M", "N+1"))
    if spots.shape[1] < 2 or not (spots > 0).all():
        raise ValueError(
            f"spots have shape {spots.shape}, down to {spots.min():g}: give each path two or more prices > 0"
        )
    implied = _volatility("implied", implied, len(spots))
    hedging = implied if hedging is None else _volatility("hedging", hedging, len(spots))
    return spots / spots[:, :1], implied, hedging


def _volatility(name: str, value, paths: int = 1) -> np.ndarray:
    value = as_floats(name, np.full(paths, value) if np.ndim(value) == 0 else value, (paths,))
    if not ((value > 0) & (value <= 5)).all():
        span = f"from {value.min():g} to {value.max():g}"
        raise ValueError(f"{name} goes {span}, but should be positive and a fraction a year: 0.2 for 20 %")
    return value

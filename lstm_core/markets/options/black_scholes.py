"""Black–Scholes in a few lines: price, greeks, implied volatility of calls, puts and straddles (notebook 09).

Every argument may be a number or an array; they are broadcast against each other. Volatilities are fractions a year
(0.20 is 20 %), times are in years (a trading month is 21/252), the rate is continuously compounded, and there are no
dividends. A straddle is a call and a put with the same strike and expiry.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr  # N, the standard normal's distribution function

from lstm_core._checks import as_floats, choose

__all__ = ["SIDES", "Greeks", "greeks", "implied_volatility", "payoff", "price"]

SIDES = {"call": (1,), "put": (-1,), "straddle": (1, -1)}  # φ = +1 for the call, −1 for the put in it


class Greeks(NamedTuple):
    delta: np.ndarray  # ∂V/∂S
    gamma: np.ndarray  # ∂²V/∂S²
    vega: np.ndarray  # ∂V/∂σ, for a whole 1.00 of volatility: a hundredth of it is "per point"
    theta: np.ndarray  # ∂V/∂t, for a whole year that passes: a 252nd of it is "per trading day"


def price(spot, strike, volatility, years, *, rate=0.0, kind: str = "call") -> np.ndarray:
    """Return the value of a European option (Black & Scholes 1973), in the unit of `spot`; `kind` is one of SIDES.

    V = Σ φ (S N(φ d₁) − K e^{−rT} N(φ d₂))     d₁ = (ln(S/K) + (r + σ²/2) T) / (σ√T)     d₂ = d₁ − σ√T

    with φ = +1 for a call, −1 for a put, both for a straddle. Raises ValueError unless spot, strike, volatility and
    years are positive and finite.
    """
    S, K, σ, T, r = _checked(rate, spot=spot, strike=strike, volatility=volatility, years=years)
    d1, d2 = _d(S, K, σ, T, r)
    return sum(φ * (S * ndtr(φ * d1) - K * np.exp(-r * T) * ndtr(φ * d2)) for φ in _sides(kind))


def greeks(spot, strike, volatility, years, *, rate=0.0, kind: str = "call") -> Greeks:
    """Return the sensitivities of `price`, with n the normal density; sums over φ as there.

    Δ = Σ φ N(φ d₁)     Γ = Σ n(d₁) / (Sσ√T)     vega = Γ S² σ T     Θ = −½ Γ S² σ² − r K e^{−rT} Σ φ N(φ d₂)
    """
    S, K, σ, T, r = _checked(rate, spot=spot, strike=strike, volatility=volatility, years=years)
    (d1, d2), sides = _d(S, K, σ, T, r), _sides(kind)
    density = np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi)
    gamma = len(sides) * density / (S * σ * np.sqrt(T))
    return Greeks(
        delta=sum(φ * ndtr(φ * d1) for φ in sides),
        gamma=gamma,
        vega=gamma * S**2 * σ * T,
        theta=-gamma * S**2 * σ**2 / 2 - r * K * np.exp(-r * T) * sum(φ * ndtr(φ * d2) for φ in sides),
    )


def payoff(spot, strike, *, kind: str = "call") -> np.ndarray:
    """Return what is paid at expiry: Σ max(φ (S − K), 0)."""
    S, K, _ = _checked(0.0, spot=spot, strike=strike)
    return sum(np.maximum(φ * (S - K), 0) for φ in _sides(kind))


def implied_volatility(value, spot, strike, years, *, rate=0.0, kind: str = "call") -> np.ndarray:
    """Return the volatility at which `price` is `value`, by Brent's bracketing method on each one.

    Raises ValueError, with the first offender, for a value that is not strictly between what the option is worth at
    volatility 0, Σ max(φ (S − K e^{−rT}), 0), and at volatility ∞, the sum of S for a call and K e^{−rT} for a put: no
    volatility has that price, and whoever can trade at it has an arbitrage. So near to either bound that the price does
    not change any more in its last digit, it raises as well.
    """
    V, S, K, T, r = _checked(rate, value=value, spot=spot, strike=strike, years=years)
    forward, sides = K * np.exp(-r * T), _sides(kind)
    least = sum(np.maximum(φ * (S - forward), 0) for φ in sides)
    most = sum(S if φ > 0 else forward for φ in sides)
    found = [_solve(*row, kind) for row in np.nditer([V, S, K, T, r, least, most])]
    return np.array(found).reshape(V.shape)[()]


def _solve(V, S, K, T, r, least, most, kind: str) -> float:
    def gap(total: float) -> float:  # total = σ√T: beyond 40 even the last digit has reached the bound
        return float(price(S, K, total / np.sqrt(T), T, rate=r, kind=kind) - V)

    low, high = 1e-9, 40.0
    if not gap(low) < 0 < gap(high):
        raise ValueError(
            f"value is {V:.6g}, but a {kind} with spot {S:g}, strike {K:g} and {T:g} years is worth more than"
            f" {least:.6g} and less than {most:.6g} at any volatility: check price, strike and time, and their units"
        )
    return brentq(gap, low, high, xtol=1e-14, rtol=1e-14) / np.sqrt(T)


def _d(S, K, σ, T, r) -> tuple[np.ndarray, np.ndarray]:
    d1 = (np.log(S / K) + (r + σ**2 / 2) * T) / (σ * np.sqrt(T))
    return d1, d1 - σ * np.sqrt(T)


def _sides(kind: str) -> tuple[int, ...]:
    return SIDES[choose("kind", kind, tuple(SIDES))]


def _checked(rate, **positive) -> list[np.ndarray]:
    """The arrays, finite, positive and broadcast; `rate`, which may have either sign, comes last."""
    arrays, rate = {name: _finite(name, value) for name, value in positive.items()}, _finite("rate", rate)
    for name, array in arrays.items():
        if not (array > 0).all():
            raise ValueError(f"{name} is {array.min():g} where it is lowest, but must be positive{UNITS.get(name, '')}")
    try:
        return np.broadcast_arrays(*arrays.values(), rate)
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"the arrays do not fit together: {shapes}. Give each one shape, or plain numbers") from None


UNITS = {"volatility": ": a fraction a year, 0.2 for 20 %", "years": ": 21/252 for a trading month"}


def _finite(name: str, value) -> np.ndarray:
    return as_floats(name, np.ravel(value), ("N",), float).reshape(np.shape(value))

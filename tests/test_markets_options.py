"""options/black_scholes.py against vollib, an integral over the lognormal law, finite differences, parities, limits."""

import numpy as np
import pytest
from helpers import few, many
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from vollib import black_scholes
from vollib.black_scholes import implied_volatility as lets_be_rational
from vollib.black_scholes.greeks import analytical

from lstm_core.markets.options.black_scholes import SIDES, Greeks, greeks, implied_volatility, payoff, price

KINDS = tuple(SIDES)
# moneyness, volatility, years, rate: spot 80 × moneyness, strike 80
contracts = st.tuples(st.floats(0.7, 1.4), st.floats(0.05, 1.0), st.floats(0.02, 3.0), st.floats(-0.03, 0.1))


def arguments(contract) -> tuple:
    moneyness, volatility, years, rate = contract
    return (80 * moneyness, 80.0, volatility, years), rate


@many
@given(contracts)
def test_prices_are_vollibs(contract):
    (S, K, σ, T), r = arguments(contract)
    for kind in ("call", "put"):
        assert price(S, K, σ, T, rate=r, kind=kind) == pytest.approx(
            black_scholes.black_scholes(kind[0], S, K, T, r, σ), rel=0, abs=1e-12 * S
        )


@many
@given(contracts)
def test_greeks_are_vollibs_in_other_units(contract):
    """vollib's vega is for a hundredth of volatility, its theta for one of 365 days."""
    (S, K, σ, T), r = arguments(contract)
    for kind in ("call", "put"):
        theirs = [getattr(analytical, name)(kind[0], S, K, T, r, σ) for name in Greeks._fields]
        ours = greeks(S, K, σ, T, rate=r, kind=kind)
        np.testing.assert_allclose(ours, np.multiply(theirs, [1, 1, 100, 365]), rtol=1e-11, atol=1e-12)


@few
@given(contracts)
def test_a_price_is_the_discounted_mean_payoff(contract):
    (S, K, σ, T), r = arguments(contract)

    def paid(z, kind):
        final = S * np.exp((r - σ**2 / 2) * T + σ * np.sqrt(T) * z)
        return payoff(final, K, kind=kind) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    kink = (np.log(K / S) - (r - σ**2 / 2) * T) / (σ * np.sqrt(T))
    for kind in KINDS:
        halves = [integrate.quad(paid, *ends, args=(kind,), epsabs=1e-11)[0] for ends in ((-12, kink), (kink, 16))]
        assert price(S, K, σ, T, rate=r, kind=kind) == pytest.approx(np.exp(-r * T) * sum(halves), abs=1e-7)


@many
@given(contracts)
def test_call_less_put_is_the_forward(contract):
    (S, K, σ, T), r = arguments(contract)
    call, put = (price(S, K, σ, T, rate=r, kind=kind) for kind in ("call", "put"))
    assert call - put == pytest.approx(S - K * np.exp(-r * T), abs=1e-12 * S)


@many
@given(contracts)
def test_a_straddle_is_a_call_and_a_put(contract):
    a, r = arguments(contract)
    both = [(price(*a, rate=r, kind=kind), greeks(*a, rate=r, kind=kind)) for kind in ("call", "put")]
    assert price(*a, rate=r, kind="straddle") == pytest.approx(both[0][0] + both[1][0], rel=1e-13)
    np.testing.assert_allclose(
        greeks(*a, rate=r, kind="straddle"), np.add(both[0][1], both[1][1]), rtol=1e-11, atol=1e-13
    )


@pytest.mark.parametrize("kind", KINDS)
@many
@given(contracts)
def test_greeks_are_the_slopes_of_the_price(kind, contract):
    (S, K, σ, T), r = arguments(contract)

    def slope(value, x, width):  # fourth order, so that a wide step will do
        near, far = (value(x + k * width) - value(x - k * width) for k in (1, 2))
        return (8 * near - far) / (12 * width)

    found = greeks(S, K, σ, T, rate=r, kind=kind)
    h = 2e-3 * min(σ * np.sqrt(T), 1)  # a small share of a standard deviation
    assert found.delta == pytest.approx(slope(lambda s: price(s, K, σ, T, rate=r, kind=kind), S, h * S), abs=1e-7)
    gamma = slope(lambda s: greeks(s, K, σ, T, rate=r, kind=kind).delta, S, h * S)
    assert found.gamma * S == pytest.approx(gamma * S, abs=1e-7 / h)
    vega = slope(lambda v: price(S, K, v, T, rate=r, kind=kind), σ, 2e-3 * σ)
    assert found.vega == pytest.approx(vega, abs=1e-6 * S)
    theta = -slope(lambda t: price(S, K, σ, t, rate=r, kind=kind), T, 2e-3 * T)
    assert found.theta == pytest.approx(theta, abs=1e-6 * S / T)


@many
@given(contracts)
def test_the_greeks_obey_the_equation_of_black_and_scholes(contract):
    (S, K, σ, T), r = arguments(contract)
    for kind in KINDS:
        Δ, Γ, _, Θ = greeks(S, K, σ, T, rate=r, kind=kind)
        value = price(S, K, σ, T, rate=r, kind=kind)
        assert Θ + σ**2 * S**2 * Γ / 2 + r * S * Δ == pytest.approx(r * value, abs=1e-11 * S)


def test_at_expiry_it_is_worth_what_it_pays():
    spots = np.array([50.0, 99.0, 101.0, 200.0])
    for kind in KINDS:
        np.testing.assert_allclose(price(spots, 100, 0.2, 1e-9, kind=kind), payoff(spots, 100, kind=kind), atol=1e-12)


def test_without_volatility_it_is_worth_the_forwards_payoff_and_with_too_much_the_stock():
    spots = np.array([90.0, 110.0])
    forward = 100 * np.exp(-0.05)
    np.testing.assert_allclose(price(spots, 100, 1e-6, 1, rate=0.05), np.maximum(spots - forward, 0), atol=1e-12)
    np.testing.assert_allclose(price(spots, 100, 100, 1, rate=0.05), spots, rtol=1e-12)
    np.testing.assert_allclose(price(spots, 100, 100, 1, rate=0.05, kind="put"), forward, rtol=1e-12)


def test_far_from_the_strike_delta_is_none_or_all():
    np.testing.assert_allclose(greeks([1.0, 1e4], 100, 0.2, 1).delta, [0, 1], atol=1e-12)
    np.testing.assert_allclose(greeks([1.0, 1e4], 100, 0.2, 1, kind="straddle").delta, [-1, 1], atol=1e-12)


def test_at_the_money_a_straddle_costs_four_fifths_of_the_volatility_to_expiry():
    σ, T = 0.2, 21 / 252
    assert price(100, 100, σ, T, kind="straddle") == pytest.approx(100 * np.sqrt(2 / np.pi) * σ * np.sqrt(T), rel=1e-3)


def test_arrays_are_broadcast_and_numbers_stay_numbers():
    spots, volatilities = np.linspace(80, 120, 5), np.array([[0.1], [0.2], [0.3]])
    grid = price(spots, 100, volatilities, 0.5, kind="put")
    assert grid.shape == (3, 5)
    assert grid[2, 1] == price(spots[1], 100, 0.3, 0.5, kind="put")
    assert np.ndim(price(100, 100, 0.2, 0.5)) == 0
    assert all(greek.shape == (3, 5) for greek in greeks(spots, 100, volatilities, 0.5))
    assert implied_volatility(grid, spots, 100, 0.5, kind="put").shape == (3, 5)


@pytest.mark.parametrize("kind", KINDS)
@many
@given(contracts)
def test_the_implied_volatility_is_the_one_that_went_in(kind, contract):
    (S, K, σ, T), r = arguments(contract)
    value, vega = price(S, K, σ, T, rate=r, kind=kind), greeks(S, K, σ, T, rate=r, kind=kind).vega
    if vega < 1e-6 * S or value < 1e-9 * S:  # the last digits of the price no longer know it
        return
    found = implied_volatility(value, S, K, T, rate=r, kind=kind)
    assert np.ndim(found) == 0
    assert found == pytest.approx(σ, rel=0, abs=1e-12 + 1e-14 * S / vega)


def test_the_implied_volatility_is_vollibs():
    theirs = lets_be_rational.implied_volatility(7.5, 100, 105, 0.5, 0.01, "c")
    assert implied_volatility(7.5, 100, 105, 0.5, rate=0.01) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("call", 100.0), ("call", 120.0), ("put", 90.0), ("put", 95.0), ("call", 10.0), ("straddle", 190.1)],
)
def test_a_price_that_no_volatility_has_is_refused_with_the_bounds(kind, wrong):
    with pytest.raises(ValueError, match=f"but a {kind} with spot 100, strike 90 .* worth more than .* and less than"):
        implied_volatility(wrong, 100, 90, 0.5, kind=kind)


def test_of_many_prices_the_wrong_one_is_named():
    with pytest.raises(ValueError, match=r"value is 101, .* less than 100 at any"):
        implied_volatility([5.0, 101.0], 100, 100, 0.5)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf, "cheap", []])
@pytest.mark.parametrize("name", ["spot", "strike", "volatility", "years"])
def test_what_is_not_positive_is_refused_by_name(name, wrong):
    good = dict(spot=100.0, strike=100.0, volatility=0.2, years=0.5)
    with pytest.raises(ValueError, match=f"^{name} "):
        price(**good | {name: wrong})
    with pytest.raises(ValueError, match=f"^{name} "):
        greeks(**good | {name: wrong})


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan])
def test_a_value_without_a_volatility_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=r"^value "):
        implied_volatility(wrong, 100, 100, 0.5)


def test_a_rate_may_be_negative_but_not_nan():
    assert price(100, 100, 0.2, 1, rate=-0.01) < price(100, 100, 0.2, 1)
    with pytest.raises(ValueError, match=r"^rate "):
        price(100, 100, 0.2, 1, rate=np.nan)


def test_another_kind_is_told_which_there_are():
    with pytest.raises(ValueError, match="'call', 'put', 'straddle'"):
        price(100, 100, 0.2, 0.5, kind="strangle")


def test_arrays_that_do_not_fit_are_named_with_their_shapes():
    with pytest.raises(ValueError, match=r"strike \(2,\), volatility \(3,\).* one shape, or plain numbers"):
        price(100, [90, 110], [0.1, 0.2, 0.3], 0.5)

"""options/hedging.py against a loop over days with its own Black–Scholes, the law of √n, and theory on the mean."""

import math

import numpy as np
import pandas as pd
import pytest
from helpers import few, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lstm_core.markets.options import black_scholes
from lstm_core.markets.options.hedging import (
    MONTH,
    delta_hedge,
    expected_spread,
    gamma_earnings,
    hedge_realised,
    simulate_spots,
)

SIGMA = 0.2


@pytest.fixture(scope="module")
def spots():
    """Six thousand months of 252 steps at 20 % a year."""
    return simulate_spots(SIGMA, np.random.default_rng(0), paths=6000)


def by_hand(path, implied, hedging, every, kind, cost, years) -> tuple[float, float]:
    """One path, step by step, in money: the unhedged and the hedged P&L in % of the first spot."""
    n, K, steps = stats.norm.cdf, path[0], len(path) - 1

    def d1(S, σ, left):
        return (math.log(S / K) + σ**2 * left / 2) / (σ * math.sqrt(left))

    def delta(S, left):
        call = n(d1(S, hedging, left))
        return {"call": call, "put": call - 1, "straddle": 2 * call - 1}[kind]

    half = K * (2 * n(implied * math.sqrt(years) / 2) - 1)  # call or put, at the money
    cash = start = 2 * half if kind == "straddle" else half
    held = 0.0
    for step, S in enumerate(path[:-1]):
        if step % every == 0:
            wanted = delta(S, years * (1 - step / steps))
            cash -= (wanted - held) * S + cost * abs(wanted - held) * S
            held = wanted
    final = path[-1]
    up, down = max(final - K, 0), max(K - final, 0)
    paid = {"call": up, "put": down, "straddle": up + down}[kind]
    cash += held * final - cost * abs(held) * final - paid
    return 100 * (start - paid) / K, 100 * cash / K


@few
@given(seeds, st.sampled_from(["call", "put", "straddle"]), st.integers(1, 13), st.sampled_from([0.0, 0.002]))
def test_each_path_is_hedged_as_a_loop_over_its_days_would(seed, kind, every, cost):
    paths = simulate_spots(0.3, np.random.default_rng(seed), paths=3, steps=13, years=0.2) * 7
    implied, hedging = np.array([0.25, 0.3, 0.35]), np.array([0.4, 0.3, 0.2])
    run = delta_hedge(paths, implied, hedging, every=every, kind=kind, cost=cost, years=0.2)
    rows = zip(paths, implied, hedging, strict=True)
    theirs = [by_hand(path, *volatilities, every, kind, cost, 0.2) for path, *volatilities in rows]
    np.testing.assert_allclose(np.transpose(run[:2]), theirs, atol=1e-11)
    assert run.delta.shape == (3, 13)
    changes = np.flatnonzero(np.diff(run.delta[0])) + 1
    assert set(changes) == set(range(every, 13, every))


def test_paths_are_geometric_brownian_motions():
    paths = simulate_spots(0.3, np.random.default_rng(1), paths=4000, steps=12, years=0.5, drift=0.1)
    assert paths.shape == (4000, 13)
    assert (paths[:, 0] == 100).all()
    steps = np.diff(np.log(paths), axis=1)
    law = stats.norm((0.1 - 0.3**2 / 2) * 0.5 / 12, 0.3 * np.sqrt(0.5 / 12))
    assert steps.std() == pytest.approx(law.std(), rel=0.015)
    assert stats.kstest(steps.ravel(), law.cdf).pvalue > 1e-3
    assert abs(np.corrcoef(steps[:, :-1].ravel(), steps[:, 1:].ravel())[0, 1]) < 0.02
    assert paths[:, -1].mean() == pytest.approx(100 * np.exp(0.05), rel=0.015)


def test_the_same_generator_makes_the_same_paths():
    twice = [simulate_spots(0.2, np.random.default_rng(5), paths=2, steps=3) for _ in range(2)]
    np.testing.assert_array_equal(*twice)


@pytest.mark.parametrize(("hedges", "prototype"), [(5, 1.67), (21, 0.85), (84, 0.43), (252, 0.25)])
def test_the_error_falls_like_one_over_root_n(hedges, prototype):
    """A straddle at 20 %: beside the numbers of another program, and the law, whose corrections fall with n as well."""
    error = delta_hedge(simulate_spots(SIGMA, np.random.default_rng(hedges), paths=6000, steps=hedges), SIGMA).hedged
    assert error.std() == pytest.approx(prototype, rel=0.04)
    assert error.std() == pytest.approx(expected_spread(SIGMA, hedges), rel=0.02 + 0.25 / np.sqrt(hedges))


@pytest.mark.parametrize("every", [12, 3])
def test_hedging_four_times_as_often_halves_the_error(spots, every):
    wide, narrow = (
        delta_hedge(spots[:, :241], SIGMA, every=n, years=20 / 252).hedged.std() for n in (4 * every, every)
    )
    assert wide / narrow == pytest.approx(2, rel=0.06)


@pytest.mark.parametrize("kind", ["call", "put", "straddle"])
def test_the_law_holds_for_every_kind(spots, kind):
    spread = delta_hedge(spots, SIGMA, kind=kind).hedged.std()
    assert spread == pytest.approx(expected_spread(SIGMA, 252, kind=kind), rel=0.05)
    vega = black_scholes.greeks(100, 100, SIGMA, MONTH, kind=kind).vega
    assert expected_spread(SIGMA, 252, kind=kind) == pytest.approx(np.sqrt(np.pi / 4 / 252) * vega * SIGMA)


@pytest.mark.parametrize("hedging", [0.15, 0.2, 0.3])
def test_on_average_the_seller_earns_the_price_difference_whatever_the_hedge(spots, hedging):
    """Without drift a hedge earns nothing on average: what remains is the price at 25 % less that at the true 20 %."""
    run = delta_hedge(spots, 0.25, hedging, every=12)
    standard_error = run.hedged.std() / np.sqrt(len(spots))
    values = [black_scholes.price(100, 100, σ, MONTH, kind="straddle") for σ in (0.25, SIGMA)]
    assert run.hedged.mean() == pytest.approx(values[0] - values[1], abs=4 * standard_error)
    vega = black_scholes.greeks(100, 100, SIGMA, MONTH, kind="straddle").vega
    assert values[0] - values[1] == pytest.approx(vega * 0.05, rel=1e-3)


def test_hedged_at_the_true_volatility_the_profit_is_certain_and_at_the_implied_it_is_not(spots):
    certain, other = (delta_hedge(spots, 0.25, hedging).hedged for hedging in (SIGMA, 0.25))
    assert certain.std() == pytest.approx(expected_spread(SIGMA, 252), rel=0.05)
    assert other.std() > 1.5 * certain.std()
    assert (other > 0).mean() > 0.98  # but hardly ever a loss: Γ S² (σ_implied² − σ²) is positive on every day


def test_a_drift_tilts_the_unhedged_seller_and_not_the_hedged_one():
    tilted = simulate_spots(SIGMA, np.random.default_rng(2), paths=4000, drift=1.0)
    run = delta_hedge(tilted, SIGMA, every=3, kind="put")
    assert run.unhedged.mean() > 1  # the puts that it sold expire worthless
    assert abs(run.hedged.mean()) < 0.03


def test_gamma_tells_where_the_profit_comes_from(spots):
    """What is left unexplained falls faster than the error itself as the intervals shrink."""
    unexplained = {}
    for every in (12, 3, 1):
        coarse = spots[:, ::every]
        hedged = delta_hedge(coarse, 0.25, SIGMA).hedged
        rest = hedged - gamma_earnings(coarse, 0.25, SIGMA)
        unexplained[every] = rest.std() / hedged.std()
        assert rest.mean() == pytest.approx(0, abs=4 * rest.std() / np.sqrt(len(rest)))
    assert unexplained[12] > unexplained[3] > unexplained[1]
    assert unexplained[1] < 0.18


@pytest.mark.parametrize("move", [1e-3, -1e-3])
def test_one_small_step_earns_what_gamma_says(move):
    """Of an option with a year left: Θ Δt and −½ Γ (ΔS)² are all that a hedged seller sees of a day."""
    day, at_the_money = 1 / 252, dict(kind="straddle")
    before, after = (1.0, 1.0, 0.2, 1.0), (1 + move, 1.0, 0.2, 1 - day)
    delta, gamma, _, theta = black_scholes.greeks(*before, **at_the_money)
    earned = black_scholes.price(*before, **at_the_money) - black_scholes.price(*after, **at_the_money) + delta * move
    assert -theta == pytest.approx(gamma * 0.2**2 / 2)
    assert earned == pytest.approx(gamma * (0.2**2 * day - move**2) / 2, rel=0.01)
    told = gamma_earnings([[1.0, 1 + move]], 0.2, years=1.0)[0]
    assert told == pytest.approx(100 * gamma * (0.2**2 - move**2) / 2, rel=1e-12)


def test_a_straddles_hedge_is_a_calls_and_a_puts(spots):
    call, put, both = (delta_hedge(spots[:50], 0.25, kind=kind, every=12) for kind in ("call", "put", "straddle"))
    for ours, one, other in zip(both, call, put, strict=True):
        np.testing.assert_allclose(ours, one + other, atol=1e-11)


def test_costs_are_charged_on_what_is_traded(spots):
    free, dear = (delta_hedge(spots[:50], SIGMA, every=12, cost=cost) for cost in (0, 0.001))
    np.testing.assert_array_equal(free.unhedged, dear.unhedged)
    trades = np.abs(np.diff(free.delta, axis=1, prepend=0, append=0)) * spots[:50]
    np.testing.assert_allclose(free.hedged - dear.hedged, 0.001 * trades.sum(axis=1), atol=1e-12)


@pytest.mark.parametrize(("kind", "hedging", "every", "cost"), [("straddle", None, 1, 0), ("put", 0.35, 4, 0.001)])
def test_a_replay_ends_where_the_hedge_does(kind, hedging, every, cost):
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2018-01-22", periods=22, name="Date")
    closes = pd.Series(2800 * np.exp(np.cumsum(0.01 * rng.standard_normal(22))), days)
    replay = hedge_realised(closes, 0.2, hedging, every=every, kind=kind, cost=cost)
    run = delta_hedge(closes.to_numpy()[None], 0.2, hedging, every=every, kind=kind, cost=cost)
    assert replay.index.equals(days)
    assert replay.columns.tolist() == ["delta", "spot", "unhedged", "hedged"]
    np.testing.assert_allclose(replay.iloc[-1][["unhedged", "hedged"]], [*run.unhedged, *run.hedged], atol=1e-11)
    np.testing.assert_allclose(replay["spot"], 100 * closes / closes.iloc[0])
    np.testing.assert_array_equal(replay["delta"], [*run.delta[0], 0])
    assert replay["unhedged"].iloc[0] == 0
    middle = black_scholes.price(replay["spot"].iloc[10], 100, 0.2, 11 / 252, kind=kind)
    start = black_scholes.price(100, 100, 0.2, 21 / 252, kind=kind)
    assert replay["unhedged"].iloc[10] == pytest.approx(start - middle)


def test_a_replay_of_plain_numbers_counts_its_days():
    replay = hedge_realised([100.0, 101.0, 99.0], 0.2)
    assert replay.index.tolist() == [0, 1, 2]
    held = black_scholes.greeks(100, 100, 0.2, 2 / 252, kind="straddle").delta
    assert replay["hedged"].iloc[1] - replay["unhedged"].iloc[1] == pytest.approx(held * 1.0)


def test_a_market_that_stands_still_pays_the_seller_the_whole_price():
    run = delta_hedge(np.full((1, 22), 50.0), 0.2)
    price = black_scholes.price(100, 100, 0.2, MONTH, kind="straddle")
    np.testing.assert_allclose([run.unhedged, run.hedged], price)
    assert gamma_earnings(np.full((1, 22), 50.0), 0.2) > 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (dict(implied=20.0), "implied goes from 20 to 20, but should be positive and a fraction a year"),
        (dict(implied=0.0), "implied goes from 0"),
        (dict(implied=np.nan), "implied holds 2 NaN"),
        (dict(hedging=[0.2, -0.2]), "hedging goes from -0.2"),
        (dict(hedging=[0.2] * 3), r"hedging has shape \(3,\)"),
        (dict(spots=[100.0, 101.0]), "spots has shape"),
        (dict(spots=[[100.0], [100.0]]), "two or more prices"),
        (dict(spots=[[100.0, 0.0], [100.0, 1.0]]), "down to 0"),
        (dict(spots=[[100.0, np.nan], [100.0, 1.0]]), "spots holds 1 NaN"),
        (dict(every=0), "every is 0"),
        (dict(every=4), "at most 3"),
        (dict(every=1.5), "every is 1.5"),
        (dict(cost=-0.1), "cost is -0.1"),
        (dict(cost=5.0), "0.0001 for a basis point"),
        (dict(kind="strangle"), "'straddle'"),
        (dict(years=0.0), "years is 0"),
    ],
)
def test_what_cannot_be_hedged_is_refused(wrong, message):
    good = dict(spots=100 + np.arange(8.0).reshape(2, 4), implied=0.2)
    with pytest.raises(ValueError, match=message):
        delta_hedge(**good | wrong)


@pytest.mark.parametrize(
    "wrong", [dict(volatility=20), dict(volatility=-1), dict(paths=0), dict(steps=0), dict(years=0), dict(years=np.inf)]
)
def test_what_cannot_be_simulated_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        simulate_spots(**dict(volatility=0.2, rng=np.random.default_rng(0)) | wrong)

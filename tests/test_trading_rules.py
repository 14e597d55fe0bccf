"""trading: the hidden market, the Bayes filter against enumeration and statsmodels, bands, accounts, intervals."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.portfolio.sharpe import sharpe as sharpe_of_days
from lstm_core.trading import accounts, rules
from lstm_core.trading.hidden_market import MARKETS, HiddenMarket, simulate

MARKET = HiddenMarket(drift=0.4, volatility=0.9, spell=8.0)


# --- the market


def test_a_simulation_has_the_moments_and_the_spells_that_were_asked_for():
    paths = simulate(MARKET, paths=50, days=4000, seed=3)
    sign = np.where(paths.rising, 1.0, -1.0)
    noise = (paths.returns - 0.4 * sign) / 0.9
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(1, abs=0.01)
    assert (paths.rising[:, 1:] == paths.rising[:, :-1]).mean() == pytest.approx(7 / 8, abs=0.003)
    assert simulate(MARKET, paths=4000, days=2).rising[:, 0].mean() == pytest.approx(0.5, abs=0.03)
    correlation = np.mean(paths.returns[:, 1:] * paths.returns[:, :-1]) / np.mean(paths.returns**2)
    assert correlation == pytest.approx((1 - 2 / 8) * 0.16 / (0.16 + 0.81), abs=0.01)  # μ² (1 − 2/D) / (μ² + σ²)


def test_a_seed_is_a_path_and_another_one_is_another():
    first, again, other = (simulate(MARKET, paths=2, days=9, seed=seed).returns for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first, other).any()
    assert not np.isclose(first[0], first[1]).any()
    assert MARKET.draw(np.random.default_rng(0), 7).shape == (7,)


@pytest.mark.parametrize("wrong", [dict(drift=-0.1), dict(volatility=0.0), dict(spell=1.0), dict(drift=np.nan)])
def test_markets_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="cannot be: give drift"):
        simulate(MARKET._replace(**wrong))
    with pytest.raises(ValueError, match="days is 1"):
        simulate(MARKET, days=1)


# --- the filter


def enumerated(r: np.ndarray, market: HiddenMarket) -> float:
    """P(rising on the last day | r), by adding up all 2^T histories."""
    total = np.zeros(2)
    for states in product((0, 1), repeat=len(r)):
        drifts = np.where(states, market.drift, -market.drift)
        moves = np.where(np.diff(states) == 0, 1 - 1 / market.spell, 1 / market.spell)
        total[states[-1]] += 0.5 * moves.prod() * norm.pdf(r, drifts, market.volatility).prod()
    return total[1] / total.sum()


def test_the_belief_is_bayes_rule_over_all_histories():
    r = simulate(MARKET, paths=3, days=9, seed=5).returns
    found = rules.belief(r, MARKET)
    for path, t in product(range(3), range(9)):
        assert found[path, t] == pytest.approx(enumerated(r[path, : t + 1], MARKET), rel=1e-10)


def test_a_belief_that_forgets_is_bayes_rule_over_the_last_days():
    r = simulate(MARKET, paths=2, days=9, seed=6).returns
    found = rules.belief(r, MARKET, last=3)
    for path, t in product(range(2), range(9)):
        assert found[path, t] == pytest.approx(enumerated(r[path, max(0, t - 2) : t + 1], MARKET), rel=1e-10)
    np.testing.assert_allclose(rules.belief(r, MARKET, last=9), rules.belief(r, MARKET), rtol=1e-10)
    np.testing.assert_array_equal(rules.belief(r, MARKET, last=100), rules.belief(r, MARKET, last=9))


def test_the_belief_is_statsmodels_filtered_probability():
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    r = simulate(MARKET, days=300, seed=7).returns
    model = MarkovRegression(r[0], k_regimes=2)
    params = [7 / 8, 1 / 8, -0.4, 0.4, 0.81]  # P(0→0), P(1→0), two means, one variance
    theirs = model.filter(np.array(params)).filtered_marginal_probabilities[:, 1]
    np.testing.assert_allclose(rules.belief(r, MARKET)[0], theirs, rtol=0, atol=1e-10)


def test_a_huge_return_is_believed_and_does_not_overflow():
    found = rules.belief(np.array([[0.0, -99.0, 99.0]]), MARKET._replace(volatility=0.01))
    np.testing.assert_array_equal(found, [[0.5, 0, 1]])


def test_without_drift_there_is_nothing_to_believe():
    r = simulate(MARKET, days=50).returns
    np.testing.assert_allclose(rules.belief(r, MARKET._replace(drift=0.0)), 0.5)


# --- the band


def held_by_a_loop(score, width):
    position, found = 0, []
    for s in score:
        position = 1 if s > width else -1 if s < -width else position
        found.append(position)
    return found


@pytest.mark.parametrize("width", [0.0, 0.3, 1.0, 9.0])
def test_a_band_is_left_when_the_score_crosses_its_other_edge(width):
    score = np.random.default_rng(0).standard_normal((4, 60))
    np.testing.assert_array_equal(rules.hold(score, width), [held_by_a_loop(row, width) for row in score])


def test_the_width_is_the_best_on_what_it_is_given_and_dear_trades_widen_it():
    paths = simulate(MARKETS["short spells"], paths=10, days=500, seed=1)
    score = 2 * rules.belief(paths.returns, MARKETS["short spells"]) - 1

    def worth(width, cost_bp):
        return sharpe_of_days(accounts.earn(rules.hold(score, width), paths.returns, cost_bp).net.ravel())

    widths = [rules.choose_width(score, paths.returns, cost_bp) for cost_bp in (0, 20, 100)]
    assert widths == sorted(widths)
    assert widths[0] < widths[2]
    others = np.quantile(np.abs(score), [0.1, 0.5, 0.9])
    assert worth(widths[2], 100) >= max(worth(width, 100) - 0.05 for width in others)


def filter_and_band(days, train):
    returns = days["return"].to_numpy()[None]
    score = 2 * rules.belief(returns, MARKETS["short spells"]) - 1
    return rules.hold(score, rules.choose_width(score[:, :train], returns[:, :train], 100.0))[0]


def test_the_guard_lets_the_filter_pass_and_stops_one_whose_band_saw_the_test():
    returns = simulate(MARKETS["short spells"], days=400, seed=2).returns[0]
    days = pd.DataFrame({"return": returns}, pd.bdate_range("2001-01-01", periods=400))
    check_causal(filter_and_band, days, 100, known="the same day")
    with pytest.raises(LookAhead):
        check_causal(lambda days, train: filter_and_band(days, 400), days, 100, known="the same day", probes=20)


# --- accounts


def test_an_account_by_hand():
    book = accounts.earn([[1, 1, -1, 0]], [[9.0, 2.0, -1.0, 3.0]], cost_bp=10)
    np.testing.assert_allclose(book.net, [[2 - 0.1, -1.0, -3 - 0.2]])
    np.testing.assert_array_equal(book.traded, [[1, 0, 2]])
    assert book.turnover == 252
    np.testing.assert_allclose(book.moments, [[book.net.mean(), (book.net**2).mean()]])


def test_a_sharpe_ratio_is_that_of_all_days():
    net = np.random.default_rng(0).normal(0.1, 1, (7, 90))
    moments = accounts.Book(net, net, net).moments
    assert accounts.sharpe(moments) == pytest.approx(sharpe_of_days(net.ravel()), rel=1e-12)


def test_an_interval_covers_as_often_as_it_says():
    rng, truth, hits, leads = np.random.default_rng(1), np.sqrt(252) * 0.1, 0, 0
    for _ in range(300):
        net = rng.normal(0.1, 1, (2, 20, 50))
        ours, theirs = (accounts.Book(part, part, part).moments for part in net)
        low, high = accounts.interval(ours)
        hits += low < truth < high
        low, high = accounts.interval(ours, theirs)
        leads += low < 0 < high
    assert hits / 300 == pytest.approx(0.95, abs=0.04)
    assert leads / 300 == pytest.approx(0.95, abs=0.04)


def test_a_lead_on_a_twin_is_known_better_than_either():
    rng = np.random.default_rng(2)
    net = rng.normal(0.1, 1, (20, 50))
    ours, theirs = (accounts.Book(part, part, part).moments for part in (net, net + rng.normal(0, 0.05, net.shape)))
    alone, lead = accounts.interval(ours), accounts.interval(ours, theirs)
    assert lead[1] - lead[0] < 0.2 * (alone[1] - alone[0])
    assert np.mean(lead) == pytest.approx(accounts.sharpe(ours) - accounts.sharpe(theirs))


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: rules.belief([1.0, 2.0], MARKET), r"returns has shape \(2,\)"),
        (lambda: rules.belief([[1.0, np.nan]], MARKET), "1 NaN"),
        (lambda: rules.belief([[1.0]], MARKET, last=0), "last is 0"),
        (lambda: rules.hold([[1.0]], -1), "width is -1"),
        (lambda: accounts.earn([[1.0, 0.0]], [[1.0]], 5), r"returns has shape \(1, 1\)"),
        (lambda: accounts.earn([[1.0]], [[1.0]], 5), "there are 1 days"),
        (lambda: accounts.earn([[1.0, 1.0]], [[1.0, 1.0]], -5), "at -5 basis points"),
        (lambda: accounts.sharpe([[0.0, 0.0]]), "was a position ever taken"),
        (lambda: accounts.interval([[0.1, 1.0]]), "moments has one path"),
    ],
)
def test_wrong_arguments_get_a_sentence(call, why):
    with pytest.raises(ValueError, match=why):
        call()

"""portfolio/sharpe.py and allocation.py: the delta method against a jackknife and closed forms for normal returns,
intervals against the delta method, deflation against simulation; the four rules against formulas and SciPy's optimiser.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from sklearn.covariance import ledoit_wolf

from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.portfolio.account import backtest, monthly, simple_returns
from lstm_core.markets.portfolio.allocation import RULES, rebalance
from lstm_core.markets.portfolio.sharpe import (
    compare,
    deflated,
    influence,
    lead,
    overview,
    probabilistic,
    sharpe,
    sharpe_test,
)


def normal(days: int, ratios, correlation: float, seed: int = 0) -> np.ndarray:
    """Daily normal returns (days, P) of 1% volatility with these yearly Sharpe ratios, in the limit."""
    P = len(ratios)
    root = np.linalg.cholesky(np.full((P, P), correlation) + (1 - correlation) * np.eye(P))
    z = np.random.default_rng(seed).standard_normal((days, P)) @ root.T
    return 0.01 * (z + np.array(ratios) / np.sqrt(252))


# --- the ratio, its influence, the difference of two


def test_the_ratio_is_the_years():
    assert sharpe([0.01, 0.03]) == pytest.approx(np.sqrt(252) * 2)
    with pytest.raises(ValueError, match="never change"):
        sharpe([0.01, 0.01])
    with pytest.raises(ValueError, match="NaN"):
        sharpe([0.01, np.nan])


def test_influence_is_what_a_jackknife_finds():
    r = normal(400, [1.0], 0)[:, 0]
    left_out = np.array([sharpe(np.delete(r, t)) for t in range(len(r))])
    jackknife = len(r) * sharpe(r) - (len(r) - 1) * left_out
    np.testing.assert_allclose(influence(r), jackknife, rtol=0.03, atol=0.05)
    assert influence(r).mean() == pytest.approx(sharpe(r))


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_for_normal_returns_the_standard_error_is_memmels(correlation):
    """Var(S₁ − S₂) = (2 − 2ρ + (S₁² + S₂² − 2 S₁S₂ρ²) / 2) / M for daily ratios (Jobson & Korkie 1981; Memmel 2003)."""
    r = normal(40_000, [1.0, 4.0], correlation)
    a, b = (sharpe(column) / np.sqrt(252) for column in r.T)
    ρ = np.corrcoef(r.T)[0, 1]
    error = np.sqrt((2 - 2 * ρ + (a**2 + b**2 - 2 * a * b * ρ**2) / 2) / len(r))
    statistic, p = sharpe_test(*r.T)
    assert statistic == pytest.approx((a - b) / error, rel=0.04)
    assert p == pytest.approx(2 * stats.norm.sf(abs(statistic)), rel=0.01, abs=1e-12)


def test_the_test_is_wrong_in_one_case_of_twenty():
    rejected = [sharpe_test(*normal(1000, [1.0, 1.0], 0.5, seed).T)[1] < 0.05 for seed in range(400)]
    low, high = stats.binom.interval(0.999, 400, 0.05)
    assert low <= sum(rejected) <= high + 8  # a Newey–West variance is a little too small in small samples


def test_a_ratio_does_not_differ_from_itself():
    r = normal(100, [1.0], 0)[:, 0]
    assert sharpe_test(r, 3 * r)[1] > 0.999  # nor from that of three times the stake


def test_intervals_are_those_of_the_delta_method_where_days_are_independent():
    r = pd.DataFrame(normal(3000, [0.5, 1.5, 0.5], 0.6), columns=["first", "better", "same"])
    found = compare(r, draws=1500, seed=1)
    table = found.table
    assert (found.days, list(table.index)) == (3000, ["first", "better", "same"])
    for name in r:
        assert table.Sharpe[name] == pytest.approx(sharpe(r[name]))
        half = 1.96 * influence(r[name]).std() / np.sqrt(3000)
        np.testing.assert_allclose(table.loc[name, ["low", "high"]] - table.Sharpe[name], [-half, half], rtol=0.15)
        apart = influence(r[name]) - influence(r["first"])
        wide = 1.96 * apart.std() / np.sqrt(3000)
        between = table.loc[name, ["d low", "d high"]] - table.difference[name]
        np.testing.assert_allclose(between, [-wide, wide], rtol=0.15, atol=1e-12)
    assert table.p.isna().tolist() == [True, False, False]
    assert table.p["better"] == sharpe_test(r["better"], r["first"])[1]


def test_a_lead_over_its_standard_error_is_the_tests_statistic():
    ours, theirs = np.random.default_rng(0).normal(0.001, 0.01, (2, 1000))
    difference, error = lead(ours, theirs)
    assert difference == sharpe(ours) - sharpe(theirs)
    assert difference / error == pytest.approx(sharpe_test(ours, theirs)[0])
    assert lead(ours, 2 * ours)[1] == 0  # nothing lies between them


def test_intervals_repeat_and_days_that_hang_together_are_drawn_together():
    rng = np.random.default_rng(0)
    wild = np.repeat(np.exp(rng.standard_normal(60)), 50)  # volatility that stays for 50 days
    r = pd.DataFrame(0.01 * wild[:, None] * rng.standard_normal((3000, 2)))
    one, again, other = (compare(r, draws=200, seed=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one.table, again.table)
    assert one.table.low[0] != other.table.low[0]
    assert one.block > 50
    assert compare(pd.DataFrame(rng.standard_normal((3000, 2))), draws=200).block < 10


def test_an_overview_has_ratios_at_each_cost_and_turnover(returns):
    weights = pd.DataFrame(np.random.default_rng(0).dirichlet(np.ones(4), len(returns)), returns.index, returns.columns)
    account = backtest(weights, returns)
    table = overview({"mine": account}, (0, 5))
    assert table.columns.tolist() == ["Sharpe, 0 bp", "Sharpe, 5 bp", "turnover"]
    free, paid = account.gross, account.gross - 5e-4 * account.turnover
    wanted = [np.sqrt(252) * r.mean() / r.std(ddof=0) for r in (free, paid)]
    assert table.loc["mine"].tolist() == pytest.approx([*wanted, account.turnover.mean() * 252], rel=1e-2)


# --- luck


def test_probabilistic_sharpe_is_the_papers_formula():
    r = normal(800, [1.2], 0)[:, 0] + 0.002 * np.random.default_rng(1).exponential(size=800)
    s, m3, m4 = sharpe(r) / np.sqrt(252), stats.skew(r), stats.kurtosis(r, fisher=False)
    z = (s - 0.5 / np.sqrt(252)) * np.sqrt(799) / np.sqrt(1 - m3 * s + (m4 - 1) / 4 * s**2)
    assert probabilistic(r, 0.5) == pytest.approx(stats.norm.cdf(z), abs=2e-3)  # unbiased moments or not
    assert probabilistic(r, 0.5) < probabilistic(r)


def test_the_bar_of_a_deflated_ratio_is_the_best_of_so_many_without_skill():
    rng = np.random.default_rng(0)
    tried = 0.4 * rng.standard_normal(20)
    r = normal(2000, [1.0], 0)[:, 0]
    probability, bar = deflated(r, tried)
    best = (tried.std(ddof=1) * rng.standard_normal((200_000, 20))).max(1).mean()
    assert bar == pytest.approx(best, rel=0.02)
    assert probability == pytest.approx(probabilistic(r, bar), abs=1e-9)
    assert probability < probabilistic(r)
    with pytest.raises(ValueError, match="takes two or more"):
        deflated(r, [0.4])


# --- rules


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    days = pd.bdate_range("2001-01-01", periods=160)
    z = np.random.default_rng(3).standard_normal((160, 4)) @ [[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 2, 1], [0, 0, 0, 1]]
    return pd.DataFrame(0.01 * z + [0.002, 0.001, 0.0015, -0.001], days, list("abcd"))


def optimum(objective) -> np.ndarray:
    """The long-only weights that make `objective` least, by SciPy."""
    how = dict(bounds=[(0, 1)] * 4, constraints=dict(type="eq", fun=lambda w: w.sum() - 1), options=dict(ftol=1e-14))
    found = optimize.minimize(objective, np.full(4, 0.25), **how)
    assert found.success
    return found.x


def test_each_rule_sets_the_weights_that_it_is_called_for(returns):
    for t in (100, 129):
        assert monthly(returns).iloc[t].notna().all() == (returns.index[t] == pd.Timestamp("2001-06-29"))
    seen = returns[:"2001-06-29"].to_numpy()[-90:]
    V, mean, σ = ledoit_wolf(seen)[0], seen.mean(0), seen.std(0)
    wanted = {
        "equal weight": np.full(4, 0.25),
        "inverse volatility": (1 / σ) / (1 / σ).sum(),
        "minimum variance": optimum(lambda w: 1e4 * w @ V @ w),
        "maximum Sharpe": optimum(lambda w: -(w @ mean) / np.sqrt(w @ V @ w)),
    }
    assert list(wanted) == list(RULES)
    for name, rule in RULES.items():
        weights = rebalance(rule, returns, lookback=90)
        np.testing.assert_allclose(weights.loc["2001-06-29"], wanted[name], atol=2e-3)
        assert weights.dropna().index.tolist() == list(pd.to_datetime(["2001-05-31", "2001-06-29", "2001-07-31"]))
        np.testing.assert_allclose(weights.dropna().sum(axis=1), 1)
        assert (weights.dropna() >= 0).all(axis=None)


def test_rules_refuse_what_they_cannot_use(returns):
    with pytest.raises(ValueError, match="no month ends after 155"):
        rebalance(RULES["equal weight"], returns, lookback=155)
    with pytest.raises(ValueError, match="lookback is 1"):
        rebalance(RULES["equal weight"], returns, lookback=1)
    with pytest.raises(ValueError, match="NaN"):
        rebalance(RULES["equal weight"], returns.shift(1))


@pytest.mark.parametrize("name", list(RULES))
def test_rules_pass_the_guard_and_looking_ahead_does_not(name, returns):
    prices = 100 * (1 + returns).cumprod()

    def honest(days, train, shift=0):
        r = simple_returns(days)
        return rebalance(RULES[name], r.shift(-shift).fillna(0.0), 60).reindex(days.index).ffill().bfill()

    check_causal(honest, prices, 90, known="the same day")
    if name != "equal weight":  # which looks at nothing
        with pytest.raises(LookAhead):
            check_causal(lambda days, train: honest(days, train, shift=5), prices, 90, known="the same day")

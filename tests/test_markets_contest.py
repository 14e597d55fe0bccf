"""markets/contest.py: against regressions, the test of a pair, and contests whose winner is known beforehand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from lstm_core.markets.contest import Contest, contest, giacomini_white, ranked_loss
from lstm_core.markets.significance import diebold_mariano

M = 800


def forecasts(seed: int = 0, better: float = 1.0) -> tuple[pd.Series, dict[str, pd.Series]]:
    """A variance that wanders, its noisy measure, and forecasts: three that err alike, one that errs `better` times as
    much."""
    rng, dates = np.random.default_rng(seed), pd.bdate_range("2001-01-01", periods=M)
    truth = np.exp(np.convolve(rng.normal(size=M + 20), np.ones(20) / 8, "valid")[:M])
    realised = pd.Series(truth * rng.gamma(2.5, 1 / 2.5, M), dates)
    errors = {"a": 0.5, "b": 0.5, "c": 0.5, "other": 0.5 * better}
    return realised, {n: pd.Series(truth * np.exp(s * rng.normal(size=M)), dates) for n, s in errors.items()}


# --- losses


def test_the_loss_is_zero_for_a_perfect_forecast_and_lowest_at_the_mean_of_what_comes():
    y = np.random.default_rng(0).gamma(1.5, 2.0, 100_000)
    assert ranked_loss(y, y).max() == 0
    cost = {f: ranked_loss(y, np.full(len(y), f)).mean() for f in (1.5, 2.8, 3.0, 3.2, 6.0)}
    assert min(cost, key=cost.get) == 3.0
    assert cost[1.5] > cost[6.0]  # half of it costs more than twice


@pytest.mark.parametrize(("y", "f"), [([1.0], [0.0]), ([0.0], [1.0]), ([1.0], [-1.0])])
def test_only_variances_have_this_loss(y, f):
    with pytest.raises(ValueError, match="variances should be positive"):
        ranked_loss(y, f)


def test_a_contest_is_on_the_days_that_all_share():
    realised, made = forecasts()
    made["b"] = made["b"][100:]
    scored = contest(realised, made)
    assert len(scored.losses) == M - 100
    np.testing.assert_allclose(scored.losses["a"], ranked_loss(realised[100:], made["a"][100:]))
    squared = contest(realised, made, loss="MSE").losses["a"]
    np.testing.assert_allclose(squared, (realised[100:] - made["a"][100:]) ** 2)
    with pytest.raises(ValueError, match="no day in common"):
        contest(realised, {"a": made["a"].reset_index(drop=True).set_axis(pd.RangeIndex(M))})
    with pytest.raises(ValueError, match="loss is 'MAE'"):
        contest(realised, made, loss="MAE")


def test_overlapping_targets_widen_blocks_and_lags():
    realised, made = forecasts()
    assert contest(realised, made)[1:] == (10, 10)  # the cube root of 800
    assert contest(realised, made, horizon=21)[1:] == (42, 42)


# --- pairs


def test_a_table_is_sorted_and_tests_each_against_the_reference():
    realised, made = forecasts(better=0.5)
    scored = contest(realised, made)
    table = scored.table("a")
    assert table.index[0] == "other"
    assert table["loss"].is_monotonic_increasing
    assert np.isnan(table.loc["a", "DM p"])
    assert table.loc["other", "DM p"] == diebold_mariano(scored.losses["other"], scored.losses["a"], lags=10)[1] < 1e-4
    assert table.loc["b", "DM p"] > 0.05
    assert table.loc["other", "gain %"] == pytest.approx(
        100 * (1 - scored.losses.other.mean() / scored.losses.a.mean())
    )


def test_an_interval_of_the_gain_covers_it_and_zero_where_there_is_none():
    realised, made = forecasts(better=0.5)
    scored = contest(realised, made)
    low, high = scored.gain_interval("other", "a")
    assert 0 < low < scored.table("a").loc["other", "gain %"] < high
    low, high = scored.gain_interval("b", "a")
    assert low < 0 < high
    assert scored.gain_interval("b", "a") == (low, high)


def test_giacomini_white_is_n_times_the_r2_of_ones_on_its_instruments():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 500)) ** 2
    d = a - b
    z = np.column_stack([d[1:], d[:-1] * d[1:]])
    fitted = sm.OLS(np.ones(499), z).fit()
    statistic, p = giacomini_white(a, b)
    assert statistic == pytest.approx(499 * (1 - fitted.ssr / 499), rel=1e-9)
    assert p > 0.01


def test_giacomini_white_holds_its_size_and_finds_what_can_be_foretold():
    rng, ps, found = np.random.default_rng(4), [], []
    for _ in range(400):
        d = rng.normal(size=600)
        ps.append(giacomini_white(d, np.zeros(600))[1])
        tells = np.r_[d[0], 0.3 * d[:-1] + d[1:]]  # on average nobody is better, but yesterday says who will be
        found.append(giacomini_white(tells, np.zeros(600))[1])
    assert np.mean(np.array(ps) < 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(np.array(found) < 0.05) > 0.9
    with pytest.raises(ValueError, match="do not differ"):
        giacomini_white(np.ones(50), np.ones(50))


# --- many


@pytest.mark.parametrize("seed", [0, 1])
def test_where_one_is_better_all_tests_say_so(seed):
    scored = contest(*forecasts(seed, better=0.4))
    assert scored.spa("a") < 0.01
    assert scored.stepm("a") == ["other"]
    assert scored.confidence_set() == ["other"]
    assert scored.spa("other") > 0.5
    assert scored.stepm("other") == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_none_is_better_no_test_says_so(seed):
    scored = contest(*forecasts(seed))
    assert scored.spa("a") > 0.05
    assert scored.stepm("a") == []
    assert len(scored.confidence_set(size=0.05)) >= 3


def test_the_best_of_many_lucky_ones_does_not_win():
    """Forty forecasts, all as good as the benchmark: the best pair has p < 5 %, the contest does not."""
    rng, dates = np.random.default_rng(8), pd.RangeIndex(500)
    losses = pd.DataFrame(1 + rng.normal(size=(500, 41)), dates, [f"m{k}" for k in range(41)])
    scored = Contest(losses, block=5, lags=8)
    assert min(scored.dm(name, "m0") for name in losses if name != "m0") < 0.05
    assert scored.spa("m0") > 0.05
    assert scored.stepm("m0") == []


def test_tests_repeat_by_their_seed_and_ask_for_a_benchmark_that_is_there():
    scored = contest(*forecasts(5, better=0.9))
    assert scored.spa("a", seed=1) == scored.spa("a", seed=1)
    assert scored.spa("a", seed=1) != scored.spa("a", seed=2)
    with pytest.raises(ValueError, match="benchmark is 'GARCH'"):
        scored.spa("GARCH")

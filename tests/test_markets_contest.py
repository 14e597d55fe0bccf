"""variance/contest.py: against regressions, the test of a pair, and contests whose winner is known beforehand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from arch.bootstrap import StationaryBootstrap

from lstm_core.markets.data.prices import load_prices
from lstm_core.markets.significance import diebold_mariano, giacomini_white
from lstm_core.markets.variance.contest import Contest, as_text, contest
from lstm_core.markets.variance.econometric import ECONOMETRIC
from lstm_core.markets.variance.losses import normalised_qlike, qlike
from lstm_core.markets.variance.race import race
from lstm_core.markets.variance.ranges import folds, with_range

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
    assert abs(normalised_qlike(y, y)).max() < 1e-12
    np.testing.assert_allclose(
        normalised_qlike(y, 2 * y) - normalised_qlike(y, 3 * y), qlike(y, 2 * y) - qlike(y, 3 * y)
    )
    cost = {f: normalised_qlike(y, np.full(len(y), f)).mean() for f in (1.5, 2.8, 3.0, 3.2, 6.0)}
    assert min(cost, key=cost.get) == 3.0
    assert cost[1.5] > cost[6.0]  # half of it costs more than twice


@pytest.mark.parametrize(("y", "f"), [([1.0], [0.0]), ([0.0], [1.0]), ([1.0], [-1.0])])
def test_only_variances_have_this_loss(y, f):
    with pytest.raises(ValueError, match="should be positive"):
        normalised_qlike(y, f)


def test_a_contest_is_on_the_days_that_all_share():
    realised, made = forecasts()
    made["b"] = made["b"][100:]
    scored = contest(realised, made)
    assert len(scored.losses) == M - 100
    np.testing.assert_allclose(scored.losses["a"], normalised_qlike(realised[100:], made["a"][100:]))
    squared = contest(realised, made, loss="MSE").losses["a"]
    np.testing.assert_allclose(squared, (realised[100:] - made["a"][100:]) ** 2)
    with pytest.raises(ValueError, match="no day in common"):
        contest(realised, {"a": made["a"].reset_index(drop=True).set_axis(pd.RangeIndex(M))})
    with pytest.raises(ValueError, match="loss is 'MAE'"):
        contest(realised, made, loss="MAE")


def test_overlapping_targets_widen_the_blocks():
    realised, made = forecasts()
    assert contest(realised, made).block == 10  # the cube root of 800, rounded up
    assert contest(realised, made, horizon=21).block == 42


# --- pairs


def test_a_table_is_sorted_and_tests_each_against_the_reference():
    realised, made = forecasts(better=0.5)
    scored = contest(realised, made)
    table = scored.table("a")
    assert table.index[0] == "other"
    assert table["QLIKE"].is_monotonic_increasing
    assert np.isnan(table.loc["a", "DM p"])
    assert table.loc["other", "DM p"] == diebold_mariano(scored.losses["other"], scored.losses["a"], lags=10)[1] < 1e-4
    assert table.loc["b", "DM p"] > 0.05
    assert table.loc["other", "gain %"] == pytest.approx(
        100 * (1 - scored.losses.other.mean() / scored.losses.a.mean())
    )


def test_duels_say_who_beats_whom_after_holm():
    realised, made = forecasts(better=0.5)
    scored = contest(realised, made | {"worse": made["a"] * 3, "nearly": made["other"] * 1.001})
    table = scored.duels("a", ["other", "b", "worse"])
    assert table["verdict"].tolist() == ["loses to", "does not beat", "beats"]
    assert table["gain %"]["worse"] > 0 > table["gain %"]["other"]
    ps = np.sort(table["DM p"])  # Holm by hand
    np.testing.assert_allclose(np.sort(table["Holm p"]), np.maximum.accumulate(np.minimum(ps * [3, 2, 1], 1)))
    with pytest.raises(ValueError, match="name is 'me'"):
        scored.duels("me", ["a"])


def test_a_table_as_text_rounds_by_what_a_column_is():
    columns = {"QLIKE": [0.12345] * 2, "gain %": [-3.21] * 2, "DM p": [0.00001, 0.0412], "n": [7, 8]}
    table = pd.DataFrame(columns, ["a", "b"])
    one, other = as_text(table).splitlines()[1:]
    assert one.split() == ["a", "0.123", "-3.2", "<", "0.001", "7"]
    assert other.split() == ["b", "0.123", "-3.2", "0.041", "8"]


def test_a_report_says_of_what_it_is():
    scored = contest(*forecasts(better=0.5))
    heading, *lines = scored.report("other", ["a", "b"]).splitlines()
    assert heading == f"800 days, 2001-01-01 to 2004-01-23; other: QLIKE {scored.losses.other.mean():.3f}, against"
    assert "\n".join(lines[:-1]) == as_text(scored.duels("other", ["a", "b"]))
    assert lines[-1] == "(DM: Newey–West, 10 lags)"
    last = scored.report("other", ["a"], tried=["other", "b"]).splitlines()[-1]
    assert last == "(DM: Newey–West, 10 lags; SPA: best of 2, 1,000 resamples, blocks of 10 days)"


def test_an_interval_of_the_gain_covers_it_and_zero_where_there_is_none():
    realised, made = forecasts(better=0.5)
    scored = contest(realised, made)
    gain, low, high = scored.gain("other", "a")
    assert 0 < low < gain < high
    assert gain == pytest.approx(scored.table("a").loc["other", "gain %"])
    gain, low, high = scored.gain("b", "a")
    assert low < 0 < high
    assert scored.gain("b", "a") == (gain, low, high)


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
    rng, dates = np.random.default_rng(3), pd.RangeIndex(500)
    made = pd.DataFrame(rng.normal(size=(500, 41)), dates, [f"m{k}" for k in range(41)])
    scored = Contest(pd.Series(0.0, dates), made, "MSE")
    table = scored.table("m0")
    assert table.index[0] != "m0"
    assert table["DM p"].iloc[0] < 0.05
    assert scored.spa("m0") > 0.05
    assert scored.stepm("m0") == []
    assert scored.spa("m0", [table.index[0]]) < 0.05  # as if it had been the only one
    (verdict,) = scored.duels(table.index[0], ["m0"]).verdict
    assert verdict == "beats"
    (verdict,) = scored.duels(table.index[0], ["m0"], tried=set(made) - {"m0"}).verdict
    assert verdict == "does not beat"


def noisy() -> Contest:
    """A steady rival that is a little better than the benchmark, and a wild one that is as good."""
    rng, dates = np.random.default_rng(11), pd.RangeIndex(1500)
    steady, wild = rng.normal(-0.05, 0.5, 1500), rng.normal(0, 12, 1500)
    losses = pd.DataFrame({"bench": 100.0, "steady": 100 + steady, "wild": 100 + wild}, dates)
    return Contest(pd.Series(0.0, dates), losses**0.5, "MSE")


def test_only_a_studentised_test_sees_a_small_steady_gain_beside_a_noisy_rival():
    scored = noisy()
    assert scored.spa("bench") < 0.01
    assert scored.spa("bench", studentised=False) > 0.2
    assert scored.stepm("bench") == ["steady"]
    assert scored.stepm("bench", studentised=False) == []
    (row,) = scored.duels("steady", ["bench"], tried=["steady", "wild"]).itertuples()
    assert row.verdict == "does not beat"  # both have to agree


def test_the_studentised_statistic_is_the_largest_t_and_its_p_that_of_hansens_recipe():
    """Hansen (2005) written out: T = max t_k; resampled means, recentred unless hopeless, over the same errors."""
    scored = noisy()
    d = scored.losses[["bench"]].to_numpy() - scored.losses[["steady", "wild"]].to_numpy()
    n = len(d)
    t = np.array([-diebold_mariano(-d[:, k], np.zeros(n), lags=scored.block)[0] for k in range(2)])
    error = np.abs(d.mean(0) / t)
    centre = np.where(t >= -np.sqrt(2 * np.log(np.log(n))), d.mean(0), 0.0)
    draws = StationaryBootstrap(scored.block, d, seed=np.random.default_rng(7)).apply(lambda part: part.mean(0), 4000)
    null = ((draws - centre) / error).max(1)
    for name, k in (("steady", 0), ("wild", 1)):
        alone = ((draws[:, k] - centre[k]) / error[k] > t[k]).mean()
        assert scored.spa("bench", [name]) == pytest.approx(alone, abs=0.04)
    assert scored.spa("bench") == pytest.approx((null > t.max()).mean(), abs=0.02)


def test_a_race_is_the_econometric_models_refitted_each_january_and_what_one_brings():
    days = with_range(load_prices("SP500"))[:1300]
    mine = pd.Series(1.0, days.index)
    scored = race(days, 2002, 2003, {"mine": mine}, models={"EWMA": ECONOMETRIC["EWMA"]}, horizon=5)
    assert list(scored.forecasts) == ["EWMA", "mine"]
    assert set(scored.realised.index.year) == {2002, 2003}
    start, stop = folds(days, 2002, 2003)[1]
    second = ECONOMETRIC["EWMA"](days[:stop], start, 5)[start:]
    np.testing.assert_array_equal(scored.forecasts["EWMA"]["2003"], second)
    np.testing.assert_allclose(scored.realised.iloc[0], days["variance"]["2002"][:5].mean())
    assert list(race(days, 2003, 2003).forecasts) == list(ECONOMETRIC)


def test_giacomini_and_white_ask_for_the_next_day():
    realised, made = forecasts()
    scored = contest(realised, made)
    assert scored.giacomini_white("a", "b") == giacomini_white(scored.losses["a"], scored.losses["b"])[1]
    with pytest.raises(ValueError, match="these are of 21 days"):
        scored._replace(horizon=21).giacomini_white("a", "b")


def test_tests_repeat_by_their_seed_and_ask_for_a_benchmark_that_is_there():
    scored = contest(*forecasts(5, better=0.9))
    assert scored.spa("a", seed=1) == scored.spa("a", seed=1)
    assert scored.spa("a", seed=1) != scored.spa("a", seed=2)
    with pytest.raises(ValueError, match="benchmark is 'GARCH'"):
        scored.spa("GARCH")

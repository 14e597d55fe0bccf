"""The scoreboard: statistics against libraries, skill found where it was planted and nowhere else, no leaks."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from dieboldmariano import dm_test
from skfolio.model_selection import WalkForward
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import KFold, TimeSeriesSplit
from statsmodels.stats.proportion import proportion_confint

from lstm_core.markets.data.prices import windows
from lstm_core.markets.returns.baselines import BASELINES, ar1, drift, persistence, standardised
from lstm_core.markets.returns.scoreboard import Scoreboard, illusion, walk_forward
from lstm_core.markets.significance import clark_west, diebold_mariano, p_text

FAST = {"persistence": persistence, "drift": drift}


def autoregression(φ, n=1500, seed=0):
    noise = np.random.default_rng(seed).standard_normal(n)
    y = noise.copy()
    for t in range(1, n):
        y[t] += φ * y[t - 1]
    return windows(pd.Series(y, pd.bdate_range("2001-01-01", periods=n)), 5)


# ---------------------------------------------------------------------------------------------------- Diebold–Mariano


@pytest.mark.parametrize("lags", [0, 1, 5, 14])
@pytest.mark.parametrize("n", [60, 501])
def test_diebold_mariano_equals_the_library_and_statsmodels(n, lags):
    y, a, b = np.random.default_rng(n + lags).standard_normal((3, n)).cumsum(1) / [[1], [2], [1.9]]
    ours = diebold_mariano((y - a) ** 2, (y - b) ** 2, lags=lags)
    library = dm_test(y, a, b, h=lags + 1, harvey_correction=False, variance_estimator="bartlett")
    hac = sm.OLS((y - a) ** 2 - (y - b) ** 2, np.ones(n)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}, use_t=True
    )
    np.testing.assert_allclose(ours, library, rtol=1e-8)
    np.testing.assert_allclose(ours, [hac.tvalues[0], hac.pvalues[0]], rtol=1e-8)


def test_diebold_mariano_takes_the_cube_root_of_m_as_its_lags():
    a, b = np.random.default_rng(0).standard_normal((2, 1001)) ** 2
    assert diebold_mariano(a, b) == diebold_mariano(a, b, lags=11)


def test_diebold_mariano_rejects_equal_skill_at_the_nominal_rate():
    rng = np.random.default_rng(1)
    p = [diebold_mariano(*(rng.standard_normal((2, 400)) ** 2))[1] for _ in range(1000)]
    assert 0.03 < np.mean(np.less(p, 0.05)) < 0.08


def test_equal_losses_are_no_evidence():
    assert diebold_mariano(np.ones(10), np.ones(10)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("loss", "rival", "lags", "message"),
    [
        ([1.0, np.nan], [1.0, 2.0], 0, "NaN"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], 0, "shape"),
        ([], [], 0, "empty"),
        ([1.0, 2.0], [2.0, 1.0], 2, "lags is 2"),
        ([1.0, 2.0], [2.0, 3.0], 0, "constant"),
    ],
)
def test_diebold_mariano_refuses_what_it_cannot_test(loss, rival, lags, message):
    with pytest.raises(ValueError, match=message):
        diebold_mariano(loss, rival, lags=lags)


@pytest.mark.parametrize(
    ("p", "text"), [(0.0, "p < 0.001"), (9e-4, "p < 0.001"), (0.0123, "p = 0.01"), (1, "p = 1.00")]
)
def test_a_p_value_is_never_zero(p, text):
    assert p_text(p) == text
    assert p_text(0.0123, digits=3) == "p = 0.012"


def test_clark_west_is_a_regression_on_the_product_where_the_rival_forecasts_zero():
    y, guess = np.random.default_rng(5).standard_normal((2, 800))
    y += 0.1 * guess
    hac = {"cov_type": "HAC", "cov_kwds": {"maxlags": 10, "use_correction": False}, "use_t": True}
    fit = sm.OLS(2 * y * guess, np.ones(800)).fit(**hac)
    t, p, zero = fit.tvalues[0], fit.pvalues[0] / 2, np.zeros(800)
    np.testing.assert_allclose(clark_west(y, guess, zero), [-t, p], rtol=1e-8)
    np.testing.assert_allclose(clark_west(y, -guess, zero), [t, 1 - p], rtol=1e-8)


def test_clark_west_forgives_the_noise_of_a_nested_model_and_diebold_mariano_does_not():
    rng = np.random.default_rng(6)
    samples = [rng.standard_normal((2, 500)) for _ in range(400)]
    forgiving = [clark_west(y, 0.3 * noise, np.zeros(500))[1] for y, noise in samples]
    strict = [diebold_mariano((y - 0.3 * noise) ** 2, y**2)[0] for y, noise in samples]
    assert 0.03 < np.mean(np.less(forgiving, 0.05)) < 0.09  # of models with no relation to find
    assert np.mean(strict) > 2  # each of them forecasts worse than zero


# ---------------------------------------------------------------------------------------------------- the table


def board(y, **forecasts):
    days = pd.bdate_range("2020-01-01", periods=len(y))
    columns = pd.DataFrame({"persistence": np.zeros(len(y)), **forecasts}, days)
    return Scoreboard(pd.Series(y, days), columns, pd.Series(0.5, days), ("persistence",))


def test_the_scores_are_the_textbooks():
    y, guess = np.random.default_rng(2).standard_normal((2, 300))
    row = board(y, guess=guess).table().loc["guess"]
    hac = {"cov_type": "HAC", "cov_kwds": {"maxlags": 7, "use_correction": False}}
    loss = sm.OLS((y - guess) ** 2 - y**2, np.ones(300)).fit(**hac)
    hits = int((np.sign(y) == np.sign(guess)).sum())
    expected = {
        "RMSE": root_mean_squared_error(y, guess),
        "MASE": mean_absolute_error(y, guess) / 0.5,
        "DM p": diebold_mariano((y - guess) ** 2, y**2)[1],
        "R2 %": 100 * (1 - np.sum((y - guess) ** 2) / np.sum(y**2)),
        "±": 196 * loss.bse[0] / np.mean(y**2),
        "direction": hits / 300,
        "low": proportion_confint(hits, 300, method="wilson")[0],
        "high": proportion_confint(hits, 300, method="wilson")[1],
    }
    pd.testing.assert_series_equal(row, pd.Series(expected, name="guess"))


def test_a_forecast_of_zero_calls_no_direction_and_a_day_of_zero_has_none():
    scored = board(np.array([1.0, 1.0, -1.0, 0.0]), guess=np.array([1.0, 0.0, 1.0, 1.0])).table()["direction"]
    assert scored["guess"] == 0.5
    assert scored["always up"] == pytest.approx(2 / 3)
    assert np.isnan(scored["persistence"])


def test_the_verdict_asks_for_a_lower_loss_and_a_small_p():
    y = np.random.default_rng(3).standard_normal(500)
    scored = board(y, good=0.5 * y, lucky=0.02 * y + 0.15 * np.roll(y, 17), bad=-0.5 * y, same=np.zeros(500))
    assert scored.table().loc["lucky", "R2 %"] > 0.5
    assert scored.verdict("good") == "good beats persistence"
    for name in ("lucky", "bad", "same"):
        assert scored.verdict(name) == f"{name} does not beat persistence"
    assert "bad does not beat persistence" in str(scored)
    assert str(scored).startswith("500 days out of sample, 2020-01-01 to ")


# ---------------------------------------------------------------------------------------------------- walking forward


def test_planted_skill_is_found():
    scored = walk_forward({"AR": ar1}, *autoregression(0.5), baselines=FAST)
    assert scored.verdict("AR") == "AR beats persistence, drift"
    assert scored.table().loc["AR", "R2 %"] == pytest.approx(25, abs=5)  # φ² of the variance


def test_no_skill_is_found_in_noise():
    scored = [walk_forward({"AR": ar1}, *autoregression(0, 400, seed), baselines=FAST) for seed in range(60)]
    assert sum(one.beats("AR", "persistence") for one in scored) <= 4  # more has probability 0.02 at the nominal 2.5 %


@pytest.mark.parametrize("names", [("persistence", "drift", "AR(1)"), ("persistence", "ARIMA")])
def test_no_forecast_moves_when_the_future_does(names):
    x, y, dates = autoregression(0.5, 600)
    chosen = {f"{name}, tried": BASELINES[name] for name in names} | {"scaled": standardised(ar1)}
    before = walk_forward(chosen, x, y, dates, folds=TimeSeriesSplit(3, gap=1), baselines=FAST)
    today = 480
    y_later, x_later = y.copy(), x.copy()
    y_later[today:] += 100
    for n in range(today + 1, len(x)):  # the day `today` enters the windows that come after it
        x_later[n, -min(n - today, x.shape[1]) :] += 100
    after = walk_forward(chosen, x_later, y_later, dates, folds=TimeSeriesSplit(3, gap=1), baselines=FAST)
    known = before.forecasts.index <= dates[today]
    np.testing.assert_allclose(after.forecasts[known], before.forecasts[known], rtol=0, atol=1e-10)
    assert known.sum() > 200
    assert not np.allclose(after.forecasts[~known], before.forecasts[~known])


@pytest.mark.parametrize(("embargo", "test_size", "folds"), [(1, None, 5), (7, 20, 3), (3, 33, 2)])
def test_training_ends_an_embargo_before_the_test(embargo, test_size, folds):
    seen = []

    def spy(x_train, y_train, x_test):
        seen.append((y_train, x_test[:, -1, 0] + 1))
        return np.zeros(len(x_test))

    x, y, dates = windows(pd.Series(np.arange(200.0)), 5)  # every value is its own day
    split = TimeSeriesSplit(folds, test_size=test_size, gap=embargo)
    scored = walk_forward({"spy": spy}, x, y, dates, folds=split, baselines=FAST, horizon=embargo)
    for train_days, test_days in seen:
        assert train_days[0] == y[0]
        assert train_days[-1] + embargo + 1 == test_days[0]
    np.testing.assert_array_equal(np.concatenate([test for _, test in seen]), scored.actual)
    np.testing.assert_array_equal(scored.actual, scored.actual.index)
    assert scored.scale.iloc[0] == pytest.approx(seen[0][0].mean())  # persistence's mean |error| in training


def test_another_librarys_walk_will_do():
    x, y, dates = autoregression(0.5, 500)
    rolling = WalkForward(test_size=50, train_size=200, purged_size=1)
    assert len(walk_forward({"AR": ar1}, x, y, dates, folds=rolling, baselines=FAST).actual) == 250


def test_jobs_side_by_side_give_the_same_scoreboard():
    samples = autoregression(0.3, 300)
    one, two = (walk_forward({"AR": ar1}, *samples, baselines=FAST, n_jobs=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts, check_exact=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folds": TimeSeriesSplit(5)}, "embargo of TimeSeriesSplit.* is 0, but should be at least the horizon of 1"),
        ({"folds": TimeSeriesSplit(3, gap=4), "horizon": 5}, "is 4, but should be at least the horizon of 5"),
        ({"folds": KFold(5, shuffle=True, random_state=0)}, "embargo of KFold"),
        ({"y": np.zeros(3)}, "equally long"),
        ({"dates": np.arange(95)[::-1]}, "time order"),
        ({"x": np.full((95, 5, 1), np.nan)}, "x holds"),
        ({"x": np.zeros((95, 5))}, "x has shape"),
        ({"forecasters": {"short": lambda a, b, c: np.zeros(3)}}, "short should return 15 finite forecasts"),
        ({"forecasters": {"lost": lambda a, b, c: np.full(len(c), np.nan)}}, "lost should return 15 finite"),
        ({"forecasters": {}, "baselines": {}}, "no forecaster"),
        ({"forecasters": {"drift": ar1}}, "called like a baseline, persistence or drift"),
        ({"folds": TimeSeriesSplit(200, gap=1)}, "folds"),
    ],
)
def test_a_study_that_cannot_be_sound_is_refused(change, message):
    x, y, dates = autoregression(0, 100)
    arguments = {"forecasters": {"AR": ar1}, "x": x, "y": y, "dates": dates, "baselines": FAST} | change
    with pytest.raises(ValueError, match=message):
        walk_forward(**arguments)


# ---------------------------------------------------------------------------------------------------- the illusion


def test_yesterdays_price_is_unmasked():
    price = 100 + np.random.default_rng(4).standard_normal(1001).cumsum()
    today, yesterday = price[1:], price[:-1]
    late = yesterday + 0.5 * np.sin(np.arange(1000))
    seen = illusion(today, yesterday, late)
    assert min(seen.r2) > 0.95
    assert seen.r2 == pytest.approx((r2_score(today, late), r2_score(today, yesterday)))
    assert seen.rmse == pytest.approx((root_mean_squared_error(today, late), root_mean_squared_error(today, yesterday)))
    assert seen.corr_today == pytest.approx(np.corrcoef(late, today)[0, 1])
    assert seen.corr_yesterday == pytest.approx(np.corrcoef(late, yesterday)[0, 1])
    assert seen.corr_yesterday > seen.corr_today
    assert seen.verdict == "does not beat persistence, and is significantly worse"
    assert illusion(today, yesterday, yesterday).verdict == "does not beat persistence"
    assert illusion(today, yesterday, 0.1 * yesterday + 0.9 * today).verdict == "beats persistence"


@pytest.mark.parametrize("bad", [[1.0, np.nan, 2.0], [1.0, 2.0], []])
def test_the_illusion_needs_three_equal_series(bad):
    with pytest.raises(ValueError, match="forecast"):
        illusion([1.0, 2.0, 4.0], [1.0, 1.0, 2.0], bad)

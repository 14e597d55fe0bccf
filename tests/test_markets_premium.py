"""options/premium.py against scipy, statsmodels, a Newey–West formula written out, and simulated forecasts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttest_ind

from lstm_core.markets.options.premium import Signal, encompassing, signal_worth, summary


@pytest.fixture
def pnl() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"normal": rng.normal(0.5, 1, 60), "seller": 1 - rng.exponential(1.5, 60)})


# --- summary


def test_the_summary_is_the_textbooks(pnl):
    table = summary(pnl)
    assert table.index.tolist() == ["normal", "seller"]
    for name, x in pnl.items():
        row, n = table.loc[name], len(x)
        t = x.mean() / (x.std() / np.sqrt(n))
        assert row[["n", "mean", "sd", "worst", "t"]].tolist() == pytest.approx([n, x.mean(), x.std(), x.min(), t])
        assert row["p"] == pytest.approx(2 * stats.t.sf(abs(t), n - 1))


def test_the_interval_is_the_t_intervals_where_that_is_right_and_leans_where_losses_are_large(pnl):
    table = summary(pnl)
    for name, x in pnl.items():
        low, high = stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x))
        assert table.loc[name, ["low", "high"]].tolist() == pytest.approx([low, high], abs=0.12 * (high - low))
    down, up = (abs(table["mean"] - table[end]) for end in ("low", "high"))
    assert down["seller"] > 1.1 * up["seller"]


def test_the_interval_holds_the_true_mean_as_often_as_it_says():
    rng = np.random.default_rng(1)
    samples = pd.DataFrame(1 - rng.exponential(1.0, (60, 200)))  # skewed to the left, with mean 0
    table = summary(samples, resamples=400)
    covered = ((table["low"] < 0) & (table["high"] > 0)).mean()
    assert 0.88 < covered < 0.99


def test_a_summary_repeats_with_its_seed(pnl):
    pd.testing.assert_frame_equal(summary(pnl), summary(pnl))
    assert not np.allclose(summary(pnl, seed=1)["low"], summary(pnl)["low"], rtol=0, atol=1e-9)


def test_a_summary_of_nan_is_refused(pnl):
    with pytest.raises(ValueError, match="pnl holds 1 NaN"):
        summary(pnl.mask(pnl == pnl.max().max()))


# --- a signal


def test_a_signals_worth_is_welchs_test():
    rng = np.random.default_rng(2)
    sell = rng.random(59) < 0.6
    pnl = rng.normal(0.5, 1, 59) + np.where(sell, 0.8, 0) * rng.random(59)
    worth = signal_worth(pnl, sell)
    assert (worth.sold, worth.left) == (sell.sum(), (~sell).sum())
    assert (worth.mean_sold, worth.mean_left) == pytest.approx((pnl[sell].mean(), pnl[~sell].mean()))
    assert worth.p == pytest.approx(ttest_ind(pnl[sell], pnl[~sell], usevar="unequal")[1])
    assert str(Signal(11, 48, 1.124, 0.593, 0.264)) == "sold 11, mean 1.12; let pass 48, mean 0.59; Welch's p = 0.26"


def test_a_coin_is_worth_nothing_and_an_oracle_a_lot():
    rng = np.random.default_rng(3)
    pnl = rng.normal(0.5, 1, 59)
    assert signal_worth(pnl, pnl > 0).p < 1e-4
    coins = [signal_worth(pnl, rng.random(59) < 0.5).p for _ in range(300)]
    assert np.mean(np.array(coins) < 0.05) == pytest.approx(0.05, abs=0.04)


@pytest.mark.parametrize("sell", [np.ones(10, bool), np.arange(10) == 3, np.ones(9, bool)])
def test_a_signal_has_to_do_both(sell):
    with pytest.raises(ValueError, match="needs both twice or more, and one value for each of 10"):
        signal_worth(np.arange(10.0), sell)


# --- encompassing


def forecasts(n: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A variance, a good forecast of it with a premium of a half, and a poor one that only blurs the good one."""
    rng = np.random.default_rng(seed)
    level = np.cumsum(0.3 * rng.standard_normal(n)) * 0.5
    good = np.exp(level)
    realised = good * np.exp(0.3 * rng.standard_normal(n))
    return realised, {"good": 1.5 * good, "blurred": good * np.exp(0.3 * rng.standard_normal(n))}


def test_what_only_blurs_is_encompassed():
    realised, both = forecasts(2000, 0)
    found = encompassing(realised, both).table
    assert found["coefficient"].tolist() == pytest.approx([1, 0], abs=0.05)
    assert found.loc["good", "p"] < 1e-10
    assert abs(found.loc["blurred", "t"]) < 3
    alone = [np.corrcoef(np.log(realised), np.log(f))[0, 1] ** 2 for f in both.values()]
    assert found["R2 alone"].tolist() == pytest.approx(alone)


def test_under_the_null_the_test_is_as_strict_as_it_says():
    ps = [encompassing(*forecasts(59, seed)).table.loc["blurred", "p"] for seed in range(300)]
    assert 0.02 < np.mean(np.array(ps) < 0.05) < 0.16  # with 59 windows HAC errors are known to be too small


def test_each_of_two_halves_has_its_say():
    rng = np.random.default_rng(4)
    a, b = np.exp(rng.standard_normal((2, 800)))
    realised = a**0.7 * b**0.3 * np.exp(0.5 * rng.standard_normal(800))
    found = encompassing(realised, {"a": a, "b": b})
    assert found.table["coefficient"].tolist() == pytest.approx([0.7, 0.3], abs=0.06)
    assert (found.table["p"] < 1e-3).all()
    assert found.r2 == pytest.approx((0.7**2 + 0.3**2) / (0.7**2 + 0.3**2 + 0.5**2), abs=0.05)
    assert found.r2 > found.table["R2 alone"].max()


def test_the_unit_of_a_forecast_does_not_matter():
    realised, both = forecasts(100, 1)
    other = encompassing(realised / 252, {name: 1e4 * f for name, f in both.items()}).table
    pd.testing.assert_frame_equal(other, encompassing(realised, both).table)


@pytest.mark.parametrize("lags", [0, 3, 30])
def test_errors_are_newey_wests(lags):
    realised, both = forecasts(200, 2)
    X = np.column_stack([np.ones(200), *(np.log(f) for f in both.values())])
    y = np.log(realised)
    b = np.linalg.lstsq(X, y, rcond=None)[0]
    scores = X * (y - X @ b)[:, None]
    S = scores.T @ scores
    for k in range(1, lags + 1):
        Γ = scores[k:].T @ scores[:-k]
        S += (1 - k / (lags + 1)) * (Γ + Γ.T)
    bread = np.linalg.inv(X.T @ X)
    errors = np.sqrt(np.diag(bread @ S @ bread))
    found = encompassing(realised, both, lags=lags)
    np.testing.assert_allclose(found.table["coefficient"], b[1:], rtol=1e-9)
    np.testing.assert_allclose(found.table["error"], errors[1:], rtol=1e-9)
    np.testing.assert_allclose(found.table["t"], b[1:] / errors[1:], rtol=1e-9)
    np.testing.assert_allclose(found.table["p"], 2 * stats.t.sf(abs(b[1:] / errors[1:]), 197), rtol=1e-6)


def test_it_says_how_many_windows_and_lags():
    found = encompassing(*forecasts(64, 3))
    assert (found.n, found.lags) == (64, 4)
    assert str(found).endswith(f"R² of all together {found.r2:.2f}; 64 windows, HAC errors with 4 lags")
    assert "R2 alone" in str(found)


@pytest.mark.parametrize(
    ("realised", "others", "message"),
    [
        ([1.0, 2.0, 0.0, 1.0], {"a": [1.0, 2.0, 3.0, 4.0]}, "realised goes down to 0"),
        ([1.0, 2.0, 3.0, 1.0], {"a": [1.0, 2.0, -3.0, 4.0]}, "a goes down to -3"),
        ([1.0, 2.0, 3.0, 1.0], {"a": [1.0, 2.0]}, "a has shape"),
        ([1.0, 2.0, np.nan, 1.0], {"a": [1.0, 2.0, 3.0, 4.0]}, "realised holds 1 NaN"),
        ([1.0, 2.0, 3.0, 1.0], {}, "0 forecasts of 4 variances"),
        ([1.0, 2.0], {"a": [1.0, 2.0]}, "1 forecasts of 2"),
    ],
)
def test_what_has_no_logarithm_or_no_forecast_is_refused(realised, others, message):
    with pytest.raises(ValueError, match=message):
        encompassing(realised, others)


def test_a_constant_forecast_has_nothing_to_be_regressed_on():
    with pytest.raises(ValueError, match="constant"):
        encompassing([1.0, 2.0, 3.0, 1.0], {"a": [2.0] * 4})

"""variance/ranges.py, econometric.py, correction.py: against Brownian motion, arch, statsmodels and arithmetic; every
model and the study "volatility" itself stand before the guard, and each leak that is planted in them is caught."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from arch import arch_model

from lstm_core.markets.data.prices import load_prices
from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.variance import correction, econometric, ranges
from lstm_core.markets.variance.correction import BASES, Correction, Learnt, columns
from lstm_core.markets.variance.econometric import ECONOMETRIC
from lstm_core.markets.variance.ranges import (
    WARM,
    Fold,
    folds,
    learnable,
    parkinson,
    rescale,
    rolling,
    target,
    walk,
    with_range,
)
from lstm_core.studies import tables, volatility

TRAIN = 700


@pytest.fixture(scope="module")
def days():
    return with_range(load_prices("SP500"))[:1000]


# --- what a day's variance was


def test_the_range_of_a_brownian_motion_measures_its_variance():
    rng, σ = np.random.default_rng(0), 0.011
    path = np.cumsum(rng.normal(scale=σ / np.sqrt(5000), size=(1500, 5000)), axis=1)
    bars = pd.DataFrame({"High": np.exp(path.max(1).clip(0)), "Low": np.exp(path.min(1).clip(max=0))})
    measured = parkinson(bars)
    assert measured.mean() == pytest.approx(100**2 * σ**2, rel=0.05)
    assert measured.var() == pytest.approx(0.407 * (100 * σ) ** 4, rel=0.15)  # a squared return's is 2 σ⁴


def test_one_day_by_hand():
    bars = pd.DataFrame({"High": [np.e**0.02], "Low": [1.0]})
    assert parkinson(bars)[0] == pytest.approx(4 / (4 * np.log(2)), rel=1e-12)


@pytest.mark.parametrize(("high", "low"), [(1.0, 1.0), (1.0, 2.0), (1.0, -1.0)])
def test_a_range_is_a_range(high, low):
    bars = pd.DataFrame({"High": [2.0, high], "Low": [1.0, low]}, pd.bdate_range("2001-01-01", periods=2))
    with pytest.raises(ValueError, match="on 2001-01-02 High is not above Low"):
        parkinson(bars)


def test_prices_without_a_range_are_refused():
    with pytest.raises(ValueError, match="bars have Close, but the range needs High and Low"):
        parkinson(load_prices("AAPL"))


def test_a_table_has_the_return_and_the_variance_of_the_same_day():
    bars = load_prices("SP500")
    days = with_range(bars)
    assert len(days) == len(bars) - 1
    assert days.index.equals(bars.index[1:])
    assert days["return"].iloc[5] == pytest.approx(100 * np.log(bars.Close.iloc[6] / bars.Close.iloc[5]))
    assert days["variance"].iloc[5] == parkinson(bars).iloc[6]


# --- what is to be forecast, and from what


@pytest.mark.parametrize("horizon", [1, 5, 21])
def test_a_target_is_the_mean_of_the_days_ahead(days, horizon):
    y, v = target(days, horizon), days["variance"].to_numpy()
    for t in (0, 17, len(days) - horizon):
        assert y[t] == pytest.approx(v[t : t + horizon].mean(), rel=1e-9)
    assert np.isnan(y).sum() == horizon - 1


@pytest.mark.parametrize("horizon", [1, 21])
def test_no_target_that_is_learnt_from_reaches_the_day_that_is_forecast(horizon):
    rows = range(1000)[learnable(300, horizon)]
    assert rows[0] == WARM
    assert rows[-1] + horizon - 1 == 299
    with pytest.raises(ValueError, match="50 training rows are too few for 21 day"):
        learnable(50, 21)


def test_a_rescaled_forecast_is_right_on_average_in_training_and_has_the_lowest_qlike_there(days):
    raw = econometric.garch(days, TRAIN, 5)
    forecast, rows, y = rescale(raw, days, TRAIN, 5), learnable(TRAIN, 5), target(days, 5)
    assert np.mean(y[rows] / forecast[rows]) == pytest.approx(1, rel=1e-12)
    cost = [np.mean(y[rows] / (k * forecast[rows]) + np.log(k)) for k in (0.98, 1, 1.02)]
    assert np.argmin(cost) == 1
    assert np.nanstd(forecast / raw) < 1e-12


def test_a_rolling_model_knows_its_window_and_nothing_before(days):
    model = rolling(ECONOMETRIC["HAR"], 400)
    later = days.copy()
    later.iloc[: TRAIN - 400] *= 9
    np.testing.assert_array_equal(model(days, TRAIN), model(later, TRAIN))
    np.testing.assert_allclose(model(days, TRAIN)[300:], ECONOMETRIC["HAR"](days[300:], 400))
    assert np.isnan(model(days, TRAIN)[:300]).all()
    with pytest.raises(ValueError, match="length is 701"):
        rolling(ECONOMETRIC["HAR"], 701)(days, TRAIN)


def test_folds_are_calendar_years_and_a_walk_refits_at_each(days):
    stretches = folds(days, 2001, 2002)
    first, second = (days.index[fold.start : fold.stop] for fold in stretches)
    assert set(first.year) == {2001}
    assert set(second.year) == {2002}
    assert [set(days.index[f.start : f.stop].year) for f in folds(days, 2000, 2002, 2)] == [{2000, 2001}, {2002}]
    refits = []

    def model(days, train, horizon):
        refits.append((len(days), train))
        return np.arange(float(len(days)))

    walked = walk(model, days, stretches)
    assert refits == [(stop, start) for start, stop in stretches]
    assert walked.index.equals(days.index[stretches[0].start : stretches[1].stop])
    np.testing.assert_array_equal(walked, np.arange(stretches[0].start, stretches[1].stop))


@pytest.mark.parametrize("years", [(1999, 2000), (2019, 2020), (2002, 2001)])
def test_folds_without_a_past_or_without_days_are_refused(days, years):
    with pytest.raises(ValueError, match="do not lie in 1999 to 2002"):
        folds(days, *years)


# --- the econometric models


@pytest.mark.parametrize("horizon", [1, 21])
@pytest.mark.parametrize("name", ECONOMETRIC)
def test_no_econometric_model_looks_ahead(name, horizon, days):
    check_causal(lambda days, train: ECONOMETRIC[name](days, train, horizon), days, TRAIN)


def test_ewma_is_the_weighted_mean_of_past_squares(days):
    f, r2 = econometric.ewma(days, TRAIN), days["return"].to_numpy() ** 2
    weights = 0.06 * 0.94 ** np.arange(600)
    assert f[900] == pytest.approx(weights @ r2[899:299:-1], rel=1e-9)


@pytest.mark.parametrize(("model", "options"), [("garch", {}), ("gjr_t", dict(o=1, dist="t"))])
def test_arch_models_go_on_with_the_parameters_of_their_training_rows(model, options, days):
    r = days["return"].to_numpy()
    fitted = arch_model(r[:TRAIN], **options).fit(disp="off", tol=1e-8)
    p, f = fitted.params, getattr(econometric, model)(days, TRAIN)
    ε = r - p["mu"]
    for t in (TRAIN, 900):
        news = (p["alpha[1]"] + p.get("gamma[1]", 0) * (ε[t] < 0)) * ε[t] ** 2
        assert f[t + 1] == pytest.approx(p["omega"] + news + p["beta[1]"] * f[t], rel=1e-9)


def test_a_garch_far_ahead_forecasts_the_mean_of_its_path(days):
    r = days["return"].to_numpy()
    params = arch_model(r[:TRAIN]).fit(disp="off", tol=1e-8).params
    f = econometric.garch(days, TRAIN, 21)
    path = arch_model(r[:800]).fix(params).forecast(horizon=21).variance.to_numpy()[-1]
    assert f[800] == pytest.approx(path.mean(), rel=1e-9)


def test_a_garch_of_signed_ranges_has_the_ranges_as_its_news(days):
    f = econometric.gjr_range(days, TRAIN)
    signed = np.sign(days["return"].to_numpy() + 1e-12) * np.sqrt(days["variance"].to_numpy())
    p = arch_model(signed[:TRAIN], mean="Zero", o=1).fit(disp="off", tol=1e-8).params
    news = (p["alpha[1]"] + p["gamma[1]"] * (signed[900] < 0)) * days["variance"].iloc[900]
    assert f[901] == pytest.approx(p["omega"] + news + p["beta[1]"] * f[900], rel=1e-9)


@pytest.mark.parametrize(("model", "log", "falls"), [("har", False, False), ("log_har", True, False),
                                                     ("leverage_har", True, True)])  # fmt: skip
def test_the_har_family_is_least_squares_on_day_week_and_month(model, log, falls, days):
    v = np.log(days["variance"]) if log else days["variance"]
    columns = [v.rolling(k).mean().shift(1) for k in (1, 5, 22)]
    if falls:
        columns += [days["return"].clip(upper=0).rolling(k).mean().shift(1) for k in (1, 5, 22)]
    x = sm.add_constant(np.column_stack(columns))
    fitted = sm.OLS(v.to_numpy()[WARM:TRAIN], x[WARM:TRAIN]).fit()
    expected = fitted.predict(x[TRAIN:])
    seen = v[WARM:TRAIN]
    expected = np.exp(np.clip(expected, seen.min(), seen.max())) if log else np.maximum(expected, seen.min())
    np.testing.assert_allclose(getattr(econometric, model)(days, TRAIN)[TRAIN:], expected, rtol=1e-7)


def test_no_forecast_leaves_what_was_seen_in_training(days):
    crash = days.copy()
    crash.iloc[900, 0] = -90.0
    f = econometric.leverage_har(crash, TRAIN)
    assert f[901:].max() <= days["variance"][:TRAIN].max() * (1 + 1e-12)


# --- the network


@pytest.fixture(scope="module")
def learnt(days):
    return Correction("none", hidden=4, epochs=4).trained(days, TRAIN)[1]


def test_inputs_are_the_days_before_in_units_of_the_training_rows(days, learnt):
    x = learnt.inputs(days)
    assert x.shape == (1000, WARM, 4)
    assert not x[:WARM].any()
    lnv = np.log(days["variance"].to_numpy())
    expected = (lnv[500 - WARM : 500] - lnv[:TRAIN].mean()) / lnv[:TRAIN].std()
    np.testing.assert_allclose(x[500, :, 0], expected, rtol=1e-5)
    assert abs(learnt.inputs(days.assign(**{"return": 1e9 * days["return"]}))).max() <= 8
    r, v = days.iloc[7]
    np.testing.assert_allclose(columns(days)[7], [np.log(v), r / np.sqrt(v), min(r, 0), r])


def test_the_impact_of_news_is_that_of_a_day_exchanged_in_an_average_month(days, learnt):
    quiet = np.zeros((2, WARM, 4), np.float32)
    v = np.exp(learnt.centre[0]) + 9 / (4 * np.log(2))
    quiet[1, WARM - 5] = (columns(pd.DataFrame({"return": [-3.0], "variance": [v]})) - learnt.centre) / learnt.spread
    before, after = learnt.correction(quiet)
    assert learnt.impact([-3.0], 5) == pytest.approx(np.exp(after - before), rel=1e-6)
    with pytest.raises(ValueError, match="lag is 23"):
        learnt.impact([-3.0], 23)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("base", BASES)
def test_no_network_looks_ahead(base, cell, days):
    network = Correction(base, cell, hidden=4, epochs=2)
    check_causal(lambda days, train: network(days, train, 5), days, TRAIN)


def test_a_network_corrects_what_its_base_leaves(days):
    """Ranges that double the day after a fall, which GJR hardly sees at this size: a correction has to find it."""
    rng, n = np.random.default_rng(1), 3000
    r = rng.normal(size=n)
    factor = np.where(np.r_[0, r[:-1]] < 0, 3.0, 1 / 3.0)
    made = pd.DataFrame({"return": r, "variance": factor * np.exp(0.3 * rng.normal(size=n))},
                        pd.bdate_range("1990-01-01", periods=n))  # fmt: skip
    loss = {}
    for name, model in {"base": ECONOMETRIC["LHAR"], "corrected": Correction("LHAR", epochs=30)}.items():
        f = model(made, 2400)[2400:]
        loss[name] = np.mean(made["variance"][2400:] / f + np.log(f))
    assert loss["corrected"] < loss["base"] - 0.05


def test_a_correction_repeats_to_the_bit_and_tells_how_it_went(days):
    network = Correction("none", "gru", hidden=4, epochs=3, seed=5)
    (f, learnt), (again, _) = network.trained(days, TRAIN), network.trained(days, TRAIN)
    np.testing.assert_array_equal(f, again)
    assert len(learnt.history.valid_loss) == 3
    assert not np.array_equal(f, Correction("none", "gru", hidden=4, epochs=3, seed=6)(days, TRAIN))


def test_an_unknown_base_is_refused(days):
    with pytest.raises(ValueError, match="base is 'ARIMA', but must be one of 'none', 'LHAR', 'GJR, ranges'"):
        Correction("ARIMA")(days, TRAIN)


# --- leaks, planted in the study


def scaler_on_all_days(monkeypatch):
    def scaled(learnt, days):
        return (columns(days) - columns(days).mean(0)) / columns(days).std(0)

    monkeypatch.setattr(Learnt, "_units", scaled)


def target_shifted_by_a_day(monkeypatch):
    """The windows end with the day that is to be forecast."""
    honest = Learnt.inputs
    monkeypatch.setattr(Learnt, "inputs", lambda learnt, days: np.roll(honest(learnt, days), -1, axis=0))


def targets_overlap_the_test_days(monkeypatch):
    for module in (correction, econometric, ranges):
        monkeypatch.setattr(module, "learnable", lambda train, horizon: slice(WARM, train))


def base_fitted_to_all_days(monkeypatch):
    all_days = {name: lambda d, t, h, m=model: m(d, len(d), h) for name, model in ECONOMETRIC.items()}
    monkeypatch.setattr(correction, "ECONOMETRIC", all_days)


LEAKS = [scaler_on_all_days, target_shifted_by_a_day, targets_overlap_the_test_days, base_fitted_to_all_days]
SMALL = dict(symbol="SP500", base="LHAR", cell="lstm", hidden=2, seeds=1, years=1, first=2002, last=2003, horizon=21)


@pytest.mark.parametrize("leak", LEAKS)
def test_the_study_refuses_to_run_with_a_leak_in_it(leak, monkeypatch):
    leak(monkeypatch)
    with pytest.raises(LookAhead):
        next(volatility.run(SMALL, [0]))


def test_the_study_records_forecasts_that_the_network_makes(monkeypatch):
    monkeypatch.setattr(volatility, "Correction", lambda *sizes, **kw: Correction(*sizes, **{"epochs": 2} | kw))
    records = sorted(volatility.run(SMALL | dict(seeds=2), [1, 3]), key=lambda record: record["trial"])
    assert [(record["fold"], record["seed"]) for record in records] == [(0, 1), (1, 1)]
    days = with_range(load_prices("SP500"))
    fold = Fold(*folds(days, 2002, 2003)[1])
    expected = Correction("LHAR", "lstm", 2, seed=1, epochs=2)(days[: fold.stop], fold.start, 21)[fold.start :]
    recorded = np.exp(np.array(records[1]["thousandths"].split(), float) / 1000)
    np.testing.assert_allclose(recorded, expected, rtol=6e-4)
    assert volatility.first(SMALL | dict(seeds=2), 3)["early"] == records[1]["early"]


def test_a_row_with_a_length_learns_from_that_many_days(monkeypatch):
    days, train = volatility._fold(SMALL | dict(length=300), 1)
    assert train == 300
    assert days.index[train].year == 2003
    whole, start = volatility._fold(SMALL, 1)
    assert whole.index[start] == days.index[train]
    assert whole.index[0] < days.index[0]


def test_the_table_has_every_network_of_the_grid_once():
    rows = tables.TABLES["volatility"].settings
    grid = [(row["base"], row["cell"], row["hidden"]) for key, row in rows.items() if key.startswith("validation")]
    assert len(set(grid)) == len(grid) == 18
    assert ranges.WARM == 22

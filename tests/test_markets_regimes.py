"""regimes/detectors.py and stress.py: each detector against its library or a closed form, nothing looks ahead, and the
leaks that such detectors are known for are caught when they are planted."""

import numpy as np
import pandas as pd
import pytest
from hmmlearn.hmm import GaussianHMM
from scipy import stats
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

from lstm_core.markets import load_prices, log_returns
from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.regimes import detectors, stress
from lstm_core.markets.regimes.hindsight import HINDSIGHT

TRAIN = 450


@pytest.fixture(scope="module")
def days():
    """Calm and wild worlds that take turns, 700 days: returns, and log-variances that know better."""
    rng = np.random.default_rng(3)
    wild = np.zeros(700, dtype=bool)
    for t in range(1, 700):
        wild[t] = wild[t - 1] ^ (rng.random() < (0.04 if wild[t - 1] else 0.015))
    spread = np.where(wild, 2.5, 0.6)
    columns = {"return": spread * rng.standard_normal(700), "log_variance": np.log(spread**2) + rng.normal(0, 1.2, 700)}
    return pd.DataFrame({**columns, "wild": wild.astype(float)}, pd.bdate_range("2001-01-01", periods=700))


@pytest.mark.parametrize("name", detectors.ORDINARY)
def test_no_detector_looks_ahead(name, days):
    check_causal(detectors.ORDINARY[name], days, TRAIN, known="the same day")


@pytest.mark.parametrize("name", detectors.ORDINARY)
def test_each_detector_tells_the_two_worlds_apart(name, days):
    score = detectors.ORDINARY[name](days, TRAIN)[TRAIN:]
    wild = days["wild"].to_numpy()[TRAIN:] == 1
    above = (score[wild][:, None] > score[~wild]).mean()  # AUC, pair by pair
    assert above > (0.7 if name == "|r|" else 0.85)


# --- planted leaks


def scaled_on_all_days(days, train):
    return detectors.ewma_volatility(days / days.std(), train)


def estimated_on_all_days(days, train):
    return detectors.hidden_markov(days, len(days))


def shifted_by_a_day(days, train):
    return detectors.size_of_move(days, train)[np.minimum(np.arange(len(days)) + 1, len(days) - 1)]


def centred_window(days, train):
    return days["return"].rolling(11, center=True, min_periods=1).std().to_numpy()


LEAKS = [*HINDSIGHT.values(), scaled_on_all_days, estimated_on_all_days, shifted_by_a_day, centred_window]


@pytest.mark.parametrize("leak", LEAKS)
def test_each_leak_is_caught(leak, days):
    with pytest.raises(LookAhead, match="moves when nothing but the days from row"):
        check_causal(leak, days, TRAIN, known="the same day")


def test_hindsight_is_what_the_libraries_say_and_agrees_on_the_last_day(days):
    """To the last day nothing is ahead: there smoothed and filtered are one."""
    ours, theirs = detectors.markov_switching(days, TRAIN), HINDSIGHT["statsmodels, smoothed"](days, TRAIN)
    assert ours[-1] == pytest.approx(theirs[-1], abs=1e-9)
    assert np.abs(ours - theirs).max() > 0.3


# --- oracles


def test_filtered_is_the_last_row_of_what_hmmlearn_smooths_day_after_day():
    """On the last day there is nothing to look ahead to: predict_proba of x_1 … x_t ends on the filtered one."""
    rng = np.random.default_rng(0)
    x = (np.repeat([0.0, 2.0, 0.0], 20) + rng.normal(0, 1.2, 60))[:, None]
    model = GaussianHMM(2, random_state=1).fit(x)
    log_density = stats.norm.logpdf(x, model.means_[:, 0], np.sqrt(model.covars_[:, 0, 0]))
    ours = detectors.filtered(log_density, model.startprob_, model.transmat_)
    theirs = [model.predict_proba(x[: t + 1])[-1] for t in range(60)]
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert np.abs(ours - model.predict_proba(x)).max() > 0.05  # and smoothing is something else


def test_filtered_by_hand():
    """Two days, two states: Bayes' rule on paper."""
    density, start = np.array([[0.2, 0.6], [0.5, 0.1]]), np.array([0.75, 0.25])
    move = np.array([[0.9, 0.1], [0.3, 0.7]])
    first = np.array([0.75 * 0.2, 0.25 * 0.6]) / 0.3
    carried = np.array([0.5 * 0.9 + 0.5 * 0.3, 0.5 * 0.1 + 0.5 * 0.7])
    second = carried * [0.5, 0.1] / (carried @ [0.5, 0.1])
    np.testing.assert_allclose(detectors.filtered(np.log(density), start, move), [first, second])


def test_markov_switching_filters_as_ours_does_with_the_same_numbers(days):
    r = days["return"].to_numpy()
    fitted = MarkovRegression(r[:TRAIN], k_regimes=2, switching_variance=True).fit(disp=False)
    named = dict(zip(fitted.model.param_names, fitted.params, strict=True))
    stay, come = named["p[0->0]"], named["p[1->0]"]
    move = np.array([[stay, 1 - stay], [come, 1 - come]])
    steady = np.array([come, 1 - stay]) / (come + 1 - stay)
    spread = np.sqrt([named["sigma2[0]"], named["sigma2[1]"]])
    log_density = stats.norm.logpdf(r[:, None], [named["const[0]"], named["const[1]"]], spread)
    ours = detectors.filtered(log_density, steady, move)[:, int(np.argmax(spread))]
    np.testing.assert_allclose(detectors.markov_switching(days, TRAIN), ours, atol=1e-8)


def test_ewma_is_its_recursion(days):
    r, variance, expected = days["return"].to_numpy(), np.mean(days["return"][:TRAIN] ** 2), []
    for value in r:
        variance = 0.94 * variance + 0.06 * value**2
        expected.append(variance**0.5)
    np.testing.assert_allclose(detectors.ewma_volatility(days, TRAIN), expected)


def test_segment_level_finds_a_step_and_forgets_what_came_before():
    x = np.r_[np.zeros(200), np.full(100, 3.0)] + np.random.default_rng(1).normal(0, 0.1, 300)
    steps = pd.DataFrame({"log_variance": x}, pd.bdate_range("2001-01-01", periods=300))
    level = detectors.segment_level(steps, 150)
    assert np.abs(level[20:200]).max() < 0.1
    np.testing.assert_allclose(level[210:], 3, atol=0.1)


def test_score_all_has_a_column_each(days):
    scores = detectors.score_all({"a": detectors.size_of_move, "b": detectors.ewma_volatility}, days, TRAIN)
    assert list(scores) == ["a", "b"]
    np.testing.assert_array_equal(scores["a"], days["return"].abs())


@pytest.mark.parametrize("name", detectors.ORDINARY)
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda days: days.iloc[::-1], "in time order"), (lambda days: days.iloc[:0], "day"),
        (lambda days: days.assign(**dict.fromkeys(days, np.r_[np.nan, np.ones(699)])), "1 NaN"),
        (lambda days: days[["wild"]], "should be a DataFrame with a column"),
        (lambda days: pd.concat([days, days]).sort_index(), "each once"),
    ],
)  # fmt: skip
def test_spoilt_days_are_refused(name, spoil, why, days):
    with pytest.raises(ValueError, match=why):
        detectors.ORDINARY[name](spoil(days), TRAIN)


def test_other_wrong_arguments_get_a_sentence(days):
    with pytest.raises(ValueError, match="train is 59"):
        detectors.size_of_move(days, 59)
    with pytest.raises(ValueError, match="train is 701"):
        detectors.size_of_move(days, 701)
    with pytest.raises(ValueError, match="decay is 1"):
        detectors.ewma_volatility(days, TRAIN, decay=1)
    with pytest.raises(ValueError, match="starts is 0"):
        detectors.hidden_markov(days, TRAIN, starts=0)


# --- stress.py


def test_stress_days_are_those_of_load_prices():
    bars, days = load_prices("SP500"), stress.stress_days()
    pd.testing.assert_series_equal(days["return"], log_returns(bars.Close), check_freq=False)
    spread = np.log(bars.High / bars.Low).to_numpy()[1:]
    np.testing.assert_allclose(np.exp(days["log_variance"]), (100 * spread) ** 2 / (4 * np.log(2)))


def test_long_closes_are_those_of_arch_while_both_last():
    bars, closes = load_prices("SP500").Close, stress.long_closes()
    np.testing.assert_allclose(closes[bars.index], bars, rtol=1e-6)
    assert str(closes.index[-1])[:4] == "2022"


def test_parkinson_is_unbiased_for_a_random_walk():
    """Parkinson (1980): E[(ln H/L)²] = 4 ln 2 σ²; a fine walk comes close from below."""
    rng = np.random.default_rng(0)
    steps = 100 * rng.standard_normal((2000, 4000)).cumsum(axis=1) / np.sqrt(4000) / 100
    high, low = (pd.Series(np.exp(f(axis=1) / 100)) for f in (lambda axis: np.maximum(steps.max(axis), 0),
                                                             lambda axis: np.minimum(steps.min(axis), 0)))  # fmt: skip
    assert np.exp(stress.log_parkinson(high, low)).mean() == pytest.approx(1, abs=0.06)
    with pytest.raises(ValueError, match="high should lie above its low"):
        stress.log_parkinson(low, high)


def test_drawdown_looks_back_a_year_and_no_further():
    close = pd.Series(np.r_[200.0, np.full(300, 100.0), 150.0, 120.0], pd.bdate_range("2001-01-01", periods=303))
    down = stress.drawdown(close)
    assert down.iloc[[0, 1, 251, 252, 301, 302]].tolist() == pytest.approx([0, 50, 50, 0, 0, 20])


def test_bad_times_on_their_days():
    labels = stress.bad_times(stress.long_closes())
    recession = labels["recession"][labels["recession"]].index
    assert (str(recession[0])[:10], str(recession[-1])[:10]) == ("2007-12-03", "2009-06-30")
    vix = labels["VIX > 30"]
    assert (str(vix.index[0])[:10], vix["2018-02-05"], vix["2018-02-02"]) == ("2014-01-03", True, False)  # 37.3, 17.3
    assert labels["drawdown > 15%"]["2008-10-01":"2009-03-31"].all()
    assert list(stress.bad_times(stress.long_closes()["2012":"2013"])) == []


def test_peaks_are_the_ones_that_the_newspapers_had():
    found = stress.peaks(stress.long_closes())["2007":]
    names = [(f"{peak:%Y-%m-%d}", f"{trough:%Y-%m-%d}") for peak, trough in found.items()]
    assert ("2007-10-09", "2009-03-09") in names
    assert ("2020-02-19", "2020-03-23") in names
    assert len(names) == 8


def test_peaks_of_a_made_up_index():
    close = pd.Series([100.0, 95, 101, 92, 90.5, 102, 91.8, 103], pd.bdate_range("2001-01-01", periods=8))
    assert stress.peaks(close).index.tolist() == [close.index[2], close.index[5]]
    assert stress.peaks(close).tolist() == [close.index[4], close.index[6]]
    with pytest.raises(ValueError, match="never fell by 50%"):
        stress.peaks(close, 50)
    for fall in (0, 100):
        with pytest.raises(ValueError, match=f"fall is {fall}"):
            stress.peaks(close, fall)
    with pytest.raises(ValueError, match="in time order"):
        stress.peaks(close[::-1])
    with pytest.raises(ValueError, match="closes should be positive"):
        stress.drawdown(-close)


def test_events_are_days_of_the_span_on_which_the_index_moved():
    r = stress.stress_days()["return"]
    assert all(abs(r[day]) > 2.5 for day in stress.EVENTS.values())

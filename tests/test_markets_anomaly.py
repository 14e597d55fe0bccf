"""regimes/anomaly.py: three networks that look ahead nowhere, what their scores mean, and the leaks of others."""

from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
import torch

from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.regimes import anomaly
from lstm_core.markets.regimes.anomaly import LENGTH, NETWORKS, Autoencoder, detector, forecast

TRAIN = 300
QUICK = dict(hidden=4, epochs=2)


@pytest.fixture(scope="module")
def days():
    rng = np.random.default_rng(1)
    spread = np.exp(np.convolve(rng.normal(0, 0.4, 449), 0.9 ** np.arange(40))[:420])
    r, x = spread * rng.standard_normal(420), 2 * np.log(spread) + rng.normal(0, 0.5, 420)
    return pd.DataFrame({"return": r, "log_variance": x}, pd.bdate_range("2001-01-01", periods=420))


@pytest.mark.parametrize("name", NETWORKS)
def test_no_network_looks_ahead(name, days):
    check_causal(detector(NETWORKS[name], **QUICK), days, TRAIN, known="the same day")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_score_has_a_number_on_every_day_that_ends_a_window(name, days):
    found = NETWORKS[name](days, TRAIN, **QUICK)
    assert np.isnan(found.score[:LENGTH]).all()
    assert np.isfinite(found.score[LENGTH:]).all()
    assert len(found.score) == len(days)
    assert 0 < found.valid_loss < 20


@pytest.mark.parametrize("name", NETWORKS)
def test_a_score_repeats_to_the_bit_and_hangs_on_its_seed(name, days):
    one, two, three = (NETWORKS[name](days, TRAIN, seed=seed, **QUICK).score[LENGTH:] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != three).any()


@pytest.mark.parametrize("name", NETWORKS)
def test_no_day_of_the_test_has_a_say_in_when_to_stop(name, days):
    """The weights hang on the validation loss only where it changes the best epoch: so look at the loss itself."""
    other = days.copy()
    other.iloc[TRAIN:] *= 3
    one, two = (NETWORKS[name](each, TRAIN, **QUICK).valid_loss for each in (days, other))
    assert one == two


# --- planted leaks


def scaler_on_all_days(days, train):
    """As it happens most: the mean and the spread of the whole file."""
    right = anomaly._standardise
    with patch.object(anomaly, "_standardise", lambda values, train: right(values, len(values))):
        return anomaly.autoencoder(days, train, **QUICK).score


def trained_on_all_days(days, train):
    return anomaly.residual(days, len(days), **QUICK).score


def target_shifted(days, train):
    """Tomorrow's variance as "expected" today: the forecast is handed a day that it is to forecast."""
    ahead = days.assign(log_variance=days["log_variance"].shift(-1).ffill())
    return anomaly.expected_volatility(ahead, train, **QUICK).score


def windows_overlap_the_test(days, train):
    """Windows that begin on training days are taken for training, those that end in the test with them."""
    return anomaly.autoencoder(days, train + LENGTH - 1, **QUICK).score


@pytest.mark.parametrize("leak", [scaler_on_all_days, trained_on_all_days, target_shifted, windows_overlap_the_test])
def test_each_leak_is_caught(leak, days):
    with pytest.raises(LookAhead, match="moves when nothing but the days from row"):
        check_causal(leak, days, TRAIN, known="the same day")


# --- what the scores mean


def test_a_forecast_of_noise_leaves_the_move_and_one_of_a_cycle_leaves_little():
    rng = np.random.default_rng(2)
    index = pd.bdate_range("2001-01-01", periods=900)
    noise = pd.DataFrame({"return": rng.standard_normal(900)}, index)
    cycle = pd.DataFrame({"return": np.sin(np.arange(900)) + 0.1 * rng.standard_normal(900)}, index)
    score = anomaly.residual(noise, 700).score[LENGTH:]
    assert np.corrcoef(score, noise["return"].abs()[LENGTH:])[0, 1] > 0.95
    assert np.sqrt(np.mean(score[: 700 - LENGTH] ** 2)) == pytest.approx(1)
    broken = cycle.copy()
    broken.iloc[850] += 3
    score = anomaly.residual(broken, 700).score
    assert score[850] > 15  # 26; with the forecast of another day it would be 5


def test_forecast_is_in_the_values_own_units_and_ends_with_tomorrow():
    x = 50 + 3 * np.sin(np.arange(900) * 0.5)
    expected, loss = forecast(x[:, None], 700, hidden=8)
    assert expected.shape == (900 - LENGTH + 1,)
    assert loss < 0.05
    tomorrow = 50 + 3 * np.sin(np.arange(LENGTH, 901) * 0.5)
    assert np.sqrt(np.mean((expected - tomorrow) ** 2)) < 0.75


def test_an_autoencoder_gives_the_window_back_through_few_numbers():
    model = Autoencoder(3, 2, seed=5)
    x = torch.randn(4, 7, 3)
    assert model(x).shape == (4, 7, 3)
    assert model.encoder(x).shape == (4, 2)
    same = model.decoder(model.encoder(x)[:, None].expand(-1, 7, -1))
    torch.testing.assert_close(model(x), same)
    before = torch.get_rng_state()
    Autoencoder(3, 2, seed=5)
    assert torch.equal(before, torch.get_rng_state())


def test_wrong_input_gets_a_sentence(days):
    with pytest.raises(ValueError, match="in time order"):
        anomaly.residual(days[::-1], TRAIN)
    with pytest.raises(ValueError, match="column 'log_variance'"):
        anomaly.expected_volatility(days[["return"]], TRAIN)
    with pytest.raises(ValueError, match="1 NaN"):
        anomaly.autoencoder(days.assign(**{"return": np.r_[np.nan, np.ones(419)]}), TRAIN)
    with pytest.raises(ValueError, match="training windows is"):
        forecast(np.arange(45.0)[:, None], 40)
    with pytest.raises(ValueError, match="a column never changes"):
        anomaly.residual(days * 0, TRAIN)

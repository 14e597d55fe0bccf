"""markets/guard.py: honest models pass; each classic leak, planted, is caught."""

import numpy as np
import pandas as pd
import pytest

from lstm_core.markets.guard import LookAhead, check_causal

N, TRAIN = 400, 250


@pytest.fixture(scope="module")
def days():
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(N, 2)), pd.bdate_range("2001-01-01", periods=N), ["return", "other"])


def honest(days, train):
    """AR(1), scaled and estimated on the first `train` rows."""
    r = ((days["return"] - days["return"][:train].mean()) / days["return"][:train].std()).to_numpy()
    slope = np.polyfit(r[: train - 1], r[1:train], 1)[0]
    return np.concatenate([[0.0], slope * r[:-1]])


def scaler_on_all_days(days, train):
    return honest((days - days.mean()) / days.std(), train) * days["return"].std()


def fitted_on_all_days(days, train):
    return honest(days, len(days))


def shifted_the_wrong_way(days, train):
    return days["return"].shift(-1).fillna(0.0)


def knows_the_day_itself(days, train):
    return days["return"]


def targets_reach_into_the_test(days, train, embargo=0):
    """A forecast of the mean of five days, whose last training targets are still open on the first test day."""
    target = days["return"].rolling(5).mean().shift(-4)[: train - embargo]
    return np.full(len(days), target.mean())


def smoothed(days, train):
    """A backward pass: each day's value hangs on all later ones."""
    return days["return"][::-1].ewm(alpha=0.1).mean()[::-1].shift(1).fillna(0.0)


def test_an_honest_model_passes(days):
    check_causal(honest, days, TRAIN)
    check_causal(honest, days, TRAIN, known="the same day")


LEAKS = [scaler_on_all_days, fitted_on_all_days, shifted_the_wrong_way, targets_reach_into_the_test, smoothed]


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("known", ["the day before", "the same day"])
def test_each_leak_is_caught(leak, known, days):
    with pytest.raises(LookAhead, match="moves when nothing but the days from row"):
        check_causal(leak, days, TRAIN, known=known)


def test_the_day_itself_may_be_known_to_an_alarm_and_not_to_a_forecast(days):
    check_causal(knows_the_day_itself, days, TRAIN, known="the same day")
    with pytest.raises(LookAhead, match=r"row 250 \(2001-12-17"):
        check_causal(knows_the_day_itself, days, TRAIN)


def test_an_embargo_closes_the_overlap(days):
    check_causal(lambda days, train: targets_reach_into_the_test(days, train, embargo=4), days, TRAIN)


@pytest.mark.parametrize("answer", [lambda days, train: [1.0], lambda days, train: np.full(N, np.nan)])
def test_answers_of_another_shape_or_without_numbers_are_refused(answer, days):
    with pytest.raises(ValueError, match="should answer with 400 rows, finite from row 250 on"):
        check_causal(answer, days, TRAIN)


def test_wrong_arguments_get_a_sentence(days):
    with pytest.raises(ValueError, match="known is 'never'"):
        check_causal(honest, days, TRAIN, known="never")
    with pytest.raises(ValueError, match="train is 399"):
        check_causal(honest, days, 399)

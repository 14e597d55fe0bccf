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
    with pytest.raises(ValueError, match="probes is 1"):
        check_causal(honest, days, TRAIN, probes=1)


# ---------------------------------------------------------------------------------------------------- what could escape


def at_the_ends_of_months(days, train):
    """Honest on all days but the last of each month, when it knows tomorrow."""
    ends = days.index.month != np.roll(days.index.month, -1)
    return np.where(ends, days["return"].shift(-1).fillna(0.0), honest(days, train))


def test_a_leak_of_some_days_is_found_by_a_probe_on_one_of_them(days):
    with pytest.raises(LookAhead, match="moves when nothing but"):
        check_causal(at_the_ends_of_months, days, TRAIN, probes=N)
    found = 0
    for seed in range(20):
        try:
            check_causal(at_the_ends_of_months, days, TRAIN, seed=seed)
        except LookAhead:
            found += 1
    assert 0 < found < 20  # four probes in 150 days: which days they are is for the seed to say
    check_causal(honest, days, TRAIN, probes=N)


@pytest.mark.parametrize(("known", "ahead", "until"), [("the day before", 0, 22), ("the same day", 1, 21)])
def test_every_day_can_be_probed(days, known, ahead, until):
    """One row looks ahead, another in each run, by a day: none is out of the guard's sight, the last one neither."""
    some = days[: TRAIN + 22]
    for row in range(TRAIN, TRAIN + until):
        leaky = np.arange(len(some)) == row
        with pytest.raises(LookAhead, match=rf"^row {row} "):
            check_causal(lambda d, train, leaky=leaky: leaky * d["return"].shift(-ahead).fillna(0.0), some, TRAIN,
                         known=known, probes=N)  # fmt: skip


def test_a_leak_of_no_more_than_a_sign_is_caught_whatever_the_seed(days):
    """Drawn blindly, the exchanged day has the same sign half the time."""
    for seed in range(20):
        with pytest.raises(LookAhead):
            check_causal(lambda d, train: np.sign(d["return"].shift(-1).fillna(1.0)), days, TRAIN, seed=seed)


def test_a_scale_of_extremes_is_caught_though_they_lie_in_the_past(days):
    """Other days of the same market would leave the highest where it is; days three times as large do not."""
    wild = days.copy()
    wild.iloc[10], wild.iloc[20] = 6.0, -6.0

    def scaled(days, train):
        return days["return"].shift(1).fillna(0.0) / (days["return"].max() - days["return"].min())

    with pytest.raises(LookAhead):
        check_causal(scaled, wild, TRAIN)


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_units_do_not_matter(days, unit):
    check_causal(lambda d, train: unit * honest(d, train), days, TRAIN)
    for leak in LEAKS:
        with pytest.raises(LookAhead):
            check_causal(lambda d, train, leak=leak: unit * np.asarray(leak(d, train)), days, TRAIN)
    with pytest.raises(LookAhead):
        check_causal(shifted_the_wrong_way, unit * days, TRAIN)


def test_a_model_that_does_not_repeat_itself_is_told_so_and_not_of_a_leak(days):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="answers otherwise when it is asked the same again: give it a seed") as told:
        check_causal(lambda d, train: honest(d, train) + 1e-3 * rng.normal(size=len(d)), days, TRAIN)
    assert not isinstance(told.value, LookAhead)


def test_columns_keep_their_kinds_and_prices_stay_prices(days):
    """A model may take a class for a class, and the logarithm of a price."""
    table = days.assign(close=np.exp(days["return"]), day=days.index.day_of_week, calm=days["other"] < 1, name="AAPL")

    def particular(table, train):
        assert table.dtypes.equals(kinds)
        assert set(table["day"]) <= set(range(5))
        assert set(table["name"]) == {"AAPL"}
        before = table.shift(1).iloc[1:]
        return np.concatenate([[0.0], np.log(before["close"]) + before["day"] + before["calm"].astype(float)])

    kinds = table.dtypes
    check_causal(particular, table, TRAIN)
    with pytest.raises(LookAhead):
        check_causal(lambda d, train: d["day"].shift(-1).fillna(0), table, TRAIN)


def test_several_answers_a_day_are_each_looked_at(days):
    both = lambda d, train: np.column_stack([honest(d, train), d["other"].shift(-1).fillna(0.0)])  # noqa: E731
    with pytest.raises(LookAhead, match="row 250"):
        check_causal(both, days, TRAIN)

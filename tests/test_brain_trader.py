"""brain.trader: the mood at which a lottery is given up is where its prospect value changes sign; nobody sees the
future; accounts are kept by hand."""

import numpy as np
import pandas as pd
import pytest

from lstm_core.brain import TK1992, Prospect, calm_positions, earned, lotteries, prospect_value, redraw, tolerated

RNG = np.random.default_rng(0)
CLOSE = 100 * np.exp(0.01 * RNG.normal(size=80)).cumprod()


def test_lotteries_are_the_latest_returns():
    found = lotteries(CLOSE, horizon=5, window=20)
    returns = pd.Series(CLOSE).pct_change(5)
    assert found.shape == (80 - 5 - 20 + 1, 20)
    np.testing.assert_allclose(found[0], returns[5:25])
    np.testing.assert_allclose(found[-1], returns[-20:])
    with pytest.raises(ValueError, match="80 days, but 81 are needed"):
        lotteries(CLOSE, 61, 20)


def test_what_comes_later_changes_nothing():
    other = CLOSE.copy()
    other[60:] *= np.linspace(2, 3, 20)
    before, after = (tolerated(lotteries(close, 5, 20)) for close in (CLOSE, other))
    known = 60 - 24  # rows up to close 59
    np.testing.assert_array_equal(before[:known], after[:known])
    assert (before[known:] != after[known:]).all()


@pytest.mark.parametrize("taste", [TK1992, Prospect(1, 1, 7, 0.5, 0.9)])
def test_a_lottery_is_played_until_the_mood_that_makes_it_worth_nothing(taste):
    returns = RNG.normal(0.01, 0.05, (6, 15))
    for row, most in zip(returns, tolerated(returns, taste), strict=True):
        equal = np.full(15, 1 / 15)
        assert prospect_value(row, equal, taste._replace(loss_aversion=most)) == pytest.approx(0, abs=1e-12)
        assert prospect_value(row, equal, taste._replace(loss_aversion=0.99 * most)) > 0
        assert prospect_value(row, equal, taste._replace(loss_aversion=1.01 * most)) < 0


def test_it_is_all_or_nothing():
    """Of all stakes between, a grid finds none better than the better of the two ends."""
    row, stakes, equal = RNG.normal(0.004, 0.05, 15), np.linspace(0, 1, 21), np.full(15, 1 / 15)
    for mood in (0.5, 3.0):
        values = [prospect_value(stake * row, equal, TK1992._replace(loss_aversion=mood)) for stake in stakes]
        assert np.argmax(values) == (20 if mood < tolerated(row[None])[0] else 0)
    with pytest.raises(ValueError, match="all-or-nothing"):
        tolerated(row[None], TK1992._replace(beta=0.7))


def test_without_a_loss_any_mood_will_do_and_without_a_gain_none():
    assert tolerated([[0.1, 0.2]])[0] == np.inf
    assert tolerated([[-0.1, -0.2]])[0] == 0


def test_the_calm_one_holds_what_keeps_the_forecast_risk_at_its_target():
    np.testing.assert_allclose(calm_positions([5, 10, 20, 40], 10), [1, 1, 0.5, 0.25])
    for volatility, target in (([1, 0], 10), ([1, 2], 0)):
        with pytest.raises(ValueError, match="above 0"):
            calm_positions(volatility, target)


def test_an_account_kept_by_hand():
    found = earned([0.5, 0.5, 1.0, 0.0], [0.02, -0.04, 0.01, 0.3], cost_bp=10)
    np.testing.assert_allclose(found, [0.01 - 0.0005, -0.02, 0.01 - 0.0005, -0.001])
    np.testing.assert_allclose(earned([1, 1], [0.1, 0.2], cost_bp=0), [0.1, 0.2])


def test_another_history_is_made_of_blocks_of_this_one():
    days = np.arange(100.0)
    found = redraw(days, np.random.default_rng(3), block=10)
    assert len(found) == 100
    blocks = found.reshape(10, 10)
    np.testing.assert_array_equal((blocks - blocks[:, :1]) % 100, np.tile(np.arange(10), (10, 1)))
    assert len(set(blocks[:, 0])) > 5
    assert len(redraw(days, np.random.default_rng(3), block=30)) == 100

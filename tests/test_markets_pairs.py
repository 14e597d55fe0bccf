"""regimes/pairs.py and earnings.py: a pair that was made cointegrated is found to be, signals and positions by hand,
costs to the cent, and nothing knows a day beforehand."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.stattools import coint

from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.regimes import pairs
from lstm_core.markets.regimes.earnings import Trades, books, sharpe_interval, trade
from lstm_core.markets.regimes.pairs import form, lstm_surprise, positions, z_score

FORMATION = 500


@pytest.fixture(scope="module")
def prices():
    """B is a random walk, A = 0.3 + 1.2 B and a stationary rest, C another walk."""
    rng = np.random.default_rng(4)
    walks = rng.normal(0, 0.01, (800, 2)).cumsum(axis=0) + 3
    rest = np.zeros(800)
    for t in range(1, 800):
        rest[t] = 0.9 * rest[t - 1] + rng.normal(0, 0.01)
    logs = {"A": 0.3 + 1.2 * walks[:, 0] + rest, "B": walks[:, 0], "C": walks[:, 1]}
    return pd.DataFrame(np.exp(pd.DataFrame(logs)).to_numpy(), pd.bdate_range("2001-01-01", periods=800), list(logs))


def test_a_cointegrated_pair_is_told_from_two_walks(prices):
    pair, other = form(prices, ("A", "B"), FORMATION), form(prices, ("A", "C"), FORMATION)
    assert pair.p < 0.01 < 0.1 < other.p
    assert (pair.alpha, pair.beta) == pytest.approx((0.3, 1.2), abs=0.15)
    logs = np.log(prices)[:FORMATION]
    assert pair.p == pytest.approx(coint(logs["A"], logs["B"])[1])
    assert pair.spread[:FORMATION].mean() == pytest.approx(0, abs=1e-12)


def test_a_spread_earns_what_its_two_legs_do(prices):
    pair = form(prices, ("A", "B"), FORMATION)
    a, b = prices["A"].iloc[10] / prices["A"].iloc[9] - 1, prices["B"].iloc[10] / prices["B"].iloc[9] - 1
    money = 1 + pair.beta  # of A bought for 1, of B sold for β
    assert pair.returns(prices).iloc[9] == pytest.approx(100 * (a - pair.beta * b) / money)


@pytest.mark.parametrize("make", [
    lambda days, train: form(days, ("A", "B"), train).spread,
    lambda days, train: z_score(form(days, ("A", "B"), train).spread).fillna(0),
    lambda days, train: positions(z_score(form(days, ("A", "B"), train).spread)),
    lambda days, train: lstm_surprise(form(days, ("A", "B"), train).spread, train, days=5),
])  # fmt: skip
def test_nothing_looks_ahead(make, prices):
    check_causal(make, prices, FORMATION, known="the same day")


@pytest.mark.parametrize("leak", [
    lambda days, train: form(days, ("A", "B"), len(days)).spread,
    lambda days, train: lstm_surprise(form(days, ("A", "B"), train).spread, len(days)),
    lambda days, train: positions(z_score(form(days, ("A", "B"), train).spread).shift(-1)),
    lambda days, train: form(days, ("A", "B"), train).spread.pipe(lambda s: (s - s.mean()) / s.std()),
])  # fmt: skip
def test_each_leak_is_caught(leak, prices):
    with pytest.raises(LookAhead):
        check_causal(leak, prices, FORMATION, known="the same day")


def test_a_z_score_is_of_the_latest_250_days(prices):
    spread = form(prices, ("A", "B"), FORMATION).spread
    window = spread.iloc[301:551].to_numpy()
    assert z_score(spread).iloc[550] == pytest.approx((window[-1] - window.mean()) / window.std(ddof=1))
    assert z_score(spread).isna().sum() == 249


def test_a_surprise_over_days_adds_them_up(prices):
    spread = form(prices, ("A", "B"), FORMATION).spread
    one, five = lstm_surprise(spread, FORMATION), lstm_surprise(spread, FORMATION, days=5)
    total = one.rolling(5).sum()
    np.testing.assert_allclose(five[30:], total[30:] / total[:FORMATION].std())
    assert five[:FORMATION].std() == pytest.approx(1)


def test_five_signals_of_which_two_are_plain_changes(prices):
    spread = form(prices, ("A", "B"), FORMATION).spread
    found = pairs.signals(spread, FORMATION)
    assert list(found) == ["z-score", "LSTM, day", "no LSTM, day", "LSTM, month", "no LSTM, month"]
    for name, days in (("day", 1), ("month", 21)):
        plain = spread.diff(days)[60:]
        ratio = found[f"no LSTM, {name}"][60:] / plain
        np.testing.assert_allclose(ratio, ratio.iloc[0])
    np.testing.assert_array_equal(found["LSTM, month"][50:], lstm_surprise(spread, FORMATION, days=21)[50:])


def test_a_position_is_opened_far_out_and_closed_at_zero():
    signal = pd.Series([0, 2.1, 1.0, -0.1, -1.9, -2.5, -0.2, 0.0, 2.2, -2.3, np.nan, 1.0, 2.0])
    assert positions(signal).tolist() == [0, -1, -1, 0, 0, 1, 1, 0, -1, 1, 0, 0, 0]
    with pytest.raises(ValueError, match="enter is 0"):
        positions(signal, enter=0)


def test_trades_earn_from_the_next_day_and_pay_for_each_change():
    index = pd.RangeIndex(6)
    held, returns = pd.Series([0.0, 1, 1, -1, 0, 0], index), pd.Series([9.0, 9, 2, -1, 4, 9], index)
    found = trade(held, returns, cost=10)
    assert found.gross.tolist() == [0, 0, 2, -1, -4, 0]
    assert (found.gross - found.net).tolist() == pytest.approx([0, 0.1, 0, 0.2, 0.1, 0])
    assert found.trips == 2
    daily = found.net.to_numpy()
    assert found.sharpe() == pytest.approx(np.sqrt(252) * daily.mean() / daily.std(ddof=1))
    assert found.sharpe(net=False) > found.sharpe()
    assert trade(held * 0, returns).sharpe() == 0
    with pytest.raises(ValueError, match="cost is -1"):
        trade(held, returns, cost=-1)


def noise(seed: int, mean: float = 0.0, days: int = 1000) -> Trades:
    daily = pd.Series(np.random.default_rng(seed).normal(mean, 1, days))
    return Trades(daily, daily, 1)


def test_an_interval_of_independent_days_is_the_textbooks():
    """Lo (2002): the standard error of a daily Sharpe ratio s over T days is √((1 + s²/2) / T)."""
    found = noise(0, 0.05)
    low, high = sharpe_interval(found, block=1, draws=4000)
    daily = found.sharpe() / np.sqrt(252)
    half = 1.96 * np.sqrt(252 * (1 + daily**2 / 2) / 1000)
    assert (low, high) == pytest.approx((found.sharpe() - half, found.sharpe() + half), abs=0.12)


def test_an_interval_covers_the_truth_as_often_as_it_says():
    truth = 0.05 * np.sqrt(252)
    intervals = [sharpe_interval(noise(seed, 0.05), draws=200) for seed in range(60)]
    assert 50 <= sum(low < truth < high for low, high in intervals) <= 60


def test_a_difference_of_sharpes_is_of_the_same_days():
    one = noise(1)
    assert sharpe_interval(one, one, draws=50) == (0, 0)
    low, high = sharpe_interval(one, Trades(2 * one.gross, 2 * one.net, 1), draws=50)
    assert (low, high) == pytest.approx((0, 0), abs=1e-12)  # twice the stake, the same ratio
    with pytest.raises(ValueError, match="on the same days"):
        sharpe_interval(one, noise(2, days=900))
    with pytest.raises(ValueError, match="block is 0"):
        sharpe_interval(one, block=0)


def test_books_have_a_row_a_signal():
    one, two = noise(1, 0.1), noise(2)
    table = books({"z": one, "y": two}, "z")
    assert table["after"].tolist() == [round(one.sharpe(), 2), round(two.sharpe(), 2)]
    low, high = sharpe_interval(two, one)
    assert table["less z's"].tolist() == ["–", f"[{low:.2f}, {high:.2f}]"]
    best = np.sort(one.net.to_numpy())[-10:].sum() / one.net.sum()
    assert table["best 10"]["z"] == f"{best:.0%}"
    assert table["gross %"]["z"] == round(252 * one.gross.mean(), 1)


def test_candidates_share_a_sector():
    prices = pd.DataFrame(columns=[name for sector in pairs.SECTORS.values() for name in sector])
    found = pairs.candidates(prices)
    assert len(found) == len(set(found)) == 6 + 10 + 3 + 1 + 3 + 1
    assert ("KO", "PEP") in found
    assert ("AAPL", "XOM") not in found
    assert pairs.candidates(prices[["KO", "PG"]]) == [("KO", "PG")]


def test_wrong_prices_and_names_are_refused(prices):
    with pytest.raises(ValueError, match="give two different columns"):
        form(prices, ("A", "Z"), FORMATION)
    with pytest.raises(ValueError, match="give two different columns"):
        form(prices, ("A", "A"), FORMATION)
    with pytest.raises(ValueError, match="in time order"):
        form(prices[::-1], ("A", "B"), FORMATION)
    with pytest.raises(ValueError, match="prices should be positive"):
        form(-prices, ("A", "B"), FORMATION)
    with pytest.raises(ValueError, match="1 NaN"):
        form(prices.where(prices != prices["A"].iloc[5]), ("A", "B"), FORMATION)
    with pytest.raises(ValueError, match="formation is 99"):
        form(prices, ("A", "B"), 99)
    with pytest.raises(ValueError, match="in time order"):
        z_score(pd.Series([1.0, 2.0], [2, 1]))
    with pytest.raises(ValueError, match="days is 0"):
        lstm_surprise(np.log(prices["A"]), FORMATION, days=0)

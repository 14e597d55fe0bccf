"""portfolio/account.py and network.py: an account kept in shares and cash is the oracle of weights; the
network's loss is held against that account; honest weights pass the guard, and each planted leak is caught."""

import numpy as np
import pandas as pd
import pytest
import torch
from helpers import central_differences
from hypothesis import given
from hypothesis import strategies as st

from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.portfolio import account, network
from lstm_core.markets.portfolio.account import backtest, drawdown, monthly, simple_returns, stitch
from lstm_core.training import fit

DAYS = pd.bdate_range("2001-01-01", periods=40)


def market(days: int, stocks: int, seed: int = 0) -> pd.DataFrame:
    """Prices of a random walk."""
    rng = np.random.default_rng(seed)
    steps = 0.0004 + 0.02 * rng.standard_normal((days, stocks))
    index = pd.bdate_range("1990-01-01", periods=days)
    return pd.DataFrame(50 * np.exp(steps.cumsum(0)), index, [f"S{k}" for k in range(stocks)])


def random_weights(rng, returns: pd.DataFrame, share: float) -> pd.DataFrame:
    """New weights on this share of the days, NaN on the others; always some on the first."""
    targets = rng.dirichlet(np.ones(returns.shape[1]), len(returns))
    targets[(rng.random(len(returns)) > share) & (np.arange(len(returns)) > 0)] = np.nan
    return pd.DataFrame(targets, returns.index, returns.columns)


def in_shares(weights: np.ndarray, prices: np.ndarray, cost_bp: float) -> tuple[np.ndarray, np.ndarray]:
    """Wealth at each close, after that close's trades are paid for, and what was bought + sold: in shares, one by one.

    prices has one row more than weights, the close before the first.
    """
    cash, shares, wealth, traded = 1.0, np.zeros(prices.shape[1]), [], []
    for target, price in zip(weights, prices[1:], strict=True):
        before = cash + shares @ price
        moved, after = 0.0, before
        if not np.isnan(target).any():
            moved = sum(abs(target[k] * before - shares[k] * price[k]) for k in range(len(price)))
            after = before - cost_bp / 1e4 * moved
            shares, cash = target * after / price, 0.0
        wealth.append(after)
        traded.append(moved / before)
    return np.array(wealth), np.array(traded)


# --- the account


@given(st.integers(0, 10**6), st.sampled_from([0.0, 10.0, 300.0]), st.sampled_from([0.1, 0.5, 1.0]))
def test_an_account_is_what_shares_and_cash_come_to(seed, cost, share):
    prices = market(31, 4, seed)
    r = simple_returns(prices)
    weights = random_weights(np.random.default_rng(seed), r, share)
    account = backtest(weights, r)
    wealth, traded = in_shares(weights.iloc[:-1].to_numpy(), prices.iloc[:-1].to_numpy(), cost)
    last = wealth[-1] * (1 + account.gross.iloc[-1])
    ours = (1 + account.net(cost)).cumprod()
    assert ours.iloc[-1] == pytest.approx(last, rel=1e-12)
    np.testing.assert_allclose(account.turnover, traded, atol=1e-12)
    np.testing.assert_allclose(ours.iloc[:-1] * (1 - cost / 1e4 * traded[1:]), wealth[1:], rtol=1e-12)


def test_weights_of_a_close_earn_the_next_days_return():
    r = pd.DataFrame(0.0, DAYS[:4], ["a", "b"])
    r.loc[DAYS[2], "a"] = 0.10
    hit = pd.DataFrame([[0, 1], [1, 0], [0, 1], [0, 1]], DAYS[:4], ["a", "b"], dtype=float)
    account = backtest(hit, r)
    assert account.gross.tolist() == [0, 0.10, 0]
    assert account.turnover.tolist() == [1, 2, 2]  # from cash, then all sold and all bought, twice
    late = backtest(hit.shift(1).bfill(), r)
    assert late.gross.sum() == 0


def test_between_two_trades_weights_drift():
    r = pd.DataFrame([[0, 0], [0.10, 0], [0, 0]], DAYS[:3], ["stocks", "bonds"], dtype=float)
    weights = pd.DataFrame([[0.6, 0.4], [0.6, 0.4], [np.nan, np.nan]], DAYS[:3], r.columns)
    account = backtest(weights, r)
    assert account.gross.iloc[0] == pytest.approx(0.06)
    assert account.turnover.iloc[1] == pytest.approx(2 * (0.66 / 1.06 - 0.6))
    held = backtest(weights[:1].reindex(r.index), r)
    np.testing.assert_allclose(held.last, [0.66 / 1.06, 0.40 / 1.06])
    assert held.turnover.tolist() == [1, 0]


def test_costs_are_basis_points_of_what_is_traded():
    r = pd.DataFrame(0.0, DAYS, ["a", "b"])
    switching = pd.DataFrame(np.eye(2)[np.arange(len(DAYS)) % 2], DAYS, r.columns)
    account = backtest(switching, r)
    assert account.yearly_turnover() == pytest.approx(252 * (1 + 2 * (len(DAYS) - 2)) / (len(DAYS) - 1))
    np.testing.assert_allclose(account.net(10)[1:], -0.002)
    np.testing.assert_array_equal(account.net(0), account.gross)


def test_spans_are_stitched_without_selling_out_between_them():
    prices = market(61, 3)
    r = simple_returns(prices)
    weights = random_weights(np.random.default_rng(1), r, 0.4)
    weights.iloc[20] = [0.2, 0.3, 0.5]
    whole = backtest(weights, r)
    parts = [backtest(weights[:21], r[:21]), backtest(weights[20:], r[20:])]
    assert parts[1].turnover.iloc[0] == 1
    joined = stitch(parts)
    np.testing.assert_allclose(joined.gross, whole.gross, atol=1e-14)
    np.testing.assert_allclose(joined.turnover, whole.turnover, atol=1e-12)
    np.testing.assert_allclose(joined.last, whole.last)
    with pytest.raises(ValueError, match="in order and each there once"):
        stitch(parts[::-1])
    with pytest.raises(ValueError, match="accounts is empty"):
        stitch([])


def test_a_months_last_day_trades_and_no_other():
    targets = pd.DataFrame(1.0, pd.bdate_range("2001-01-15", "2001-04-12"), ["a", "b"])
    kept = monthly(targets).dropna()
    last = targets.groupby(targets.index.to_period("M")).tail(1).index[:-1]  # April goes on
    assert kept.index.tolist() == last.tolist()
    assert monthly(targets).isna().sum().tolist() == [len(targets) - 3] * 2


def test_a_drawdown_is_measured_from_the_highest_close_and_from_the_start():
    r = pd.Series([-0.5, 1.0, 0.5, -0.2, 0.1])
    np.testing.assert_allclose(drawdown(r), [-0.5, 0, 0, -0.2, -0.12])


def test_the_bundled_stocks_are_twenty_with_clean_prices():
    prices = account.load_stocks()
    assert prices.shape == (8313, 20)
    assert {"AAPL", "XOM"} < set(prices.columns)
    assert not {"SP500", "NASDAQ"} & set(prices.columns)
    r = simple_returns(prices)
    assert r.iloc[0, 0] == pytest.approx(prices.iloc[1, 0] / prices.iloc[0, 0] - 1)
    assert len(r) == 8312


def spoilt(change) -> pd.DataFrame:
    prices = market(10, 2)
    change(prices)
    return prices


@pytest.mark.parametrize(
    ("prices", "says"),
    [
        (spoilt(lambda p: p.iloc.__setitem__((3, 1), np.nan)), r"prices holds 1 NaN .* first at \(3, 1\)"),
        (spoilt(lambda p: p.iloc.__setitem__((3, 1), 0.0)), "positive numbers; got 10, down to 0"),
        (spoilt(lambda p: p.iloc.__setitem__((3, 1), -4.0)), "positive numbers; got 10, down to -4"),
        (market(10, 2)[::-1], "days of prices should be in order"),
        (pd.concat([market(10, 2), market(10, 2)[-1:]]), "each there once"),
        (market(10, 2)[:1], "two or more rows"),
        (market(10, 2)[:0], "prices is empty"),
    ],
)
def test_wrong_prices_are_refused(prices, says):
    with pytest.raises(ValueError, match=says):
        simple_returns(prices)


R = simple_returns(market(10, 2))
EVEN = pd.DataFrame(0.5, R.index, R.columns)


def with_row(row) -> pd.DataFrame:
    weights = EVEN.copy()
    weights.iloc[4] = row
    return weights


@pytest.mark.parametrize(
    ("weights", "returns", "says"),
    [
        (with_row([0.5, 0.4]), R, "sum to 1 on every day.* on 1990-01-08.* they sum to 0.9"),
        (with_row([1.2, -0.2]), R, "go down to -0.2"),
        (with_row([np.nan, 1.0]), R, "or all be NaN"),
        (with_row([np.inf, 1.0]), R, "sum to inf"),
        (EVEN * np.nan, R, "no row of numbers"),
        (EVEN[1:], R, "the same days and stocks"),
        (EVEN[["S1", "S0"]], R, "the same days and stocks"),
        (EVEN, R.shift(1), "returns holds 2 NaN"),
        (EVEN, 100 * R - 90, "are they in per cent"),
        (EVEN[::-1], R[::-1], "days of returns should be in order"),
    ],
)
def test_wrong_weights_and_returns_are_refused(weights, returns, says):
    with pytest.raises(ValueError, match=says):
        backtest(weights, returns)


@pytest.mark.parametrize("cost", [-1, np.inf, np.nan])
def test_costs_are_not_negative(cost):
    with pytest.raises(ValueError, match="cost_bp is"):
        backtest(EVEN, R).net(cost)
    with pytest.raises(ValueError, match="cost_bp is"):
        network.sharpe_loss(cost)


# --- the network and its loss


def test_weights_of_the_network_are_long_only_and_sum_to_one():
    model = network.Allocator(6, 5, 3, seed=1)
    w = model(torch.randn(2, 7, 6, generator=torch.Generator().manual_seed(0)))
    assert w.shape == (2, 7, 3)
    assert (w > 0).all()
    torch.testing.assert_close(w.sum(-1), torch.ones(2, 7))


@pytest.mark.parametrize("cost", [0.0, 25.0])
def test_the_loss_is_minus_the_sharpe_ratio_of_the_account(cost):
    """On one stretch, from its second day on, that is the account's; costs are taken off rather than multiplied."""
    r = simple_returns(market(41, 3))
    weights = random_weights(np.random.default_rng(2), r, 1.0)
    account = backtest(weights, r)
    tensors = (torch.tensor(a.to_numpy()[None]) for a in (weights[:-1], r.shift(-1)[:-1]))
    net = (account.gross - cost / 1e4 * account.turnover).iloc[5:]
    assert network.sharpe_loss(cost, burn=5)(*tensors).item() == pytest.approx(-net.mean() / net.std(), rel=1e-9)
    np.testing.assert_allclose(account.net(cost).iloc[5:], net, atol=25e-4 * 2 * 0.1)


def test_the_turnover_of_tensors_is_the_accounts():
    r = simple_returns(market(41, 3))
    weights = random_weights(np.random.default_rng(3), r, 1.0)
    tensors = (torch.tensor(a.to_numpy()[None]) for a in (weights[:-1], r.shift(-1)[:-1]))
    np.testing.assert_allclose(network.turnover(*tensors)[0], backtest(weights, r).turnover[1:], atol=1e-12)


@pytest.mark.parametrize("cost", [0.0, 25.0])
def test_the_gradient_of_the_loss_is_that_of_finite_differences(cost):
    rng = np.random.default_rng(4)
    scores, earned = rng.normal(size=(2, 6, 3)), torch.tensor(0.02 * rng.normal(size=(2, 6, 3)))
    loss = network.sharpe_loss(cost, burn=2)
    leaf = torch.tensor(scores, requires_grad=True)
    loss(leaf.softmax(-1), earned).backward()
    numbers = central_differences(lambda: loss(torch.tensor(scores).softmax(-1), earned).item(), scores)
    np.testing.assert_allclose(leaf.grad, numbers, atol=1e-8)


def test_what_comes_before_the_scored_days_does_not_count():
    weights = torch.full((1, 9, 2), 0.5)
    earned = 0.01 * torch.randn(1, 9, 2, generator=torch.Generator().manual_seed(0))
    other = earned.clone()
    other[:, :4] = 9.0
    loss = network.sharpe_loss(burn=4)
    assert loss(weights, earned) == loss(weights, other)
    assert loss(weights, earned) != network.sharpe_loss(burn=3)(weights, other)


def test_stretches_are_days_in_a_row_and_the_last_ends_with_the_last_day():
    N = 300
    x, y = np.arange(N)[:, None] + [0.0, 0.5], np.arange(N)[:, None] + [0.25]
    cut = network.stretches(x, y, first=40)
    assert cut.x.shape == (7, 126, 2)
    assert cut.y.shape == (7, 126, 1)
    assert (np.diff(cut.x[..., 0], axis=1) == 1).all()
    np.testing.assert_array_equal(cut.y[..., 0], cut.x[..., 0] + 0.25)
    assert cut.x[-1, -1, 0] == N - 1
    assert cut.x[0, 0, 0] == 48  # 300 − 126 − 6 · 21, the first that is not below 40
    with pytest.raises(ValueError, match="give 126 or more"):
        network.stretches(x, y, first=175)


def test_features_are_returns_and_distances_from_the_mean_in_units_of_the_training_rows():
    prices = market(200, 2)
    x, incomplete = network.features(prices, 150)
    assert (x.shape, incomplete) == ((200, 4), 62)
    np.testing.assert_allclose(x[incomplete:150, 2:].std(0), 1, rtol=1e-9)
    r = prices["S1"].iloc[170] / prices["S1"].iloc[169] - 1
    assert x[170, 1] == pytest.approx(r / prices["S1"].pct_change().iloc[1:150].std(ddof=0))
    level = np.log(prices["S0"] / prices["S0"].rolling(63).mean())
    assert x[170, 2] == pytest.approx(level.iloc[170] / level[:150].std(ddof=0))
    with pytest.raises(ValueError, match="never moves"):
        network.features(prices.assign(S1=5.0), 150)
    with pytest.raises(ValueError, match="train is 100"):
        network.features(prices, 100)


def trending(days: int = 900) -> pd.DataFrame:
    """Two stocks; each in turn does well for twenty days, so that weights that follow the last days earn more."""
    rng = np.random.default_rng(5)
    ahead = (np.arange(days) // 20 % 2)[:, None] == [0, 1]
    steps = np.where(ahead, 0.004, -0.004) + 0.01 * rng.standard_normal((days, 2))
    return pd.DataFrame(50 * np.exp(steps.cumsum(0)), pd.bdate_range("1990-01-01", periods=days), ["a", "b"])


@pytest.fixture(scope="module")
def trained():
    prices = trending()
    return prices, *network.learn(prices, 700, hidden=8, epochs=40, lr=1e-2, seed=0)


def earned_since(prices: pd.DataFrame, weights: pd.DataFrame, row: int):
    return backtest(weights.iloc[row:], simple_returns(prices).reindex(weights.index[row:]))


def test_the_network_learns_what_there_is_to_learn_and_uses_it_on_days_it_has_not_seen(trained):
    prices, model, history = trained
    assert history.train_loss[-1] < 2 * history.train_loss[0] < 0
    account = earned_since(prices, network.weigh(model, prices, 700), 699)
    even = earned_since(prices, pd.DataFrame(0.5, prices.index, prices.columns), 699)
    assert len(account.gross) == 200
    assert account.gross.mean() / account.gross.std() > 0.1 + even.gross.mean() / even.gross.std()


def test_costs_in_the_loss_make_it_trade_less():
    """Prices that bounce from day to day: worth trading on for free, and not at 100 basis points."""
    rng = np.random.default_rng(6)
    bounce = 0.01 * rng.standard_normal((900, 2))
    prices = market(900, 2) * np.exp(bounce)
    models = [network.learn(prices, 700, hidden=8, epochs=20, lr=1e-2, cost_bp=cost)[0] for cost in (0.0, 100.0)]
    free, paid = (earned_since(prices, network.weigh(model, prices, 700), 699) for model in models)
    assert paid.yearly_turnover() < 0.5 * free.yearly_turnover()
    assert free.gross.mean() > paid.gross.mean()
    assert paid.net(100).mean() > free.net(100).mean()


def test_training_repeats_and_hangs_on_the_seed(trained):
    prices, *_ = trained
    again, other = (network.learn(prices, 700, hidden=8, epochs=2, seed=seed)[0] for seed in (0, 1))
    same = network.learn(prices, 700, hidden=8, epochs=2, seed=0)[0]
    weights = [network.weigh(m, prices, 700) for m in (again, same, other)]
    pd.testing.assert_frame_equal(weights[0], weights[1])
    assert np.abs(weights[0] - weights[2]).to_numpy().max() > 1e-3
    np.testing.assert_allclose(weights[0].sum(axis=1), 1, atol=1e-12)


def test_costs_are_for_weights_that_are_traded_daily():
    with pytest.raises(ValueError, match="hold is 21 days and cost_bp 10"):
        network.learn(market(400, 2), 300, hidden=4, epochs=1, cost_bp=10, hold=21)


# --- the guard

STOCKS = market(460, 3)
TRAIN = 330


def lstm(days, row, **how):
    """Row `row` is the first close at which weights are decided, and the last that the network has learnt from."""
    model, _ = network.learn(days, row + 1, hidden=4, epochs=1, **how)
    return network.weigh(model, days, row + 1)


def trained_on(x, earned, days, first=62):
    model = network.Allocator(x.shape[1], 4, days.shape[1])
    fit(model, network.stretches(x[: len(earned)], earned, first), epochs=1, loss=network.sharpe_loss(), progress=False)
    with torch.no_grad():
        return model(torch.tensor(x[None], dtype=torch.float32))[0].numpy()


def over(days, hold):
    values = days.to_numpy()
    return values[hold:] / values[:-hold] - 1


def scaler_on_all_days(days, row):
    x, _ = network.features(days, len(days))
    return trained_on(x, over(days[: row + 1], 1), days)


def trained_on_all_days(days, row):
    x, _ = network.features(days, row + 1)
    return trained_on(x, over(days, 1), days)


def windows_overlap_the_test(days, row):
    """The last 21 training targets are still open at the first decision."""
    x, _ = network.features(days, row + 1)
    return trained_on(x, over(days, 21)[: row + 1], days)


def a_target_too_many(days, row):
    """What the first test day brings, is known at its close only."""
    x, _ = network.features(days, row + 1)
    return trained_on(x, over(days, 1)[: row + 1], days)


def inputs_shifted_the_wrong_way(days, row):
    x, _ = network.features(days, row + 1)
    return trained_on(np.roll(x, -1, axis=0), over(days[: row + 1], 1), days)


@pytest.mark.parametrize("how", [{}, dict(cost_bp=10.0), dict(hold=21)])
def test_honest_weights_know_nothing_of_what_comes(how):
    check_causal(lambda days, row: lstm(days, row, **how), STOCKS, TRAIN, known="the same day")


def test_weights_know_the_close_at_which_they_are_decided():
    with pytest.raises(LookAhead):
        check_causal(lstm, STOCKS, TRAIN, known="the day before")


LEAKS = [
    scaler_on_all_days, trained_on_all_days, windows_overlap_the_test, a_target_too_many, inputs_shifted_the_wrong_way,
]  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS)
def test_each_planted_leak_is_caught(leak):
    with pytest.raises(LookAhead, match="moves when nothing but the days from row"):
        check_causal(leak, STOCKS, TRAIN, known="the same day")

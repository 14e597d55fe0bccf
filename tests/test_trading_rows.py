"""studies/trading.py, its rows, and what they are measured by: guarded; what memory is worth; one seed again."""

import numpy as np
import pytest

from lstm_core.markets import load_prices
from lstm_core.markets.guard import LookAhead
from lstm_core.studies import load, trading, trading_rows
from lstm_core.studies.tables import TABLES
from lstm_core.trading.accounts import earn, interval, sharpe
from lstm_core.trading.agents import act, train_ppo
from lstm_core.trading.hidden_market import MARKETS, simulate
from lstm_core.trading.rules import belief, hold
from lstm_core.trading.yardsticks import REMEMBERED, buy_and_hold, filter_positions, worth_of_memory

SETTINGS = TABLES["trading"].settings


# --- yardsticks


def test_more_memory_is_worth_more_until_all_is_known():
    for market in MARKETS.values():
        test = simulate(market, paths=40, days=1000, seed=2)
        worth = dict(zip(REMEMBERED, worth_of_memory(market, test), strict=True))
        assert worth[1] + 0.5 < worth[10] < worth[None] + 0.05
        assert worth[80] == pytest.approx(worth[None], abs=0.1)
        known = earn(np.where(test.rising, 1.0, -1.0), test.returns, 5.0)
        assert worth[None] < sharpe(known.moments)
    assert worth[10] < worth[None] - 0.3  # in long spells ten are not enough


def test_the_filters_band_knows_nothing_of_the_days_that_it_trades():
    market = MARKETS["short spells"]
    days = simulate(market, paths=2, days=60, seed=5).returns
    positions = filter_positions(days, market, cost_bp=50)
    other = days.copy()
    other[:, 30:] *= -3
    np.testing.assert_array_equal(filter_positions(other, market, cost_bp=50)[:, :30], positions[:, :30])
    assert not np.array_equal(positions, hold(2 * belief(days, market) - 1, 0.0))  # a band there is


def test_buying_and_holding_pays_once():
    book = buy_and_hold([[1.0, 2.0, 3.0]], 10)
    np.testing.assert_allclose(book.net, [[1.9, 3.0]])


# --- what was recorded


@pytest.mark.parametrize("market", MARKETS)
def test_memory_is_worth_money_in_every_seed(market):
    """The claim: each of the LSTM's seeds is above each of the memoryless agent's, and none above the filter."""
    found = trading_rows.compared(load("trading"), market)
    agents = found.agents
    assert min(len(agent.ratios) for agent in agents.values()) >= 3
    assert agents["lstm"].ratios.min() > agents["none"].ratios.max()
    assert interval(agents["lstm"].moments, agents["none"].moments)[0] > 0
    assert agents["lstm"].ratios.max() < found.ceiling + 0.05


def test_the_records_add_up():
    rows = load("trading")
    for market in (*MARKETS, "SP500"):
        for memory, agent in trading_rows.fared(rows, market).items():
            assert agent.shares.sum() == pytest.approx(1, abs=1e-3)
            assert sharpe(agent.moments) == pytest.approx(agent.ratios.mean(), abs=0.05)
            row = rows[f"{market}, {memory}"]
            assert set(np.unique(trading_rows.held(row))) <= ({0, 1} if market == "SP500" else {-1, 0, 1})
    books = trading_rows.index_books(rows)
    assert (str(books.index[0].date()), len(books)) == ("2010-01-04", 2264)
    closes = load_prices("SP500").Close["2009-12-31":]
    by_hand = 100 * closes.pct_change().iloc[1:]
    by_hand.iloc[0] -= 0.05
    np.testing.assert_allclose(books["buy and hold", 0], by_hand, rtol=1e-9)
    for memory, name in trading_rows.AGENTS.items():
        recorded = [trial["moments"][0] for trial in rows[f"SP500, {memory}"]["trials"]]
        found = np.column_stack([books[name].mean(), (books[name] ** 2).mean()])
        np.testing.assert_allclose(found, recorded, rtol=0, atol=1e-6)


def test_the_table_has_a_line_an_agent_and_a_lead_on_the_rival():
    found = trading_rows.compared(load("trading"), "long spells")
    agents, table = found.agents, found.table()
    assert list(table.index) == list(trading_rows.AGENTS.values())
    assert table.iloc[1, 3] == "–"
    low, high = interval(agents["lstm"].moments, agents["stack"].moments)
    assert table.iloc[0, 3] == f"{(low + high) / 2:+.2f} [{low:+.2f}, {high:+.2f}]"
    assert str(found).startswith(f"filter {found.ceiling:.2f} [")
    with pytest.raises(ValueError, match="market is 'SP500'"):
        trading_rows.compared(load("trading"), "SP500")
    with pytest.raises(ValueError, match="market is 'NASDAQ'"):
        trading_rows.fared(load("trading"), "NASDAQ")


# --- run again


def test_a_quick_record_is_whole_and_begins_again_alike():
    settings = SETTINGS["long spells, stack"] | dict(steps=1, hidden=4, trials=1)
    (record,) = trading.run(settings, [0])
    assert record["early"] == trading.first(settings, 0)["early"]
    assert np.shape(record["moments"]) == (40, 2)
    assert len(record["held"]) == 300


def test_a_leak_stops_the_study_before_its_first_trial(monkeypatch):
    def told(agent, returns):
        return act(agent, np.roll(returns, -1, axis=1))

    monkeypatch.setattr(trading, "act", told)
    settings = SETTINGS["SP500, stack"] | dict(hidden=4)
    with pytest.raises(LookAhead):
        next(trading.run(settings, [0]))


def test_one_seed_of_the_claim_again_with_half_the_days():
    """The LSTM ahead of the last return alone, and below the filter, on 20,000 days of their own."""
    market = MARKETS["short spells"]
    returns = simulate(market, paths=20, days=1000, seed=77).returns
    ratios = {}
    for memory in ("lstm", "none"):
        how = {name: SETTINGS[f"short spells, {memory}"][name] for name in ("hidden", "lr")}
        agent = train_ppo(market.draw, memory, steps=40_000, seed=0, **how)
        ratios[memory] = sharpe(earn(act(agent, returns), returns, 5.0).moments)
    ceiling = sharpe(earn(filter_positions(returns, market), returns, 5.0).moments)
    assert ratios["none"] + 0.3 < ratios["lstm"] < ceiling + 0.1

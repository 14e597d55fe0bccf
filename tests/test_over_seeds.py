"""studies.over_seeds: what is recorded comes back by day and seed; the two intervals are the textbook's; and what the
notebook trained live is what was recorded."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lstm_core.markets import load_prices, log_returns
from lstm_core.markets.returns.closer import apart
from lstm_core.markets.significance import diebold_mariano
from lstm_core.studies import load
from lstm_core.studies.over_seeds import TOGETHER, apart_by_seed, board_of, over_seeds

NOTEBOOK = Path(__file__).parents[1] / "notebooks/08_forecast_a_stock.ipynb"
ACTUAL = log_returns(load_prices("SP500").Close)[-100:]


def row(seeds: int = 3, hidden: int = 4, seed: int = 0) -> dict:
    """Two folds of fifty days, forecasts as they are kept: whole ten-thousandths of a per cent."""
    rng = np.random.default_rng(seed)
    made = rng.integers(-2000, 2000, (2, seeds, 50))
    trials = [
        dict(trial=fold * seeds + k, fold=fold, seed=k, forecasts=" ".join(map(str, made[fold, k])))
        for fold in range(2)
        for k in range(seeds)
    ]
    settings = dict(symbol="SP500", since="1999", folds=2, size=50, seeds=seeds, hidden=hidden)
    return dict(key=f"a span, {hidden} units", settings=settings, trials=trials, made=made)


def test_forecasts_come_back_by_day_and_seed():
    one = row()
    board = board_of(one)
    assert board.actual.equals(ACTUAL)
    np.testing.assert_allclose(board.forecasts["seed 1"], one["made"][:, 1].ravel() / 1e4)
    np.testing.assert_allclose(board.forecasts[TOGETHER], one["made"].mean(axis=1).ravel() / 1e4)
    assert not board.forecasts["persistence"].any()


def test_a_span_apart_counts_the_seeds_above_zero():
    one = row(seeds=4)
    month = f"{ACTUAL.index[60]:%Y-%m}"
    parts = apart(board_of(one), month, [f"seed {k}" for k in range(4)])
    text = apart_by_seed(one, month, shown=2)
    assert [name in text for name in ("seed 1", "seed 2", TOGETHER)] == [True, False, True]
    for name in (f"in {month}", "all other days"):
        r2 = parts.loc[name]["R2 %"].dropna()
        assert f"{name}: R² from {r2.min():.1f} to {r2.max():.1f}%, above zero for {(r2 > 0).sum()} of 4 seeds" in text


def test_both_intervals_are_the_textbooks():
    one = row(seeds=4)
    scores, guesses, y = over_seeds({"a": one}), one["made"].transpose(1, 0, 2).reshape(4, 100) / 1e4, ACTUAL.to_numpy()
    r2 = 100 * (1 - ((y - guesses) ** 2).sum(axis=1) / (y**2).sum())
    np.testing.assert_allclose(scores.r2.values[0], r2)
    # A fifth score on the edge of the interval: the t test of it against the four has p = 0.05.
    edge = r2.mean() + scores.r2.seeds[0]
    assert stats.ttest_ind(r2, [edge]).pvalue == pytest.approx(0.05, rel=1e-6)
    halves = []
    for guess, value in zip(guesses, r2, strict=True):
        statistic, _ = diebold_mariano((y - guess) ** 2, y**2)
        halves.append(1.96 * abs(value / statistic))
    np.testing.assert_allclose(scores.r2.days, np.mean(halves))
    hits = 100 * (np.sign(guesses) == np.sign(y)).mean(axis=1)
    np.testing.assert_allclose(scores.direction.values[0], hits)
    assert scores.direction.days[0] == pytest.approx(9.6, abs=0.1)  # Wilson's, at about one half of 100 days
    assert scores.direction.reference[0] == pytest.approx(100 * (y > 0).mean())
    p = diebold_mariano((y - guesses.mean(axis=0)) ** 2, y**2)[1]
    assert scores.together.loc["a", "DM p"] == pytest.approx(p)


def test_rows_are_those_of_the_span_the_smallest_network_first():
    rows = {"2009, b": row(hidden=16), "2009, a": row(hidden=8), "2019, a": row(hidden=4)}
    assert over_seeds(rows, "2009").names == ["2009, a", "2009, b"]
    assert over_seeds(rows).names == ["2009, a", "2009, b", "2019, a"]
    assert "seeds ±" in str(over_seeds(rows))
    with pytest.raises(ValueError, match="none begins with '2030'"):
        over_seeds(rows, "2030")
    with pytest.raises(ValueError, match="two seeds or more"):
        over_seeds({"2009": row(seeds=1)})


def printed(opening: str) -> str:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    texts = ["".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ())]
    return next(text for text in texts if text.startswith(opening))


def test_what_the_notebook_trained_live_is_what_was_recorded():
    text = printed("2,515 days out of sample")
    table = board_of(load("returns")["2009 to 2018, 32 units"]).table()
    for seed in range(3):
        r2, _, direction = map(
            float, re.search(rf"^LSTM, seed {seed} +.* (\S+) +(\S+) +(\S+) \S+ \S+$", text, re.M).groups()
        )
        assert r2 == pytest.approx(table.loc[f"seed {seed}", "R2 %"], abs=0.011)
        assert direction == pytest.approx(table.loc[f"seed {seed}", "direction"], abs=0.0021)


def test_the_size_that_goes_on_is_the_one_that_the_notebook_chose():
    chosen = re.search(r"chosen: (\d+) units", printed(" 8 units: validation"))[1]
    later = [row["settings"]["hidden"] for key, row in load("returns").items() if key.startswith("2019")]
    assert later == [int(chosen)]


def test_the_days_are_those_of_the_notebook():
    board = board_of(load("returns")["2019 to 2022, 32 units"])
    assert isinstance(board.actual.index, pd.DatetimeIndex)
    assert [f"{day:%Y-%m-%d}" for day in board.actual.index[[0, -1]]] == ["2019-01-02", "2022-12-28"]

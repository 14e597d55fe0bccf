"""The audit: it must see every leak by what it does, and let every sound way of closing it pass."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from lstm_core.markets import load_prices, log_returns
from lstm_core.markets.returns.cheat import HORIZON, audit, backtest


def table_of(returns, **columns):
    columns = {"month": returns.rolling(21).sum(), **columns}
    return pd.DataFrame({**columns, "target": returns.rolling(HORIZON).sum().shift(-HORIZON)}).dropna()


def features(returns):
    return table_of(returns, quarter=returns.rolling(63).sum())


def split(table):
    cut = int(0.75 * len(table))
    return table[: cut - HORIZON], table[cut:]


def scale(train, test):
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


def shuffled(table):
    return train_test_split(table, test_size=0.25, random_state=0)


def scaled_together(train, test):
    both = pd.concat([train, test])
    return (train - both.mean()) / both.std(), (test - both.mean()) / both.std()


SOUND = {"features": features, "split": split, "scale": scale}
ALSO_SOUND = {
    "no look-back at all": ("features", lambda r: table_of(r, yesterday=r.shift(1))),
    "an exponential mean": ("features", lambda r: table_of(r, trend=r.ewm(10).mean())),
    "an expanding mean": ("features", lambda r: table_of(r, mean=r.expanding().mean())),
    "embargo by target": ("split", lambda t: (t[: 300 - HORIZON + 1], t[300:])),
    "a longer embargo": ("split", lambda t: (t[:300], t[400:])),
    "a shuffled training part": ("split", lambda t: (t[:300].sample(frac=1, random_state=0), t[400:])),
    "sklearn's scaler": ("scale", lambda a, b: map(StandardScaler().fit(a).transform, (a, b))),
    "no scaling": ("scale", lambda a, b: (a, b)),
    "the training part's range": ("scale", lambda a, b: (a / np.ptp(a, axis=0), b / np.ptp(a, axis=0))),
}
LEAKS = {
    "a centred mean": ("features", lambda r: table_of(r, week=r.rolling(5, center=True).mean()), "looks ahead"),
    "tomorrow's return": ("features", lambda r: table_of(r, tomorrow=r.shift(-1)), "looks ahead"),
    "the last day's": ("features", lambda r: table_of(r, last=r.shift(-HORIZON)), "looks ahead"),
    "the whole sample's mean": ("features", lambda r: table_of(r, z=(r - r.mean()) / r.std()), "looks ahead"),
    "tomorrow's sign": ("features", lambda r: table_of(r, up=np.sign(r.shift(-1))), "looks ahead"),
    "tomorrow's crash": ("features", lambda r: table_of(r, crash=(r.shift(-1) < -9).astype(float)), "looks ahead"),
    "filled backwards": ("features", lambda r: table_of(r, monday=r[::5].reindex(r.index).bfill()), "looks ahead"),
    "another target": ("features", lambda r: table_of(r).assign(target=r), "target should stay"),
    "no feature": ("features", lambda r: table_of(r)[["target"]], "keep a feature"),
    "hardly a day": ("features", lambda r: features(r)[:50], "most of the days"),
    "shuffled": ("split", shuffled, "come after test rows"),
    "test first": ("split", lambda t: (t[400:], t[:300]), "come after test rows"),
    "no embargo": ("split", lambda t: (t[:400], t[400:]), "has 20 in common"),
    "an embargo of a week": ("split", lambda t: (t[:400], t[405:]), "has 15 in common"),
    "a day short": ("split", lambda t: (t[: 402 - HORIZON], t[400:]), "has 1 in common"),
    "hardly a test": ("split", lambda t: (t[:400], t[590:]), "a tenth"),
    "other rows": ("split", lambda t: (t[:300] * 2, t[400:]), "as they are"),
    "scaled together": ("scale", scaled_together, "Whose mean"),
    "scaled apart": ("scale", lambda a, b: ((a - a.mean()) / a.std(), (b - b.mean()) / b.std()), "Whose mean"),
    "by the test's range": ("scale", lambda a, b: (a / np.ptp(b, axis=0), b / np.ptp(b, axis=0)), "Whose mean"),
    "rows lost": ("scale", lambda a, b: (a, b[1:]), "rows and columns"),
    "not finished": ("scale", lambda a, b: None, "TypeError"),
    "a slip": ("features", lambda r: r.rolling(0).sum().no_such_thing, "AttributeError"),
}


def test_a_sound_pipeline_passes():
    report = audit(**SOUND)
    assert report.closed == 3
    assert str(report).startswith("3 of 3 leaks closed\n✓ features: sound")


@pytest.mark.parametrize(("step", "other"), ALSO_SOUND.values(), ids=ALSO_SOUND)
def test_other_sound_ways_pass(step, other):
    assert audit(**SOUND | {step: other}).closed == 3


@pytest.mark.parametrize(("step", "leak", "hint"), LEAKS.values(), ids=LEAKS)
def test_each_leak_is_found_where_it_is_and_nowhere_else(step, leak, hint):
    report = audit(**SOUND | {step: leak})
    assert hint in getattr(report, step)
    assert report.closed == 2
    assert "2 of 3 leaks closed" in str(report)
    assert f"✗ {step}: " in str(report)


def test_the_forest_loves_a_shuffled_split_and_has_no_skill_without():
    returns = log_returns(load_prices().Close)
    slow = {f"{n} days": returns.rolling(n).sum() for n in (63, 252, 504)}
    leaky = backtest(lambda r: table_of(r, **slow), shuffled, scaled_together, returns)
    sound = backtest(lambda r: table_of(r, **slow), split, scale, returns)
    assert leaky.r2 > 0.4
    assert leaky.direction > leaky.always_up + 0.1
    assert sound.r2 < 0
    assert sound.direction < sound.always_up
    assert str(sound).startswith(f"{sound.days:,} test days: R² -")


def steps(code):
    """Return the three steps that a cell of notebook 08 defines."""
    names = {"pd": pd, "train_test_split": train_test_split}
    exec(code, names)
    return {name: names[name] for name in SOUND}


def test_the_notebooks_pipeline_has_three_leaks_and_its_solution_none_with_the_scores_it_states():
    notebook = json.loads((Path(__file__).parents[1] / "notebooks/08_forecast_a_stock.ipynb").read_text("utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"]]
    printed = ["".join(o.get("text", "")) for cell in notebook["cells"] for o in cell.get("outputs", ())]
    leaky = steps(next(cell for cell in cells if cell.startswith("def features")))
    solution = next(cell for cell in cells if "Solution: the three leaks" in cell)
    repaired = steps(re.search(r"```python\n(.*?)```", solution, re.DOTALL)[1])
    returns = log_returns(load_prices().Close)
    assert audit(**leaky).closed == 0
    assert audit(**repaired).closed == 3
    assert f"{backtest(**leaky, returns=returns)}\n" in printed
    assert f"`{backtest(**repaired, returns=returns)}`" in solution


def test_the_backtest_is_scored_in_the_targets_own_unit():
    returns = log_returns(load_prices().Close)[:2000]
    one, two = (backtest(features, split, s, returns) for s in (scale, lambda a, b: (a, b)))
    assert one.r2 == pytest.approx(two.r2, abs=0.05)
    assert one.always_up == two.always_up

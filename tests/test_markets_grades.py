"""regimes/grades.py: the report adds up what its parts say, and says "beats" where the corrected test does."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from lstm_core.markets.regimes import alarms, grades, ranking

DAYS = pd.bdate_range("2010-01-01", periods=1000)


@pytest.fixture(scope="module")
def graded():
    rng = np.random.default_rng(0)
    label = pd.Series(np.tile(np.repeat([False, True], 25), 20), DAYS)
    noise = rng.normal(size=1000)
    scores = pd.DataFrame({"good": noise + 3 * label, "base": noise + label, "twin": 2 * noise + 2 * label,
                           "bad": rng.normal(size=1000)}, DAYS)  # fmt: skip
    return scores, label, grades.grade(scores, {"all": label, "half": label[:500]}, "base", draws=400)


def test_aucs_and_gaps_are_those_of_ranking(graded):
    scores, label, found = graded
    drawn = ranking.auc_draws(scores, label[:500], draws=400)
    pd.testing.assert_frame_equal(found.auc["half"], ranking.auc_table(scores, label[:500], drawn))
    gap = ranking.difference(scores, label[:500], drawn, "good", "base")
    assert tuple(found.gaps["half"].loc["good"])[:4] == gap
    assert list(found.gaps["all"].index) == ["good", "twin", "bad"]


def test_holm_corrects_over_all_labels(graded):
    *_, found = graded
    p = np.concatenate([table["p"] for table in found.gaps.values()])
    corrected = np.concatenate([table["holm"] for table in found.gaps.values()])
    np.testing.assert_allclose(corrected, multipletests(p, method="holm")[1])
    assert (corrected >= p).all()


def test_it_says_who_wins_who_loses_and_how_many_do_neither(graded):
    text = str(graded[2])
    assert "all: good beats base by 0." in text
    assert "all: bad is beaten by base by 0." in text
    assert "twin beats" not in text  # the same ranks
    assert text.endswith("2 of 6 comparisons: not told apart from base (Holm's p ≥ 0.05)")


def test_an_unknown_benchmark_is_refused(graded):
    with pytest.raises(ValueError, match="against is 'luck', but must be one of 'good', 'base'"):
        grades.grade(graded[0], {"all": graded[1]}, "luck")


def test_tables_by_event_and_by_peak_have_a_row_a_detector():
    state = pd.Series(np.arange(1000) == 30, DAYS)
    on = {"a": state, "b": ~state}
    assert grades.by_event(on, {"x": DAYS[28], "y": DAYS[30]}).to_numpy().tolist() == [[2, 0], [0, 1]]
    close = pd.Series(np.linspace(100, 50, 1000), DAYS)
    falls = pd.Series([DAYS[40]], [DAYS[20]])
    table = grades.by_peak(on, close, falls)
    assert list(table) == ["Jan 2010"]
    assert table.loc["a"].item() == alarms.falls_before(state, close, falls)["lost"].item() > 0
    assert table.loc["b"].item() == 0


def test_rings_that_were_heard_are_counted_up_to_the_day():
    close = pd.Series(np.r_[np.full(100, 100.0), np.full(100, 80.0)], DAYS[:200])
    on = pd.Series(False, close.index)
    on.iloc[[10, 95, 150]] = True  # for nothing; five days before the fall; after the day
    assert grades.heard({"a": on, "b": on & False}, close, str(DAYS[120].date())) == "a 2, 1; b 0, 0"


def test_seeds_are_told_by_mean_and_range():
    trials = [{"auc": {"x": 0.5, "y": 0.8}}, {"auc": {"x": 0.7, "y": 0.8}}]
    table = grades.over_seeds({"net": trials}, "auc")
    assert table.loc["net"].tolist() == ["0.60 (0.50–0.70)", "0.80 (0.80–0.80)"]

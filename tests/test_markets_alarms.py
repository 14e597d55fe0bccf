"""regimes/alarms.py and ranking.py: rings, delays and falls counted by hand; AUC against scikit-learn; intervals that
cover, and widen with the blocks."""

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import CircularBlockBootstrap
from sklearn.metrics import roc_auc_score

from lstm_core.markets.regimes import alarms, ranking
from lstm_core.markets.regimes.alarms import REST

DAYS = pd.bdate_range("2010-01-01", periods=120)


def on_at(*days: int) -> pd.Series:
    state = pd.Series(False, DAYS)
    state.iloc[list(days)] = True
    return state


# --- alarms


def test_a_threshold_is_a_quantile_of_the_training_days_alone():
    score = pd.Series(np.r_[np.nan, np.arange(100.0), np.full(19, 1e6)], DAYS)
    assert alarms.threshold_of(score, 101, 0.9) == pytest.approx(89.1)
    assert alarms.switched_on(score[1:], 89.1).sum() == 29  # 90 … 99, and the 19 of the test
    assert not alarms.switched_on(score[1:], 1e6).any()  # on is above, not at


def test_an_alarm_rings_at_once_and_then_rests():
    assert alarms.rings(on_at(3, 4, 5, 10)).tolist() == [DAYS[3]]
    assert alarms.rings(on_at(3, 3 + REST - 1)).tolist() == [DAYS[3]]
    assert alarms.rings(on_at(3, 3 + REST)).tolist() == [DAYS[3], DAYS[3 + REST]]
    assert len(alarms.rings(on_at(*range(120)))) == -(-120 // REST)
    assert not len(alarms.rings(on_at()))


def test_a_ring_is_false_if_nothing_comes_of_it():
    close = pd.Series(100.0, DAYS)
    close.iloc[30:] = 94.9
    rung = DAYS[[9, 30 - REST, 30 - REST + 1, 30, 31]]
    assert alarms.false_rings(rung, close).tolist() == [True, True, False, False, True]
    assert alarms.false_rings(rung, close, fall=6).all()
    assert alarms.false_rings(DAYS[:0], close).tolist() == []
    with pytest.raises(ValueError, match="21 days from the ring on"):
        alarms.false_rings(DAYS[[100]], close)
    with pytest.raises(ValueError, match="every ring's eve"):
        alarms.false_rings(DAYS[[0]], close)


def test_delays_count_trading_days_from_the_event():
    events = {"same day": DAYS[10], "later": DAYS[35], "missed": DAYS[60], "on before": DAYS[90]}
    found = alarms.delays(on_at(10, 40, 60 + REST, 89, 90), events)
    assert found["delay"].tolist()[:2] == [0, 5]
    assert np.isnan(found["delay"]["missed"])
    assert found["on before"].tolist() == [False, False, False, True]
    with pytest.raises(ValueError, match=r"Lehman, 2008-09-15, is no day of 2010-01-01 to"):
        alarms.delays(on_at(3), {"Lehman": "2008-09-15"})
    with pytest.raises(ValueError, match="no day of an empty span"):
        alarms.delays(on_at(3)[:0], {"Lehman": "2008-09-15"})


def test_falls_before_are_measured_from_the_peak():
    close = pd.Series(np.r_[np.full(10, 100.0), 96, 92, 88, np.full(107, 90.0)], DAYS)
    falls = pd.Series([DAYS[12]], DAYS[[9]])
    assert alarms.falls_before(on_at(11, 12), close, falls).iloc[0].tolist() == [2, pytest.approx(8)]
    assert alarms.falls_before(on_at(9), close, falls).iloc[0].tolist() == [0, 0]
    missed = alarms.falls_before(on_at(13), close, falls).iloc[0]
    assert np.isnan(missed["delay"])
    assert missed["lost"] == pytest.approx(12)


def test_a_table_adds_up_what_the_parts_say():
    close = pd.Series(100.0, pd.bdate_range(DAYS[0] - pd.offsets.BDay(1), periods=200))
    close[DAYS[50] :] = 90.0
    falls = pd.Series([DAYS[50]], [DAYS[49]])
    table = alarms.alarm_table({"a": on_at(20, 50), "b": on_at()}, close, {"fall": DAYS[48]}, falls)
    assert table.loc["a"].tolist() == pytest.approx([100 * 2 / 120, 2 / (120 / 252), 1 / (120 / 252), 1, 2, 10])
    assert table.loc["b"].tolist() == pytest.approx([0, 0, 0, 0, REST, 10])
    score = pd.Series(np.r_[np.arange(60.0), np.zeros(60)], DAYS)
    curve = alarms.trade_off(score, 40, [0.5, 0.9], close, {"fall": DAYS[50]}, falls)
    assert curve.index.tolist() == [0.5, 0.9]
    assert curve["days on"].tolist() == [25, 25]  # 40 … 59 of the 80 days after training, for both thresholds


def test_wrong_thresholds_and_scores_are_refused():
    score = pd.Series(np.arange(120.0), DAYS)
    for share in (0, 1, -0.2, 95):
        with pytest.raises(ValueError, match=f"share is {share}"):
            alarms.threshold_of(score, 60, share)
    with pytest.raises(ValueError, match="none of the first 10 days has a score"):
        alarms.threshold_of(score.where(score > 20), 10, 0.5)
    with pytest.raises(ValueError, match="threshold is nan"):
        alarms.switched_on(score, np.nan)
    with pytest.raises(ValueError, match="1 NaN"):
        alarms.switched_on(score.where(score != 7), 3.0)
    with pytest.raises(ValueError, match="in time order"):
        alarms.switched_on(score[::-1], 3.0)
    with pytest.raises(ValueError, match=r"0 day\(s\)"):
        alarms.switched_on(score[:0], 3.0)


# --- ranking


@pytest.mark.parametrize("ties", [False, True])
def test_auc_is_scikit_learns(ties):
    rng = np.random.default_rng(0)
    label = rng.random(300) < 0.2
    score = rng.normal(size=300) + label
    score = score.round() if ties else score
    assert ranking.auc(score, label) == pytest.approx(roc_auc_score(label, score), abs=1e-12)


def drawn(label, scores, **options):
    frame = pd.DataFrame(scores, DAYS[: len(label)])
    return frame, pd.Series(label, frame.index), ranking.auc_draws(frame, pd.Series(label, frame.index), **options)


def test_draws_are_archs_blocks_scored_by_scikit_learn():
    rng = np.random.default_rng(1)
    label = np.repeat([False, True, False, True], 25)
    scores = {"a": rng.normal(size=100) + label, "b": rng.normal(size=100).round()}
    frame, _, draws = drawn(label, scores, block=10, draws=20, seed=4)
    blocks = CircularBlockBootstrap(10, np.arange(100), seed=4)
    for row, ((chosen,), _) in zip(draws, blocks.bootstrap(20), strict=True):
        expected = [roc_auc_score(label[chosen], frame[name].to_numpy()[chosen]) for name in frame]
        np.testing.assert_allclose(row, expected)


def test_longer_blocks_make_wider_intervals_where_bad_days_come_in_spells():
    rng = np.random.default_rng(2)
    label = np.repeat([False, True, False, True], 30)
    scores = {"a": np.repeat(rng.normal(size=12), 10) + label}
    widths = []
    for block in (1, 30):
        frame, bad, draws = drawn(label, scores, block=block, draws=400)
        table = ranking.auc_table(frame, bad, draws)
        widths.append(table["high"].item() - table["low"].item())
        assert table["low"].item() < table["AUC"].item() < table["high"].item()
    assert widths[1] > 1.3 * widths[0]


def test_a_difference_is_of_the_same_draws():
    rng = np.random.default_rng(3)
    label = rng.random(120) < 0.4
    strong = rng.normal(size=120) + 3 * label
    scores = {"strong": strong, "twin": strong**3, "noise": rng.normal(size=120)}
    frame, bad, draws = drawn(label, scores, block=5, draws=400)
    same = ranking.difference(frame, bad, draws, "strong", "twin")
    assert same == (0, 0, 0, 1)  # AUC is of ranks alone
    better = ranking.difference(frame, bad, draws, "strong", "noise")
    assert better.low > 0
    assert better.p == pytest.approx(2 / 401)
    worse = ranking.difference(frame, bad, draws, "noise", "strong")
    assert (worse.value, worse.low, worse.p) == pytest.approx((-better.value, -better.high, better.p))


def test_wrong_labels_and_scores_are_refused():
    score = np.arange(6.0)
    for label in (np.zeros(6, bool), np.ones(6, bool), np.array([0, 1, 0, 1, 0, 1]), np.zeros(0, bool)):
        with pytest.raises(ValueError, match="label should be True on some days"):
            ranking.auc(score, label)
    bad = pd.Series([True, False] * 3, DAYS[:6])
    frame = pd.DataFrame({"a": score}, DAYS[:6])
    with pytest.raises(ValueError, match="NaN"):
        ranking.auc_draws(frame[:5], bad, block=2)
    with pytest.raises(ValueError, match="in time order"):
        ranking.auc_draws(frame[::-1], bad, block=2)
    with pytest.raises(ValueError, match="block is 7"):
        ranking.auc_draws(frame, bad, block=7)
    with pytest.raises(ValueError, match="draws is 0"):
        ranking.auc_draws(frame, bad, block=2, draws=0)

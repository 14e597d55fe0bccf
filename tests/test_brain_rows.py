"""studies.brain_rows: what it says of the rows of brain_rules, held against rows made by hand and against scipy."""

import numpy as np
from scipy import stats

from lstm_core.brain import look_up
from lstm_core.studies import brain_rows
from lstm_core.studies.intervals import interval


def trial(solved: bool, errors: list[float], angles: list[float]) -> dict:
    return dict(solved=solved, sequences=500 * len(errors) - 100 * solved, errors=errors, angles=angles)


ROWS = {
    "feedback, transposed": dict(
        settings=dict(cap=1500), trials=[trial(True, [0.7], [0, 0]), trial(True, [0.7, 0.1], [0, 0, 0])]
    ),
    "feedback, random": dict(
        settings=dict(cap=1500),
        trials=[trial(True, [0.8, 0.2], [90, 80, 50]), trial(False, [0.8, 0.7, 0.6], [100, 98, 96, 94])],
    ),
    "feedback, none": dict(settings=dict(cap=1500), trials=[trial(False, [0.75] * 3, [])] * 2),
    "store, up to 6 patterns": dict(
        settings=dict(training=dict(load=6)),
        trials=[dict(right=dict(LSTM={"1": 1.0, "3": a}, Hopfield={"1": 1.0, "3": 0.9})) for a in (0.8, 0.9)],
    ),
    "store, up to 10 patterns": dict(
        settings=dict(training=dict(load=10)),
        trials=[dict(right=dict(LSTM={"1": 1.0, "3": 0.5}, Hopfield={"1": 1.0, "3": 0.9}))] * 2,
    ),
}  # fmt: skip


def test_what_is_stored_comes_smallest_training_first_and_the_look_up_table_last():
    loads, memories = brain_rows.stored(ROWS)
    assert loads == [1, 3]
    assert list(memories) == [
        "LSTM, trained up to 6",
        "LSTM, trained up to 10",
        "Hopfield, at one sight",
        "look-up table",
    ]
    mean, half = memories["LSTM, trained up to 6"]
    np.testing.assert_allclose(mean, [1, 0.85])
    np.testing.assert_allclose(half, [0, stats.t.ppf(0.975, 1) * 0.05])
    np.testing.assert_allclose(memories["Hopfield, at one sight"][0], [1, 0.9])
    assert memories["look-up table"] == ([look_up(1), look_up(3)], None)


def test_a_stage_is_where_the_trials_stood():
    born, middle, end = (brain_rows.stage(ROWS, n) for n in (0, 900, 1500))
    np.testing.assert_array_equal(born.angle["random"], [90, 100])
    np.testing.assert_array_equal(middle.angle["random"], [50, 96])
    np.testing.assert_array_equal(middle.error["random"], [0.2, 0.7])
    np.testing.assert_array_equal(middle.error["transposed"], [0.7, 0.1])  # the first is over: it stays
    np.testing.assert_array_equal(end.error["random"], [0.2, 0.6])
    assert np.isnan(end.angle["none"]).all()
    assert [stage.solved for stage in (born, middle, end)] == [
        dict(transposed=0, random=0, none=0), dict(transposed=2, random=1, none=0), dict(transposed=2, random=1, none=0)
    ]  # fmt: skip
    assert str(end) == ("After 1,500 sequences: transposed 2 of 2 solved, random 1 of 2 solved (mean angle 72°), "
                        "none 0 of 2 solved.")  # fmt: skip


def test_curves_have_a_point_every_500_sequences():
    found = brain_rows.curves(ROWS)
    assert list(found) == ["transposed", "random", "none"]
    sequences, errors = found["random"][1]
    np.testing.assert_array_equal(sequences, [500, 1000, 1500])
    assert errors == [0.8, 0.7, 0.6]


def test_what_turned_is_the_mean_angle_at_both_ends():
    half = stats.t.ppf(0.975, 1) * np.array([5, 22])
    assert brain_rows.turned(ROWS) == (f"at birth   95° ± {half[0]:.0f} apart, from 90° to 100°\n"
                                       f"at the end 72° ± {half[1]:.0f} apart, from 50° to 94°")  # fmt: skip


def test_a_table_counts_what_was_solved():
    transposed, random, none = brain_rows.table(ROWS).splitlines()
    mean, half = interval([400, 900])
    assert transposed == f"transposed  2 of 2 solved (34% to 100%) after {mean:,.0f} ± {half:,.0f} sequences"
    assert random == "random      1 of 2 solved (9% to 91%) after 900 sequences"
    assert none == "none        0 of 2 solved (0% to 66%) within 1,500 sequences"

"""brain_live: what a slider's sentence says is what its picture holds, and what the rules and rows say."""

import re

import numpy as np
import pytest

from lstm_core import brain, brain_live
from lstm_core.studies import brain_rows, load

VARIANCES = np.r_[4, 2, np.linspace(1, 0.3, 8)]


def test_a_memory_fills_up():
    live = brain_live.memory_that_fills_up()
    ((found,),) = [ax.images for ax in live._moving[0].figure.axes[2:]]
    stored = live._moving[0].figure.axes[0].images[0].get_array()
    for patterns, whole in ((1, True), (14, True), (25, False)):
        live.controls["load"].value = patterns
        right = int(np.sum(found.get_array() == stored))
        assert live.sentence == (f"Patterns stored: {patterns}. Of the word's 100 bits {right} come back right; "
                                 "we asked by 80.")  # fmt: skip
        assert (right == 100) == whole
    assert np.sum(live._moving[0].figure.axes[1].images[0].get_array() == stored) == 80


def test_rules_follow_what_is_loud_and_the_told_one_the_target():
    born = np.random.default_rng(5).normal(size=10) * 0.1
    live = brain_live.three_rules(VARIANCES, born)
    bar, hebb, oja, delta, target = live._moving
    for loudest, turn in ((4, 90), (8, 0), (6, 45)):
        live.controls["loudest"].value, live.controls["turn"].value = loudest, turn
        found = brain.compare(brain.draw_stream([0], np.r_[loudest, VARIANCES[1:]], turn), born[None])
        for line, one in zip((hebb, oja, delta), found.values(), strict=True):
            np.testing.assert_array_equal(line.get_ydata(), one.unit[0])
        assert bar.get_height() == loudest
        numbers = [float(n) for n in re.findall(r"\d\.\d\d", live.sentence)]
        wanted = [value[0] for one in found.values() for value in (one.loudest, one.target)]
        assert numbers == pytest.approx(wanted, abs=0.005001)
        assert np.linalg.norm(target.get_ydata()) == pytest.approx(1)
        assert oja.get_ydata()[0] > 0.97
        assert np.abs(delta.get_ydata() @ target.get_ydata()) > 0.999


def test_weights_turn_as_the_rows_say():
    rows = load("brain_rules")
    live = brain_live.turning_weights(rows)
    for sequences in (0, 9000, 40_000):
        live.controls["sequences"].value = sequences
        stage = brain_rows.stage(rows, sequences)
        assert live.sentence == str(stage)
        np.testing.assert_array_equal(live._moving[1].get_xdata(), stage.angle["random"])
        np.testing.assert_array_equal(live._moving[0].get_ydata(), stage.error["transposed"])

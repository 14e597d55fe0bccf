"""field_plots: a dot where a seed met the rule, a ring at the cap where none did, and the share in words."""

import numpy as np

from lstm_core.field_plots import plot_race

CAP = 100
TRIALS = {"quick": [(10, True), (30, True)], "mixed": [(50, True), (CAP, False)], "lost": [(CAP, False)] * 3}


def test_dots_stand_where_seeds_met_the_rule_and_rings_at_the_cap():
    ax = plot_race(TRIALS, CAP)
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    rings = [line for line in marks if line.get_markerfacecolor() == "white"]
    assert [line.get_xdata()[0] for line in marks] == [10, 30, 50, *[CAP] * 4]
    assert [round(line.get_ydata()[0]) for line in rings] == [1, 2, 2, 2]
    assert len({line.get_ydata()[0] for line in marks}) == len(marks)  # none hides another


def test_bars_are_the_means_of_those_that_met_it_and_shares_count_them():
    ax = plot_race(TRIALS, CAP)
    bars = [line for line in ax.lines if line.get_linewidth() == 2 and line.get_marker() == "None"]
    np.testing.assert_allclose([line.get_xdata()[0] for line in bars], [20, 50])
    assert [text.get_text() for text in ax.texts] == ["2 of 2", "1 of 2", "0 of 3"]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(TRIALS)

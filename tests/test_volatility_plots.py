"""Figures of notebook 09's first half: bars are the steps between losses, lines the factors that were given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from lstm_core.plots import COLOURS
from lstm_core.volatility_plots import plot_impact, plot_waterfall


def test_each_bar_is_the_step_from_one_loss_to_the_next_and_says_whether_it_is_a_gain():
    ax = plot_waterfall(["a", "b", "c"], [0.5, 0.4, 0.45], ["20%", "−12%"])
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [
        (0.5, pytest.approx(-0.1)),
        (0.4, pytest.approx(0.05)),
    ]
    assert [bar.get_facecolor() for bar in ax.patches] == [to_rgba(COLOURS["green"]), to_rgba(COLOURS["orange"])]
    texts = {text.get_text().strip() for text in ax.texts}
    assert texts >= {"20%", "−12%", "0.500", "0.400", "0.450"}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert ax.yaxis_inverted()
    low, high = ax.get_xlim()
    assert low < 0.4 < 0.5 < high


def test_a_note_is_missing_for_no_step():
    with pytest.raises(ValueError, match="zip"):
        plot_waterfall(["a", "b"], [1.0, 0.5], [])


def test_both_impacts_are_drawn_over_the_same_returns():
    r = np.linspace(-3, 3, 7)
    lines = plot_impact(r, 1 + r**2, 1 - r, labels=("one", "other")).get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), 1 + r**2)
    np.testing.assert_array_equal(lines[1].get_ydata(), 1 - r)
    assert [line.get_label() for line in lines[:2]] == ["one", "other"]
    assert lines[0].get_color() != lines[1].get_color()

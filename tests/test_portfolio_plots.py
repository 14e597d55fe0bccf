"""portfolio_plots.py: what is drawn is what was given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from lstm_core import portfolio_plots
from lstm_core.plots import COLOURS

DAYS = pd.bdate_range("2020-01-01", periods=30)


def test_a_stretch_is_read_first_and_scored_after():
    ax = portfolio_plots.plot_stretches([0, 21], burn=63, length=126)
    bars = [(bar.get_x(), bar.get_width(), round(bar.get_y() + bar.get_height() / 2)) for bar in ax.patches]
    assert bars == [(0, 63, 0), (21, 63, 1), (63, 63, 0), (84, 63, 1)]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["read only", "read and scored"]
    assert ax.yaxis_inverted()


def test_weights_are_stacked_to_a_hundred_with_the_bold_ones_below():
    weights = np.random.default_rng(0).dirichlet([1, 2, 3], 30)
    ax = portfolio_plots.plot_weights(DAYS, weights, names=["a", "b", "c"], bold=["c"])
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in ax.collections]
    assert tops == pytest.approx([100 * weights[:, 2].max(), 100 * weights[:, [0, 2]].sum(1).max(), 100])
    assert ax.collections[0].get_facecolor()[0] == pytest.approx(to_rgba(COLOURS["orange"]))
    (label,) = ax.texts
    assert label.get_text() == " c"
    assert label.xy[1] == pytest.approx(50 * weights[-2, 2])


def test_labels_of_what_has_no_weight_do_not_lie_on_each_other():
    weights = np.tile([1.0, 0.0, 0.0], (30, 1))
    ax = portfolio_plots.plot_weights(DAYS, weights, names=["a", "b", "c"], bold=["b", "c"])
    low, high = (label.xy[1] for label in ax.texts)
    assert high - low >= 5


def test_wealth_is_on_a_log_scale_with_equal_weight_at_one():
    ratios = {"one": np.linspace(1, 2, 30), "two": np.linspace(1, 0.5, 30)}
    ax, lines = portfolio_plots.plot_relative_wealth(DAYS, ratios, low=0.2, high=5)
    assert [line.get_label() for line in lines] == ["one", "two"]
    np.testing.assert_array_equal(lines[1].get_ydata(), ratios["two"])
    assert (ax.get_yscale(), ax.get_ylim()) == ("log", (0.2, 5))
    assert ax.get_yticks().tolist() == [0.2, 0.5, 1, 2, 5]
    assert list(ax.get_lines()[2].get_ydata()) == [1, 1]


def test_the_dot_is_where_costs_have_eaten_the_lead():
    costs = np.arange(5.0)
    ax = portfolio_plots.plot_against_cost(costs, 0.5 - 0.2 * costs, np.full(5, 0.1))
    line, _, dot = ax.get_lines()
    np.testing.assert_allclose(line.get_ydata(), 0.5 - 0.2 * costs)
    assert dot.get_xdata() == pytest.approx([2.5])
    band = ax.collections[0].get_datalim(ax.transData)
    assert (band.ymin, band.ymax) == pytest.approx((-0.3 - 0.196, 0.5 + 0.196))
    behind = portfolio_plots.plot_against_cost(costs, -0.1 - costs, np.full(5, 0.1))
    assert len(behind.get_lines()) == 2  # no lead, no dot


def test_drawdowns_are_per_cent_below_the_highest_close():
    ax = portfolio_plots.plot_drawdowns(DAYS, {"mine": np.linspace(0, -0.3, 30), "yours": np.zeros(30)})
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), np.linspace(0, -30, 30))
    assert ax.get_ylim()[1] == 0
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["mine", "yours"]

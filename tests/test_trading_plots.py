"""Figures of notebook 12's second part: what is drawn is what was given."""

import numpy as np
import pytest

from lstm_core import trading_plots

DAYS = np.arange(30)
RISING = (DAYS >= 10) & (DAYS < 15)


@pytest.mark.parametrize("plot", [trading_plots.plot_market, trading_plots.plot_belief])
def test_the_rising_days_are_shaded_and_no_others(plot):
    ax = plot(np.full(30, 0.25), RISING)
    corners = ax.collections[0].get_paths()[0].vertices[:, 0]
    assert (corners.min(), corners.max()) == (10, 15)
    line = ax.get_lines()[0].get_ydata()
    np.testing.assert_allclose(line, 0.25 * (DAYS + 1) if plot is trading_plots.plot_market else 0.25)


def test_positions_are_strips_long_up_and_short_down():
    ax = trading_plots.plot_positions({"a": np.where(RISING, 1, -1), "b": np.zeros(30)})
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b"]
    long, short, *none = (shade.get_paths() for shade in ax.collections)
    (block,) = (path.vertices for path in long)
    assert (block[:, 0].min(), block[:, 0].max(), block[:, 1].max()) == (10, 15, pytest.approx(0.42))
    assert sorted(path.vertices[:, 0].min() for path in short) == [0, 15]
    assert all(path.vertices[:, 1].min() == pytest.approx(-0.42) for path in short)
    assert [list(paths) for paths in none] == [[], []]


def test_traders_are_dots_between_two_lines():
    ratios = {"a": [1.0, 2.0], "b": [0.5]}
    ax = trading_plots.plot_traders(ratios, ceiling=3, floor=0)
    a, b, top, none = ax.get_lines()
    assert a.get_xydata().tolist() == [[1, 0], [2, 0]]
    assert b.get_xydata().tolist() == [[0.5, 1]]
    assert (top.get_xdata()[0], none.get_xdata()[0]) == (3, 0)
    assert [text.get_text() for text in ax.texts] == ["filter", "buy and hold"]
    assert ax.yaxis_inverted()


def test_memory_has_a_place_for_all_of_it():
    ax = trading_plots.plot_memory([1, 10, None], {"a": [1.0, 2.0, 3.0], "b": [0.0, 0.0, 1.0]})
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "10", "all"]
    assert [line.get_ydata().tolist() for line in ax.get_lines()] == [[1, 2, 3], [0, 0, 1]]
    assert len({line.get_linestyle() for line in ax.get_lines()}) == 2


def test_curves_are_means_of_seeds_and_dots_are_live():
    curves = {"a": [[0.0, 2.0], [2.0, 4.0]], "b": [1.0, 1.0]}
    ax = trading_plots.plot_curves(curves, steps=2000, live={"a": [0.5]})
    lines = {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}
    assert lines["a"].get_xydata().tolist() == [[2, 1], [4, 3]]
    assert lines["b"].get_ydata().tolist() == [1, 1]
    assert lines["a"].get_linestyle() != lines["b"].get_linestyle()
    (dot,) = [line for line in ax.get_lines() if line.get_label() == "_live"]
    assert dot.get_xydata().tolist() == [[2, 0.5]]
    assert sum(line.get_label() == "_seed" for line in ax.get_lines()) == 3

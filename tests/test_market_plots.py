"""Figures of the market notebooks: what is drawn is what was given, and the style is the lecture's."""

import matplotlib.dates
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from lstm_core import market_plots
from lstm_core.plots import COLOURS, figure

DAYS = pd.bdate_range("2020-01-01", periods=30)


def test_the_forecast_is_drawn_over_the_price_on_the_same_days():
    price = np.arange(30.0)
    lines = market_plots.plot_forecast(DAYS, price, price - 1).get_lines()
    assert [line.get_label() for line in lines] == ["price", "forecast"]
    np.testing.assert_array_equal(lines[0].get_ydata() - lines[1].get_ydata(), 1)
    np.testing.assert_array_equal(lines[0].get_xdata(), lines[1].get_xdata())


def test_each_fold_is_a_row_and_each_part_lies_where_its_days_do():
    folds = [{"train": DAYS[[0, 9]], "validation": DAYS[[11, 14]]}, {"train": DAYS[[0, 19]], "test": DAYS[[21, 29]]}]
    ax = market_plots.plot_folds(folds, names=["choose", "test"])
    bars = sorted((bar.get_y() > 0.5, bar.get_x(), bar.get_width()) for bar in ax.patches)
    days = matplotlib.dates.date2num(DAYS)
    spans = [(False, 0, 9), (False, 11, 14), (True, 0, 19), (True, 21, 29)]
    assert bars == [(row, days[a], days[b] - days[a]) for row, a, b in spans]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train", "validation", "test"]
    assert ax.yaxis_inverted()


def test_the_most_similar_day_stands_out():
    ax = market_plots.plot_lags({-1: 0.90, 0: 0.95, 1: 0.99, 2: 0.97})
    (dots,) = ax.collections
    heights = dots.get_offsets()[:, 1].tolist()
    orange = (dots.get_facecolors() == to_rgba(COLOURS["orange"])).all(axis=1)
    loud = dots.get_offsets()[orange, 1].tolist()
    assert heights == [0.90, 0.95, 0.99, 0.97]
    assert loud == [0.99]


@pytest.mark.parametrize(("low", "high", "colour"), [(0.1, 0.5, "green"), (-0.1, 0.7, "blue"), (None, None, "blue")])
def test_only_an_interval_above_the_reference_is_green(low, high, colour):
    _, ax = figure()
    market_plots.plot_scores(["a", "b"], [0.3, None], [low, None], [high, None], reference=0, label="zero", ax=ax)
    (bar,) = ax.containers  # the row without a score stays empty
    (segment,) = bar[2][0].get_segments()
    np.testing.assert_allclose(segment[:, 0], [low or 0.3, high or 0.3])
    assert bar[0].get_color() == COLOURS[colour]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]

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
def test_an_interval_that_is_clear_of_the_reference_has_a_colour(low, high, colour):
    _, ax = figure()
    market_plots.plot_scores(["a", "b"], [0.3, None], [low, None], [high, None], reference=0, label="zero", ax=ax)
    (bar,) = ax.containers  # the row without a score stays empty
    (segment,) = bar[2][0].get_segments()
    np.testing.assert_allclose(segment[:, 0], [low or 0.3, high or 0.3])
    assert bar[0].get_color() == COLOURS[colour]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_below_is_orange_and_what_is_not_filled_is_hollow():
    _, ax = figure()
    low, high = [-0.5, -0.5], [-0.1, -0.1]
    market_plots.plot_scores("ab", [-0.3, -0.3], low, high, reference=0, label="zero", filled=[True, False], ax=ax)
    dots = [bar[0] for bar in ax.containers]
    assert [dot.get_color() for dot in dots] == [COLOURS["orange"]] * 2
    assert [dot.get_markerfacecolor() for dot in dots] == [COLOURS["orange"], "white"]


@pytest.mark.parametrize("band", [0.05, ([-0.05] * 4, [0.05] * 4)])
def test_autocorrelations_outside_the_band_are_in_colour(band):
    ax = market_plots.plot_autocorrelation([0.3, -0.02, -0.2, 0.05], band=band)
    assert [bar.get_x() + bar.get_width() / 2 for bar in ax.patches] == pytest.approx([1, 2, 3, 4])
    assert [bar.get_height() for bar in ax.patches] == [0.3, -0.02, -0.2, 0.05]
    loud = [bar.get_facecolor() == to_rgba(COLOURS["blue"]) for bar in ax.patches]
    assert loud == [True, False, True, False]
    shaded = ax.collections[0].get_datalim(ax.transData)
    assert (shaded.ymin, shaded.ymax) == (-0.05, 0.05)


def test_what_is_gathered_ends_at_the_r2_of_the_span():
    rng = np.random.default_rng(0)
    actual, forecast = rng.normal(size=(2, 30))
    line = market_plots.plot_gathered(DAYS, actual, forecast).get_lines()[0]
    gathered = line.get_ydata()
    assert gathered[-1] == pytest.approx(100 * (1 - ((actual - forecast) ** 2).sum() / (actual**2).sum()))
    better = np.abs(actual - forecast) < np.abs(actual)
    np.testing.assert_array_equal(np.diff(gathered) > 0, better[1:])


def test_months_are_steps_of_yearly_volatility():
    ax = market_plots.plot_months(np.repeat([1.0, 4.0], 21), level=2.25)
    (steps,) = ax.patches
    values, edges, _ = steps.get_data()
    np.testing.assert_allclose(values, np.sqrt(252) * np.array([1, 2]))
    np.testing.assert_array_equal(edges, [0, 21, 42])
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), np.sqrt(252) * 1.5)


def test_returns_stand_between_their_limits():
    returns = np.linspace(-1, 1, 30)
    lines = market_plots.plot_range(DAYS, returns, returns - 2, returns + 3).get_lines()
    np.testing.assert_allclose([line.get_ydata() - returns for line in lines], [[0] * 30, [-2] * 30, [3] * 30])


def test_days_are_grouped_by_the_forecast_and_shown_as_volatility():
    forecast = np.array([4.0, 1.0, 4.2, 1.2, 3.8, 0.8])  # in no order: three calm days, three wild ones
    squared = np.array([10.0, 0.5, 8.0, 1.5, 9.0, 1.0])
    ax = market_plots.plot_calibration(forecast, squared, groups=2)
    (dots,) = ax.containers
    np.testing.assert_allclose(dots[0].get_xdata(), [1, 2])
    np.testing.assert_allclose(dots[0].get_ydata(), [1, 3])
    wild = dots[2][0].get_segments()[1]
    np.testing.assert_allclose(wild[:, 1] ** 2, 9 + 1.96 / np.sqrt(3) * np.array([-1, 1]))  # of 8, 9, 10


def test_an_interval_of_the_volatility_does_not_reach_below_zero():
    ax = market_plots.plot_calibration([1, 1, 1], [0, 0, 9], groups=1)
    assert ax.containers[0][2][0].get_segments()[0][0, 1] == 0

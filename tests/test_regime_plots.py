"""Figures of notebook 11: what is drawn is what was given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from lstm_core import regime_plots
from lstm_core.markets.regimes.anomaly import NETWORKS
from lstm_core.markets.regimes.detectors import ORDINARY
from lstm_core.plots import COLOURS, figure

DAYS = pd.bdate_range("2020-01-01", periods=30)


def test_every_detector_has_a_look_of_its_own():
    looks = regime_plots.DETECTORS
    assert list(looks) == [*ORDINARY, *NETWORKS]
    assert len({look["color"] for look in looks.values()}) == len(looks)
    assert all((looks[name]["linestyle"] == "-") == (name in ORDINARY) for name in looks)


def test_an_alarm_is_shaded_where_the_score_lies_above_its_threshold():
    score = np.r_[np.zeros(10), np.ones(5), np.zeros(15)]
    ax = regime_plots.plot_alarm(DAYS, score, 0.5, events=DAYS[[3, 12]], style="ruptures")
    *events, line, threshold = ax.get_lines()
    assert len(events) == 2
    np.testing.assert_array_equal(line.get_ydata(), score)
    assert to_rgba(line.get_color()) == to_rgba(COLOURS["amber"])
    assert threshold.get_ydata() == [0.5, 0.5]
    (shade,) = ax.collections
    corners = shade.get_paths()[0].vertices[:, 0]
    days = ax.convert_xunits(DAYS)
    assert (corners.min(), corners.max()) == (days[10], days[15])


def test_bad_times_are_shaded_and_no_others():
    bad = np.r_[np.zeros(4, bool), np.ones(3, bool), np.zeros(23, bool)]
    ax = regime_plots.plot_bad_times(DAYS, np.arange(30.0), bad)
    (shade,) = ax.collections
    corners, days = shade.get_paths()[0].vertices[:, 0], ax.convert_xunits(DAYS)
    assert (corners.min(), corners.max()) == (days[4], days[7])
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), np.arange(30.0))


def test_a_single_day_has_a_width():
    ax = regime_plots.plot_bad_times(DAYS, np.arange(30.0), np.arange(30) == 8)
    corners = ax.collections[0].get_paths()[0].vertices[:, 0]
    assert np.ptp(corners) >= 1


def test_beliefs_are_told_apart_by_more_than_colour():
    ax = regime_plots.plot_beliefs(DAYS, {"filtered": np.linspace(0, 1, 30), "smoothed": np.ones(30)})
    assert [line.get_linestyle() for line in ax.get_lines()] == ["-", "--"]
    assert ax.get_ylim()[0] < 0 < 1 < ax.get_ylim()[1]


def test_a_trade_off_has_its_curve_and_its_mark():
    curves = {"EWMA": ([0.2, 1, 2], [9, 5, 1]), "LSTM residual": ([1, 2], [3, 2])}
    ax = regime_plots.plot_trade_off(curves, marks={"EWMA": (1, 5)})
    ewma, residual, mark = ax.get_lines()
    assert (list(ewma.get_xdata()), list(ewma.get_ydata())) == curves["EWMA"]
    assert residual.get_linestyle() == ":"
    assert (mark.get_xydata().tolist(), mark.get_color()) == ([[1, 5]], COLOURS["blue"])


def test_firsts_stand_on_their_day_and_their_names_in_that_order():
    close = np.arange(30.0)
    ax = regime_plots.plot_firsts(DAYS, close, {"EWMA": DAYS[7], "ruptures": DAYS[4], "|r|": DAYS[4]})
    _, *marks = ax.get_lines()
    assert [mark.get_ydata()[0] for mark in marks] == [4, 4, 7]
    assert [text.get_text() for text in ax.texts] == ["ruptures, 07 Jan", "|r|, 07 Jan", "EWMA, 10 Jan"]
    heights = [text.get_position()[1] for text in ax.texts]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 3


def test_a_spread_lies_between_two_standard_deviations_of_its_formation():
    spread = np.r_[np.tile([-1.0, 1.0], 10), np.full(10, 5.0)]
    ax = regime_plots.plot_spread(DAYS, spread, formed=DAYS[19])
    levels = [line.get_ydata()[0] for line in ax.get_lines()[:3]]
    assert levels == pytest.approx([-2, 0, 2])
    np.testing.assert_array_equal(ax.get_lines()[3].get_ydata(), spread)


def test_earnings_add_up():
    ax = figure()[1]
    assert regime_plots.plot_earnings(DAYS, {"a": np.ones(30), "b": -np.ones(30)}, ax=ax) is ax
    assert [line.get_ydata()[-1] for line in ax.get_lines()[:2]] == [30, -30]

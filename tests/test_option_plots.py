"""Figures of options: what is drawn is what was given, in the units that the labels name."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.dates import date2num

from lstm_core import option_plots
from lstm_core.live import LiveFigure, slider
from lstm_core.plots import COLOURS, figure

EDGES = pd.DatetimeIndex(["2018-01-04", "2018-02-05", "2018-03-07", "2018-04-06"])


def test_greeks_are_drawn_per_point_and_per_trading_day():
    spots = np.linspace(90, 110, 5)
    curves = {"a month": [np.full(5, value) for value in (0.5, 0.1, 23.0, -25.2)], "a week": np.zeros((4, 5))}
    axes = option_plots.plot_greeks(spots, curves, strike=101)
    assert axes.shape == (2, 2)
    for ax, expected in zip(axes.ravel(), (0.5, 0.1, 0.23, -0.1), strict=True):
        month, week, strike = ax.get_lines()
        np.testing.assert_array_equal(month.get_xdata(), spots)
        np.testing.assert_allclose(month.get_ydata(), expected)
        assert (month.get_label(), week.get_label()) == ("a month", "a week")
        assert month.get_linestyle() != week.get_linestyle()
        assert set(strike.get_xdata()) == {101}
    assert "volatility" in axes[1, 0].get_ylabel()
    assert "day" in axes[1, 1].get_ylabel()


def test_the_histogram_holds_every_path_and_the_bar_mean_and_spread():
    errors = np.array([-9.0, -0.5, 0.5, 0.6, 9.0])
    ax = option_plots.plot_errors(errors, edges=[-2, -1, 0, 1, 2])
    values, edges, _ = ax.patches[0].get_data()
    assert values.tolist() == [20, 20, 40, 20]  # what lies outside is counted at the ends
    assert edges.tolist() == [-2, -1, 0, 1, 2]
    bar = ax.get_lines()[0]
    np.testing.assert_allclose(bar.get_xdata(), errors.mean() + errors.std() * np.array([-1, 1]))
    assert max(bar.get_ydata()) < 0
    assert all(0 <= tick <= ax.get_ylim()[1] for tick in ax.get_yticks())


def test_the_histogram_moves_under_a_slider_on_the_same_scale():
    rng = np.random.default_rng(0)
    wide, narrow = 2 * rng.standard_normal(400), 0.5 * rng.standard_normal(400)
    ax = option_plots.plot_errors(wide, edges=np.linspace(-6, 6, 61), top=30)
    limits = ax.get_xlim(), ax.get_ylim()

    def update(sd):
        option_plots.move_errors(ax, narrow if sd < 1 else wide)
        return f"Errors with a standard deviation of about {sd:.1f} per cent."

    live = LiveFigure(ax.figure, [ax.patches[0], ax.lines[0]], update, sd=slider("sd", 2, 0.5, 2, 0.5))
    before = live._picture.value
    live.controls["sd"].value = 0.5
    fresh = option_plots.plot_errors(narrow, edges=np.linspace(-6, 6, 61), top=30)
    np.testing.assert_array_equal(ax.patches[0].get_data()[0], fresh.patches[0].get_data()[0])
    for ours, theirs in zip(ax.lines[0].get_data(), fresh.lines[0].get_data(), strict=True):
        np.testing.assert_allclose(ours, theirs)
    assert (ax.get_xlim(), ax.get_ylim()) == limits
    assert live._picture.value != before


def test_spread_and_law_stand_on_log_scales_at_the_hedges_that_were_given():
    ax = option_plots.plot_spread([5, 21, 84], [1.67, 0.85, 0.43], law=[1.8, 0.9, 0.45])
    law, dots = ax.get_lines()
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert dots.get_ydata().tolist() == [1.67, 0.85, 0.43]
    assert law.get_ydata().tolist() == [1.8, 0.9, 0.45]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["5", "21", "84"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0.25", "0.5", "1", "2"]
    assert len(option_plots.plot_spread([5, 21], [1.67, 0.85]).get_lines()) == 1


def test_each_windows_gap_has_the_colour_of_who_gained():
    ax = option_plots.plot_premium(EDGES, [20, 10, 15], [12, 18, 14])
    implied, realised = ax.get_lines()
    assert implied.get_ydata().tolist() == [20, 10, 15, 15]
    assert realised.get_ydata().tolist() == [12, 18, 14, 14]
    days, found = date2num(EDGES), {}
    for gap in ax.collections:
        box = gap.get_datalim(ax.transData)
        found[round(box.x0)] = (box.x1, box.y0, box.y1, tuple(gap.get_facecolor()[0][:3]))
    sky, orange = (to_rgba(COLOURS[name])[:3] for name in ("sky", "orange"))
    gaps = [(12, 20, sky), (10, 18, orange), (14, 15, sky)]
    assert found == {round(days[k]): (days[k + 1], *gap) for k, gap in enumerate(gaps)}


def test_each_windows_profit_is_a_bar_and_the_mean_a_line_at_its_height():
    _, (left, right) = figure(1, 2, sharey=True)
    option_plots.plot_pnl(EDGES, [1.0, -5.0, 2.5], ax=left)
    option_plots.plot_pnl(EDGES, [30.0, 1.0, 2.0], ax=right)  # moves the limits of both
    assert [bar.get_height() for bar in left.patches] == [1.0, -5.0, 2.5]
    assert [bar.get_x() for bar in left.patches] == date2num(EDGES[:-1]).tolist()
    loud = [bar.get_facecolor() == to_rgba(COLOURS["orange"]) for bar in left.patches]
    assert loud == [False, True, False]
    assert left.get_lines()[1].get_ydata() == pytest.approx([-0.5, -0.5])
    (text,) = left.texts
    assert (text.get_text(), text.xy[1]) == (" mean -0.50", -0.5)
    left.figure.canvas.draw()
    middle = text.get_window_extent().y0 + text.get_window_extent().height / 2
    assert middle == pytest.approx(left.transData.transform((0, -0.5))[1], abs=3)


def test_a_replay_shows_spot_delta_and_profit_day_by_day():
    days = pd.bdate_range("2018-01-04", periods=4)
    parts = [[100, 101, 103, 99], [0.0, 0.4, 0.9, 0.0], [0.0, -0.2, -1.0, 0.5], [0.0, 0.1, 0.2, -0.7]]
    axes = option_plots.plot_replay(days, *parts)
    spot, delta, (_, *profits) = axes[0].get_lines()[0], axes[1].get_lines()[0], axes[2].get_lines()[::-1]
    assert spot.get_ydata().tolist() == parts[0]
    assert delta.get_ydata().tolist() == parts[1]
    assert delta.get_drawstyle() == "steps-post"
    assert {line.get_label(): line.get_ydata().tolist() for line in profits} == dict(hedged=parts[3], unhedged=parts[2])
    assert spot.get_xdata().tolist() == date2num(days).tolist()


def test_all_of_them_can_be_printed():
    spots = np.linspace(90, 110, 5)
    days, parts = pd.bdate_range("2018-01-04", periods=4), np.ones((4, 4))
    drawn = [
        option_plots.plot_greeks(spots, {"a": np.ones((4, 5))}, strike=100)[0, 0],
        option_plots.plot_errors([0.1, -0.1], edges=[-1, 0, 1]),
        option_plots.plot_spread([5, 21], [1.0, 0.5], law=[1.0, 0.5]),
        option_plots.plot_premium(EDGES, [20, 10, 15], [12, 18, 14]),
        option_plots.plot_pnl(EDGES, [1.0, -5.0, 2.5]),
        option_plots.plot_replay(days, *parts)[0],
    ]
    for ax in drawn:  # a warning of matplotlib's, such as a layout that does not fit, is an error here
        ax.figure.savefig(io.BytesIO())

"""mood_plots and mood_live: what is drawn is what was given; a slider's sentence is measured anew."""

import numpy as np
import pandas as pd
import pytest

from lstm_core import brain, mood_live, mood_plots
from lstm_core.brain.arousal import AROUSALS

DAYS = pd.bdate_range("2010-01-01", periods=40)
RNG = np.random.default_rng(0)


def test_answers_stand_at_their_steps_and_the_bell_at_its_own():
    said = np.linspace(0, 1, 20)
    ax = mood_plots.plot_answers(said, 1, 13)
    order, bell, answer = ax.get_lines()
    np.testing.assert_allclose(answer.get_xydata(), np.column_stack([np.arange(1, 21), said]))
    assert (order.get_xdata()[0], bell.get_xdata()[0]) == (2, 14)
    (band,) = ax.patches
    assert (band.get_y(), band.get_height()) == (-0.5, 1.0)


def test_alarms_and_answered_bells_are_two_curves():
    ax = mood_plots.plot_held([0, 0.5, 1], [0, 0.4, 1], [0, 0.5, 1])
    drawn = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_allclose(drawn["false alarms"], [0, 0.4, 1])
    np.testing.assert_allclose(drawn["bells answered"], [0, 0.5, 1])


def test_the_mean_over_seeds_is_thick_and_its_lowest_point_marked():
    errors = np.array([[3.0, 1, 2], [5, 2, 1]])
    *seeds, mean, best, floor = mood_plots.plot_arousal([-1, 0, 1], errors, 0.5).get_lines()
    np.testing.assert_allclose([line.get_ydata() for line in seeds], errors)
    np.testing.assert_allclose(mean.get_ydata(), [4, 1.5, 1.5])
    np.testing.assert_allclose(best.get_xydata(), [[0, 1.5]])
    assert floor.get_ydata() == [0.5, 0.5]
    assert len(mood_plots.plot_arousal([-1, 0, 1], errors[0]).get_lines()) == 2


def test_an_episode_has_what_is_seen_the_mean_bayes_and_the_guess():
    parts = RNG.normal(size=(4, 30))
    lines = mood_plots.plot_tracking(*(parts[k] for k in (0, 1, 3, 2))).get_lines()
    np.testing.assert_allclose([line.get_ydata() for line in lines], parts)


def test_wealth_is_what_one_becomes():
    earned = np.full(40, 0.01)
    ax = mood_plots.plot_wealth(DAYS, {"moody": earned, "calm LSTM": -earned})
    up, down = ax.get_lines()
    np.testing.assert_allclose(up.get_ydata(), 1.01 ** np.arange(1, 41))
    np.testing.assert_allclose(down.get_ydata(), 0.99 ** np.arange(1, 41))
    assert (up.get_label(), down.get_label()) == ("moody", "calm LSTM")


def test_panels_hold_what_one_figure_each_would():
    said = {"as trained": np.zeros(20), "held": np.ones(20)}
    left, right = mood_plots.answer_panels(said, 1, 13).axes
    assert [ax.get_title(loc="left") for ax in (left, right)] == list(said)
    np.testing.assert_allclose([ax.get_lines()[-1].get_ydata() for ax in (left, right)], list(said.values()))
    curves = {0.01: (np.ones((2, 3)), 0.2), 0.15: (2 * np.ones((2, 3)), 0.4)}
    for ax, (errors, floor) in zip(mood_plots.arousal_panels([-1, 0, 1], curves).axes, curves.values(), strict=True):
        mean, floor_drawn = ax.get_lines()[2], ax.get_lines()[-1]
        np.testing.assert_allclose(mean.get_ydata(), errors[0])
        assert floor_drawn.get_ydata() == [floor, floor]
    returns = {"calm LSTM": np.full(40, 0.01), "moody, 1": np.zeros(40), "moody, 2": np.full(40, -0.01)}
    for ax, name in zip(mood_plots.wealth_panels(DAYS, returns).axes, ("moody, 1", "moody, 2"), strict=True):
        calm, moody = (line.get_ydata()[-1] for line in ax.get_lines())
        assert (calm, moody) == (pytest.approx(1.01**40), pytest.approx((1 + returns[name][0]) ** 40))
        assert ax.get_title(loc="left") == name


def test_the_mood_is_a_line_across():
    most, mood = mood_plots.plot_tolerated(DAYS, np.r_[np.inf, np.linspace(1, 2, 39)], 2.25).get_lines()
    np.testing.assert_allclose(most.get_ydata()[1:], np.linspace(1, 2, 39))
    assert np.isfinite(most.get_ydata()).all()
    assert list(mood.get_ydata()) == [2.25, 2.25]


def moving(live):
    return [np.array(artist.get_ydata(), float) for artist in live._moving]


def test_the_gate_slider_measures_what_hear_measures():
    net, task = brain.new_net(3, 1, 0, scale=2.0, head=3.0), brain.recall_task(50, np.random.default_rng(0))
    curves = pd.DataFrame({"alarms": [0, 1], "told": [0, 1]}, [0.0, 1.0])
    live = mood_live.gate_slider(net, task, curves)
    for o in (0.0, 0.35, 1.0):
        live.controls["o"].value = o
        held = brain.hold_output(net, o)
        heard = brain.hear(held, task)
        answer, dots = moving(live)
        np.testing.assert_allclose(answer, brain.says(held, task.x)[int(task.order.argmax())])
        np.testing.assert_allclose(dots, [heard.alarms, heard.told])
        assert f"{heard.alarms:.0%} false alarms, {heard.told:.0%} of the bells" in live.sentence


def test_the_arousal_sliders_measure_in_the_world_that_is_set():
    net = brain.new_net(1, 3, 0, forget_bias=1.0)
    live = mood_live.arousal_sliders(net, seed=3)
    live.controls["hazard"].value, live.controls["a"].value = 0.05, -1.5
    world = brain.switching_world(100, 120, 0.05, np.random.default_rng(3))
    errors = [brain.tracking_error(brain.says(brain.aroused(net, a), world.x), world) for a in AROUSALS]
    curve, dot, seen, mean, best, guess = moving(live)
    np.testing.assert_allclose(curve, errors)
    assert dot[0] == pytest.approx(errors[AROUSALS.index(-1.5)])
    np.testing.assert_allclose((seen, mean), (world.x[0, :, 0], world.mean[0]))
    np.testing.assert_allclose(best, brain.bayes_tracker(world.x, 0.05)[0])
    np.testing.assert_allclose(guess, brain.says(brain.aroused(net, -1.5), world.x)[0])
    assert "Hazard rate 0.05, arousal −1.5" in live.sentence
    assert f"{min(errors):.3f}" in live.sentence


def test_the_mood_sliders_keep_her_account():
    returns, most = RNG.normal(0, 0.01, 40), {1: np.full(40, 1.2), 11: np.linspace(1, 3, 40), 21: np.full(40, 9.0)}
    live = mood_live.mood_sliders(DAYS, returns, most, 0 * returns)
    assert live.controls["d"].value == 11
    live.controls["mood"].value = 2.0
    tolerated, mood, wealth = moving(live)
    np.testing.assert_allclose(tolerated, most[11])
    assert (mood == 2).all()
    plays = most[11] > 2
    np.testing.assert_allclose(wealth, np.cumprod(1 + brain.earned(plays, returns)))
    assert f"in on {plays.mean():.0%} of the days" in live.sentence
    live.controls["d"].value = 1
    np.testing.assert_allclose(moving(live)[2], 1)  # never in

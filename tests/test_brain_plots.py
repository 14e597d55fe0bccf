"""brain_plots: what is drawn is what was given."""

import numpy as np
from matplotlib.colors import to_rgba

from lstm_core import brain_plots
from lstm_core.brain import FEEDBACK


def test_rules_and_feedbacks_have_looks_of_their_own():
    for looks in (brain_plots.RULES, brain_plots.FEEDBACKS):
        assert len({look["color"] for look in looks.values()}) == len({look["marker"] for look in looks.values()}) == 3
    assert tuple(brain_plots.FEEDBACKS) == FEEDBACK


def test_patterns_are_squares_in_rows_and_undecided_bits_are_white():
    axes = brain_plots.plot_patterns({"a": np.r_[np.ones(4), -np.ones(2)], "b": np.zeros(6)}, rows=2)
    (image,) = axes[0].images
    np.testing.assert_array_equal(image.get_array(), [[1, 1, 1], [1, -1, -1]])
    assert [ax.get_title(loc="left") for ax in axes] == ["a", "b"]
    shades = [tuple(image.to_rgba(np.array([[v]]))[0, 0]) for v in (-1.0, 0.0, 1.0)]
    assert len(set(shades)) == 3
    assert shades[1] == (1, 1, 1, 1)


def test_loads_have_their_means_and_intervals():
    curves = {"net": ([1, 0.9, 0.5], [0, 0.1, 0.2]), "law": ([1, 0.8, 0.4], None)}
    ax = brain_plots.plot_loads([1, 2, 4], curves, marks={"limit": 2.5})
    net, law = (line for line in ax.get_lines() if line.get_label() in ("net", "law"))
    np.testing.assert_array_equal(net.get_xydata(), [[1, 1], [2, 0.9], [4, 0.5]])
    np.testing.assert_array_equal(law.get_ydata(), [1, 0.8, 0.4])
    (bars,) = ax.containers
    np.testing.assert_allclose([s[:, 1] for s in bars[2][0].get_segments()], [[1, 1], [0.8, 1.0], [0.3, 0.7]])
    assert (net.get_linestyle(), law.get_linestyle()) == ("-", "--")
    (mark,) = (line for line in ax.get_lines() if line.get_label() == "_mark")
    assert mark.get_xdata() == [2.5, 2.5]
    assert [text.get_text() for text in ax.texts] == ["limit"]


def test_weights_stand_beside_each_other_under_the_variances():
    rules = {"Hebb": np.array([1.0, 0.0]), "Oja": np.array([0.6, 0.8]), "delta": np.array([0.0, 1.0])}
    above, below = brain_plots.plot_weights([4.0, 1.0], rules, [0.0, -1.0])
    assert [bar.get_height() for bar in above.patches] == [4, 1]
    *lines, target = below.get_lines()[:4]
    for line, (name, w) in zip(lines, rules.items(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), w)
        assert line.get_label() == name
        np.testing.assert_allclose(line.get_xdata(), [1, 2], atol=0.3)
    np.testing.assert_array_equal(target.get_xydata(), [[1, 0], [2, -1]])
    brain_plots.move_weights((above, below), 6.0, {name: -w for name, w in rules.items()}, [1.0, 0.0])
    assert [bar.get_height() for bar in above.patches] == [6, 1]
    np.testing.assert_array_equal([line.get_ydata() for line in lines], [-w for w in rules.values()])
    np.testing.assert_array_equal(target.get_ydata(), [1, 0])


def test_found_is_a_row_a_direction_and_a_dot_a_seed():
    ax = brain_plots.plot_found({"Oja": {"PC1": [0.9, 1.0], "target": [0.1, 0.0]}, "delta": {"PC1": [0.2, 0.3]}})
    first, second, third = ax.get_lines()
    np.testing.assert_array_equal(first.get_xydata(), [[0.9, 0], [1, 0]])
    np.testing.assert_array_equal(second.get_ydata(), [1, 1])
    assert to_rgba(third.get_color()) == to_rgba(brain_plots.RULES["delta"]["color"])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Oja: PC1", "Oja: target", "delta: PC1"]
    assert ax.yaxis_inverted()


def test_online_is_a_line_a_seed():
    ax = brain_plots.plot_online(np.arange(3), [[0.1, 0.5, 0.9], [0.3, 0.6, 0.9]])
    np.testing.assert_array_equal([line.get_ydata() for line in ax.get_lines()], [[0.1, 0.5, 0.9], [0.3, 0.6, 0.9]])


def test_learning_curves_have_one_name_a_kind_and_the_live_one_stands_out():
    trials = {"random": [([500, 1000], [0.7, 0.2]), ([500], [0.6])], "none": [([500], [0.75])]}
    ax = brain_plots.plot_learning(trials, live=([100, 200], [0.5, 0.4]))
    assert [line.get_label() for line in ax.get_lines()] == ["random", "_more", "none", "just now"]
    np.testing.assert_array_equal(ax.get_lines()[0].get_xydata(), [[500, 0.7], [1000, 0.2]])
    widths = [line.get_linewidth() for line in ax.get_lines()]
    assert widths[-1] > max(widths[:-1])


def test_alignment_is_a_dot_a_trial_and_those_without_an_angle_stand_apart():
    angles = {"transposed": np.zeros(2), "random": np.array([40.0, 90.0]), "none": np.full(2, np.nan)}
    errors = {"transposed": [0.1, 0.2], "random": [0.3, 0.7], "none": [0.75, 0.76]}
    ax = brain_plots.plot_alignment(angles, errors)
    transposed, random, none, _ = ax.get_lines()
    np.testing.assert_array_equal(transposed.get_xydata(), [[0, 0.1], [0, 0.2]])
    np.testing.assert_array_equal(random.get_xydata(), [[40, 0.3], [90, 0.7]])
    assert min(none.get_xdata()) > 120
    assert ax.get_xlim()[1] > max(none.get_xdata())
    brain_plots.move_alignment(ax, angles | {"random": np.array([30.0, 50.0])}, errors)
    np.testing.assert_array_equal(random.get_xdata(), [30, 50])

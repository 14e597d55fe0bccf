"""seed_plots: dots are the scores that were given, bars reach as far as was said."""

import numpy as np

from lstm_core.seed_plots import plot_seeds

VALUES = np.array([[0.1, 0.3, 0.2], [-0.4, 0.0, 0.4]])


def test_dots_are_the_seeds_and_bars_the_two_intervals():
    ax = plot_seeds(["a", "b"], VALUES, [0.3, 1.0], [0.5, 0.6], [0, 2], label="zero", live={"b": [0.0, 0.4]})
    dots, rings = (
        next(line for line in ax.get_lines() if line.get_label() == name) for name in ("a seed", "trained just now")
    )
    np.testing.assert_allclose(dots.get_xdata(), VALUES.ravel())
    np.testing.assert_array_equal(dots.get_ydata(), [0, 0, 0, 1, 1, 1])
    np.testing.assert_allclose(rings.get_xydata(), [[0.0, 1], [0.4, 1]])
    seeds, days = (next(c for c in ax.containers if c.get_label() == name) for name in ("over seeds", "over days"))
    np.testing.assert_allclose([(bar.get_x(), bar.get_width()) for bar in seeds], [(-0.1, 0.6), (-1.0, 2.0)])
    np.testing.assert_allclose([s[:, 0] for s in days[2][0].get_segments()], [[-0.3, 0.7], [-0.6, 0.6]])
    (lines,) = [c for c in ax.collections if c.get_label() == "_reference"]
    assert [segment[:, 0].tolist() for segment in lines.get_segments()] == [[0, 0], [2, 2]]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b"]
    assert ax.yaxis_inverted()


def test_without_live_scores_there_are_no_rings():
    assert "trained just now" not in [
        line.get_label() for line in plot_seeds("ab", VALUES, [1, 1], [1, 1], [0, 0], label="").get_lines()
    ]

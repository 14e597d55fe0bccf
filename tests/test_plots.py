"""plots.py: the figures' data, where labels land, what `show` sends to a notebook, and that no global is touched."""

import subprocess
import sys
from itertools import pairwise

import matplotlib
import nbformat
import numpy as np
import pytest
from helpers import decoded, images
from matplotlib.backends.backend_agg import FigureCanvasAgg
from nbconvert import HTMLExporter
from numpy.testing import assert_array_equal

from lstm_core import plots

ALT = 'Loss against the epoch: it falls from 3 to 1 & "stays" < 1.5 from the second epoch on.'


def only_line(ax):
    (line,) = ax.get_lines()
    return line


# The figures' data


def test_gradient_flow_draws_each_gain_against_its_lag_on_a_log_scale():
    curves = {"RNN": np.array([1e-3, 1e-2, 1.0]), "LSTM": np.array([0.0, 0.9, 1.0])}
    ax = plots.plot_gradient_flow(curves, bounds={"RNN": 0.5})
    drawn = {line.get_label(): line for line in ax.get_lines()}
    assert_array_equal(drawn["RNN"].get_xydata(), [(0, 1), (1, 1e-2), (2, 1e-3)])
    assert_array_equal(drawn["LSTM"].get_ydata(), [1, 0.9, 1e-300])  # 0 has no place on a log scale
    assert_array_equal(drawn["_bound"].get_xydata(), [(0, 1), (1, 0.5), (2, 0.25)])
    assert drawn["_bound"].get_color() == drawn["RNN"].get_color() != drawn["LSTM"].get_color()
    assert len(ax.get_lines()) == 3
    assert (ax.get_yscale(), ax.get_xscale()) == ("log", "linear")
    assert "lag" in ax.get_xlabel()
    assert "gradient" in ax.get_ylabel()


def test_gradient_flow_leaves_out_no_curve():
    curves = {f"b_f = {b}": np.array([0.5**b, 1.0]) for b in range(9)}
    assert [line.get_label() for line in plots.plot_gradient_flow(curves).get_lines()] == list(curves)


def test_states_are_drawn_in_their_own_colour_and_dash():
    states = {name: np.arange(4.0) + k for k, name in enumerate("ifogch")}
    ax = plots.plot_states(states)
    for line, (name, values) in zip(ax.get_lines(), states.items(), strict=True):
        assert_array_equal(line.get_ydata(), values)
        assert_array_equal(line.get_xdata(), range(4))
        assert line.get_label() == plots.GATES[name]["label"]
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.get_lines()}) == 6
    assert len({line.get_label() for line in ax.get_lines()}) == 6


def test_gates_stand_between_shut_and_open():
    ax = plots.plot_gates({"f": np.array([0.1, 0.9])})
    assert_array_equal(only_line(ax).get_ydata(), [0.1, 0.9])
    assert_array_equal(ax.get_yticks(), [0, 0.5, 1])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["shut 0", "½", "open 1"]
    low, high = ax.get_ylim()
    assert low < 0 < 1 < high


@pytest.mark.parametrize("draw", [plots.plot_states, plots.plot_gates])
def test_an_unknown_gate_is_told_the_known_ones(draw):
    with pytest.raises(ValueError, match="'q', but must be one of 'i', 'f', 'o'"):
        draw({"q": np.zeros(3)})


def test_history_counts_epochs_from_one_and_marks_the_one_kept():
    ax = plots.plot_history([3.0, 2.0, 1.0], [4.0, 2.5, 3.0], best_epoch=2)
    drawn = {line.get_label(): line for line in ax.get_lines()}
    assert_array_equal(drawn["training"].get_xydata(), [(1, 3), (2, 2), (3, 1)])
    assert_array_equal(drawn["validation"].get_xydata(), [(1, 4), (2, 2.5), (3, 3)])
    assert_array_equal(drawn["_best"].get_xydata(), [(2, 2.5)])
    assert drawn["training"].get_linestyle() != drawn["validation"].get_linestyle()
    assert ax.get_yscale() == "log"
    assert {text.get_text().strip() for text in ax.texts} == {"training", "validation", "kept"}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")


@pytest.mark.parametrize("valid_loss", [None, []])
def test_history_without_validation_is_one_line(valid_loss):
    ax = plots.plot_history([3.0, 2.0], valid_loss)
    assert only_line(ax).get_label() == "training"
    assert [text.get_text().strip() for text in ax.texts] == ["training"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plots.plot_gradient_flow({"RNN": np.ones(3)}, ax=ax),
        lambda ax: plots.plot_states({"c": np.ones(3)}, ax=ax),
        lambda ax: plots.plot_gates({"f": np.ones(3)}, ax=ax),
        lambda ax: plots.plot_history([2.0, 1.0], ax=ax),
        plots.label_lines,
    ],
)
def test_every_plot_draws_where_it_is_told_and_leaves_globals_alone(draw):
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # so that no earlier test's leak passes for the default
        before = dict(matplotlib.rcParams)
        _, ax = plots.figure()
        assert draw(ax) is ax
        assert dict(matplotlib.rcParams) == before


# Style


def test_figures_come_in_the_lectures_style():
    fig, axes = plots.figure(2, 3, size=(9, 4), sharex=True)
    assert axes.shape == (2, 3)
    assert_array_equal(fig.get_size_inches(), (9, 4))
    for ax in axes.flat:
        assert not ax.spines["top"].get_visible()
        assert not ax.spines["right"].get_visible()
        assert ax.spines["left"].get_visible()


def test_the_style_also_holds_for_what_is_drawn_after_the_figure_was_made():
    _, ax = plots.figure()
    ax.set_title("a finding")
    (line,) = ax.plot([0, 1], label="loss")
    assert ax.get_title(loc="left") == "a finding"
    assert line.get_linewidth() == 1.8
    assert line.get_color() == plots.COLOURS["blue"]
    assert not ax.legend().get_frame_on()


def test_the_palette_is_as_many_colours_as_names_and_dark_enough_for_white():
    red, green, blue = np.array([matplotlib.colors.to_rgb(colour) for colour in plots.COLOURS.values()]).T
    assert len(set(plots.COLOURS.values())) == len(plots.COLOURS)
    assert np.all(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.45)


# Labels at the lines' ends


def labels(ax):
    """The height (in axes fractions) of each label, and the label itself, from bottom to top."""
    return sorted((float(text.xy[1]), text.get_text().strip(), text.get_color()) for text in ax.texts)


def ends_at(*heights, scale="linear"):
    _, ax = plots.figure()
    ax.set_yscale(scale)
    for k, height in enumerate(heights):
        ax.plot([0, 1], [heights[0], height], label=f"line {k}")
    return ax


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_labels_stand_at_their_lines_ends_in_their_colour(scale):
    ax = plots.label_lines(ends_at(1.0, 5.0, 100.0, scale=scale))
    ax.figure.draw_without_rendering()
    for (height, text, colour), line in zip(labels(ax), ax.get_lines(), strict=True):
        end = ax.transAxes.inverted().transform(ax.transData.transform(line.get_xydata()[-1]))
        gap_to_the_one_below = 0.055 if text == "line 1" and scale == "linear" else 0
        first_height = labels(ax)[0][0]
        assert height == pytest.approx(max(end[1], first_height + gap_to_the_one_below), abs=1e-9)
        assert (text, colour) == (line.get_label(), line.get_color())


@pytest.mark.parametrize("gap", [0.055, 0.12])
@pytest.mark.parametrize("heights", [(1, 1, 1, 1), (0, 0.5, 0.51, 0.52, 1), (5, 4.99, 0, 4.98)])
def test_labels_keep_their_gap_and_order_and_stay_beside_the_axes(heights, gap):
    ax = plots.label_lines(ends_at(*heights), gap=gap)
    placed = labels(ax)
    assert len(placed) == len(heights)
    assert all(above[0] - below[0] > gap - 1e-9 for below, above in pairwise(placed))
    ends = {line.get_label(): line.get_ydata()[-1] for line in ax.get_lines()}
    assert [ends[text] for _, text, _ in placed] == sorted(heights)
    assert placed[0][0] >= 0
    assert placed[-1][0] <= 1


def test_only_lines_with_a_name_and_a_number_are_labelled():
    _, ax = plots.figure()
    ax.plot([0, 1, 2], [0, 3, np.nan], label="ends early")
    ax.plot([0, 1, 2], [np.nan] * 3, label="empty")
    ax.plot([0, 1, 2], [0, 1, 6], label="_private")
    plots.label_lines(ax)
    ax.figure.draw_without_rendering()
    (label,) = ax.texts
    assert label.get_text().strip() == "ends early"
    expected = ax.transAxes.inverted().transform(ax.transData.transform((1, 3)))
    np.testing.assert_allclose(label.xy, expected, atol=1e-9)


# What a notebook gets


@pytest.fixture
def displayed(monkeypatch):
    """The outputs that a notebook would hold."""
    outputs = []

    def display(data, *, metadata=None, raw):
        assert raw
        outputs.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata or {}))

    monkeypatch.setattr("IPython.display.display", display)
    return outputs


def exported(outputs):
    """The page that nbconvert makes of a notebook with these outputs."""
    cell = nbformat.v4.new_code_cell("show()", outputs=outputs)
    return HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]


def test_picture_and_alt_text_survive_the_export_to_html(displayed):
    assert plots.show(plots.plot_history([3.0, 1.0]).figure, alt=ALT.replace(" ", "\n   ", 2)) is None
    (image,) = images(exported(displayed))
    assert image["alt"] == ALT
    assert image["width"] == str(8 * 96)
    assert decoded(image["src"]).shape == (4 * 144, 8 * 144, 3)


def test_where_there_are_no_pictures_the_alt_text_stands_in(displayed):
    plots.show(plots.plot_history([3.0, 1.0]).figure, alt=ALT)
    (output,) = displayed
    assert output.data["text/plain"] == ALT


def test_the_picture_is_the_figure(displayed):
    fig = plots.plot_states({name: np.sin(np.arange(20) + k) for k, name in enumerate("ifogch")}).figure
    plots.show(fig, alt=ALT)
    fig.set_dpi(144)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    (image,) = images(exported(displayed))
    difference = decoded(image["src"]) - np.asarray(canvas.buffer_rgba())[..., :3].astype(float)
    assert np.abs(difference).mean() < 2
    assert np.mean(np.abs(difference) > 40) < 1e-3  # of 255: a palette may blur an edge, not repaint a line


@pytest.mark.parametrize("alt", ["", "A plot of the loss.", "loss \n" + " " * 60])
def test_show_refuses_an_alt_text_that_says_nothing(displayed, alt):
    with pytest.raises(ValueError, match="say what the figure shows"):
        plots.show(plots.plot_history([3.0, 1.0]).figure, alt=alt)
    assert not displayed


@pytest.mark.parametrize(
    ("code", "imports_pyplot"),
    [
        ("from lstm_core import plots, live; plots.plot_history([2, 1]).figure.draw_without_rendering()", False),
        ("import matplotlib.pyplot", True),  # the probe itself can tell
    ],
)
def test_no_pyplot_is_imported(code, imports_pyplot):
    probe = code + "; import sys; print('matplotlib.pyplot' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == str(imports_pyplot)

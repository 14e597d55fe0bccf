"""live.py: a figure under sliders, driven from Python: what its HTML says and what its pixels show."""

import html
import random
import threading
from contextlib import suppress

import ipywidgets
import numpy as np
import pytest
from helpers import decoded, images

from lstm_core import plots
from lstm_core.live import LiveFigure, slider

BLUE = (0, 114, 178)


def sentence(level, width=4.0):
    return f'The line stands at {level:.3f} & is {width:.1f} points "wide", <b>not</b> more.'


def make(wait=lambda level: None, **values) -> LiveFigure:
    """A horizontal blue line under two sliders, its height and its width; the level must not be negative."""
    fig, ax = plots.figure(size=(3, 2))
    ax.set(ylim=(0, 1), xlim=(0, 1))
    (line,) = ax.plot([0, 1], [0.5, 0.5], color=plots.COLOURS["blue"])

    def update(level, width):
        if level < 0:
            raise ValueError(f"level {level} < 0")
        wait(level)
        line.set_ydata([level, level])
        line.set_linewidth(width)
        return sentence(level, width)

    start = {"level": 0.5, "width": 4.0} | values
    level, width = slider("level", start["level"], -9, 9, 0.001), slider("width", start["width"], 1, 9)
    live = LiveFigure(fig, [line], update, level=level, width=width)
    live.ax = ax
    return live


def page(live) -> str:
    """The HTML under the sliders."""
    (picture,) = (child for child in live.children if isinstance(child, ipywidgets.HTML))
    return picture.value


def pixels(live) -> np.ndarray:
    (image,) = images(page(live))
    return decoded(image["src"]).astype(int)


def blue_rows(live) -> np.ndarray:
    """The rows of pixels in which the line is, counted from the top."""
    return np.flatnonzero((np.abs(pixels(live) - BLUE).max(axis=2) < 12).sum(axis=1) > 100)


def test_the_controls_stand_above_the_picture():
    live = make()
    assert live.children[:2] == (live.controls["level"], live.controls["width"])
    assert len(live.children) == 3


@pytest.mark.parametrize("level", [0.2, 0.5, 0.9])
def test_setting_a_value_moves_the_line_to_it(level):
    live = make()
    live.controls["level"].value = level
    rows, height = blue_rows(live), pixels(live).shape[0]
    _, expected = live.ax.transData.transform((0, level))
    assert rows.mean() == pytest.approx(height - expected, abs=1.5)
    assert np.ptp(rows) < 12  # one line, 4 points wide, and nothing left of the one before


@pytest.mark.parametrize("level", [0.5, 0.25])
def test_alt_text_and_caption_are_the_sentence(level):
    live = make()
    live.controls["level"].value = level
    (image,) = images(page(live))
    assert image["alt"] == live.sentence == repr(live) == sentence(level)
    assert page(live).count(html.escape(sentence(level))) == 2
    assert "<b>" not in page(live)
    assert image["width"] == str(3 * 96)


def test_only_what_lies_within_the_axes_changes():
    live = make()
    before = pixels(live)
    live.controls["level"].value = 0.8
    changed = np.argwhere((before != pixels(live)).any(axis=2))
    assert len(changed)
    box, height = live.ax.get_window_extent(), before.shape[0]
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert box.x0 - 1 <= left < right <= box.x1 + 1
    assert height - box.y1 - 1 <= top < bottom <= height - box.y0 + 1


@pytest.mark.parametrize("level", [1.3, 8.0])
def test_what_lies_beyond_the_axes_is_not_drawn(level):
    live = make()
    live.controls["level"].value = level
    assert not len(blue_rows(live))


def test_the_same_setting_is_the_same_picture_whatever_came_before():
    live, start = make(), page(make())
    assert page(live) == start
    for level in (0.1, 2.0, 0.7, 0.5):
        live.controls["level"].value = level
    assert page(live) == start


def test_an_error_is_shown_in_place_of_the_picture_raised_and_left_behind():
    live = make()
    with pytest.raises(ValueError, match=r"level -1\.0 < 0"):
        live.controls["level"].value = -1
    assert not images(page(live))
    assert "level -1.0 &lt; 0" in page(live)
    assert "alert" in page(live)
    live.controls["level"].value = 0.3
    assert images(page(live))[0]["alt"] == sentence(0.3)


def test_an_error_in_the_first_drawing_is_raised():
    with pytest.raises(ValueError, match=r"level -1\.0 < 0"):
        make(level=-1.0)


# Threads: JupyterLab runs callbacks in threads of their own


def test_a_slow_drawing_does_not_overtake_a_later_one():
    """The callback of 0.2 is held up halfway until that of 0.8 has begun; the last word must be 0.8."""
    held_up, go_on = threading.Event(), threading.Event()

    def wait(level):
        if level == 0.2:
            held_up.set()
            assert go_on.wait(timeout=10)

    live = make(wait)
    first, second = (threading.Thread(target=live.controls["level"].set_trait, args=("value", v)) for v in (0.2, 0.8))
    first.start()
    assert held_up.wait(timeout=10)
    second.start()
    second.join(timeout=0.2)
    go_on.set()
    for thread in (first, second):
        thread.join(timeout=10)
        assert not thread.is_alive()
    assert page(live) == page(make(level=0.8))


def test_after_a_flood_from_two_threads_the_picture_shows_the_last_values():
    live, errors = make(), []

    def flood(name, last, rng):
        for value in [*rng.choices([1.0, 2.0, 3.0, 4.0, -1.0], k=30), last]:
            with suppress(ValueError):  # that of a negative level, which the flood must survive
                live.controls[name].value = abs(value) if name == "width" else value / 5

    threads = [
        threading.Thread(target=flood, args=(name, last, random.Random(last)))
        for name, last in (("level", 4.5), ("width", 7.0))
    ]
    hooked, threading.excepthook = threading.excepthook, errors.append
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    finally:
        threading.excepthook = hooked
    assert not errors
    assert live.sentence == sentence(0.9, 7.0)
    assert page(live) == page(make(level=0.9, width=7.0))


def test_a_slider_has_its_full_name_and_range():
    control = slider("input scale", 0.5, 0.0, 2.0, 0.25)
    assert isinstance(control, ipywidgets.FloatSlider)
    assert (control.description, control.value) == ("input scale", 0.5)
    assert (control.min, control.max, control.step) == (0.0, 2.0, 0.25)
    assert control.readout_format == ".2f"
    assert slider("persistence", 0.9, 0.8, 1, 0.001, digits=3).readout_format == ".3f"

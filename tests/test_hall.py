"""Figures for slides: twice as sharp, described, and honest about their smallest text."""

import re

import pytest
from helpers import decoded, images

from lstm_core import hall, plots

ALT = "A straight line that climbs from zero to one over ten steps."


@pytest.fixture
def shown(monkeypatch):
    """Show a figure; returns what a notebook would get."""
    sent = []
    monkeypatch.setattr(hall, "display", lambda data, raw: sent.append(data))
    return lambda fig, alt=ALT: hall.show(fig, alt) or sent[-1]


def test_a_figure_says_how_small_its_smallest_text_is(shown):
    fig, ax = plots.figure(size=(6, 2))
    ax.plot([0, 1])
    ax.text(0, 0, "small", fontsize=7.5)
    ax.text(0, 1, "", fontsize=2)
    ax.text(0, 1, "hidden", fontsize=2).set_visible(False)
    assert 'data-points="7.5"' in shown(fig)["text/html"]


def test_it_has_twice_the_dots_at_the_same_width(shown):
    fig, _ = plots.figure(size=(6, 2))
    html = shown(fig)["text/html"]
    assert 'width="576"' in html
    assert decoded(images(html)[0]["src"]).shape == (2 * 2 * plots.DOTS, 6 * 2 * plots.DOTS, 3)


def test_its_alt_text_travels_and_must_say_something(shown):
    fig, _ = plots.figure()
    data = shown(fig, "  A line that\n climbs and climbs and climbs, to the very end.  ")
    assert data["text/plain"] == "A line that climbs and climbs and climbs, to the very end."
    assert f'alt="{data["text/plain"]}"' in data["text/html"]
    with pytest.raises(ValueError, match=re.escape("alt text is 'a plot': say what the figure shows")):
        hall.show(fig, "a plot")

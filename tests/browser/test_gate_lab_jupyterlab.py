"""The Gate Lab in JupyterLab: every slider by mouse, keyboard and touch, and Python's traits with it, both ways."""

import pytest
from gate_lab import (
    CHECK,
    CHECKED,
    GRU_CHECK,
    checked_labs,
    let_python_move_grus,
    let_python_move_them,
    move_everything,
)
from student import KERNEL, choose, delayed, open_notebook, run_all

pytestmark = pytest.mark.browser


@pytest.fixture
def check(touch_page, lab):
    """The notebook made for these tests, run: its labs and, for each, what Python has heard."""
    return opened(touch_page, lab, CHECK)


def opened(page, lab, name: str) -> dict:
    open_notebook(page, lab, name)
    run_all(page)
    return checked_labs(page, name)


@pytest.mark.parametrize("name", CHECKED)
def test_every_slider_follows_and_python_with_it(touch_page, lab, name):
    for one, told in opened(touch_page, lab, name).values():
        assert move_everything(one, told) == 9 * len(one.sliders()) >= 9


def test_it_has_the_colours_of_jupyterlabs_theme_and_follows_it(check, touch_page):
    lab, _ = check["forget"]
    lab.wait_for(lambda: lab.shows_colour("#0072b2"), "the forget gate is not blue")
    choose(touch_page, "Settings", "Theme", "JupyterLab Dark")
    lab.wait_for(lambda: lab.shows_colour("#5ab8f0"), "it stayed light in JupyterLab's dark theme")
    choose(touch_page, "Settings", "Theme", "JupyterLab Light")
    lab.wait_for(lambda: lab.shows_colour("#0072b2"), "it stayed dark in JupyterLab's light theme")


def test_python_moves_the_sliders(check, touch_page):
    let_python_move_them(check, touch_page)


def test_python_moves_the_sliders_of_grus(touch_page, lab):
    let_python_move_grus(opened(touch_page, lab, GRU_CHECK), touch_page)


WATCH = """slider => {
    window.seen = [];
    const look = () => (window.seen.push(Number(slider.value)), requestAnimationFrame(look));
    look();
}"""


def test_a_kernel_far_away_takes_no_key_back(touch_page, lab):
    """Python's echo of a value arrives when the slider has long gone on."""
    touch_page.route_web_socket(KERNEL, delayed(0.02))
    open_notebook(touch_page, lab, CHECK)
    run_all(touch_page)
    forget, told = checked_labs(touch_page, CHECK)["forget"]
    forget.by_keyboard("forget_bias", 0)
    forget.wait_for(lambda: told()["forget_bias"] == -8, "Python did not hear")
    forget.slider("forget_bias").evaluate(WATCH)
    for _ in range(40):
        touch_page.keyboard.press("ArrowRight")
        touch_page.wait_for_timeout(30)
    forget.wait_for(lambda: told()["forget_bias"] == -4, "Python did not hear")
    touch_page.wait_for_timeout(300)
    seen = touch_page.evaluate("seen")
    assert seen == sorted(seen)
    assert seen[-1] == forget.value("forget_bias") == -4

"""The Gate Lab in the classic notebook with ipywidgets 7.7.1: every slider by mouse, keyboard and touch, both ways."""

import pytest
from classic_student import Classic, open_notebook, run_all
from gate_lab import (
    CHECK,
    CHECKED,
    GRU_CHECK,
    checked_labs,
    let_python_move_grus,
    let_python_move_them,
    move_everything,
)
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def check(touch_page: Page, classic: Classic):
    """The notebook made for these tests, run: its labs and, for each, what Python has heard."""
    return opened(touch_page, classic, CHECK)


def opened(page: Page, classic: Classic, name: str) -> dict:
    open_notebook(page, classic, name)
    run_all(page)
    return checked_labs(page, name)


@pytest.mark.parametrize("name", CHECKED)
def test_every_slider_follows_and_python_with_it(touch_page: Page, classic: Classic, name: str):
    for lab, told in opened(touch_page, classic, name).values():
        assert move_everything(lab, told) == 9 * len(lab.sliders()) >= 9


def test_python_moves_the_sliders(check, touch_page: Page):
    let_python_move_them(check, touch_page)


def test_python_moves_the_sliders_of_grus(touch_page: Page, classic: Classic):
    let_python_move_grus(opened(touch_page, classic, GRU_CHECK), touch_page)


def test_keys_do_not_reach_the_notebook_around_it(check, touch_page: Page):
    """In the classic notebook's command mode a, b, x and dd would add and cut cells."""
    lab, _ = check["cell"]
    cells = touch_page.locator(".cell").count()
    lab.slider("forget_bias").focus()
    for key in "abxdd":
        touch_page.keyboard.press(key)
    assert touch_page.locator(".cell").count() == cells

"""The Gate Lab in the classic notebook with ipywidgets 7.7.1: every slider by mouse, keyboard and touch, both ways."""

import pytest
from classic_student import Classic, open_notebook, run_all
from gate_lab import CHECK, labs_on, move_everything, python_says
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def check(touch_page: Page, classic: Classic):
    """The notebook made for these tests, run: its labs and, for each, what Python has heard."""
    open_notebook(touch_page, classic, CHECK)
    run_all(touch_page)
    labs = labs_on(touch_page, 5)
    told = map(python_says, touch_page.locator(".told").all())
    return dict(zip(("cell", "forget", "input", "output", "gradient"), zip(labs, told, strict=True), strict=True))


def test_every_slider_follows_and_python_with_it(check):
    for lab, told in check.values():
        assert move_everything(lab, told) == 9 * len(lab.sliders()) >= 9


def test_python_moves_the_sliders(check, touch_page: Page):
    (cell, told), (forget, _), (output, _) = (check[name] for name in ("cell", "forget", "output"))
    touch_page.get_by_role("button", name="set in Python").click()
    cell.wait_for(lambda: cell.value("forget_bias") == -1.5, "the slider stayed where it was")
    assert told()["input_bias"] == pytest.approx(cell.value("input_bias"), abs=0.005)
    forget.wait_for(lambda: forget.sliders() == ["output_bias"], "the lens stayed as it was")
    output.wait_for(lambda: output.sentence.startswith("Step 7:"), "the step stayed where it was")


def test_keys_do_not_reach_the_notebook_around_it(check, touch_page: Page):
    """In the classic notebook's command mode a, b, x and dd would add and cut cells."""
    lab, _ = check["cell"]
    cells = touch_page.locator(".cell").count()
    lab.slider("forget_bias").focus()
    for key in "abxdd":
        touch_page.keyboard.press(key)
    assert touch_page.locator(".cell").count() == cells

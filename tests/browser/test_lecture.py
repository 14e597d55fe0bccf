"""`make lecture` as a student meets it, and every slider of every notebook dragged by mouse and by keyboard."""

import os
import sys
from pathlib import Path

import lecture
import psutil
import pytest
from chromium import find_chromium
from gate_lab import LIVE_CHECK, labs_on, move_about, number_of_labs
from live_figure import wait_until_it_follows
from playwright.sync_api import Locator, Page, expect
from student import MISSING, is_external, notebook_names, open_notebook, run_all, wait_until

# One file is one worker's: beside the pictures of a training net another JupyterLab's page is slow.
from train_lab_jupyterlab import *  # noqa: F403

pytestmark = pytest.mark.browser


WITH_LABS = [name for name in notebook_names() if number_of_labs(lecture.NOTEBOOKS / name)]


@pytest.mark.parametrize("name", notebook_names())
def test_a_notebook_opens_trusted_without_pop_ups_on_our_kernel(page: Page, lab: lecture.Server, name: str):
    """And with its saved Gate Labs there at once: they move before any cell is run."""
    open_notebook(page, lab, name)
    for one in labs_on(page, number_of_labs(lecture.NOTEBOOKS / name)):
        move_about(one, "mouse", "keyboard")
    prompts = page.locator(".jp-CodeCell .jp-InputArea-prompt").all_inner_texts()
    assert "[*]:" not in prompts
    expect(page.locator('[title^="Notebook trusted"]')).to_be_visible()
    page.wait_for_timeout(2000)  # a pop-up may take its time
    assert page.locator(".jp-Dialog, .Toastify__toast, .jp-Notification-Toast").count() == 0
    alts = page.locator(".jp-OutputArea-output img").evaluate_all("images => images.map(image => image.alt)")
    assert [alt for alt in alts if len(alt) < 40] == []
    commands = [child.cmdline() for child in psutil.Process(lab.process.pid).children(recursive=True)]
    kernels = [command for command in commands if "ipykernel_launcher" in command]
    assert {Path(command[0]) for command in kernels} == {Path(sys.executable)}


SLOW_LOOKS = """
    const sleep = window.setTimeout;  // the widget manager looks for a saved widget once, and when it is late
    window.setTimeout = (what, ms, ...rest) => sleep(what, ms === 100 ? 8_000 : ms, ...rest);
"""


def test_a_saved_lab_that_its_output_did_not_wait_for_is_shown_all_the_same(page: Page, lab: lecture.Server):
    heard = []
    page.on("console", lambda message: heard.append(message.text))
    page.add_init_script(SLOW_LOOKS)
    open_notebook(page, lab, WITH_LABS[0])
    for one in labs_on(page, number_of_labs(lecture.NOTEBOOKS / WITH_LABS[0])):
        move_about(one, "keyboard")
    assert any(text.startswith("Error: widget model not found") for text in heard)  # or it was not late


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("03_forget_gate.ipynb", "From a bias to a half-life"),  # in the middle of its cell
        ("09_forecast_volatility_price_options.ipynb", "The frozen test"),
        ("13_compare_with_the_brain.ipynb", "5 · What's lacking: emotion"),  # the longest way down
    ],
)
def test_make_lecture_at_opens_at_a_heading_and_lets_go(page: Page, lab: lecture.Server, name: str, heading: str):
    open_notebook(page, lab, name, heading)
    title = page.locator(".jp-Notebook :is(h2, h3)", has_text=heading)
    scroller = page.locator(".jp-Notebook .jp-WindowedPanel-outer, .jp-Notebook.jp-WindowedPanel-outer").first

    def below_the_top() -> float:
        return title.bounding_box()["y"] - scroller.bounding_box()["y"]

    labs_on(page, number_of_labs(lecture.NOTEBOOKS / name))
    wait_until(page, lambda: abs(below_the_top()) < 60, lambda: f"{below_the_top()} px below the top", seconds=20)
    expect(page.locator(".jp-Notebook .jp-mod-active :is(h2, h3)").first).to_contain_text(heading)
    page.mouse.move(700, 500)
    page.mouse.wheel(0, -900)
    page.wait_for_timeout(500)
    page.evaluate("document.querySelector('.jp-Notebook .jp-Cell').style.minHeight = '900px'")  # as by a figure
    page.wait_for_timeout(500)
    assert below_the_top() > 500


def test_a_heading_that_is_not_there_opens_the_notebook_all_the_same(page: Page, lab: lecture.Server):
    heard = []
    page.on("console", lambda message: heard.append(message.text))
    open_notebook(page, lab, WITH_LABS[0], "No such heading")
    said = "No heading “No such heading” in notebooks/"
    wait_until(page, lambda: any(text.startswith(said) for text in heard), lambda: f"only {heard}", seconds=20)


def test_without_trust_a_picture_with_its_text_stands_in(page: Page, lab: lecture.Server, folder: Path):
    """As it is for whoever opens a notebook that somebody else sent."""
    sent = folder / "notebooks" / "sent.ipynb"
    sent.write_text((lecture.NOTEBOOKS / WITH_LABS[0]).read_text("utf-8").replace("Set-up: run me", "Run me"), "utf-8")
    open_notebook(page, lab, sent.name)
    assert page.locator('[title^="Notebook trusted"]').count() == 0
    pictures = page.locator('.jp-OutputArea-output img[alt^="Gate Lab."]')
    expect(pictures).to_have_count(number_of_labs(sent))
    assert pictures.first.evaluate("image => image.naturalWidth") > 500
    assert page.locator("section.lab").count() == 0


def test_every_slider_of_a_live_figure_moves_its_picture(page: Page, lab: lecture.Server):
    open_notebook(page, lab, LIVE_CHECK)
    run_all(page)
    handles = page.locator(".jp-OutputArea-output .widget-slider [role=slider]")
    assert handles.count() == 2
    for handle in handles.all():
        for move in (press_arrow, drag):
            wait_until_it_follows(handle, move)


def press_arrow(handle: Locator) -> None:
    at_top = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    handle.focus()
    handle.page.keyboard.press("ArrowLeft" if at_top else "ArrowRight")


def drag(handle: Locator) -> None:
    """Pull the handle to the middle of its track, or off the middle where it stands there."""
    mouse = handle.page.mouse
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]").bounding_box()
    middle, x, y = track["x"] + track["width"] / 2, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(middle if abs(x - middle) > 20 else middle + 30, y, steps=5)
    mouse.up()


def test_chromium_is_found_where_it_is_named_or_not_at_all(tmp_path: Path):
    program = tmp_path / ("chromium.EXE" if os.name == "nt" else "chromium")
    program.touch(mode=0o755)
    assert find_chromium({"CHROMIUM": str(program)}) == str(program)
    assert find_chromium({"PATH": str(tmp_path)}) == str(program)
    assert find_chromium({"PATH": ""}, places=()) is None
    assert find_chromium({"CHROMIUM": "no-such-browser", "PATH": str(tmp_path)}) is None
    assert "CHROMIUM" in MISSING


def test_only_the_local_server_is_not_external():
    ours = (
        "http://localhost:8888/lab",
        "ws://127.0.0.1:8888/api",
        "data:image/png;base64,x",
        "blob:http://localhost/x",
    )
    assert not any(map(is_external, ours))
    assert is_external("https://cdn.jsdelivr.net/x.js")
    assert is_external("http://localhost.example.com/")

"""`make lecture` as a student meets it, and every slider of every notebook dragged by mouse and by keyboard."""

import json
import os
import sys
from pathlib import Path

import lecture
import psutil
import pytest
from playwright.sync_api import Locator, Page, expect
from student import MISSING, find_chromium, is_external, notebook_names, open_notebook, run_all

pytestmark = pytest.mark.browser


def number_of_sliders(name: str) -> int:
    """How many sliders the saved notebook holds."""
    metadata = json.loads((lecture.NOTEBOOKS / name).read_text("utf-8"))["metadata"]
    models = metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    return sum(model["model_name"].endswith("SliderModel") for model in models.values())


WITH_SLIDERS = [name for name in notebook_names() if "LiveFigure" in (lecture.NOTEBOOKS / name).read_text("utf-8")]


@pytest.mark.parametrize("name", notebook_names())
def test_a_notebook_opens_trusted_without_pop_ups_on_our_kernel(page: Page, lab: lecture.Server, name: str):
    open_notebook(page, lab, name)
    expect(page.locator('[title^="Notebook trusted"]')).to_be_visible()
    page.wait_for_timeout(2000)  # a pop-up may take its time
    assert page.locator(".jp-Dialog, .Toastify__toast, .jp-Notification-Toast").count() == 0
    alts = page.locator(".jp-OutputArea-output img").evaluate_all("images => images.map(image => image.alt)")
    assert [alt for alt in alts if len(alt) < 40] == []
    commands = [child.cmdline() for child in psutil.Process(lab.process.pid).children(recursive=True)]
    kernels = [command for command in commands if "ipykernel_launcher" in command]
    assert {Path(command[0]) for command in kernels} == {Path(sys.executable)}


@pytest.mark.parametrize("name", WITH_SLIDERS)
def test_every_slider_moves_its_picture(page: Page, lab: lecture.Server, name: str):
    open_notebook(page, lab, name)
    run_all(page)
    handles = page.locator(".jp-OutputArea-output .widget-slider [role=slider]")
    assert handles.count() == number_of_sliders(name) > 0
    for handle in handles.all():
        for move in (press_arrow, drag):
            before = what_it_shows(handle)
            move(page, handle)
            page.wait_for_function(CHANGED, arg=[handle.element_handle(), before], timeout=10_000)
            after = what_it_shows(handle)
            assert after["readout"] != before["readout"]
            assert after["pictures"] != before["pictures"]
            assert after["alts"] != before["alts"]


SHOWS = """handle => {
    const output = handle.closest(".jp-OutputArea-output");
    const images = [...output.querySelectorAll("img")];
    return {
        readout: handle.closest(".widget-slider").querySelector(".widget-readout").innerText,
        pictures: images.map(image => image.src),
        alts: images.map(image => image.alt),
    };
}"""
CHANGED = f"""([handle, before]) => {{
    const now = ({SHOWS})(handle);
    return ["readout", "pictures", "alts"].every(part => String(now[part]) !== String(before[part]));
}}"""


def what_it_shows(handle: Locator) -> dict:
    return handle.evaluate(SHOWS)


def press_arrow(page: Page, handle: Locator) -> None:
    at_top = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    handle.focus()
    page.keyboard.press("ArrowLeft" if at_top else "ArrowRight")


def drag(page: Page, handle: Locator) -> None:
    """Pull the handle to the middle of its track, or off the middle where it stands there."""
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]").bounding_box()
    middle, x, y = track["x"] + track["width"] / 2, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(middle if abs(x - middle) > 20 else middle + 30, y, steps=5)
    page.mouse.up()


def test_chromium_is_found_where_it_is_named_or_not_at_all(tmp_path: Path):
    program = tmp_path / ("chromium.EXE" if os.name == "nt" else "chromium")
    program.touch(mode=0o755)
    assert find_chromium({"CHROMIUM": str(program)}) == str(program)
    assert find_chromium({"PATH": str(tmp_path)}) == str(program)
    assert find_chromium({"PATH": ""}, places=()) is None
    assert find_chromium({"CHROMIUM": "no-such-browser", "PATH": str(tmp_path)}) is None
    assert "CHROMIUM" in MISSING


def test_only_the_local_server_is_not_external():
    ours = ("http://localhost:8888/lab", "ws://127.0.0.1:8888/api", "data:image/png;base64,x", "blob:http://localhost/x")
    assert not any(map(is_external, ours))
    assert is_external("https://cdn.jsdelivr.net/x.js")
    assert is_external("http://localhost.example.com/")

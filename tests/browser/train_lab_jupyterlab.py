"""The TrainLab in JupyterLab, whose callbacks come in a thread: pressed, slid and stopped while a real net trains."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import environment
import lecture
import pytest
from gate_lab import write_notebook
from playwright.sync_api import Page, expect
from student import choose, open_notebook, run_all, shut_kernels
from train_lab import (
    CELLS,
    NAME,
    TrainLabView,
    another_cell_runs,
    interrupt,
    its_cell_run_again,
    lab_among,
    nothing_moves,
    press_stop_go_on,
)

pytestmark = pytest.mark.browser

ARTEFACTS = environment.ROOT / "artefacts" / "browser"
OUTPUTS = ".jp-CodeCell .jp-OutputArea-output"


@pytest.fixture(scope="module")
def notebook(folder):
    write_notebook(folder / "notebooks" / NAME, CELLS)
    return NAME


@pytest.fixture
def no_kernel_left(lab) -> Iterator[None]:
    """Asked for before the page, so that its turn comes once the page is closed."""
    yield
    shut_kernels(lab)


@pytest.fixture
def train_lab(no_kernel_left: None, page: Page, lab, notebook: str) -> TrainLabView:
    open_notebook(page, lab, notebook)
    return opened(page)


def opened(page: Page) -> TrainLabView:
    """Run the whole notebook and find its lab."""
    run_all(page)
    return lab_among(page.locator(OUTPUTS))


def run_cell(page: Page, k: int) -> str:
    """Run the k-th cell and wait for what it prints."""
    cell = page.locator(".jp-CodeCell").nth(k)
    before = cell.locator(".jp-InputArea-prompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-InputArea-prompt")).not_to_have_text(before, timeout=10_000)
    expect(cell.locator(".jp-InputArea-prompt")).not_to_have_text("[*]:", timeout=10_000)
    return cell.locator(".jp-OutputArea").inner_text().strip()


def snap(train_lab: TrainLabView, name: str) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    train_lab.box.screenshot(path=ARTEFACTS / f"train-lab-{name}.png")


def test_press_slide_stop_and_go_on(train_lab: TrainLabView):
    press_stop_go_on(train_lab)
    assert run_cell(train_lab.page, 3) == "presses: [(1.0, 0.0, 0, 'stopped')]"
    assert run_cell(train_lab.page, 4) == "tasks: 0, threads: 0"


def test_a_press_to_the_verdict_by_keyboard_alone(train_lab: TrainLabView):
    page = train_lab.page
    biases = train_lab.slide_to_a_good_start()
    train_lab.handle(0).focus()
    reached = []
    for _ in range(8):  # b_f, its number, b_i, its number, the box, Train
        focus = "document.activeElement.innerText || document.activeElement.type || document.activeElement.className"
        reached.append(page.evaluate(focus).strip())
        if reached[-1] == "Train":
            break
        page.keyboard.press("Tab")
    assert "checkbox" in reached
    assert reached[-1] == "Train"
    page.keyboard.press("Enter")
    train_lab.wait_for(lambda: f"{biases}, seed 0: solved after" in train_lab.verdict, "no verdict", 60)
    snap(train_lab, "solved")
    page.keyboard.press("Tab")  # Stop is asleep
    assert page.evaluate("document.activeElement.innerText").strip() == "Again with another seed"
    page.keyboard.press("Space")
    train_lab.wait_for(lambda: f"{biases}, seed 1: solved after" in train_lab.verdict, "no verdict", 60)
    assert "Your presses: (3, −" in train_lab.alts[1]


def test_another_cell_runs_meanwhile(train_lab: TrainLabView):
    another_cell_runs(train_lab, partial(run_cell, train_lab.page))


def test_the_kernels_stop_button_is_a_stop(train_lab: TrainLabView):
    interrupt(train_lab, lambda: choose(train_lab.page, "Kernel", "Interrupt Kernel"))
    assert run_cell(train_lab.page, 3) == "presses: [(1.0, 0.0, 0, 'stopped')]"


def test_the_lab_s_cell_run_again_ends_the_old_training(train_lab: TrainLabView):
    its_cell_run_again(train_lab, partial(run_cell, train_lab.page))


def test_a_kernel_restarted_meanwhile_leaves_nothing_behind(train_lab: TrainLabView):
    page = train_lab.page
    train_lab.press_train()
    choose(page, "Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible(timeout=30_000)
    again = opened(page)
    again.press_train()
    assert again.press_stop() > 0
    assert run_cell(page, 4) == "tasks: 0, threads: 0"


def test_nothing_moves_on_the_page_while_pictures_come_and_go(train_lab: TrainLabView):
    nothing_moves(train_lab)


def test_it_is_whole_in_the_dark_and_on_a_narrow_page(train_lab: TrainLabView):
    page = train_lab.page
    snap(train_lab, "light")
    train_lab.press_train()
    train_lab.drag(0, 0.8)
    train_lab.wait_for(lambda: "next press" in train_lab.alts[1], "the slider was not heard")
    snap(train_lab, "running")
    train_lab.press_stop()
    choose(page, "Settings", "Theme", "JupyterLab Dark")
    page.wait_for_timeout(500)
    snap(train_lab, "dark")
    choose(page, "Settings", "Theme", "JupyterLab Light")
    page.set_viewport_size({"width": 760, "height": 1000})
    page.wait_for_timeout(500)
    snap(train_lab, "narrow")
    curve, plane = (train_lab.box.locator("img").nth(k).bounding_box() for k in (0, 1))
    assert plane["y"] >= curve["y"] + curve["height"]  # one above the other
    assert 300 < curve["width"] < train_lab.box.bounding_box()["width"] + 1


PRESSED = """
lab.controls["forget_bias"].value, lab.controls["input_bias"].value = 3, -2
lab.train(wait=True)
"""


@pytest.fixture(scope="module")
def saved(folder) -> Path:
    """The notebook with a press made, executed and signed as `make notebooks` and `make lecture` do."""
    path = folder / "notebooks" / "train_lab_saved.ipynb"
    write_notebook(path, [*CELLS[:3], PRESSED])
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to=notebook", "--inplace", "--execute", str(path)]
    subprocess.run(command, env=environment.settings(), check=True)
    lecture.trust(sys.executable, path.parent)
    return path


def test_a_saved_lab_shows_what_it_found_before_any_cell_is_run(page: Page, lab, saved: Path):
    open_notebook(page, lab, saved.name)
    shown = TrainLabView(page.locator(OUTPUTS, has=page.get_by_role("button", name="Train")))
    expect(shown.box.locator("img")).to_have_count(2)
    assert "b_f = 3, b_i = −2, seed 0: solved after" in shown.verdict
    assert "(3, −2): solved after" in shown.alts[0]
    snap(shown, "saved")


def test_without_trust_its_pictures_stand_in(page: Page, lab, saved: Path):
    """As it is for whoever opens a notebook that somebody else sent: they are those of when it was first shown."""
    sent = saved.with_name("train_lab_sent.ipynb")
    other = saved.read_text("utf-8").replace("import asyncio", "import asyncio as sent", 1)  # so it is not signed
    sent.write_text(other, "utf-8")
    open_notebook(page, lab, sent.name)
    assert page.locator('[title^="Notebook trusted"]').count() == 0
    pictures = page.locator(".jp-OutputArea-output img")
    expect(pictures).to_have_count(2)
    alts = pictures.evaluate_all("images => images.map(image => image.alt)")
    assert ["Training loss" in alts[0], "Map of the starts" in alts[1]] == [True, True]
    expect(page.get_by_text("Set both biases, guess, then press Train")).to_be_visible()

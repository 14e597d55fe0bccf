"""The TrainLab in the classic notebook, Colab's ipykernel 6, whose callbacks wait for the main thread like cells do."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from classic_student import RAN, Classic, open_notebook, run_all
from gate_lab import write_notebook
from playwright.sync_api import Page, expect
from student import shut_kernels
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


@pytest.fixture
def no_kernel_left(classic: Classic) -> Iterator[None]:
    """Asked for before the page, so that its turn comes once the page is closed."""
    yield
    shut_kernels(classic)


@pytest.fixture
def train_lab(no_kernel_left: None, page: Page, classic: Classic) -> TrainLabView:
    write_notebook(classic.folder / NAME, CELLS)
    open_notebook(page, classic, NAME)
    return opened(page)


def opened(page: Page) -> TrainLabView:
    """Run the whole notebook and find its lab."""
    run_all(page)
    return lab_among(page.locator(".output_area"))


def run_cell(page: Page, k: int) -> str:
    """Run the k-th cell and wait for what it prints."""
    cell = page.locator(".code_cell").nth(k)
    before = cell.locator(".input_prompt").inner_text()
    cell.locator(".CodeMirror").click()
    page.keyboard.press("Control+Enter")
    expect(cell.locator(".input_prompt")).not_to_have_text(before, timeout=10_000)
    page.wait_for_function(RAN, timeout=10_000)
    # The kernel's reply, which sets the prompt, may overtake what the cell prints.
    expect(cell.locator(".output_wrapper")).to_have_text(re.compile(r"\S"), timeout=10_000)
    return cell.locator(".output_wrapper").inner_text().strip()


def test_press_slide_stop_and_go_on(train_lab: TrainLabView):
    press_stop_go_on(train_lab)
    assert run_cell(train_lab.page, 3) == "presses: [(1.0, 0.0, 0, 'stopped')]"
    assert run_cell(train_lab.page, 4) == "tasks: 0, threads: 0"


def test_a_press_to_the_verdict_and_another_cell_meanwhile(train_lab: TrainLabView):
    another_cell_runs(train_lab, partial(run_cell, train_lab.page))
    biases = train_lab.slide_to_a_good_start()
    train_lab.button("Train").focus()
    train_lab.page.keyboard.press("Enter")
    train_lab.wait_for(lambda: f"{biases}, seed 0: solved after" in train_lab.verdict, "no verdict", 60)
    train_lab.button("Again").focus()
    train_lab.page.keyboard.press("Space")
    train_lab.wait_for(lambda: f"{biases}, seed 1: solved after" in train_lab.verdict, "no verdict", 60)


def test_the_kernels_stop_button_is_a_stop(train_lab: TrainLabView):
    button = train_lab.page.locator("button[data-jupyter-action='jupyter-notebook:interrupt-kernel']")
    interrupt(train_lab, button.click)
    assert run_cell(train_lab.page, 3) == "presses: [(1.0, 0.0, 0, 'stopped')]"


def test_the_lab_s_cell_run_again_ends_the_old_training(train_lab: TrainLabView):
    its_cell_run_again(train_lab, partial(run_cell, train_lab.page))


def test_a_kernel_restarted_meanwhile_leaves_nothing_behind(train_lab: TrainLabView):
    page = train_lab.page
    train_lab.press_train()
    page.locator("#kernellink").click()
    page.locator("#restart_kernel a").click()
    page.locator(".modal-dialog .btn-danger").click()
    page.wait_for_function("() => Jupyter.notebook.kernel.is_connected() && !Jupyter.notebook.kernel_busy")
    expect(page.locator("#kernel_indicator_icon.kernel_idle_icon")).to_be_attached(timeout=30_000)
    again = opened(page)
    again.press_train()
    assert again.press_stop() > 0
    assert run_cell(page, 4) == "tasks: 0, threads: 0"


def test_nothing_moves_on_the_page_while_pictures_come_and_go(train_lab: TrainLabView):
    nothing_moves(train_lab)

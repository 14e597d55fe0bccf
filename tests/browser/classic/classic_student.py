"""What a student does in the classic notebook: the sibling of ../student.py, used by the tests of this folder."""

import subprocess
import urllib.parse
from pathlib import Path
from typing import NamedTuple

import execute
import lecture
import nbformat
import setup_cells
from gate_lab import labs_on, move_about, number_of_labs
from playwright.sync_api import Page, expect
from student import notebook_names

# The lecture's notebooks in two lots of about the same length, those with widgets dealt out in turn.
NOTEBOOKS = {name: setup_cells.read(lecture.NOTEBOOKS / name) for name in notebook_names()}
WITH_WIDGETS = [name for name, notebook in NOTEBOOKS.items() if execute.widgets_in_order(notebook)]
LOTS = WITH_WIDGETS[::2], [name for name in notebook_names() if name not in WITH_WIDGETS[::2]]
LOADED = "() => window.Jupyter?.notebook?._fully_loaded && Jupyter.notebook.kernel?.is_connected()"
# ipywidgets 7 makes the widgets that a notebook was saved with, then draws their cells again, unless one of them could
# not be made. It throws "Host is not attached" when an output is cleared meanwhile.
SAVED = """
    const saved = Jupyter.notebook.metadata.widgets?.["application/vnd.jupyter.widget-state+json"]?.state ?? {};
    const models = Jupyter.notebook.kernel.widget_manager?._models ?? {};
"""
BEGUN = f"() => {{ {SAVED} return Object.keys(saved).every(id => id in models); }}"
MADE = f"""async () => {{
    {SAVED} const made = await Promise.allSettled(Object.values(models));
    return made.every(model => model.status === "fulfilled");
}}"""
SHOWN = f"""() => {{
    {SAVED} const outputs = Jupyter.notebook.get_cells().flatMap(cell => cell.output_area?.outputs ?? []);
    const views = outputs.filter(({{ data }}) => data?.["application/vnd.jupyter.widget-view+json"]?.model_id in saved);
    return document.querySelectorAll(".jupyter-widgets-view > *").length === views.length;
}}"""
RAN = """() => {
    const error = document.querySelector(".output_error");
    if (error) return error.innerText;
    const cells = Jupyter.notebook.get_cells().filter(cell => cell.cell_type === "code");
    return cells.every(cell => Number.isInteger(cell.input_prompt_number)) && !Jupyter.notebook.kernel_busy && "done";
}"""


class Classic(NamedTuple):
    process: subprocess.Popen
    url: str  # ends with a slash
    token: str
    folder: Path  # what it serves

    def address(self, notebook: str) -> str:
        """Where a browser finds this notebook of the folder."""
        return f"{self.url}notebooks/{urllib.parse.quote(notebook)}?token={self.token}"

    def write(self, name: str, *cells: str) -> None:
        """Lay a notebook with these cells of code into the folder."""
        code, metadata = [nbformat.v4.new_code_cell(cell) for cell in cells], {"kernelspec": execute.KERNEL}
        nbformat.write(nbformat.v4.new_notebook(cells=code, metadata=metadata), self.folder / name)


def open_notebook(page: Page, classic: Classic, name: str) -> None:
    """Open it by its address, and wait until its kernel is ready and its saved widgets have come, or could not."""
    page.goto(classic.address(name))
    page.wait_for_function(LOADED, timeout=60_000)
    page.wait_for_function(BEGUN, timeout=60_000)
    if page.evaluate(MADE):
        page.wait_for_function(SHOWN, timeout=60_000)
    expect(page.locator("#kernel_indicator_icon.kernel_idle_icon")).to_be_attached(timeout=60_000)


def run_all(page: Page, timeout: float = 400_000) -> None:
    """Clear every output, run every cell from the menu, and wait for the last; a cell that fails ends the test."""
    page.evaluate("Jupyter.notebook.clear_all_output()")
    page.locator("#celllink").click()
    page.locator("#run_all_cells a").click()
    assert page.wait_for_function(RAN, timeout=timeout).json_value() == "done"


def visit(page: Page, classic: Classic, name: str) -> None:
    """Open a notebook of the lecture, see that it is trusted, run it, and move about in each Gate Lab in it.

    One without a widget is not run: nbval runs it in the same environment, and this page could show nothing else of it.
    """
    open_notebook(page, classic, name)
    assert page.evaluate("Jupyter.notebook.trusted")
    if name not in WITH_WIDGETS:
        return
    run_all(page)
    for lab in labs_on(page, number_of_labs(lecture.NOTEBOOKS / name)):
        move_about(lab, "keyboard")

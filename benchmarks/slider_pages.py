"""The pages that sliders.py looks at: notebooks in a JupyterLab, a Gate Lab from disk, and a lecture from cold."""

import inspect
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import numpy as np
from playwright.sync_api import BrowserType, Locator, Page, expect

from lstm_core.cell import LSTMParams, random_params

sys.path.extend(str(Path(__file__).resolve().parents[1] / part) for part in ("tools", "tests/browser"))
import environment
import execute
import lecture
from chromium import find_chromium, options
from student import KERNEL, choose, delayed, is_external, open_notebook

__all__ = [
    "KERNEL", "SIZE", "chromium_options", "cold_start", "delayed", "gate_lab", "open_and_run", "scene", "serving",
]  # fmt: skip

SIZE = {"width": 1400, "height": 1000}
PORT = 8950


def scene(H: int, T: int) -> tuple[LSTMParams, np.ndarray]:
    """A cell with weights as PyTorch draws them, and noise (T, 4) for it."""
    rng = np.random.default_rng(0)
    return random_params(LSTMParams, 4, H, rng), rng.normal(size=(T, 4))


IMPORTS = """
import numpy as np

from lstm_core.cell import LSTMParams, random_params
from lstm_core.gate_lab import GateLab
"""
SCENE = f"{IMPORTS}\n\n{inspect.getsource(scene)}"
SMALL, LARGE, GRADIENT = "GateLab(*scene(8, 100))", "GateLab(*scene(32, 512))", 'GateLab(show="gradient")'
INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import FloatSlider, interact

from lstm_core import biases, gradient_flow, sequence

params, x = scene(8, 100)


@interact(forget_bias=FloatSlider(0, min=-8, max=8, step=0.1))
def picture(forget_bias):
    trace = sequence.lstm_forward(LSTMParams(*biases.shift_biases(params, forget=forget_bias)), x[None])
    panels = {
        "input": {"x": x},
        "gates": {"f": trace.f[0], "i": trace.i[0], "o": trace.o[0]},
        "candidate, cell, hidden state": {"g": trace.g[0], "C": trace.c[0], "h": trace.h[0]},
        "gradient along the cell": {"path": gradient_flow.cell_path(trace)[0]},
    }
    fig, axes = plt.subplots(4, figsize=(8, 7), sharex=True)
    for ax, (title, series) in zip(axes, panels.items()):
        ax.set_title(title, fontsize=9, loc="left")
        for k, (name, lines) in enumerate(series.items()):
            ax.plot(lines[:, 1:], color=f"C{k}", alpha=0.35, linewidth=0.8)
            ax.plot(lines[:, 0], color=f"C{k}", label=f"{name} {lines[50, 0]:.2f}")
        ax.axvline(50, color="grey", linewidth=1)
        ax.legend(loc="right", fontsize=8)
    axes[3].set_yscale("log")
    plt.show()
"""
BUSY = """
import time
from pathlib import Path

while not Path("enough").exists():  # the cell goes on and on, and computes while there is a file "compute" beside it
    sum(range(100_000)) if Path("compute").exists() else time.sleep(0.05)
"""
NOTEBOOKS = {"labs": [SMALL, LARGE, GRADIENT, INTERACT], "far": [SMALL], "busy": [SMALL, BUSY]}


def chromium_options() -> dict:
    """How to launch the browser; RuntimeError where there is none."""
    executable = find_chromium()
    if not executable:
        raise RuntimeError("no Chromium was found; install one, or name it in the variable CHROMIUM")
    return options(executable)


@contextmanager
def serving(folder: Path) -> Iterator[lecture.Server]:
    """JupyterLab as `make lecture` starts it, on NOTEBOOKS written into `folder`/notebooks."""
    (folder / "notebooks").mkdir()
    metadata = {"kernelspec": execute.KERNEL, "language_info": {"name": "python"}}
    for name, codes in NOTEBOOKS.items():
        cells = [nbformat.v4.new_code_cell(code.strip()) for code in (SCENE, *codes)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / "notebooks" / f"{name}.ipynb")
    server = lecture.start(sys.executable, folder, PORT)
    try:
        yield server
    finally:
        (folder / "notebooks" / "enough").touch()
        time.sleep(0.5)
        server.process.terminate()
        server.process.wait()


def open_and_run(page: Page, server: lecture.Server, name: str) -> None:
    """Open a notebook, wait for its kernel and run every cell; the last may go on and on."""
    open_notebook(page, server, name)
    choose(page, "Run", "Run All Cells")
    gate_lab(page)


def gate_lab(page: Page, number: int = 0) -> Locator:
    """A lab of the page, once it is drawn."""
    box = page.locator("section.lab").nth(number)
    expect(box.locator(".says")).not_to_be_empty(timeout=60_000)
    return box


def cold_start(chromium: BrowserType, options: dict) -> float:
    """Seconds from `make lecture AT=03`, with no server and no browser running, to a Gate Lab that follows a key."""
    start, environ = time.perf_counter(), {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""}  # no window of its own
    command = [sys.executable, "tools/lecture.py", "--at=03", f"--port={PORT}"]  # what make runs
    silent = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "encoding": "utf-8"}
    process = subprocess.Popen(command, cwd=environment.ROOT, env=environ, **silent)
    try:
        address = next((line.strip() for line in process.stdout if line.startswith("http")), None)
        if address is None:
            raise RuntimeError("`make lecture AT=03` ended before it gave an address")
        with chromium.launch(**options) as browser:
            page, asked = browser.new_page(viewport=SIZE), []
            page.on("request", lambda request: is_external(request.url) and asked.append(request.url))
            page.goto(address)
            follows_a_key(gate_lab(page))
            seconds = time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()
    if asked:
        raise RuntimeError(f"the lecture should need no network, and asked for {asked[0]}")
    return seconds


def follows_a_key(box: Locator) -> None:
    """Press a key on the lab's forget bias, and wait for another picture."""
    canvas = box.locator("canvas").element_handle()
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    box.locator("input[data-trait=forget_bias]").press("ArrowRight")
    changed = "([canvas, before]) => canvas.toDataURL() !== before"
    box.page.wait_for_function(changed, arg=[canvas, before], timeout=10_000)

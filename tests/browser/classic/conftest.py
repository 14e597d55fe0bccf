"""The classic notebook, in Colab's versions, in a real browser: what `make test-colab` adds to ../conftest.py.

A test here takes `classic`, the running server, and `page`, the tab of ../conftest.py, which fails the test over any
error in its console and any request to the outside, but for `noise`:

    def test_it(page, classic):
        open_notebook(page, classic, "02_watch_an_rnn_forget.ipynb")  # these two come from classic_student.py
        run_all(page)
        ... page.locator(".output_area ...")

A notebook that is not among the lecture's: `classic.write("mine.ipynb", "first cell", "second cell")` and open it.
"""

import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import environment
import lecture
import pytest
from classic_student import Classic


@pytest.fixture(scope="session")
def classic(executable: str, folder: Path) -> Iterator[Classic]:
    """`jupyter notebook` 6.5.7 with ipywidgets 7.7.1, on a copy of the notebooks, all of them trusted."""
    lecture.trust(sys.executable, folder / "notebooks")
    server = start(folder / "notebooks", port=8950)
    yield server
    server.process.terminate()
    server.process.wait()


@pytest.fixture(scope="session")
def noise() -> re.Pattern[str]:
    """The page's own MathJax tries a font at about:blank, which Chromium refuses. And ipywidgets 7 cannot show the
    sliders and boxes that ipywidgets 8 saved in a notebook: they come when its cells are run."""
    font = r"Access to font at 'about:blank' from origin '[^']*' has been blocked by CORS policy: .*"
    failed = r"Failed to load resource: net::ERR_FAILED \[about:blank\]"
    saved = r"Cannot find model module @jupyter-widgets/controls@2\.0\.0, (HTML|Checkbox)StyleModel"
    return re.compile(f"{font}|{failed}|{saved}")


def start(folder: Path, port: int) -> Classic:
    """Start the classic notebook in this folder on this port or the next free one, and wait until it answers."""
    options = ["--no-browser", "--allow-root", f"--port={port}", f"--notebook-dir={folder}", "--log-level=ERROR"]
    settings, token = environment.settings(), secrets.token_hex(16)
    command = [sys.executable, "-m", "notebook", *options]
    process = subprocess.Popen(command, cwd=folder, env={**settings, "JUPYTER_TOKEN": token})
    while process.poll() is None:
        time.sleep(0.1)
        for note in Path(settings["JUPYTER_RUNTIME_DIR"]).glob("nbserver-*.json"):
            if url := lecture._answering(note, token):
                return Classic(process, url, token, folder)
    pytest.fail("The classic notebook stopped before it could serve; its reason stands above.")

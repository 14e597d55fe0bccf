"""A real JupyterLab in a real browser: `lab` serves it and `page` looks at it.

The server works on a copy of the notebooks, so a test may change and save what it likes. Screenshots go to
artefacts/browser/.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import chromium
import environment
import lecture
import pytest
from gate_lab import write_check_notebooks
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from student import MISSING, is_external

NOT_FOUND = "widget model not found"
ARTEFACTS = environment.ROOT / "artefacts" / "browser"


@pytest.fixture(scope="session")
def executable() -> str:
    """Where Chromium is; without one a skip that the end of the run repeats, and in CI a failure."""
    if found := chromium.find_chromium():
        return found
    (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)


@pytest.fixture(scope="module")
def browser(executable: str) -> Iterator[Browser]:
    """Chromium, for one file: Playwright's event loop runs in this thread, and while it does, no test after it that
    calls asyncio.run could."""
    with sync_playwright() as playwright:
        started = chromium.launch(playwright, executable)
        yield started
        started.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to serve, with a copy of the notebooks in it."""
    folder = tmp_path_factory.mktemp("lecture")
    shutil.copytree(lecture.NOTEBOOKS, folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    write_check_notebooks(folder / "notebooks")
    return folder


@pytest.fixture(scope="session")
def lab(executable: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lecture.Server]:
    """JupyterLab as `make lecture` starts it, for a user who has a python3 kernel of their own that does not work."""
    home = tmp_path_factory.mktemp("home")
    rogue = home / ".local/share/jupyter/kernels/python3/kernel.json"
    rogue.parent.mkdir(parents=True)
    rogue.write_text('{"argv": ["no-such-python", "{connection_file}"], "display_name": "Rogue", "language": "python"}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("JUPYTERLAB_SETTINGS_DIR", str(home))  # a test that changes the theme changes nobody else's
        lecture.trust(sys.executable, folder / "notebooks")
        server = lecture.start(sys.executable, folder, 8900)
    yield server
    server.process.terminate()
    server.process.wait()


@pytest.fixture(scope="session")
def noise() -> re.Pattern[str]:
    """What a front end says in the console whatever notebook it opens: JupyterLab nothing but that a saved widget came
    late, which then is shown all the same (tools/labextensions), or the test fails (`watched`)."""
    return re.compile(rf"Error: {NOT_FOUND}\n.*/@jupyter-widgets/jupyterlab-manager/.*", re.DOTALL)


def watched(tab: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab that must stay free of errors in its console, less `noise`, and must ask nobody but the local server."""
    problems, noise = [], request.getfixturevalue("noise")

    def hear(message: ConsoleMessage) -> None:
        at = f" [{message.location['url']}]" if message.text.startswith("Failed to load resource") else ""
        if message.type == "error" and not noise.fullmatch(message.text + at):
            problems.append(message.text + at)

    tab.on("console", hear)
    tab.on("pageerror", lambda error: noise.fullmatch(str(error)) or problems.append(str(error)))
    tab.on("request", lambda sent: is_external(sent.url) and problems.append(f"asked {sent.url}"))
    yield tab
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=ARTEFACTS / f"{re.sub(r'[^a-z0-9_]+', '-', request.node.name)}.png")
    if tab.get_by_text("Error displaying widget").count():
        problems.append("a saved widget is not shown")
    tab.close()
    assert not problems


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh tab, watched."""
    yield from watched(browser.new_page(viewport={"width": 1400, "height": 1000}), request)


@pytest.fixture
def touch_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The same on a screen that can be touched."""
    with browser.new_context(viewport={"width": 1000, "height": 900}, has_touch=True) as context:
        yield from watched(context.new_page(), request)

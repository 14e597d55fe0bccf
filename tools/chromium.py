"""The browser that prints the slides, draws the moving picture and drags the sliders in tests: where it is, how to
start it. Standard library only, but for what is handed in.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
HOW = (
    "Get one (Debian, Ubuntu: `sudo apt install chromium`; elsewhere Chrome or Edge will do), or name it in the "
    "variable CHROMIUM"
)


def find_chromium(environ: Mapping[str, str] = os.environ, places: tuple[str, ...] = PLACES) -> str | None:
    """The browser that CHROMIUM names, or the first of the usual ones on the PATH or in the usual places."""
    if named := environ.get("CHROMIUM"):
        return shutil.which(named, path=environ.get("PATH"))
    on_path = (shutil.which(name, path=environ.get("PATH", "")) for name in NAMES)
    return next(filter(None, on_path), None) or next(filter(os.path.exists, places), None)


def options(executable: str) -> dict:
    """How Playwright is to start this browser, without a window."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's sandbox refuses to run as root
    return {"executable_path": executable, "args": ["--no-sandbox"] if root else []}


def launch(playwright, executable: str):
    """Start this browser by Playwright's sync API."""
    return playwright.chromium.launch(**options(executable))

"""`make lecture`: JupyterLab on the first notebook, and its address as the last line.

    python tools/lecture.py [--at 06] [--port 8888]

AT=06 opens the sixth where the lecture is by the end of its section, as the slide there says; AT=13.2 at the second
such place in the thirteenth.

Where the port is taken the next free one serves. Nothing is registered outside .venv. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import environment

NOTEBOOKS = environment.ROOT / "notebooks"
SLIDES = environment.ROOT / "slides" / "lecture.ipynb"
EXTENSIONS = environment.ROOT / "tools" / "labextensions"  # what the lecture adds to JupyterLab


class Server(NamedTuple):
    process: subprocess.Popen
    url: str  # ends with a slash
    token: str

    def address(self, notebook: str, heading: str = "") -> str:
        """Where a browser finds this notebook of the folder notebooks/, and a heading in it."""
        at = f"#at={urllib.parse.quote(heading)}" if heading else ""
        return f"{self.url}lab/tree/notebooks/{urllib.parse.quote(notebook)}?token={self.token}{at}"


def choose(at: str, notebooks: Path = NOTEBOOKS) -> str:
    """The name of the notebook that `at` ("06", "6", "13.2", or nothing for the first) asks for."""
    names = sorted(path.name for path in notebooks.glob("[0-9][0-9]_*.ipynb"))
    found = [name for name in names if name.startswith(at.partition(".")[0].zfill(2) if at else "")]
    if not found:
        sys.exit(f"There is no notebook {at!r}. These are here: {', '.join(names) or 'none at all'}.")
    return found[0]


def catch_up(at: str, notebook: str, slides: Path = SLIDES) -> str:
    """The heading in this notebook where the lecture is by the end of its section ("13.2": of the second section that
    sends there); without an `at`, or where the slides name none, "" for the notebook's beginning."""
    metadata = [cell["metadata"].get("lecture", {}) for cell in json.loads(slides.read_text("utf-8"))["cells"]]
    places = [one["catch_up"] for one in metadata if "catch_up" in one]
    headings = [place["heading"] for place in places if place["notebook"] == notebook]
    number = at.partition(".")[2] or "1"
    if not at or (number == "1" and not headings):
        return ""
    if number not in map(str, range(1, len(headings) + 1)):
        known = ", ".join(f"{notebook[:2]}.{n} “{heading}”" for n, heading in enumerate(headings, 1)) or "none"
        sys.exit(f"The slides send nobody to {at!r}. Their places in {notebook}: {known}.")
    return headings[int(number) - 1]


def trust(python: Path | str, notebooks: Path) -> None:
    """Sign the notebooks, so that JupyterLab shows their saved sliders at once."""
    command = [str(python), "-m", "jupyter", "trust", *map(str, sorted(notebooks.glob("*.ipynb")))]
    subprocess.run(command, env=environment.settings(), stdout=subprocess.DEVNULL, check=True)


def start(python: Path | str, root: Path, port: int) -> Server:
    """Start JupyterLab in the folder `root` on this port or the next free one, and wait until it answers."""
    quiet = ["--log-level=ERROR", "--LabApp.log_level=ERROR", "--ServerApp.answer_yes=True"]
    ours = f"--LabApp.extra_labextensions_path={EXTENSIONS}"
    options = ["--no-browser", "--allow-root", f"--port={port}", f"--ServerApp.root_dir={root}", ours, *quiet]
    command = [str(python), "-m", "jupyterlab", *options]
    settings, token = environment.settings(), secrets.token_hex(16)
    process = subprocess.Popen(command, cwd=root, env={**settings, "JUPYTER_TOKEN": token})
    while process.poll() is None:
        time.sleep(0.1)
        for note in Path(settings["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json"):
            if url := _answering(note, token):
                return Server(process, url, token)
    sys.exit("JupyterLab stopped before it could serve; its reason stands above.")


def _answering(note: Path, token: str) -> str | None:
    """The address in a server's note, if it is the server with this token and it answers by now."""
    try:
        facts = json.loads(note.read_text())
        if facts["token"] != token:
            return None
        urllib.request.urlopen(f"{facts['url']}api", timeout=5).close()
    except (json.JSONDecodeError, OSError):  # half written, gone again, or not listening yet
        return None
    return facts["url"]


def has_browser() -> bool:
    """Whether a window can open here: a text browser in the terminal would only be in the way."""
    return os.name == "nt" or sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def main() -> None:
    parser = argparse.ArgumentParser(description="Open the lecture in JupyterLab.")
    parser.add_argument("--at", default="", help="number of the notebook to open, e.g. 06, where its section ends")
    parser.add_argument("--port", type=int, default=8888, help="port to serve on; the next free one where it is taken")
    arguments = parser.parse_args()
    at = arguments.at.strip()
    notebook = choose(at)
    heading = catch_up(at, notebook)
    environment.install("lecture", "live", "markets", "trading")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("Starting JupyterLab …", flush=True)
    with ThreadPoolExecutor() as pool:  # signing takes about as long as the server takes to come up
        signing = pool.submit(trust, environment.PYTHON, NOTEBOOKS)
        server = start(environment.PYTHON, environment.ROOT, arguments.port)
    try:
        signing.result()
        if has_browser():
            webbrowser.open(server.address(notebook, heading))
        where = f" at “{heading}”" if heading else ""
        print(f"JupyterLab serves notebooks/{notebook}{where}; Ctrl-C stops it. Its address:")
        print(server.address(notebook, heading), flush=True)
        server.process.wait()
    except KeyboardInterrupt:
        server.process.wait()
    finally:
        server.process.terminate()


if __name__ == "__main__":
    main()

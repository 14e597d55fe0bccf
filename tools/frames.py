"""`make frames`: what a figure under sliders shows at every position, for pages that have no kernel to draw it.

    python tools/frames.py [--at 13]

A notebook is run once more in .venv's kernel; then every `LiveFigure` in it is swept through the positions of its
sliders, and each picture is kept with its sentence in build/frames/<notebook>/<cell>/. `make site` takes them from
there as long as the notebook is the one that was run.
"""

from __future__ import annotations

import argparse
import base64
import gc
import hashlib
import html
import itertools
import json
import math
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import environment

if __name__ == "__main__":
    environment.inside("lecture", "live", "markets", "trading", "site")

import lecture
import nbformat
from without_kernel import STATE, VIEW, views

if TYPE_CHECKING:
    from lstm_core.live import LiveFigure

FRAMES = environment.ROOT / "build" / "frames"
NOTEBOOKS = lecture.NOTEBOOKS
ABOUT = "frames.json"
MOST = {1: 43, 2: 13}  # positions of a slider, by the number of sliders: up to 43 or 169 pictures
KERNELS_LAST_WORDS = "import sys\nsys.path.insert(0, {tools!r})\nimport frames\nframes.sweep_all({folder!r})"


# --- in the kernel


def positions(low: float, high: float, step: float, now: float, most: int) -> list[float]:
    """At most `most` positions of a slider, evenly spaced from the lowest, and besides them the highest and `now`."""
    steps = round((high - low) / step)
    kept = {*range(0, steps + 1, math.ceil(steps / (most - 1))), steps, round((now - low) / step)}
    return [round(low + k * step, 10) for k in sorted(kept)]


def sweep(live: LiveFigure, folder: Path) -> None:
    """Draw the figure at every position of its sliders, or of both; it ends where it began.

    Into `folder` go the pictures, 0.png …, the last slider fastest, and frames.json, which says what they are.
    """
    controls = live.controls
    began = {name: control.value for name, control in controls.items()}
    most = MOST[len(controls)]
    places = [positions(one.min, one.max, one.step, one.value, most) for one in controls.values()]
    sentences = []
    for frame, values in enumerate(itertools.product(*places)):
        for control, value in zip(controls.values(), values, strict=True):
            control.value = value
        (png,) = re.findall(r'src="data:image/png;base64,([^"]*)"', live.children[-1].value)
        (folder / f"{frame}.png").write_bytes(base64.b64decode(png))
        sentences.append(live.sentence)
    for name, value in began.items():
        controls[name].value = value
    (width,) = re.findall(r'width="(\d+)"', live.children[-1].value)
    sliders = [
        {
            "name": control.description,
            "labels": [format(value, control.readout_format) for value in values],
            "start": values.index(round(control.value, 10)),
        }
        for control, values in zip(controls.values(), places, strict=True)
    ]
    about = {"sliders": sliders, "sentences": sentences, "width": int(width)}
    (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def sweep_all(folder: str) -> None:
    """Sweep every live figure of this kernel, each into a folder that has its model's name."""
    from lstm_core.live import LiveFigure

    for live in [one for one in gc.get_objects() if isinstance(one, LiveFigure)]:
        here = Path(folder) / live.model_id
        here.mkdir()
        sweep(live, here)


# --- outside it


def live_cells(notebook: dict) -> dict[str, str]:
    """The cells that show sliders over one picture, and nothing else: id → the sentence that was saved with it."""
    models = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    found = {}
    for cell, data in views(notebook):
        box = models.get(data[VIEW]["model_id"], {"state": {}})
        parts = [models[one.removeprefix("IPY_MODEL_")] for one in box["state"].get("children", [])]
        kinds = [part["model_name"] for part in parts]
        if len(parts) > 1 and kinds == ["FloatSliderModel"] * (len(parts) - 1) + ["HTMLModel"]:
            (sentence,) = re.findall('<img alt="(.*?)"', parts[-1]["state"]["value"])
            found[cell["id"]] = html.unescape(sentence)
    return found


def record(path: Path, folder: Path = FRAMES) -> list[str]:
    """Run the notebook and keep what its live figures show; the cells' ids. What was kept of it before is replaced.

    Exits where a cell fails, or where a figure now says something else than the saved notebook does.
    """
    from nbclient import NotebookClient

    saved = json.loads(path.read_text(encoding="utf-8"))
    run = nbformat.read(path, 4)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as fresh:
        swept, kept = Path(fresh) / "swept", Path(fresh) / "kept"
        swept.mkdir(), kept.mkdir()
        last = KERNELS_LAST_WORDS.format(tools=str(environment.ROOT / "tools"), folder=str(swept))
        run.cells.append(nbformat.v4.new_code_cell(last))
        NotebookClient(run, timeout=900, resources={"metadata": {"path": str(path.parent)}}).execute()
        said = live_cells(saved)
        names = []
        for cell, data in views(run):
            if not (drawn := swept / data[VIEW]["model_id"]).exists():
                continue
            about = json.loads((drawn / ABOUT).read_text(encoding="utf-8"))
            if about["sentences"][start(about)] != said[cell["id"]]:
                was = said[cell["id"]]
                sys.exit(f"{path.name}, {cell['id']}: the saved figure says “{was}”: run `make notebooks` first.")
            (drawn / ABOUT).write_text(json.dumps({**about, "notebook": digest(path)}, ensure_ascii=False), "utf-8")
            drawn.rename(kept / cell["id"])
            names.append(cell["id"])
        shutil.rmtree(folder / path.stem, ignore_errors=True)
        kept.rename(folder / path.stem)
    return names


def start(about: dict) -> int:
    """The number of the picture that a figure begins with."""
    frame = 0
    for slider in about["sliders"]:
        frame = frame * len(slider["labels"]) + slider["start"]
    return frame


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kept(path: Path, folder: Path = FRAMES) -> dict[str, dict]:
    """By cell, what is there of this notebook as it now is: the content of its frames.json."""
    found = {about.parent.name: about for about in sorted((folder / path.stem).glob(f"*/{ABOUT}"))}
    read = {cell: json.loads(about.read_text(encoding="utf-8")) for cell, about in found.items()}
    return {cell: about for cell, about in read.items() if about["notebook"] == digest(path)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of Python's sliders beforehand.")
    parser.add_argument("--at", default="", help="number of the one notebook to run, e.g. 13; else all that need it")
    at = parser.parse_args().at.strip()
    notebooks = [NOTEBOOKS / lecture.choose(at)] if at else sorted(NOTEBOOKS.glob("*.ipynb"))
    for path in notebooks:
        wanted = live_cells(json.loads(path.read_text(encoding="utf-8")))
        if wanted and sorted(kept(path)) != sorted(wanted):
            began = time.perf_counter()
            names = record(path)
            pictures = list((FRAMES / path.stem).rglob("*.png"))
            size = sum(picture.stat().st_size for picture in pictures) / 1e6
            seconds = time.perf_counter() - began
            what = f"{', '.join(names)}; {len(pictures)} pictures, {size:.1f} MB, {seconds:.0f} s"
            print(f"{path.name}: {what}", flush=True)
    print("Every slider that Python draws has its pictures; `make site` takes them.")


if __name__ == "__main__":
    main()

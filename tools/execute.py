"""`make notebooks`: run every notebook again and save what it shows, so that running it twice changes nothing.

    python tools/execute.py [--at 06 | --at slides]

Saved widgets keep their state, under ids that depend on their order alone. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import uuid
from pathlib import Path

import environment
import lecture
import setup_cells

SLIDES = lecture.SLIDES
WIDGETS = "application/vnd.jupyter.widget-state+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def execute(path: Path) -> None:
    """Run the notebook from top to bottom in .venv's kernel and save it; exits with the error of a failing cell."""
    if path != SLIDES:  # which nobody opens on Colab
        notebook = setup_cells.with_setup(setup_cells.read(path), path.name, setup_cells.remembered_repo())
        setup_cells.write(path, notebook)
    options = ["--to=notebook", "--inplace", "--execute", "--ExecutePreprocessor.record_timing=False"]
    if environment.run("-m", "jupyter", "nbconvert", "--log-level=ERROR", *options, path):
        sys.exit(f"{path.parent.name}/{path.name} stopped at an error, which stands above; the file is as it was.")
    setup_cells.write(path, settled(setup_cells.read(path), path.name))


def chosen(at: str) -> list[Path]:
    """What `at` asks for: one notebook by its number, the lecture's by the word "slides", with nothing all of them."""
    if at == "slides":
        return [SLIDES]
    return [lecture.NOTEBOOKS / lecture.choose(at)] if at else [*sorted(lecture.NOTEBOOKS.glob("*.ipynb")), SLIDES]


def settled(notebook: dict, name: str) -> dict:
    """The notebook without what changes from run to run and from machine to machine."""
    text = json.dumps(notebook)
    for number, model in enumerate(widgets_in_order(notebook)):
        text = text.replace(model, uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{number}").hex)
    notebook = json.loads(text)
    notebook["metadata"]["kernelspec"] = KERNEL
    notebook["metadata"].get("language_info", {}).pop("version", None)
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
        if "outputs" in cell:
            cell["outputs"] = joined(cell["outputs"])
    return notebook


def joined(outputs: list[dict]) -> list[dict]:
    """The outputs, with what was printed in one go in one piece: into how many it falls is a matter of timing."""
    whole: list[dict] = []
    for output in outputs:
        if whole and output["output_type"] == "stream" and whole[-1].get("name") == output["name"]:
            text = "".join([*whole[-1]["text"], *output["text"]])
            whole[-1] = {**output, "text": text.splitlines(keepends=True)}
        else:
            whole.append(output)
    return whole


def widgets_in_order(notebook: dict) -> list[str]:
    """The ids of the saved widgets: those shown from top to bottom, each followed by its parts; then the unseen."""
    state = notebook["metadata"].get("widgets", {}).get(WIDGETS, {}).get("state", {})
    order: list[str] = []

    def visit(found_in: object) -> None:
        for model in re.findall("|".join(state) or "(?!)", json.dumps(found_in, sort_keys=True)):
            if model not in order:
                order.append(model)
                visit(state[model])

    visit([cell.get("outputs") for cell in notebook["cells"]])
    nameless = re.compile("|".join(state) or "(?!)")
    for model in sorted(state, key=lambda model: nameless.sub("", json.dumps(state[model], sort_keys=True))):
        visit(model)
    return order


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the notebooks again and save their outputs.")
    parser.add_argument("--at", default="", help='number of the one notebook to run, e.g. 06, or "slides"')
    at = parser.parse_args().at.strip()
    environment.install("lecture", "live", "markets", "trading")
    for path in chosen(at):
        began = time.perf_counter()
        execute(path)
        seconds, size = time.perf_counter() - began, path.stat().st_size
        print(f"{path.parent.name}/{path.name}: {seconds:.0f} s, {size // 1000} kB", flush=True)
    print("Every notebook ran without an error.")


if __name__ == "__main__":
    main()

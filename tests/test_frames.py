"""tools/frames.py and tools/website_frames.py: pictures drawn beforehand, and the figure that a page makes of them."""

import json
import re
import sys
from pathlib import Path

import execute
import frames
import nbformat
import numpy as np
import pytest
import setup_cells
import website
import website_frames
from PIL import Image
from toy_figure import sentence, toy_figure
from without_kernel import STATE, VIEW, views

LEVELS = ["0.00", "0.10", "0.20", "0.30", "0.35", "0.40", "0.50", "0.60", "0.70", "0.80", "0.90", "1.00"]
WIDTHS = ["1", "3", "5", "7"]
NOTEBOOK = """
import sys
sys.path.insert(0, TESTS)
from toy_figure import toy_figure
live = toy_figure()
live
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("swept")
    live = toy_figure()
    frames.sweep(live, folder)
    assert live.sentence == sentence(0.35, 3)  # it ends where it began
    return folder


@pytest.fixture(scope="module")
def about(swept: Path) -> dict:
    return json.loads((swept / "frames.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("low", "high", "step", "now", "most", "wanted"),
    [
        (0, 4, 1, 2, 5, [0, 1, 2, 3, 4]),
        (0, 4, 1, 2, 13, [0, 1, 2, 3, 4]),
        (1, 84, 1, 12, 5, [1, 12, 22, 43, 64, 84]),  # 21 apart; the end and the start besides
        (0.8, 0.995, 0.005, 0.95, 3, [0.8, 0.9, 0.95, 0.995]),
        (-3, 3, 0.5, 0, 13, [k / 2 for k in range(-6, 7)]),
    ],
)
def test_positions_are_evenly_spaced_and_hold_both_ends_and_the_start(low, high, step, now, most, wanted):
    assert frames.positions(low, high, step, now, most) == wanted


def test_every_position_has_its_picture_and_its_sentence_the_last_slider_fastest(swept, about):
    assert [slider["labels"] for slider in about["sliders"]] == [LEVELS, WIDTHS]
    assert about["sentences"] == [sentence(float(level), float(width)) for level in LEVELS for width in WIDTHS]
    assert frames.start(about) == LEVELS.index("0.35") * 4 + WIDTHS.index("3")
    assert about["width"] == 288
    pictures = [np.asarray(Image.open(swept / f"{frame}.png").convert("RGB")).astype(int) for frame in range(48)]
    assert len(list(swept.glob("*.png"))) == 48
    heights, widths = [], []
    for picture in pictures:
        rows = np.flatnonzero((np.abs(picture - (0, 114, 178)).max(axis=2) < 12).sum(axis=1) > 100)
        heights.append(rows.mean()), widths.append(len(rows))
    assert (np.diff(np.reshape(heights, (12, 4)), axis=0) < 0).all()  # the level rises
    assert (np.diff(np.reshape(widths, (12, 4)), axis=1) > 0).all()


def test_on_a_page_it_is_the_picture_of_before_under_sliders_that_only_a_script_shows(about):
    html = website_frames.place(about, "../frames/there")
    first = frames.start(about)
    assert re.findall('src="(.*?)"', html) == [f"../frames/there/{first}.png"]
    said = "The line stands at 0.35 &amp; is 3 points wide &lt;/p&gt;&lt;/script&gt;."
    assert f'alt="{said}"' in html
    assert f">{said}</p>" in html
    assert "<span>the level &lt;ℓ&gt;</span>" in html
    assert re.findall(r'max="(\d+)" value="(\d+)" aria-valuetext="(.*?)"', html) == [
        ("11", "4", "0.35"),
        ("3", "1", "3"),
    ]
    assert html.count("<label hidden>") == 2
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
    wanted = {"folder": "../frames/there", "labels": [LEVELS, WIDTHS], "sentences": about["sentences"]}
    assert json.loads(data) == wanted


def small_notebook(path: Path) -> Path:
    """Executed as `make notebooks` executes it: one live figure, and a number."""
    cells = [nbformat.v4.new_code_cell(NOTEBOOK.replace("TESTS", repr(str(Path(__file__).parent))), id="moves")]
    notebook = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell("1 + 1", id="adds")])
    notebook.metadata["kernelspec"] = execute.KERNEL
    nbformat.write(notebook, path)
    options = ["--to=notebook", "--inplace", "--execute", "--ExecutePreprocessor.record_timing=False"]
    assert execute.environment.run("-m", "jupyter", "nbconvert", "--log-level=ERROR", *options, path) == 0
    setup_cells.write(path, execute.settled(setup_cells.read(path), path.name))
    return path


def test_a_notebook_is_run_and_swept_and_what_was_kept_holds_for_that_notebook_alone(tmp_path, monkeypatch, about):
    for name, value in execute.environment.settings().items():
        monkeypatch.setenv(name, value)
    path, folder = small_notebook(tmp_path / "01_small.ipynb"), tmp_path / "frames"
    notebook = setup_cells.read(path)
    assert frames.live_cells(notebook) == {"moves": sentence(0.35, 3)}
    assert frames.kept(path, folder) == {}
    assert frames.record(path, folder) == ["moves"]
    kept = frames.kept(path, folder)
    assert kept == {"moves": {**about, "notebook": frames.digest(path)}}
    assert len(list((folder / "01_small" / "moves").glob("*.png"))) == 48
    assert sorted(one.name for one in folder.iterdir()) == ["01_small"]

    page = website.notebook_page({**notebook, "cells": [titled(), *notebook["cells"]]}, path.name, "", kept)
    (output,) = [output for output in page["cells"][1]["outputs"]]
    assert '<div class="frames">' in output["data"]["text/html"]
    assert "../frames/01_small/moves/" in output["data"]["text/html"]
    assert "Python draws them while you drag" in output["data"]["text/html"]

    changed = path.read_text("utf-8").replace("stands at 0.35", "stands at 0.36")
    path.write_text(changed, "utf-8")  # as if the code behind the figure were another by now
    assert frames.kept(path, folder) == {}
    with pytest.raises(SystemExit, match=r"01_small.ipynb, moves: the saved figure says “The line stands at 0\.36"):
        frames.record(path, folder)
    assert sorted(one.name for one in folder.iterdir()) == ["01_small"]


def titled() -> dict:
    return dict(nbformat.v4.new_markdown_cell("# 01 · Small\n\nWhat you'll need. An hour."))


def test_all_sliders_but_the_training_labs_are_drawn_beforehand():
    left = {}
    for path in sorted(frames.NOTEBOOKS.glob("*.ipynb")):
        notebook = json.loads(path.read_text("utf-8"))
        models = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
        shown = [(cell["id"], models[data[VIEW]["model_id"]]) for cell, data in views(notebook)]
        by_python = [cell for cell, model in shown if "_esm" not in model["state"]]
        left[path.name] = sorted({*by_python} - {*frames.live_cells(notebook)})
    assert {name: cells for name, cells in left.items() if cells} == {"07_biases_decide.ipynb": ["07-12"]}


def test_make_frames_leaves_what_is_there_alone(tmp_path, monkeypatch, capsys):
    path = tmp_path / "01_small.ipynb"
    path.write_text("{}", "utf-8")
    monkeypatch.setattr(frames, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(frames, "live_cells", lambda notebook: ["a", "b"])
    monkeypatch.setattr(frames, "kept", lambda path: {"b": {}, "a": {}})
    monkeypatch.setattr(frames, "record", lambda path: pytest.fail("it was run again"))
    monkeypatch.setattr(sys, "argv", ["frames.py"])
    frames.main()
    assert "Every slider" in capsys.readouterr().out

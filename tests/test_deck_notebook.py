"""The lecture's notebook keeps its promises: an hour, five moments of dragging, and no number that was typed.

That its outputs are still true is nbval's affair, as with the notebooks; how it looks,
tests/browser/test_slides.py's.
"""

import ast
import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from itertools import pairwise
from pathlib import Path

import deck
import execute
import nbformat
import pytest
import setup_cells
from IPython import display
from test_notebooks import alts_of, code_cells, described, executed, lines_of_code, portable, prose, source, tags
from without_kernel import VIEW

import slides
from lstm_core.studies import record

NOTEBOOK = setup_cells.read(execute.SLIDES)
SLIDES = deck.slides(NOTEBOOK)
CORE = [slide for slide in SLIDES if slide.kind != "appendix"]
ARTICLE = [
    "prediction", "why memory", "the RNN", "forget gate", "input gate", "output gate", "the whole cell",
    "biases decide", "forecasting honestly", "volatility and options", "portfolio", "regimes", "GRU and RL",
    "the brain", "what’s lacking", "where to go",
]  # fmt: skip
MEASURED = re.compile(r"\d+(?:[.,]\d+)?\s?%|\d+[.,]\d+|±\s?\d+|\bp\s?[=<]\s?\d+")
GIVEN = {"0.94", "95%", "5%", "0.9", "1.0", "1.1", "1.5"}  # RiskMetrics' λ, levels, and the radii of a question


def catch_ups(slides: list[deck.Slide]) -> list[dict]:
    found = [cell["metadata"].get("lecture", {}).get("catch_up") for slide in slides for cell in slide.cells]
    return [there for there in found if there]


def notes(slide: deck.Slide) -> str:
    return "\n".join(source(cell) for cell in slide.cells if deck.slide_type(cell) == "notes")


def views(slide: deck.Slide) -> int:
    outputs = [output for cell in slide.cells for output in cell.get("outputs", [])]
    return sum(VIEW in output.get("data", {}) for output in outputs)


def ids(slide: deck.Slide) -> str:
    return slide.name


def test_the_core_takes_an_hour_on_about_twenty_slides_and_the_appendix_no_time():
    assert sum(slide.minutes for slide in CORE) == 60
    assert 18 <= len(CORE) <= 22
    assert SLIDES[: len(CORE)] == CORE, "the appendix stands at the end"
    assert {slide.minutes for slide in SLIDES[len(CORE) :]} == {0}
    assert 10 <= len(SLIDES) - len(CORE) <= 14


def test_its_sections_come_in_the_article_s_order():
    assert list(dict.fromkeys(slide.section for slide in CORE)) == ARTICLE
    verdicts = [slide.section for slide in CORE if slide.kind == "verdict"]
    assert verdicts == ["portfolio", "regimes", "GRU and RL", "the brain"]
    assert all([slide.section for slide in CORE].count(section) == 1 for section in verdicts)


def test_there_are_five_labs_each_alone_under_its_title():
    drags = [slide for slide in CORE if slide.kind == "drag"]
    assert [slide.section for slide in drags] == ARTICLE[2:7]
    for slide in drags:
        assert views(slide) == 1
        seen = [cell for cell in slide.cells if cell["cell_type"] == "code" or cell is slide.cells[0]]
        assert len(seen) == 2
        assert source(slide.cells[0]) == ""


def test_a_question_comes_before_each_of_the_labs():
    for before, slide in pairwise(CORE):
        if slide.kind == "drag":
            asked = [source(cell) for cell in before.cells]
            assert "**Predict first.**" in "\n".join(asked)


@pytest.mark.parametrize("slide", SLIDES, ids=ids)
def test_a_title_is_a_sentence_of_at_most_two_lines(slide):
    assert 10 < len(slide.title) <= 75
    assert not slide.title.endswith(".")


def test_every_core_slide_has_notes_with_its_time():
    clock = 0.0
    for slide in CORE:
        minutes, seconds = divmod(round(60 * clock), 60)
        assert notes(slide).startswith(f"{slide.minutes:g} min, from {minutes}:{seconds:02d}\n"), slide.name
        assert 30 < len(notes(slide).split()) < 200, slide.name
        clock += slide.minutes


def test_every_lab_has_a_fallback_in_the_appendix():
    titles = [slide.title.lower() for slide in SLIDES[len(CORE) :]]
    for slide in CORE:
        if slide.kind == "drag":
            named = re.search(r"If it fails: .*[“\"](.*?)[.]?[”\"]", notes(slide))[1]
            assert any(named.lower() in title for title in titles), named


def test_each_section_s_last_slide_says_where_to_be_and_the_heading_is_there():
    for section in ARTICLE[1:]:
        slide = [slide for slide in CORE if slide.section == section][-1]
        (there,) = catch_ups([slide])
        notebook = setup_cells.read(execute.lecture.NOTEBOOKS / there["notebook"])
        assert re.search(rf"^##+ {re.escape(there['heading'])}$", prose(notebook), re.M), there
    wanted = {path.name for path in execute.lecture.NOTEBOOKS.glob("*.ipynb")}
    assert {there["notebook"] for there in catch_ups(CORE)} == wanted


def test_the_command_on_each_last_slide_opens_at_the_heading_that_stands_beside_it():
    html = slides.build(nbformat.read(execute.SLIDES, 4), "{name}.html")
    lines = re.findall(r'href="(\w+)\.html">notebook \d\d</a>, “(.*?)” · <code>make lecture AT=([\d.]+)<', html)
    assert len(lines) == len(catch_ups(SLIDES))
    for name, heading, at in lines:
        notebook = execute.lecture.choose(at)
        assert notebook == f"{name}.ipynb"
        assert execute.lecture.catch_up(at, notebook) == unescape(heading)


def test_it_is_executed_described_and_portable_like_a_notebook():
    assert executed(NOTEBOOK) + described(NOTEBOOK) + portable(NOTEBOOK) == []
    assert {tag for cell in code_cells(NOTEBOOK) for tag in tags(cell)} == {"show"}  # nbval compares every output


def test_its_cells_are_short_and_have_ids_that_stay():
    assert [cell["id"] for cell in code_cells(NOTEBOOK) if lines_of_code(cell) > 12] == []
    assert all(cell["id"].startswith("s-") for cell in NOTEBOOK["cells"])
    shown = [cell for cell in code_cells(NOTEBOOK) if "show" in tags(cell)]
    assert 1 <= len(shown) <= 2
    for cell in shown:
        assert len(source(cell).splitlines()) <= 8
        assert max(map(len, source(cell).splitlines())) <= 60


def test_no_slide_shows_what_a_cell_happened_to_return():
    """Text, figures and labs only: an object's name in angle brackets differs from run to run."""
    for slide in SLIDES:
        for cell in slide.cells:
            kinds = [set(output.get("data", {"stream": ""})) for output in cell.get("outputs", [])]
            assert all(kind & {"text/markdown", "text/html"} for kind in kinds), cell["id"]


def test_every_figure_is_drawn_large_enough_for_the_back_row():
    pictures = [output for cell in code_cells(NOTEBOOK) for output in cell["outputs"] if alts_of(output)]
    pictures = [output for output in pictures if VIEW not in output["data"]]
    assert len(pictures) > 12
    for output in pictures:
        points = re.search(r'data-points="([\d.]+)"', "".join(output["data"]["text/html"]))
        assert float(points[1]) >= 10


def said(cell: dict) -> list[str]:
    """The words of what a code cell has to say, without what stands between braces."""
    calls = [node for node in ast.walk(ast.parse(source(cell))) if isinstance(node, ast.Call)]
    words = [word for call in calls if getattr(call.func, "id", "") == "say" for word in call.args]
    parts = [part for word in words for part in (word.values if isinstance(word, ast.JoinedStr) else [word])]
    return [part.value for part in parts if isinstance(part, ast.Constant)]


def typed(slide: deck.Slide) -> list[str]:
    """Measured numbers that stand on a slide without having been computed: in its Markdown, or in its code's words."""
    words = []
    for cell in slide.cells:
        if cell["cell_type"] == "code":
            words += said(cell)
        elif deck.slide_type(cell) != "notes":
            words.append(source(cell))
    return [hit for word in words for hit in MEASURED.findall(word) if hit not in GIVEN]


@pytest.mark.parametrize("slide", SLIDES[:-1], ids=ids)  # the last one has licences, with their versions
def test_no_measured_number_is_typed(slide):
    assert typed(slide) == []


def test_a_typed_number_would_be_seen():
    cell = {"id": "s-x", "cell_type": "code", "metadata": {}, "source": 'say(f"by 0.42, which is {x:.2f} or {y:.0%}")'}
    slide = deck.Slide("A slide", "verdict", "regimes", 1, "stacked", [cell])
    assert typed(slide) == ["0.42"]
    text = {**cell, "cell_type": "markdown", "source": "It lost 12% in a year."}
    assert typed(slide._replace(cells=[text])) == ["12%"]


# --- the same files as the notebooks': change a recorded row, and a slide follows, or a guard stops it


class Rehearsal:
    """Some of the deck's cells, run here, with the recorded rows as a test has changed them."""

    def __init__(self, rows: Path, monkeypatch: pytest.MonkeyPatch):
        self.rows, self.said = rows, []
        monkeypatch.setattr(record, "ROWS", rows)
        monkeypatch.setattr(display, "display", lambda shown, **_: self.said.append(getattr(shown, "data", "")))

    def change(self, file: str, how: Callable[[dict], None]) -> None:
        path = self.rows / file
        row = json.loads(path.read_text("utf-8"))
        how(row)
        path.write_text(json.dumps(row), "utf-8")

    def run(self, *names: str) -> str:
        """What the slides say whose cells' ids begin with s-`names`."""
        self.said.clear()
        space: dict = {}
        wanted = tuple(f"s-{name}-" for name in ("imports", "say", *names))
        for cell in NOTEBOOK["cells"]:
            if cell["cell_type"] == "code" and cell["id"].startswith(wanted):
                exec(compile(source(cell), cell["id"], "exec"), space)
        return "\n".join(text for text in self.said if isinstance(text, str))


@pytest.fixture
def rehearsal(tmp_path, monkeypatch) -> Rehearsal:
    return Rehearsal(Path(shutil.copytree(record.ROWS, tmp_path / "rows")), monkeypatch)


def solve(row: dict) -> None:
    row["trials"][0].update(solved=True, sequences=1000)


def fail(row: dict) -> None:
    next(trial for trial in row["trials"] if trial["solved"])["solved"] = False


def shift(name: str, by: float) -> Callable[[dict], None]:
    def change(row: dict) -> None:
        for trial in row["trials"]:
            trial[name] = [value + by for value in trial[name]]

    return change


def foresee(row: dict) -> None:
    for trial in row["trials"]:
        trial["auc"] = dict.fromkeys(trial["auc"], 1.0)


def delay(row: dict) -> None:
    for trial in row["trials"]:
        trial["sequences"] += 1_000_000


FOLLOWS = [
    ("biases", ["biases"], "biases/long-b-f-1-b-i-0.json", solve, "0 of 10", "1 of 10"),
    ("brain", ["brain"], "brain_rules/feedback-random.json", fail, "9 of 10", "8 of 10"),
    ("1997", ["exercises", "where-to-go"], "original/6a.json", delay, "26,270", "1,026,270"),
]
STOPS = [
    ("a short memory learns", ["biases"], "biases/map-b-f-1-b-i-0.json", solve, "short memory"),
    (
        "a network beats equal weights",
        ["portfolio"],
        "portfolio/test-monthly.json",
        shift("gross", 0.01),
        "beats equal",
    ),
    ("an LSTM foresees the crises", ["regimes"], "regimes/score-autoencoder.json", foresee, "better than EWMA"),
    ("feedback of none will do", ["brain"], "brain_rules/feedback-none.json", solve, "drawn at random"),
]


@pytest.mark.parametrize(("_", "names", "file", "how", "before", "after"), FOLLOWS, ids=[row[0] for row in FOLLOWS])
def test_a_slide_follows_the_recorded_rows(rehearsal, _, names, file, how, before, after):
    said = rehearsal.run(*names)
    assert before in said
    assert after not in said
    rehearsal.change(file, how)
    assert after in rehearsal.run(*names)


@pytest.mark.parametrize(("_", "names", "file", "how", "words"), STOPS, ids=[row[0] for row in STOPS])
def test_a_verdict_that_no_longer_holds_stops_the_deck(rehearsal, _, names, file, how, words):
    rehearsal.run(*names)
    rehearsal.change(file, how)
    with pytest.raises(AssertionError, match=words):
        rehearsal.run(*names)


def test_what_make_notebooks_runs():
    assert execute.chosen("slides") == [execute.SLIDES]
    assert [path.name[:2] for path in execute.chosen("6")] == ["06"]
    assert execute.chosen("")[-1] == execute.SLIDES
    assert len(execute.chosen("")) == 15
    assert nbformat.read(execute.SLIDES, 4).metadata.kernelspec == execute.KERNEL


# --- what is written about the deck


def begins() -> dict[str, float]:
    """At which minute each section begins."""
    minute, found = 0.0, {}
    for slide in CORE:
        found.setdefault(slide.section, minute)
        minute += slide.minutes
    return found


def test_the_rehearsal_says_when_each_section_begins_and_names_every_drag():
    text = (execute.SLIDES.parent / "README.md").read_text(encoding="utf-8")
    for section, minute in begins().items():
        assert f"| {int(minute)}:{round(60 * (minute % 1)):02d} | {section} |" in text
    minute = 0.0
    for slide in CORE:
        if slide.kind == "drag":
            row = re.search(rf"\| \*(.+?)\*, {int(minute)}:{round(60 * (minute % 1)):02d} \|.*\*(.+?)\* \|\n", text)
            assert row, slide.title
            assert slide.title.startswith(row[1])
            assert any(other.title.startswith(row[2]) for other in SLIDES[len(CORE) :]), row[2]
        minute += slide.minutes


def test_the_readmes_hour_is_the_decks():
    text = (execute.SLIDES.parents[1] / "README.md").read_text(encoding="utf-8")
    edges = {int(minute + 0.5) for minute in begins().values()} | {60}
    rows = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+)–(\d+) \|", text, re.MULTILINE)]
    assert [rows[0][0], *(b for _, b in rows)] == [*(a for a, _ in rows), 60]
    assert {edge for row in rows for edge in row} <= edges
    assert f"{len(CORE)} of them for 60 minutes" in text

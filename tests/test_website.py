"""`make site`, piece by piece: links of a notebook, the index by concept, tables from rows, links that lead nowhere."""

import json
import re
from pathlib import Path

import deck as deck_cells
import environment
import nbformat
import pytest
import setup_cells
import website
import website_concepts
import website_links
import website_results
import yaml

from lstm_core.studies import load

CONCEPTS = website_concepts.read(website.PAGES / "concepts.toml")
ALL = [concept for found in CONCEPTS.values() for concept in found]
FORGET = next(concept for concept in ALL if concept.name == "Forget gate")
NAMES = sorted(path.name for path in website.NOTEBOOKS.glob("*.ipynb"))


# --- notebooks


@pytest.mark.parametrize("name", NAMES)
def test_a_notebooks_page_has_its_links_and_no_widget_that_needs_a_kernel(name):
    notebook = setup_cells.read(website.NOTEBOOKS / name)
    page = website.notebook_page(notebook, name, "owner/name")
    first = "".join(page["cells"][0]["source"])
    assert first.startswith("".join(notebook["cells"][0]["source"]).partition("\n")[0])
    assert first.count("https://colab.research.google.com/github/owner/name/blob/main/notebooks/" + name) == 1
    assert first.count("https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/notebooks/" + name) == 1
    assert f'<a href="{name}" download>' in first
    assert "widget-view+json" not in json.dumps(page)


def test_without_a_repository_no_link_leads_there_and_the_page_says_how_to_get_them():
    line = website.links("03_forget_gate.ipynb", "")
    assert re.findall('href="(.*?)"', line) == ["03_forget_gate.ipynb", "../index.html#how-to-start"]
    assert "make lecture AT=03" in line
    assert "make colab REPO=owner/name" in line
    assert re.findall('href="(.*?)"', website.where("03_forget_gate.ipynb", "")) == ["../index.html#how-to-start"]
    assert website.clone("") == ""
    assert "```\ngit clone https://github.com/owner/name\n```" in website.clone("owner/name")


def test_a_badge_does_not_come_into_the_page():
    notebook = setup_cells.read(website.NOTEBOOKS / NAMES[0])
    badged = setup_cells.with_setup(notebook, NAMES[0], "owner/name")
    assert "colab-badge.svg" in json.dumps(badged)
    assert "colab-badge.svg" not in json.dumps(website.notebook_page(badged, NAMES[0], "owner/name"))


def test_every_notebook_says_how_long_it_takes():
    found = {name[:2]: website.hours(setup_cells.read(website.NOTEBOOKS / name)) for name in NAMES}
    assert all(found.values())
    assert (found["01"], found["07"], found["08"], found["13"]) == ("½ h", "3 × 1 h", "¾ h", "1½ h")


def test_the_table_of_the_notebooks_is_the_readmes_without_its_badges():
    readme = "## The notebooks\n\n| | notebook | open | what clicks |\n|---|---|---|---|\n"
    readme += (
        f"| 01 | [Predict](notebooks/{NAMES[0]}) | [![Colab](https://c.example/b.svg)](https://c.example) | it does |\n"
    )
    table = website.contents(readme, {NAMES[0]: setup_cells.read(website.NOTEBOOKS / NAMES[0])})
    assert table.splitlines()[-1] == f"| 01 | [Predict](notebooks/{NAMES[0]}) | it does | ½ h |"
    assert "c.example" not in table
    with pytest.raises(ValueError, match=r"README\.md has no table"):
        website.contents("# Nothing", {})


def test_a_marker_that_nobody_fills_is_an_error():
    assert website.filled("a\n<!-- make: one -->\nb", {"one": lambda: "1"}) == "a\n1\nb"
    with pytest.raises(ValueError, match=r"two.*nobody makes that; there are one"):
        website.filled("<!-- make: two -->", {"one": lambda: "1"})


def test_every_marker_of_the_pages_is_one_that_is_made():
    known = {*website_results.tables(), "lab", "clone", "notebooks", "toc", "concepts", "code", "slides", "licences"}
    asked = [name for path in website.PAGES.glob("*.md") for name in website.MARKER.findall(path.read_text("utf-8"))]
    assert sorted(asked) == sorted(known)  # each once


def test_corrections_lead_to_the_section_itself():
    page = website.corrections("[05](05_output_gate.ipynb), *How much to show*; [above](../README.md)")
    assert page == "[05, *How much to show*](05_output_gate.ipynb#how-much-to-show); [above](../index.md)"


def test_the_slides_are_linked_and_their_paper_once_it_is_there(tmp_path):
    (tmp_path / "lecture.html").touch()
    assert re.findall('href="(.*?)"', website.deck(tmp_path)) == ["lecture.html"]
    assert "For paper: `make slides`" in website.deck(tmp_path)
    (tmp_path / "lecture.pdf").touch()
    assert re.findall('href="(.*?)"', website.deck(tmp_path)) == ["lecture.html", "lecture.pdf"]
    assert "For paper" not in website.deck(tmp_path)


def test_the_sites_folder_holds_no_number_of_the_results():
    """What stands in results.md itself says what was asked, not what came out."""
    text = (website.PAGES / "results.md").read_text("utf-8")
    assert re.findall(r"\d+\.\d\d|\d/\d+", text) == []


# --- concepts


@pytest.mark.parametrize("concept", ALL, ids=lambda concept: concept.name)
def test_a_concepts_function_symbols_and_section_exist(concept):
    assert website_concepts.complaints(concept, website.NOTEBOOKS) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"code": "lstm_core.cell.no_step"}, "no attribute 'no_step'"),
        ({"code": "lstm_core.nowhere.step"}, "No module named"),
        ({"symbols": {"f_t": "phi"}}, "lstm_core.cell.lstm_step has no phi"),
        ({"symbols": {"q_t": "f"}}, "the equation has no q_t"),
        ({"notebook": "99_nothing"}, "there is no 99_nothing.ipynb"),
        ({"section": "One gate, two lines"}, "has no section 'One gate, two lines'"),
    ],
)
def test_what_is_wrong_with_a_concept_is_said(change, complaint):
    (said,) = website_concepts.complaints(FORGET._replace(**change), website.NOTEBOOKS)
    assert said.startswith("Forget gate: ")
    assert complaint in said


def test_there_are_concepts_from_every_notebook():
    assert {concept.notebook[:2] for concept in ALL} == {name[:2] for name in NAMES}
    assert len(ALL) >= 30


@pytest.mark.parametrize(("lines", "complaint"), [('name = "A"', "missing"), ('name = "A"\ncolour = "red"', "colour")])
def test_a_concept_with_other_keys_is_an_error(tmp_path, lines, complaint):
    path = tmp_path / "concepts.toml"
    path.write_text(f'[[group]]\ntitle = "G"\n[[group.concept]]\n{lines}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=f"A: .*{complaint}"):
        website_concepts.read(path)


def test_slides_come_from_the_decks_headings(tmp_path):
    assert website_concepts.slides(tmp_path / "lecture.html") == {}
    deck = tmp_path / "lecture.html"
    deck.write_text(
        '<section id="forget"><h2>The <em>forget</em>\n gate</h2></section>'
        '<section><section id="inner"><h3>Within</h3></section><h2>No id</h2></section>',
        encoding="utf-8",
    )
    assert website_concepts.slides(deck) == {"The forget gate": "forget", "Within": "inner"}


def test_every_slide_that_a_concept_names_is_in_the_deck():
    deck = nbformat.read(website.SLIDES / "lecture.ipynb", 4)
    titles = {slide.title for slide in deck_cells.slides(deck)}
    named = {concept.slide for found in CONCEPTS.values() for concept in found if concept.slide}
    assert len(named) > 15
    assert named <= titles


def test_the_column_of_slides_is_there_only_with_a_deck():
    groups = {"The cell": [FORGET._replace(slide="The forget gate"), FORGET._replace(name="Another", slide="")]}
    with_deck = website_concepts.index(groups, {"The forget gate": "forget"})
    assert with_deck.count("- slide\n") == 1
    assert '<a href="lecture.html#/forget">The forget gate</a>' in with_deck
    without = website_concepts.index(groups, {})
    assert "slide" not in without
    with pytest.raises(ValueError, match="Forget gate names the slide 'The forget gate', but the deck has 'Other'"):
        website_concepts.index(groups, {"Other": "other"})


# --- results


def test_a_table_keeps_its_columns_and_its_signs():
    table = website_results.markdown(["a", "b"], [["x|y", website_results.number(-1234.5, 1)], ["$", "–"]])
    assert table.splitlines() == ["| a | b |", "| --- | ---: |", "| x\\|y | −1,234.5 |", "| \\$ | – |"]
    assert website_results.number(-0.0001, 2) == "0.00"
    assert website_results.number(float("nan")) == website_results.number(None) == "–"
    with pytest.raises(ValueError, match="lines of another length"):
        website_results.markdown(["a", "b"], [["x"]])


def test_the_tables_follow_the_rows(monkeypatch):
    """One trial that took longer moves the mean; one that did not solve its task is one less in the table."""
    before = website_results.field()
    assert re.search(r"\| GRU \| 5/5 \| .*? \| 16,128 \|", before)

    def changed(study):
        rows = load(study)
        if study == "field":
            rows["race, gru"]["trials"][1]["sequences"] += 5_000
            rows["race, gru"]["trials"][0]["solved"] = solved
        return rows

    solved = True

    monkeypatch.setattr(website_results, "load", changed)
    assert re.search(r"\| GRU \| 5/5 \| .*? \| 17,128 \|", website_results.field())
    solved = False
    assert "| GRU | 4/5 |" in website_results.field()
    assert [line for line in website_results.field().splitlines() if "GRU" not in line] == [
        line for line in before.splitlines() if "GRU" not in line
    ]


def test_what_a_notebook_prints_of_the_rows_stands_in_the_tables():
    """The same numbers, by the notebook's own saved output."""
    printed = "".join(
        "".join(output.get("text", ""))
        for cell in setup_cells.read(website.NOTEBOOKS / "14_replay_the_1997_paper.ipynb")["cells"]
        for output in cell.get("outputs", [])
    )
    found = re.findall(r"^(2c long lag, q=\d+, p=\d+) +[\d,]+ +(\d+/\d+) +([\d,]+)  ", printed, re.M)
    assert found
    table = website_results.replay()
    for label, solved, mean in found[:1]:
        assert re.search(rf"^\| {re.escape(label)} \| [\d,]+ \| {solved} \| {mean} \|", table, re.M)


# --- links


def test_links_are_followed_to_file_and_anchor(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.html").write_text('<h1 id="here">b</h1><a href="../a.html">a</a>', encoding="utf-8")
    good = ["sub/b.html", "sub/b.html#here", "#own", "data:,x", "https://example.org/x", "lab.html#{state}"]
    bad = ["sub/c.html", "sub/b.html#there", "#nowhere", "/sub/b.html", "../outside.html"]
    (tmp_path / "lab.html").write_text("<p>lab</p>", encoding="utf-8")
    text = '<p id="own">' + "".join(f'<a href="{link}">x</a>' for link in good + bad)
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    pages = website_links.read(tmp_path)
    assert [line.split()[1] for line in website_links.broken(tmp_path, pages)] == bad
    assert website_links.outside(pages) == ["https://example.org/x"]
    assert website_links.inside(pages) == 10


# --- command and workflow


def test_a_repository_that_is_none_is_refused(monkeypatch):
    monkeypatch.setattr("sys.argv", ["website.py", "--repo", "https://github.com/owner/name"])
    with pytest.raises(SystemExit, match="is not a GitHub repository: give owner/name"):
        website.main()


def test_the_workflow_publishes_what_make_site_builds_with_no_more_rights_than_it_takes():
    workflow = yaml.safe_load((environment.ROOT / ".github/workflows/site.yml").read_text("utf-8"))
    assert workflow[True] == {"push": {"branches": ["main"]}, "workflow_dispatch": None}  # YAML 1.1 reads "on" as True
    assert workflow["permissions"] == {"contents": "read"}
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    commands = [step["run"] for step in build["steps"] if "run" in step]
    assert [command.split()[:2] for command in commands] == [["make", part] for part in ("slides", "frames", "site")]
    assert "permissions" not in build
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}
    (upload,) = [step for step in build["steps"] if "upload-pages-artifact" in step.get("uses", "")]
    assert Path(upload["with"]["path"]) == website.BUILD.relative_to(environment.ROOT) / "site"

"""`make site`: the lecture as a static site, its notebooks executed, its Gate Labs alive, without a kernel.

    python tools/website.py [--repo owner/name] [--out build/site]

The pages are in site/; what can be computed is put into them here, in the places marked `<!-- make: … -->`. A build
is always made afresh, and takes the place of the last one only if it is whole: no warning of Sphinx's, no broken link.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import environment

if __name__ == "__main__":
    environment.inside("lecture", "markets", "trading", "site", "slides")

import frames
import lab_page
import nbformat
import npm
import setup_cells
import website_concepts
import website_frames
import website_links
from docutils.nodes import make_id
from without_kernel import without_kernel

import slides
from lstm_core.gate_lab import GateLab, page

ROOT = environment.ROOT
PAGES = ROOT / "site"
NOTEBOOKS = ROOT / "notebooks"
SLIDES = ROOT / "slides"
BUILD = ROOT / "build"
DECK = {  # what the site has of the slides → what it says of it
    "lecture.html": "the slides, with the Gate Lab alive in them; one file that also opens from disk",
    "lecture.pdf": "the same slides on paper",
    "rehearsal.pdf": "and with the notes behind each of them, for whoever gives the lecture",
    "lab.html": "the Gate Lab alone, for a phone: its address holds the cell that you see",
}
KEYS = "In the slides, `S` opens the speaker's view and `Esc` the overview."
HOURS = {  # longer words first
    "three quarters of an hour": "¾ h", "three stretches of an hour": "3 × 1 h", "half an hour": "½ h",
    "an hour and a half": "1½ h", "an hour": "1 h", "two hours": "2 h",
}  # fmt: skip
MARKER = re.compile(r"^<!-- make: ([a-z-]+) -->$", re.MULTILINE)
# Of all that is installed, what a reader's browser gets a part of: its pages, styles and scripts.
CARRIED = ("sphinx", "sphinx-book-theme", "pydata-sphinx-theme", "myst-nb", "accessible-pygments")


# --- notebooks


def notebook_page(notebook: dict, name: str, repo: str, drawn: Mapping[str, dict] | None = None) -> dict:
    """A notebook as the site shows it: links under its title, no badge or set-up, nothing that needs a kernel.

    `drawn` is what `frames.kept` says of it: the figures whose pictures are in frames/ beside the folder of notebooks.
    """
    stem = name.removesuffix(".ipynb")
    moving = {cell: website_frames.place(about, f"../frames/{stem}/{cell}") for cell, about in (drawn or {}).items()}
    notebook = without_kernel(notebook, where(name, repo), drawn=moving)
    cells = [cell for cell in notebook["cells"] if not {"badges", "setup"} & set(cell["metadata"].get("tags", []))]
    title, _, rest = "".join(cells[0]["source"]).partition("\n")
    cells[0] = {**cells[0], "source": f"{title}\n\n{links(name, repo)}\n\n{rest.strip()}"}
    return {**notebook, "cells": cells}


def links(name: str, repo: str) -> str:
    """A line of HTML: where this notebook runs, and the file itself."""
    download = f'<a href="{name}" download>Download the notebook</a>'
    here = at_home(name)
    if repo:
        colab, binder = (f'<a href="{address}">Open in {place}</a>' for place, address in places(name, repo).items())
        return f'<p class="notebook-links">{colab} {binder} {download} <span>or, at home, {here}</span></p>'
    how = "links to Colab and Binder come with <code>make colab REPO=owner/name</code>"
    return f'<p class="notebook-links">{download} <span>It runs with {here}; {how}.</span></p>'


def where(name: str, repo: str) -> str:
    """HTML to end the sentence "Its slider moves …"."""
    here = f"with {at_home(name)}"
    if not repo:
        return here
    colab, binder = (f'in <a href="{address}">{place}</a>' for place, address in places(name, repo).items())
    return f"{colab}, {binder} or {here}"


def at_home(name: str) -> str:
    """The command that opens a notebook, and where the site says what it needs."""
    return f'<a href="../index.html#how-to-start"><code>make lecture AT={name[:2]}</code></a>'


def places(name: str, repo: str) -> dict[str, str]:
    """Where somebody else's machine runs a notebook of a repository on GitHub."""
    return {
        "Colab": f"https://colab.research.google.com/github/{repo}/blob/main/notebooks/{name}",
        "Binder": f"https://mybinder.org/v2/gh/{repo}/main?urlpath=lab/tree/notebooks/{name}",
    }


def hours(notebook: dict) -> str:
    """How long a reader needs, as "What you'll need" has it in words; nothing where it does not say."""
    text = " ".join("".join(notebook["cells"][0]["source"]).partition("What you'll need")[2].split()).lower()
    return next((short for words, short in HOURS.items() if words in text), "")


# --- the pages' computed parts


def lab() -> str:
    """The Gate Lab at the top of the first page."""
    return f"~~~~{{raw}} html\n{page.embed([GateLab()], prefix='front')}\n~~~~"


def contents(readme: str, notebooks: Mapping[str, dict]) -> str:
    """The README's table of the notebooks, less its badges, and how long each takes to work through."""
    table = re.search(r"^## The notebooks\n+((?:\|.*\n)+)", readme, re.MULTILINE)
    if table is None:
        raise ValueError("README.md has no table under the heading `## The notebooks`: the site's first page shows it")
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table[1].splitlines()]
    rows = [[re.sub(r"\[!\[.*?\]\(.*?\)\]\(.*?\)|!\[.*?\]\(.*?\)", "", cell).strip() for cell in row] for row in rows]
    kept = [k for k in range(len(rows[0])) if any(row[k] for row in rows[2:])]
    lines = [[row[k] for k in kept] for row in rows]
    named = [re.search(r"\(notebooks/(.*?\.ipynb)\)", "".join(line)) for line in lines]
    lines[0].append("takes you")
    lines[1].append("---")
    for line, name in zip(lines[2:], named[2:], strict=True):
        line.append(hours(notebooks[name[1]]))
    return "\n".join(["{.contents}", *(f"| {' | '.join(line)} |" for line in lines)])


def deck(folder: Path) -> str:
    """Links to the slides in all their forms; those on paper need `make slides` first."""
    lines = [f'- <a href="{name}">{name}</a>: {said}' for name, said in DECK.items() if (folder / name).exists()]
    paper = [] if (folder / "lecture.pdf").exists() else ["For paper: `make slides`, then `make site` once more."]
    return "\n\n".join(["\n".join(lines), KEYS, *paper])


def corrections(text: str) -> str:
    """notebooks/README.md as a page: its links lead to the pages, and its sections to the sections."""
    text = text.replace("(../README.md)", "(../index.md)").replace("README above", "front page")
    text = text.replace("\n| the article says", "\n{.cards}\n| the article says")

    def deeper(found: re.Match) -> str:
        number, file, section = found.groups()
        return f"[{number}, *{section}*]({file}#{make_id(section)})"

    return re.sub(r"\[(\d\d)\]\((\w+\.ipynb)\), \*(.+?)\*", deeper, text)


def licences(folder: Path) -> str:
    """What of others a reader's browser gets, its version and its licence, as a table; their texts go into `folder`."""
    folder.mkdir(parents=True)
    lines = ["| what | version | licence |", "| --- | --- | --- |"]
    for name in CARRIED:
        facts = importlib.metadata.metadata(name)
        texts = [file for file in importlib.metadata.files(name) or () if re.match("LICEN[CS]E", file.name)]
        kind = facts.get("License-Expression") or facts.get("License") or _classified(facts)
        lines.append(
            f"| {_licence_link(facts['Name'], texts and texts[0].locate(), folder)} | {facts['Version']} | {kind} |"
        )
    for package, licence in npm.LICENCES.items():
        text = npm.install() / package / "LICENSE"
        link = _licence_link(package.rpartition("/")[2], text, folder)
        lines.append(f"| {link} | {npm.version(package)} | {licence} |")
    return "\n".join(lines)


def _classified(facts: importlib.metadata.PackageMetadata) -> str:
    found = [line.rpartition(":: ")[2] for line in facts.get_all("Classifier") or () if line.startswith("License")]
    return found[0] if found else "see its text"


def _licence_link(name: str, text: Path | None, folder: Path) -> str:
    if not text:
        return name
    shutil.copyfile(text, folder / f"{name}.txt")
    return f'<a href="licences/{name}.txt">{name}</a>'


def clone(repo: str) -> str:
    """The command that fetches the repository, where it is known which that is."""
    if not repo:
        return ""
    address = f"https://github.com/{repo}"
    return f"[{repo}]({address}) is the repository; it comes with\n\n```\ngit clone {address}\n```\n\nand then:\n"


def filled(text: str, made: Mapping[str, Callable[[], str]]) -> str:
    """A page with its computed parts in place; ValueError for one that nobody makes."""

    def part(found: re.Match) -> str:
        if found[1] not in made:
            raise ValueError(f"<!-- make: {found[1]} -->: nobody makes that; there are {', '.join(sorted(made))}")
        return made[found[1]]()

    return MARKER.sub(part, text)


# --- the build


def write_sources(folder: Path, repo: str, drawn: Path) -> None:
    """Put all that Sphinx reads into an empty folder; pictures of sliders come from the folder `drawn`."""
    import website_results

    shutil.copytree(PAGES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    notebooks = {path.name: setup_cells.read(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    (folder / "notebooks").mkdir()
    extra = folder / "extra" / "notebooks"  # what lies in extra/ is copied as it is
    extra.mkdir(parents=True)
    for name, notebook in notebooks.items():
        moving = frames.kept(NOTEBOOKS / name, drawn)
        setup_cells.write(folder / "notebooks" / name, notebook_page(notebook, name, repo, moving))
        for cell in moving:
            there = Path(name).stem, cell
            shutil.copytree(drawn.joinpath(*there), folder.joinpath("extra", "frames", *there))
        setup_cells.write(extra / name, setup_cells.with_setup(notebook, name, repo) if repo else notebook)
    write_deck(folder / "extra", repo)
    concepts = website_concepts.read(PAGES / "concepts.toml")
    headings = website_concepts.slides(folder / "extra" / "lecture.html")
    made = {
        **website_results.tables(),
        "lab": lab,
        "clone": lambda: clone(repo),
        "notebooks": lambda: contents((ROOT / "README.md").read_text(encoding="utf-8"), notebooks),
        "toc": lambda: "\n".join(f"notebooks/{Path(name).stem}" for name in notebooks),
        "concepts": lambda: website_concepts.index(concepts, headings),
        "code": lambda: website_concepts.code(concepts),
        "slides": lambda: deck(folder / "extra"),
        "licences": lambda: licences(folder / "extra" / "licences"),
    }
    for path in folder.glob("*.md"):
        path.write_text(filled(path.read_text(encoding="utf-8"), made), encoding="utf-8")
    readme = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    (folder / "notebooks" / "corrections.md").write_text(corrections(readme), encoding="utf-8")
    mathjax = folder / "_static" / "mathjax"
    mathjax.mkdir(parents=True)
    shutil.copyfile(npm.install() / "mathjax/es5/tex-svg.js", mathjax / "tex-svg.js")


def write_deck(folder: Path, repo: str) -> None:
    """The slides and lab.html, whose links hold on the site; and what `make slides` has printed, if it has."""
    lab = (setup_cells.site_address(repo) if repo else "") + "lab.html"
    page = slides.build(nbformat.read(SLIDES / "lecture.ipynb", 4), "notebooks/{name}.html", lab)
    (folder / "lecture.html").write_text(page, encoding="utf-8", newline="\n")
    (folder / "lab.html").write_text(lab_page.build(), encoding="utf-8", newline="\n")
    for name in DECK:
        if (SLIDES / name).exists() and not (folder / name).exists():
            shutil.copyfile(SLIDES / name, folder / name)


def run_sphinx(sources: Path, out: Path) -> None:
    """Build the pages; exits where Sphinx warns of anything."""
    from sphinx.cmd.build import main as sphinx

    if sphinx(["-W", "--keep-going", "-q", "-b", "html", "-d", str(sources / ".doctrees"), str(sources), str(out)]):
        sys.exit("Sphinx was not content; its reasons stand above.")
    for path in out.rglob("*.html"):
        path.write_text(repaired(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    for left in [
        *out.rglob("*.map"),
        *out.glob("_static/*webpack-macros.html"),
        out / ".buildinfo",
        out / "objects.inv",
    ]:
        left.unlink(missing_ok=True)
    (out / ".nojekyll").touch()  # GitHub Pages would leave out the folder _static


def repaired(text: str) -> str:
    """A page of the theme's, with what axe-core and a finger find wrong in it put right.

    The search button is called by the words on it; an empty corner of a table is no heading; the site's name stands in
    a landmark; and where a page has no table of contents, there is no button for one.
    """
    text = re.sub(r'(<button class="btn search-button-field [^>]*?) title="Search" aria-label="Search"', r"\1", text)
    text = re.sub(r'<th class="head">(<p></p>)?</th>', "<td></td>", text)
    text = re.sub(
        r'<div class="sidebar-primary-item">(\s*<a class="navbar-brand)',
        r'<div class="sidebar-primary-item" role="banner">\1',
        text,
    )
    if 'id="pst-secondary-sidebar"' not in text:
        text = re.sub(r'<button class="sidebar-toggle secondary-toggle .*?</button>', "", text, flags=re.DOTALL)
    return text


def build(out: Path, repo: str, drawn: Path = frames.FRAMES) -> dict[Path, website_links.Page]:
    """Build the site into `out`, which is replaced; returns its pages. Exits where a link is broken."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".site-") as folder:
        sources, fresh = Path(folder) / "sources", Path(folder) / "site"
        write_sources(sources, repo, drawn)
        run_sphinx(sources, fresh)
        pages = website_links.read(fresh)
        if wrong := website_links.broken(fresh, pages):
            sys.exit("\n".join([*wrong, f"{len(wrong)} links are broken; the site of before stays as it was."]))
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    return pages


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the static site.")
    parser.add_argument("--repo", help="owner/name on GitHub, for links to Colab and Binder; else the one remembered")
    parser.add_argument("--out", type=Path, default=BUILD / "site", help="the folder to build it in")
    parser.add_argument("--frames", type=Path, default=frames.FRAMES, help="where `make frames` put its pictures")
    arguments = parser.parse_args()
    repo = setup_cells.remembered_repo() if arguments.repo is None else arguments.repo
    if repo and not setup_cells.is_repo(repo):
        sys.exit(f"REPO={repo} is not a GitHub repository: give owner/name, or nothing for a site without such links.")
    began = time.perf_counter()
    pages = build(arguments.out.resolve(), repo, arguments.frames)
    elsewhere = website_links.outside(pages)
    if repo and repo != setup_cells.remembered_repo():
        print(
            f"Colab opens the notebooks as they are on GitHub: commit what `make colab REPO={repo}` writes into them,"
        )
        print("or they will not find lstm_core there.")
    BUILD.mkdir(exist_ok=True)
    (BUILD / "links-outside.txt").write_text("".join(f"{link}\n" for link in elsewhere), encoding="utf-8")
    checked, seconds = website_links.inside(pages), time.perf_counter() - began
    print(f"{len(pages)} pages in {seconds:.0f} s; {checked:,} links inside checked; {len(elsewhere)} outside,")
    print("not asked, are listed in build/links-outside.txt. It opens from disk, and may be served under any path:")
    print(arguments.out.resolve() / "index.html")


if __name__ == "__main__":
    main()

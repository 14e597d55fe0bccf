"""`make slides`: slides/lecture.ipynb becomes slides/lecture.html, one file that opens from disk, lecture.pdf, and
rehearsal.pdf, which has the notes behind each slide.

    python tools/slides.py [--html-only] [--repo owner/name | --lab ADDRESS] [--out FOLDER]

reveal.js, the typefaces, the Gate Labs and every picture are written into the page; equations are drawn by MathJax
while it is built. Where lab.html is on the web, on the site of a repository or at another address, slides show QR codes
of it. lab.html itself is built, too.
"""

from __future__ import annotations

import argparse
import base64
import html
import json
import re
import sys
from pathlib import Path

import environment

if __name__ == "__main__":
    environment.inside("lecture", "markets", "slides")

import chromium
import deck
import lab_page
import nbformat
import npm
import setup_cells
from mathjax import Equations
from nbconvert import HTMLExporter
from nbconvert.filters import markdown2html
from traitlets.config import Config
from without_kernel import STATE, VIEW, views, without_kernel

SLIDES = environment.ROOT / "slides"
TEMPLATES = SLIDES / "template"
FACES = (  # family, folder, weight, style, what of it
    ("Source Sans 3", "source-sans-3", 400, "normal", ("latin", "greek")),
    ("Source Sans 3", "source-sans-3", 600, "normal", ("latin", "greek")),
    ("Source Sans 3", "source-sans-3", 400, "italic", ("latin",)),
    ("Source Code Pro", "source-code-pro", 400, "normal", ("latin",)),
)
IN_THE_REPOSITORY = "../notebooks/{name}.ipynb"


def build(notebook: dict, notebooks: str = IN_THE_REPOSITORY, lab: str = "lab.html") -> str:
    """The deck as one HTML page, from its executed notebook, as nbformat reads it.

    `notebooks` and `lab` are the addresses of the notebooks, {name} standing for the name of each, and of lab.html;
    where the latter is on the web, slides show QR codes of it.
    """
    equations = Equations()

    def to_html(source: str) -> str:
        return equations.take(markdown2html(source))

    found = deck.slides(without_kernel(notebook, "in the notebooks", prefix="lab", hall=True))
    models = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    shown = {cell["id"]: models[data[VIEW]["model_id"]]["state"] for cell, data in views(notebook)}
    labs = {name: lab_page.link(state, lab) for name, state in shown.items()}
    qr = lab_page.qr if lab.startswith("http") else lambda _: ""
    cells = deck.arrange(found, to_html, lambda name: notebooks.format(name=Path(name).stem), labs, qr)
    exporter = HTMLExporter(
        config=Config(
            {"HTMLExporter": {"filters": {"deck_markdown": to_html}, "extra_template_basedirs": [str(SLIDES)]}}
        ),
        template_name="template",
    )
    page, _ = exporter.from_notebook_node(
        nbformat.from_dict({**notebook, "cells": cells}), {"deck": _parts(found[0].title)}
    )
    page = equations.put(page)
    return page.replace("/* MathJax */", equations.style)


def _parts(title: str) -> dict[str, str]:
    """What the template puts into the page besides the slides."""
    licences = [f"{name} {npm.version(name)}, {licence}" for name, licence in npm.LICENCES.items()]
    style = [npm.read("reveal.js/dist/reveal.css"), *faces(), (TEMPLATES / "deck.css").read_text(encoding="utf-8")]
    return {
        "title": html.escape(title),
        "description": "Slides of a lecture on LSTM networks, with the cells alive under sliders.",
        "licences": html.escape("With " + "; ".join(licences), quote=False).replace("--", "–"),
        "style": "\n".join([*style, "/* MathJax */"]),
        "reveal": _inline(npm.read("reveal.js/dist/reveal.js")),
        "notes": _inline(npm.read("reveal.js/dist/plugin/notes.js")),
        "script": _inline((TEMPLATES / "deck.js").read_text(encoding="utf-8")),
    }


def faces() -> list[str]:
    """CSS that brings the typefaces, their files inside it."""
    rules = []
    for family, folder, weight, style, subsets in FACES:
        ranges = json.loads(npm.read(f"@fontsource/{folder}/unicode.json"))
        for subset in subsets:
            path = npm.install() / f"@fontsource/{folder}/files/{folder}-{subset}-{weight}-{style}.woff2"
            data = base64.b64encode(path.read_bytes()).decode()
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-style: {style}; font-weight: {weight}; '
                f"unicode-range: {ranges[subset]}; src: url(data:font/woff2;base64,{data}) format('woff2'); }}"
            )
    return rules


def _inline(script: str) -> str:
    """A script that no HTML parser ends before its end."""
    return re.sub(r"</(script)", r"<\\/\1", script, flags=re.IGNORECASE).replace("<!--", r"<\!--")


def to_pdf(page: Path) -> list[Path]:
    """Print the deck by Chromium, beside it, without and with the notes; exits with one clear sentence where there is
    none."""
    from playwright.sync_api import sync_playwright

    if not (executable := chromium.find_chromium()):
        sys.exit(f"There is no Chromium to print {page.name} with. {chromium.HOW}; or leave it: --html-only.")
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright, executable)
        printed = [page.with_name("lecture.pdf"), page.with_name("rehearsal.pdf")]
        for pdf in printed:
            print_pdf(browser, page, pdf, notes=pdf.name == "rehearsal.pdf")
        browser.close()
    return printed


def print_pdf(browser, page: Path, pdf: Path, notes: bool = False) -> None:
    """Print the deck in this browser of Playwright's: a slide a page, and its notes on the next."""
    tab = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme="light")
    tab.goto(page.as_uri() + "?print-pdf" + "&showNotes=separate-page" * notes)
    tab.wait_for_function("document.documentElement.dataset.ready === 'yes'")
    tab.pdf(path=pdf, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    tab.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the slides.")
    parser.add_argument("--html-only", action="store_true", help="leave the PDF, which needs Chromium")
    parser.add_argument("--repo", help="owner/name on GitHub, whose site has lab.html; else the one remembered")
    parser.add_argument("--lab", help="where else lab.html is on the web")
    parser.add_argument("--out", type=Path, default=SLIDES, help="folder to write to")
    arguments = parser.parse_args()
    notebook = nbformat.read(SLIDES / "lecture.ipynb", 4)
    repo = setup_cells.remembered_repo() if arguments.repo is None else arguments.repo
    if repo and not setup_cells.is_repo(repo):
        sys.exit(f"REPO={repo} is not a GitHub repository: give owner/name, or nothing for slides without QR codes.")
    lab = arguments.lab or (setup_cells.site_address(repo) if repo else "") + "lab.html"
    page = arguments.out / "lecture.html"
    page.write_text(build(notebook, lab=lab), encoding="utf-8", newline="\n")
    print(f"{page}: {page.stat().st_size / 1e6:.1f} MB, opens from disk.", flush=True)
    (arguments.out / "lab.html").write_text(lab_page.build(), encoding="utf-8", newline="\n")
    print(f"{arguments.out / 'lab.html'}: the Gate Lab alone.", flush=True)
    if not arguments.html_only:
        for pdf in to_pdf(page):
            print(f"{pdf}: {pdf.stat().st_size / 1e6:.1f} MB.", flush=True)


if __name__ == "__main__":
    main()

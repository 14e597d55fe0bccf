"""Cells into slides: which cells of slides/lecture.ipynb stand on which slide, and what each slide is.

A cell's metadata say it. `slideshow.slide_type`: "slide" begins a slide, "fragment" waits for the next key, "notes"
are for the lecturer, "skip" is not shown. `lecture`, with the cell that begins a slide: section, kind, minutes, layout;
with the last of a section: catch_up, the notebook and the heading where everybody should be by now.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

KINDS = ("title", "idea", "predict", "drag", "verdict", "appendix")
LAYOUTS = ("stacked", "beside")


class Slide(NamedTuple):
    title: str
    kind: str
    section: str
    minutes: float
    layout: str
    cells: list[dict]

    @property
    def name(self) -> str:
        """The slide's id, made of its title, so that a link to it outlives the slides before it."""
        return slug(self.title)


def slides(notebook: dict) -> list[Slide]:
    """The slides of a notebook in order. Raises ValueError where a cell does not say what this module needs."""
    found: list[Slide] = []
    for cell in notebook["cells"]:
        kind = slide_type(cell)
        if kind == "slide":
            found.append(_begin(cell))
        elif kind != "skip":
            if not found:
                raise ValueError(f'cell {cell["id"]} comes before the first slide: mark it "skip", or begin one')
            found[-1].cells.append(cell)
    names = [slide.name for slide in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two slides are called {sorted(twice)}: a link could not tell them apart")
    return found


def slide_type(cell: dict) -> str:
    """What a cell is on its slide; "-" where it says nothing."""
    return cell["metadata"].get("slideshow", {}).get("slide_type") or "-"


def source(cell: dict) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def slug(title: str) -> str:
    """A title as an address: its letters and digits, small, with hyphens between."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\$.*?\$", "", title).lower()).strip("-")


def _begin(cell: dict) -> Slide:
    about = cell["metadata"].get("lecture", {})
    title = re.match(r"##? (.+)", source(cell))
    if cell["cell_type"] != "markdown" or not title:
        raise ValueError(f"cell {cell['id']} begins a slide: it should be text and open with its title, ## …")
    kind, layout = about.get("kind"), about.get("layout", "stacked")
    if kind not in KINDS or layout not in LAYOUTS or not isinstance(about.get("minutes"), int | float):
        raise ValueError(
            f"cell {cell['id']} says {about}: a slide needs minutes, one of the kinds {', '.join(KINDS)} "
            f"and, if any, one of the layouts {', '.join(LAYOUTS)}"
        )
    rest = {**cell, "source": source(cell)[title.end() :].strip()}
    return Slide(title[1].strip(), kind, about.get("section", ""), about["minutes"], layout, [rest])


def arrange(
    deck: Sequence[Slide],
    to_html: Callable[[str], str],
    address: Callable[[str], str],
    labs: Mapping[str, str] | None = None,
    qr: Callable[[str], str] = lambda link: "",
) -> list[dict]:
    """The cells that are seen, each with the HTML before and after it in its metadata under "deck".

    `to_html` makes HTML of Markdown; `address` says where a notebook is; `labs` where a cell's lab can be opened alone,
    by the cell's id; `qr` draws that link for the phones, on the slide before, which asks what the lab will answer.
    """
    arranged = []
    links = [next((labs[cell["id"]] for cell in slide.cells if cell["id"] in (labs or {})), None) for slide in deck]
    places = [there for slide in deck for there in map(_catch_up, slide.cells) if there]
    for slide, link, coming in zip(deck, links, [*links[1:], None], strict=True):
        code = qr(coming) if coming and slide.kind == "predict" else ""
        code = code and f'<a class="qr" href="{html.escape(coming)}">{code}the lab on your phone</a>\n'
        opening, closing = _around(slide, to_html, address, link, code, places)
        seen = [cell for cell in slide.cells if not (slide_type(cell) == "notes" or _catch_up(cell))]
        for cell in seen:
            fragment = " fragment" if slide_type(cell) == "fragment" else ""
            before = (opening if cell is seen[0] else "") + f'<div class="{_shows(cell)}{fragment}">'
            after = "</div>" + (closing if cell is seen[-1] else "")
            arranged.append({**cell, "metadata": {**cell["metadata"], "deck": {"before": before, "after": after}}})
    return arranged


def _around(
    slide: Slide, to_html: Callable, address: Callable, lab: str | None, code: str, places: list[dict]
) -> tuple[str, str]:
    """What opens a slide and what closes it: its title; its QR code, its last line, its notes."""
    heading = "h1" if slide.kind == "title" else "h2"
    title = re.sub(r"^\s*<p>|</p>\s*$", "", to_html(slide.title))
    apart = ' data-visibility="uncounted"' if slide.kind == "appendix" else ""
    kinds = " ".join([slide.kind, slide.layout, *(["coded"] if code else [])])
    timing = f'data-timing="{60 * slide.minutes:.0f}"'
    opening = (
        f'<section id="{slide.name}" class="{kinds}" {timing}{apart}><div class="sheet">\n'
        f'<{heading}>{title}</{heading}>\n<div class="body">\n'
    )
    alone = f' · <a href="{html.escape(lab)}">the lab alone</a>' if lab else ""
    last = "".join(_last_line(there, places, address, alone) for there in map(_catch_up, slide.cells) if there)
    notes = "".join(to_html(source(cell)) for cell in slide.cells if slide_type(cell) == "notes")
    return opening, f'\n</div>\n{code}{last}<aside class="notes">{notes}</aside>\n</div></section>\n'


def _catch_up(cell: dict) -> dict | None:
    return cell["metadata"].get("lecture", {}).get("catch_up")


def _last_line(there: dict, places: list[dict], address: Callable[[str], str], alone: str) -> str:
    """Where everybody should be by the end of a section, one of the deck's places; AT counts those of a notebook."""
    notebook, heading = there["notebook"], html.escape(there["heading"])
    link = f'<a href="{html.escape(address(notebook))}">notebook {notebook[:2]}</a>'
    number = [place for place in places if place["notebook"] == notebook].index(there) + 1
    at = notebook[:2] if number == 1 else f"{notebook[:2]}.{number}"
    catch_up = f"<code>make lecture AT={at}</code>"
    return f'<p class="catch-up">By now: {link}, “{heading}” · {catch_up}{alone}</p>\n'


def _shows(cell: dict) -> str:
    """What a cell shows: a lab, a figure, or text."""
    page = "".join(source({"source": o.get("data", {}).get("text/html", "")}) for o in cell.get("outputs", []))
    return "lab" if "<noscript>" in page else "figure" if "<img" in page else "text"

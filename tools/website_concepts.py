"""The index by concept: what site/concepts.toml says, checked, and made into Markdown.

groups = read(Path("site/concepts.toml"))
page = index(groups, slides={"The forget gate": "forget-gate"})
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import textwrap
import tomllib
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from docutils.nodes import make_id


class Concept(NamedTuple):
    name: str
    equation: str  # TeX
    code: str  # "lstm_core.cell.lstm_step"
    symbols: dict[str, str]  # a piece of the equation → what it is called in the code
    notebook: str  # "03_forget_gate"
    section: str  # a heading in it
    slide: str = ""  # a heading in the deck

    @property
    def function(self) -> object:
        """The function or class that is the equation; AttributeError or ModuleNotFoundError if there is none."""
        module, name = self.code.rsplit(".", 1)
        return getattr(importlib.import_module(module), name)


def read(path: Path) -> dict[str, list[Concept]]:
    """The concepts by group. Raises ValueError for one with a key too many or too few, or a name that comes twice."""
    groups: dict[str, list[Concept]] = {}
    for group in tomllib.loads(path.read_text(encoding="utf-8"))["group"]:
        for entry in group["concept"]:
            try:
                concept = Concept(**entry)
            except TypeError as error:
                wanted = ", ".join(Concept._fields)
                raise ValueError(f"{path.name}: {entry.get('name', entry)}: {error}; its keys are {wanted}") from None
            groups.setdefault(group["title"], []).append(concept)
    names = [concept.name for found in groups.values() for concept in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{path.name} has {', '.join(sorted(twice))} twice: give each concept one entry")
    return groups


def complaints(concept: Concept, notebooks: Path) -> list[str]:
    """What of a concept is not there, in words: its function, its symbols, its notebook or the section."""
    try:
        source = inspect.getsource(concept.function)
    except (AttributeError, ModuleNotFoundError) as error:
        return [f"{concept.name}: {error}"]
    known = names_in(source)
    wrong = [f"the equation has no {symbol}" for symbol in concept.symbols if symbol not in concept.equation]
    wrong += [f"{concept.code} has no {name}" for name in concept.symbols.values() if name not in known]
    path = notebooks / f"{concept.notebook}.ipynb"
    if not path.exists():
        wrong.append(f"there is no {path.name}")
    elif concept.section not in headings(path):
        wrong.append(f"{path.name} has no section {concept.section!r}")
    return [f"{concept.name}: {one}" for one in wrong]


def names_in(source: str) -> set[str]:
    """Every name in a piece of Python: variables, arguments, attributes, keywords of calls."""
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(source))):
        for field in ("id", "arg", "attr", "name"):
            found.add(getattr(node, field, None))
    return found - {None}


def headings(path: Path) -> list[str]:
    """The headings of a notebook, from top to bottom, as they are spelt in Markdown."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return [found for text in texts for found in re.findall(r"^#{1,6} (.+?)\s*$", text, re.MULTILINE)]


# --- slides


class _Slides(HTMLParser):
    """Every heading, and the id of the section it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[str | None] = []
        self.heading: list[str] | None = None
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self.sections.append(dict(attrs).get("id"))
        elif re.fullmatch("h[1-6]", tag):
            self.heading = []

    def handle_data(self, data: str) -> None:
        if self.heading is not None:
            self.heading.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "section" and self.sections:
            self.sections.pop()
        elif re.fullmatch("h[1-6]", tag) and self.heading is not None:
            text, at = " ".join("".join(self.heading).split()), self.sections[-1] if self.sections else None
            if text and at:
                self.found.setdefault(text, at)
            self.heading = None


def slides(deck: Path) -> dict[str, str]:
    """The headings of a deck's slides and the ids that lead there; nothing if there is no deck."""
    if not deck.exists():
        return {}
    parser = _Slides()
    parser.feed(deck.read_text(encoding="utf-8"))
    return parser.found


# --- pages


def index(groups: Mapping[str, list[Concept]], slides: Mapping[str, str], deck: str = "lecture.html") -> str:
    """The tables of the index, a section each, in MyST's Markdown.

    Raises ValueError for a concept whose slide the deck does not have; without a deck the column is left out.
    """
    with_slides = bool(slides) and any(concept.slide for found in groups.values() for concept in found)
    parts = []
    for title, concepts in groups.items():
        head = ["concept", "equation", "code", "notebook", *(["slide"] if with_slides else [])]
        lines = [head]
        for concept in concepts:
            line = [f"**{concept.name}**", _lines(concept.equation), _code(concept), _notebook(concept)]
            lines.append(line + ([_slide(concept, slides, deck)] if with_slides else []))
        body = "\n".join(
            "\n".join(f"{'* -' if k == 0 else '  -'} {cell}" for k, cell in enumerate(line)) for line in lines
        )
        widths = " ".join(map(str, [17, 38, 22, 23] if not with_slides else [15, 34, 18, 18, 15]))
        parts.append(
            f"## {title}\n\n```{{list-table}}\n:header-rows: 1\n:class: concepts\n:widths: {widths}\n\n{body}\n```"
        )
    return "\n\n".join(parts)


def code(groups: Mapping[str, list[Concept]]) -> str:
    """Every function that the index names, its source and which symbol is which name in it, in MyST's Markdown."""
    by_code: dict[str, list[Concept]] = {}
    for found in groups.values():
        for concept in found:
            by_code.setdefault(concept.code, []).append(concept)
    parts = []
    for name, concepts in by_code.items():
        parts.append(f"## {_short(name)}")
        for concept in concepts:
            legend = ", ".join(f"${symbol}$ is `{called}`" for symbol, called in concept.symbols.items())
            parts.append(f"**{concept.name}** ({_notebook(concept)})\n\n$$\n{concept.equation}\n$$\n\nHere {legend}.")
        source = textwrap.dedent(inspect.getsource(concepts[0].function))
        parts.append(f"```python\n{source.strip()}\n```")
    return "\n\n".join(parts)


def _lines(equation: str) -> str:
    """An equation of several parts as several, so that a narrow column can break it between them."""
    return ", ".join(f"${part}$" for part in equation.split(r", \quad "))


def _code(concept: Concept) -> str:
    module, name = _short(concept.code).rsplit(".", 1)
    return f"[`{name}`](code.md#{make_id(_short(concept.code))}) in `{module}`"


def _short(code: str) -> str:
    return code.removeprefix("lstm_core.")


def _notebook(concept: Concept) -> str:
    number = concept.notebook[:2]
    return f"[{number}, *{concept.section}*](notebooks/{concept.notebook}.ipynb#{make_id(concept.section)})"


def _slide(concept: Concept, slides: Mapping[str, str], deck: str) -> str:
    if not concept.slide:
        return ""
    if concept.slide not in slides:
        known = ", ".join(map(repr, slides))
        raise ValueError(
            f"{concept.name} names the slide {concept.slide!r}, but the deck has {known}: name one of these"
        )
    return f'<a href="{deck}#/{slides[concept.slide]}">{concept.slide}</a>'

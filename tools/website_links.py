"""Every link of a folder of HTML pages: those inside it followed to the file and the anchor, the others listed.

found = read(Path("build/site"))
broken(found), outside(found)
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

# A deck's anchors are "/slide" and a lab's are states of its sliders, which are no ids.
ANCHORS_OF_THEIR_OWN = frozenset({"lab.html"})


class Page(NamedTuple):
    links: list[str]  # what href, src, srcset and data ask for, as they are spelt
    ids: frozenset[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.ids.add(value or "")
            elif name in ("href", "src") or (tag, name) == ("object", "data"):
                self.links.append(value or "")
            elif name == "srcset":
                self.links += [part.split()[0] for part in (value or "").split(",") if part.split()]


def read(site: Path) -> dict[Path, Page]:
    """The links and the ids of each HTML page in a folder, at any depth; a page's path is relative to the folder."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        pages[path.relative_to(site)] = Page(reader.links, frozenset(reader.ids))
    return pages


def broken(site: Path, pages: dict[Path, Page]) -> list[str]:
    """Every link that leads nowhere inside the folder, or out of it by a relative path, in words."""
    wrong = []
    for path, page in pages.items():
        for link in page.links:
            if not _is_inside(link):
                continue
            asked, anchor = urlsplit(link).path, unquote(urlsplit(link).fragment)
            target = (site / path.parent / unquote(asked)).resolve() if asked else (site / path).resolve()
            if asked.startswith("/") or not target.is_relative_to(site.resolve()):
                wrong.append(f"{path}: {link} leaves the site, which may be served under any path")
            elif not target.is_file():
                wrong.append(f"{path}: {link} leads to no file")
            elif anchor and not _has(pages, target.relative_to(site.resolve()), anchor):
                wrong.append(f"{path}: {link} leads to no anchor")
    return wrong


def outside(pages: dict[Path, Page]) -> list[str]:
    """The addresses elsewhere that the pages link to, each once."""
    return sorted({link for page in pages.values() for link in page.links if re.match("(https?:)?//|mailto:", link)})


def inside(pages: dict[Path, Page]) -> int:
    """How many links lead from page to page, or to a file of the folder."""
    return sum(_is_inside(link) for page in pages.values() for link in page.links)


def _is_inside(link: str) -> bool:
    return not re.match(r"[a-z][a-z0-9+.-]*:|//", link)


def _has(pages: dict[Path, Page], target: Path, anchor: str) -> bool:
    if target.name in ANCHORS_OF_THEIR_OWN or target not in pages:
        return target.name in ANCHORS_OF_THEIR_OWN
    return anchor.removeprefix("/") in pages[target].ids

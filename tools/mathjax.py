"""Equations as MathJax draws them, once and for all: pages show them at once and carry no MathJax of their own.

equations = Equations()
marked = equations.take(markdown2html(source))   # $…$ and $$…$$ become marks
page = equations.put(page)                       # marks become pictures
"""

from __future__ import annotations

import html
import json
import re

import npm

# Not in code, where a dollar is a dollar; $$ before $, or a display would be read as two empty formulas.
CODE = re.compile(r"(<(pre|code)\b.*?</\2>)", re.DOTALL)
DOLLARS = re.compile(r"\$\$(.+?)\$\$|\$([^\s$](?:[^$]*[^\s$])?)\$", re.DOTALL)
MARK = re.compile(r"<mjx-mark data-n=\"(\d+)\"></mjx-mark>")


class Equations:
    """The equations of one page, drawn in one go."""

    def __init__(self):
        self._given: list[dict] = []
        self.style = ""  # the CSS that the pictures need, after `put`

    def take(self, fragment: str) -> str:
        """The HTML with a mark in the place of each equation."""
        parts = CODE.split(fragment)  # what is not code, code, the code's tag, what is not code …
        return "".join(
            DOLLARS.sub(self._mark, part) if k % 3 == 0 else part for k, part in enumerate(parts) if k % 3 != 2
        )

    def put(self, page: str) -> str:
        """The page with the pictures in the place of the marks. Raises RuntimeError for TeX that is wrong."""
        drawn = json.loads(npm.node(npm.SLIDES / "mathjax.js", json.dumps(self._given)))
        self.style = drawn["style"]
        return MARK.sub(lambda mark: drawn["pictures"][int(mark[1])], page)

    def _mark(self, found: re.Match) -> str:
        display, inline = found.groups()
        self._given.append({"tex": html.unescape(display or inline), "display": display is not None})
        return f'<mjx-mark data-n="{len(self._given) - 1}"></mjx-mark>'

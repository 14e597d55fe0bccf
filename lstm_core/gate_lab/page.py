"""Gate Labs in a page of their own: state and module are written into it, so that it runs from disk, offline."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from anywidget import AnyWidget

__all__ = ["embed", "page", "place", "script", "state"]

GENERAL = frozenset({*AnyWidget.class_trait_names(), "_esm", "_anywidget_id"})  # what every widget has
SOURCE = Path(__file__).with_name("gate_lab.js")

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 1200px; padding: 12px; background: Canvas; color: CanvasText;
  font-family: sans-serif; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{labs}
</main>
</body>
</html>
"""


def page(labs: Sequence, title: str) -> str:
    """A whole HTML page with these labs in it, one below the other, each as it stands."""
    return PAGE.format(title=html.escape(title), labs=embed(labs))


def embed(labs: Sequence, prefix: str = "gate-lab") -> str:
    """The labs as a piece of HTML: a place for each, its still picture where scripts are off, one script for all.

    Their ids are `prefix`-1, `prefix`-2 …; two pieces in one page need different prefixes.
    """
    from lstm_core.gate_lab import picture  # here, so that a page in the making is what pays for matplotlib

    named = {f"{prefix}-{number}": lab for number, lab in enumerate(labs, 1)}
    places = [place(name, picture.image(lab)) for name, lab in named.items()]
    return "\n".join([*places, script({name: state(lab) for name, lab in named.items()})])


def place(name: str, still: str, hall: bool = False) -> str:
    """Where a lab of this id is to come, and the HTML that stands there where scripts are off.

    In a hall, on a slide of 1280 by 720 CSS pixels, it lays itself out for 24-pixel text and fills the place, which is
    600 pixels high unless the page says otherwise; a `data-theme` of "dark" or "light" that slides set there is obeyed.
    """
    return f'<div id="{html.escape(name)}"{" data-hall" if hall else ""}></div>\n<noscript>{still}</noscript>'


def script(states: Mapping[str, dict]) -> str:
    """The script that puts a lab into each place: id → state. One a page will do, wherever it stands."""
    module = SOURCE.read_text(encoding="utf-8")
    if "</script" in module.lower():
        raise ValueError("gate_lab.js spells out an end tag of a script, which would end it there: break it up")
    mounts = [f"mount(document.getElementById({as_json(name)}), {as_json(state)});" for name, state in states.items()]
    return "\n".join(['<script type="module">', module, *mounts, "</script>"])


def state(lab) -> dict:
    """What gate_lab.js asks of its model: the lab's own traits, less those that every widget has."""
    return {name: getattr(lab, name) for name in sorted({*lab.trait_names(sync=True)} - GENERAL)}


def as_json(value: object) -> str:
    """JSON that no HTML parser trips over."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")

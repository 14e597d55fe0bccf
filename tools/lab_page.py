"""`slides/lab.html`: the Gate Lab alone in one page that fits a phone, its state in the address.

    python tools/lab_page.py

writes it. `lab.html#cell=gru&show=update&update_bias=3` opens that very cell; `address` gives the link to any state,
and `qr` its code. The page needs no network: it runs from disk.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import environment

if __name__ == "__main__":
    environment.inside("live", "markets", "slides")

import numpy as np
import segno

from lstm_core.gate_lab import GateLab, page, picture
from lstm_core.markets import load_prices, log_returns

TOOLS = Path(__file__).resolve().parent
OUT = environment.ROOT / "slides" / "lab.html"
SCENES = {"lstm": {}, "gru": {"cell": "gru"}, "gradient": {"show": "gradient"}}  # the page's labs, by their places' ids
SWITCHES = ("tied", "open_output")
# What a finger needs goes into the labs' shadow trees: touch targets, larger letters, the picture above the thumbs.
TOUCH = """
.lab { border: 0; padding: 0; margin: 0; }
select, button { min-height: 44px; min-width: 44px; }
input[type="range"] { height: 44px; }
.check { min-height: 44px; }
.check input { width: 24px; height: 24px; }
.note, .about { font-size: 15px; }
.time { font-size: 16.4px; }
.cellpic text { font-size: 15.5px; }
@container (max-width: 40em) {
  .menus { order: 2; } .words { order: 3; } .cellpic { order: 4; }
  .play input { order: 1; flex-basis: 100%; }
  .play .readout { margin-left: auto; }
}
@media (min-height: 600px) {
  @container (max-width: 40em) { .time { position: sticky; top: 0; z-index: 1; background: var(--paper); }
    input[type="range"] { scroll-margin-top: 470px; } }
}
"""


def build() -> str:
    """The page: three labs of which one is seen, the script that follows the address, a picture without scripts."""
    states = {name: page.state(lab) for name, lab in labs().items()}
    places = "\n".join(f'<div id="{name}" hidden></div>' for name in states)
    script = (TOOLS / "lab_page.js").read_text(encoding="utf-8")
    lab = f"{page.SOURCE.read_text(encoding='utf-8')}\nglobalThis.gateLab = {{ mount }};"
    start = f"open({page.as_json(states)}, globalThis.gateLab.mount, {page.as_json(TOUCH)});"
    scripts = "\n".join(f'<script type="module">\n{module}\n</script>' for module in (lab, f"{script}\n{start}"))
    parts = {"{places}": places, "{still}": picture.image(labs()["lstm"]), "{scripts}": scripts}
    text = (TOOLS / "lab_page.html").read_text(encoding="utf-8")
    for hole, part in parts.items():
        text = text.replace(hole, part)
    return text


@cache
def returns():
    """The S&P 500's daily returns in percent from July 2008 to June 2009, which are one of the page's inputs."""
    return log_returns(load_prices("SP500")["Close"]).loc["2008-07":"2009-06"].round(4)


def fresh(scene: str, **traits) -> GateLab:
    """A lab of the page's cells and inputs, its sliders where the preset has them unless the traits say otherwise."""
    own = {} if scene == "gradient" else {"returns": returns()}
    return GateLab(**SCENES[scene] | own | traits)


@cache
def labs() -> dict[str, GateLab]:
    """The page's three labs as it opens them."""
    return {scene: fresh(scene) for scene in SCENES}


def scene_of(lab: GateLab) -> str:
    return "gradient" if lab.show == "gradient" else lab.cell


def keys(scene: str) -> tuple[str, ...]:
    """The traits that the address of a scene holds, in its order."""
    if scene == "gradient":
        return ("rho", "input_scale", "forget_bias")
    sliders = tuple(name for name, _ in labs()[scene]._cell["sliders"])
    return ("preset", "input", *sliders, *(SWITCHES if scene == "lstm" else ()), "step", "unit")


def address(lab: GateLab | Mapping[str, object], base: str = "lab.html") -> str:
    """The link that opens lab.html as this lab stands, or as these traits say; only what is not usual is in it.

    Raises ValueError for traits that no lab can have, and for a lab whose cell or input is not one of the page's.
    """
    if isinstance(lab, Mapping):
        scene = "gradient" if lab.get("show") == "gradient" else lab.get("cell") or "lstm"
        if scene not in SCENES:
            raise ValueError(f"cell is {scene!r}, but lab.html has an lstm and a gru")
        lab = fresh(scene, **lab)
    scene = scene_of(lab)
    check_is_there(lab, scene)
    usual = fresh(scene) if scene == "gradient" else fresh(scene, preset=lab.preset, input=lab.input)
    said = {"cell": "gru"} if scene == "gru" else {}
    said |= {"show": lab.show} if lab.show != "cell" else {}
    for name in keys(scene):
        value = getattr(lab, name)
        first = labs()[scene] if name in ("preset", "input") else usual
        if value != getattr(first, name) and not (name == "input_bias" and lab.tied):
            said[name] = spell(value)
    return f"{base}#{urlencode(said)}" if said else base


def link(state: Mapping[str, object], base: str = "lab.html") -> str:
    """The link to a lab that was saved with a notebook, by its widget's state.

    A cell or an input of one's own is not on the page: then it opens the page's own, under the same lens.
    """
    scene = "gradient" if state["show"] == "gradient" else state["_cell"]["name"]
    traits = {"show": state["show"]} | ({"cell": scene} if scene != "gradient" else {})
    if scene == "gradient" or "given" not in (state["preset"], state["input"]):
        traits |= {name: state[name] for name in keys(scene)}
    return address(traits, base)


def check_is_there(lab: GateLab, scene: str) -> None:
    """That the page has the cell and the input of this lab: a ValueError says which it has not."""
    ours = labs()[scene]
    for table, name in (("_presets", lab.preset), ("_inputs", lab.input)):
        what = table[1:-1]
        if name not in getattr(ours, table) or not same(getattr(lab, table)[name], getattr(ours, table)[name]):
            raise ValueError(
                f"this lab's {what} {name!r} is not the one of lab.html, which has {', '.join(getattr(ours, table))}: "
                "give traits instead, e.g. {'show': 'forget', 'forget_bias': 3}"
            )
    mine, theirs = (each._weights[each._presets[lab.preset]["weights"]] for each in (lab, ours))
    if not same(mine, theirs):
        raise ValueError(
            f"this lab's cell {lab.preset!r} has other weights, or another state to start from, than that of lab.html: "
            "give traits instead, e.g. {'preset': 'garch', 'input': 'returns'}"
        )


def same(one: dict, other: dict) -> bool:
    """Whether two tables of numbers and words are the same, but for the last digits."""
    if one.keys() != other.keys():
        return False
    return all(one[key] == other[key] or close(one[key], other[key]) for key in one)


def close(one: object, other: object) -> bool:
    """Whether two lists of numbers are the same, but for the last digits."""
    words = any(isinstance(each, str) for part in (one, other) for each in np.atleast_1d(part).tolist())
    return not words and np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-9)


def spell(value: object) -> str:
    """A trait as the address has it: a switch as 0 or 1, a number with every digit that it needs."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(int(value)) if isinstance(value, bool) else str(value)


def qr(url: str) -> str:
    """The QR code of a link as inline SVG, dark on light whatever the theme, with its quiet zone and its alt text."""
    code = segno.make(url, error="m", micro=False)
    svg = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    label = html.escape(f"QR code: {url}")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def main() -> None:
    text = build()
    OUT.write_text(text, encoding="utf-8")
    print(f"{OUT.relative_to(environment.ROOT)}: {len(text.encode()) // 1000} kB. It opens from disk, on a phone too.")


if __name__ == "__main__":
    main()

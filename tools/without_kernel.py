"""An executed notebook for pages that have no kernel: its Gate Labs alive, no other control left that does nothing.

    pages = without_kernel(notebook, "in Colab, or with `make lecture`")

A Gate Lab needs no Python to move: its module and its saved state go into the page. The picture of any other slider is
drawn by Python: where it was drawn beforehand for every position, its slider moves too; else it stands there as it was
saved. A sentence says where Python draws it.
"""

from __future__ import annotations

import copy
import html
from collections.abc import Iterator, Mapping

from lstm_core.gate_lab import page

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
BEFOREHAND = "These pictures were drawn beforehand. Python draws them while you drag, from code that you can change,"


def without_kernel(
    notebook: dict, where: str, prefix: str = "lab", hall: bool = False, drawn: Mapping[str, str] | None = None
) -> dict:
    """A copy of the notebook (nbformat 4, as JSON) in which HTML stands in for every widget.

    `where`, a piece of HTML, says where Python's sliders move: it ends the sentence "Its slider moves …". The labs'
    places have the ids `prefix`-1, `prefix`-2 …; in a `hall` they are laid out for its back row. `drawn` has, by the
    cell's id, HTML that moves by pictures drawn beforehand. Raises ValueError for a widget that was not saved with the
    notebook, or of a kind that nobody has taught this function.
    """
    notebook = copy.deepcopy(notebook)
    models = notebook["metadata"].pop("widgets", {}).get(STATE, {}).get("state", {})
    labs: dict[str, dict] = {}
    last = None
    for cell, data in views(notebook):
        model = models.get(data.pop(VIEW)["model_id"])
        if model is None:
            raise ValueError(f"cell {cell.get('id')} shows a widget that was not saved: run `make notebooks` again")
        if "_esm" in model["state"]:
            name = f"{prefix}-{len(labs) + 1}"
            labs[name] = {key: value for key, value in model["state"].items() if key not in page.GENERAL}
            data["text/html"] = page.place(name, _text(data["text/html"]), hall)
            last = data
        else:
            beforehand = (drawn or {}).get(cell.get("id"))
            data["text/html"] = _still(cell, data, model, models, where, beforehand)
    if last is not None:
        last["text/html"] += "\n" + page.script(labs)
    return notebook


def views(notebook: dict) -> Iterator[tuple[dict, dict]]:
    """Every cell that shows a widget, with the MIME bundle in which it does."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if VIEW in output.get("data", {}):
                yield cell, output["data"]


def _still(cell: dict, data: dict, model: dict, models: dict, where: str, beforehand: str | None) -> str:
    """What a box of controls showed when it was saved, or `beforehand`, and where its controls work."""
    parts = list(_parts(model, models))
    names = [part["state"]["description"] for part in parts if part["state"].get("description")]
    shown = [part["state"]["value"] for part in parts if part["model_name"] == "HTMLModel" and part["state"]["value"]]
    picture = _text(data["text/html"]) if "text/html" in data else "".join(shown)
    if not names or "<img" not in picture:
        raise ValueError(f"cell {cell.get('id')} shows a {model['model_name']} that has no picture for a page")
    if beforehand is not None:
        return f'{beforehand}\n<p class="needs-a-kernel">{BEFOREHAND} {where}.</p>'
    *first, last = (f"<b>{html.escape(name)}</b>" for name in names)
    said = f"Its controls, {', '.join(first)} and {last}, work" if first else f"Its slider, {last}, moves"
    return f'<p class="needs-a-kernel">This picture stands still. {said} {where}.</p>\n{picture}'


def _parts(model: dict, models: dict) -> Iterator[dict]:
    """The widgets in a box, at any depth, from top to bottom."""
    for name in model["state"].get("children", []):
        part = models[name.removeprefix("IPY_MODEL_")]
        yield part
        yield from _parts(part, models)


def _text(source: str | list[str]) -> str:
    """A text as nbformat saves it, in one piece or in lines."""
    return source if isinstance(source, str) else "".join(source)

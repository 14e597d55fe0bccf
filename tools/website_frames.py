"""A figure under sliders on a page without a kernel: its pictures were drawn beforehand (tools/frames.py).

The picture that was saved stands there at once; site/_static/site.js shows the sliders, which do nothing without it,
and with every move puts the picture and the sentence of that position in their places.
"""

from __future__ import annotations

import html
import json

import frames


def place(about: dict, folder: str) -> str:
    """HTML for what a frames.json says; its pictures are in `folder`, an address relative to the page."""
    sliders, sentences, first = about["sliders"], about["sentences"], frames.start(about)
    said = html.escape(sentences[first])
    data = {"folder": folder, "labels": [slider["labels"] for slider in sliders], "sentences": sentences}
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")  # or a sentence could end the script
    lines = [
        '<div class="frames">',
        *map(_slider, sliders),
        f'<img alt="{said}" width="{about["width"]}" src="{html.escape(folder)}/{first}.png">',
        f'<p class="says" aria-live="polite">{said}</p>',
        f'<script type="application/json">{text}</script>',
        "</div>",
    ]
    return "\n".join(lines)


def _slider(slider: dict) -> str:
    now = slider["labels"][slider["start"]]
    ends = f'min="0" max="{len(slider["labels"]) - 1}" value="{slider["start"]}"'
    # the form data of a page that was left are not put back: the picture would be another one
    return (
        f"<label hidden><span>{html.escape(slider['name'])}</span>"
        f'<input type="range" {ends} aria-valuetext="{now}" autocomplete="off"><output>{now}</output></label>'
    )

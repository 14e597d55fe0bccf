"""`make picture`: the moving picture at the top of README.md, `slides/gate_lab.webp`, taken of the Gate Lab itself.

    python tools/moving_picture.py

A lab is opened from disk in Chromium, a mouse takes hold of the forget bias's slider and drags it from 0 to 5 and back,
and every position is photographed when it has been drawn; no clock is asked, so the same code gives the same frames.
The picture carries the checksum of the gate_lab.js that it shows: a test says when it is out of date.
"""

from __future__ import annotations

import hashlib
import io
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import environment

if __name__ == "__main__":
    environment.inside("slides")

import chromium
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from lstm_core.gate_lab import GateLab, page

OUT = environment.ROOT / "slides" / "gate_lab.webp"
MOST = 1_000_000  # bytes
WIDTH, HEIGHT = 1120, 560  # of the lab on the page, in a hall's layout
SHOWN = (800, 400)  # of the picture
FRAME = 83  # milliseconds: twelve frames a second
LOW, HIGH = 0.0, 5.0  # forget biases between which the mouse goes
MOVING, HELD = 30, (900, 1300)  # frames of one way; milliseconds of rest at each end
NOTE = "gate_lab.js sha256 "
POINTER = "M0 0 V26 L6.5 20 L10.5 29.5 L15 27.5 L11 18.5 H19.5 Z"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Gate Lab</title><style>
body { margin: 0; background: #fff; overflow: hidden; }
#lab { width: %(width)dpx; height: %(height)dpx; }
#pointer { position: fixed; left: 0; top: 0; pointer-events: none; z-index: 9; overflow: visible; }
</style></head><body>%(place)s
<svg id="pointer" width="1" height="1"><path d="%(pointer)s" fill="#111" stroke="#fff" stroke-width="2"/></svg>
<script>addEventListener("pointermove", ({ clientX: x, clientY: y }) => {
  document.querySelector("#pointer").style.transform = `translate(${x}px, ${y}px) scale(1.3)`;
}, true);</script>
%(script)s</body></html>"""


def checksum() -> str:
    """Of the gate_lab.js at hand, its line ends as git keeps them."""
    return hashlib.sha256(page.SOURCE.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def shown_in(picture: Path) -> str:
    """The checksum of the gate_lab.js that a picture was taken of, or nothing where it says none."""
    with Image.open(picture) as image:
        said = image.getexif().get(0x010E, "")  # ImageDescription
    return said.removeprefix(NOTE) if said.startswith(NOTE) else ""


def take(executable: str) -> tuple[list[Image.Image], list[int]]:
    """The frames, and how many milliseconds each is to be seen: rest, there, rest, back."""
    lab = GateLab(show="forget", preset="write_once", input="noise", step=80, forget_bias=LOW)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "lab.html"
        parts = {"width": WIDTH, "height": HEIGHT, "pointer": POINTER, "place": page.place("lab", "", hall=True)}
        path.write_text(PAGE % (parts | {"script": page.script({"lab": page.state(lab)})}), encoding="utf-8")
        browser = chromium.launch(playwright, executable)
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        tab.goto(path.as_uri())
        frames = [photograph(tab, x, y) for x, y in way(tab)]
        browser.close()
    rests = {0: HELD[0], MOVING: HELD[1]}
    return frames, [rests.get(k, FRAME) for k in range(len(frames))]


def way(tab: Page) -> Iterator[tuple[float, float]]:
    """Where the mouse is, frame by frame: it takes hold of the thumb, and slows down towards both ends."""
    slider = tab.locator("input[data-trait=forget_bias]")
    box, thumb = slider.bounding_box(), 16  # from the slider's end to the middle of its thumb there
    zero, unit = box["x"] + box["width"] / 2, (box["width"] - 2 * thumb) / 16  # its ends are ±8
    y = box["y"] + box["height"] / 2
    tab.mouse.move(zero + LOW * unit, y)
    tab.mouse.down()
    for k in range(2 * MOVING):
        share = 0.5 - 0.5 * math.cos(math.pi * k / MOVING)
        yield zero + (LOW + (HIGH - LOW) * share) * unit, y


def photograph(tab: Page, x: float, y: float) -> Image.Image:
    """The lab with the mouse at (x, y), once it has been drawn."""
    tab.mouse.move(x, y)
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    image = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    return image.resize(SHOWN, Image.Resampling.LANCZOS)


def save(frames: list[Image.Image], durations: list[int], out: Path) -> int:
    """Write them as one looping WebP, as good as its size allows; returns the size in bytes."""
    exif = Image.Exif()
    exif[0x010E] = NOTE + checksum()
    for quality in (90, 80, 70, 60, 50):
        options = dict(save_all=True, append_images=frames[1:], duration=durations, loop=0, exif=exif)
        frames[0].save(out, "WEBP", quality=quality, method=6, minimize_size=True, allow_mixed=True, **options)
        if out.stat().st_size <= MOST:
            return out.stat().st_size
    raise RuntimeError(f"{out.name} has {out.stat().st_size} bytes at the lowest quality, and may have {MOST}")


def main() -> None:
    if not (executable := chromium.find_chromium()):
        sys.exit(f"There is no Chromium to take the picture with. {chromium.HOW}.")
    frames, durations = take(executable)
    size = save(frames, durations, OUT)
    seconds = sum(durations) / 1000
    print(f"{OUT.relative_to(environment.ROOT)}: {len(frames)} frames, {seconds:.1f} s, {size // 1000} kB.")


if __name__ == "__main__":
    main()

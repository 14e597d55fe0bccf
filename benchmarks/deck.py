"""The slides in a browser, from disk: how soon they can be read, and how soon a lab on them follows a key."""

import tempfile
from pathlib import Path

import nbformat
import numpy as np
from playwright.sync_api import Browser, Error, expect, sync_playwright

from benchmarks import slider_pages as pages  # puts tools/ on the path
from benchmarks.slider_keys import TURN, Contender
from benchmarks.sliders import load, percentiles
from benchmarks.timing import Bar, Spread, table

import slides  # isort: skip

__all__ = ["section"]

READY = "document.documentElement.dataset.ready === 'yes'"


def labs(browser: Browser, address: str) -> dict[str, Contender]:
    """Each lab of the deck with a slider that moves its picture, on its slide, in a page of its own."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(address)
    page.wait_for_function(READY)
    names = page.evaluate("[...document.querySelectorAll('section:has(.lab)')].map((slide) => slide.id)")
    page.close()
    found = {}
    for name in names:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{address}#/{name}")
        page.wait_for_function(READY)
        box = page.locator(f"#{name} section.lab")
        expect(box.locator(".says")).not_to_be_empty()
        slider = box.locator("input[data-trait$=_bias]:visible, input[data-trait=rho]:visible").first
        slider.fill("1")  # where a gate is neither shut nor open, so that a key can be seen
        found[name] = Contender(slider, box.locator("canvas"))
    return found


def ready(browser: Browser, address: str) -> float:
    """Milliseconds from the start of a navigation until the first slide is laid out, in a browser without a cache."""
    with browser.new_context(viewport={"width": 1280, "height": 720}, offline=True) as context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_function(READY)
        return page.evaluate("performance.getEntriesByName('ready')[0].startTime")


def section(seconds: float) -> str:
    """Loads of the deck, then keys on its labs, in turns; RuntimeError where that cannot be."""
    options, turns, before = pages.chromium_options(), max(2, round(seconds)), load()
    html = slides.build(nbformat.read(slides.SLIDES / "lecture.ipynb", 4))
    try:
        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lecture.html"
            path.write_text(html, encoding="utf-8")
            with playwright.chromium.launch(**options) as browser:
                loads = np.array([ready(browser, path.as_uri()) for _ in range(5 * turns)]) / 1000
                contenders, rng = labs(browser, path.as_uri()), np.random.default_rng(0)
                for _ in range(turns):
                    for contender in contenders.values():
                        contender.page.bring_to_front()
                        contender.turn(rng)
    except (Error, AssertionError) as error:
        raise RuntimeError(str(error)) from error
    rows = []
    for name, contender in contenders.items():
        p50, p95 = percentiles(contender.latencies)
        rows.append([name, f"{p50.read:.1f}", f"{p95.read:.1f}", Bar("≤", 20).verdict(p95.read, " ms")])
    header = [("on the slide", ""), ("p50,", "ms"), ("p95,", "ms"), ("", "bar")]
    size = len(html.encode()) / 1e6
    last = f"the last of {len(loads)} loads {Bar('≤', 1).verdict(loads.max(), ' s')}"
    return "\n".join(
        [
            f"Slides from disk, {size:.1f} MB, {Bar('≤', 6).verdict(size, ' MB')}; load {before} to {load()}",
            f"ready to be read: {Spread.of(loads)} s, {last}",
            f"from a key until its picture can be read, {turns * TURN} keys each",
            "",
            table(header, rows),
        ]
    )

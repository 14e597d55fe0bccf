"""From a key on a slider to the picture it asks for: the Gate Lab, and interact with matplotlib, in a real JupyterLab.

slider_keys.py presses and times the keys, slider_pages.py opens what they are pressed in. Contenders take turns. The
bars hold for the moment at which the picture can be read; when the page is done with that frame is shown beside it.
"""

import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from benchmarks import slider_pages as pages
from benchmarks.slider_keys import FRAME, RATE, TURN, Contender, Latency
from benchmarks.timing import Bar, Spread, table
from lstm_core.gate_lab import GateLab

__all__ = ["section"]


class Row(NamedTuple):
    name: str
    contender: Contender
    p50: Bar | None = None  # in ms
    p95: Bar | None = None
    later: Bar | None = None  # in ms that its p95 lies over the first row's
    slower: Bar | None = None  # p50 ÷ the first row's
    flood: Bar | None = None  # in pictures a second
    flooded: bool = True


def everyone(browser: Browser, server, folder: Path) -> list[Row]:
    """Open every notebook in a page of its own, and a lab from disk; the rows come in the order of the table."""
    labs, far, busy, disk = (browser.new_page(viewport=pages.SIZE) for _ in range(4))
    far.route_web_socket(pages.KERNEL, pages.delayed(0.05))
    for page, name in ((labs, "labs"), (far, "far"), (busy, "busy")):
        pages.open_and_run(page, server, f"{name}.ipynb")
    expect(busy.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]')).to_be_visible()
    (folder / "lab.html").write_text(GateLab(*pages.scene(8, 100)).to_html(), encoding="utf-8")
    disk.goto((folder / "lab.html").as_uri())
    computes, within_a_frame = folder / "notebooks" / "compute", Bar("≤", round(FRAME))
    return [
        Row("Gate Lab, H = 8, T = 100", of_lab(labs), p50=Bar("≤", 12), p95=Bar("≤", 20), flood=Bar("≥", 50)),
        Row("… its kernel 100 ms away", of_lab(far), later=within_a_frame, flooded=False),
        Row("… its kernel computing", of_lab(busy, flag=computes), later=within_a_frame, flooded=False),
        Row("… in a page from disk", of_lab(disk)),
        Row("Gate Lab, H = 32, T = 512", of_lab(labs, 1), p95=Bar("≤", 33)),
        Row("lens gradient, H = 32, T = 100: ρ", of_lab(labs, 2, "rho"), flooded=False),
        Row("interact, matplotlib, H = 8, T = 100", of_interact(labs), slower=Bar("≥", 20)),
    ]


def of_lab(page: Page, number: int = 0, trait: str = "forget_bias", flag: Path | None = None) -> Contender:
    box = pages.gate_lab(page, number)
    return Contender(box.locator(f"input[data-trait={trait}]"), box.locator("canvas"), flag)


def of_interact(page: Page) -> Contender:
    output = page.locator(".jp-OutputArea-output").filter(has=page.locator(".widget-slider"))
    expect(output.locator("img")).to_be_visible(timeout=60_000)
    return Contender(output.get_by_role("slider"), output)


def section(seconds: float) -> str:
    """All sliders, in turns, then the cold start; RuntimeError where that cannot be."""
    options, turns, loads = pages.chromium_options(), max(2, round(seconds)), [load()]
    try:
        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
            with pages.serving(Path(folder)) as server, playwright.chromium.launch(**options) as browser:
                rows, chromium = everyone(browser, server, Path(folder)), browser.version
                take_turns(rows, turns)
            loads.append(load())
            starts = [pages.cold_start(playwright.chromium, options) for _ in range(max(1, turns // 2))]
    except (Error, AssertionError, SystemExit) as error:
        raise RuntimeError(str(error)) from error
    versions = [f"{name} {version(name)}" for name in ("jupyterlab", "ipywidgets", "anywidget", "matplotlib")]
    return "\n".join(
        [
            f"Sliders in JupyterLab: from a key until its picture can be read, {turns * TURN} keys each, and until the",
            "frame with it is made, layout, paint and all",
            f"headless Chromium {chromium}, {', '.join(versions)}; load {' to '.join(filter(None, loads))}",
            "",
            report(rows),
            "",
            cold_line(starts),
        ]
    )


def load() -> str:
    """How many processes wanted a core of late; on a busy machine everything is late."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def take_turns(rows: list[Row], turns: int) -> None:
    rng = np.random.default_rng(0)
    for turn in range(turns):
        first = turn % len(rows)
        for row in rows[first:] + rows[:first]:
            row.contender.turn(rng)
            if row.flooded:
                row.contender.flood(rng)


def report(rows: list[Row]) -> str:
    header = [("", ""), ("p50,", "ms"), ("", "bar"), ("p95,", "ms"), ("", "bar"), ("made: p50,", "p95, ms")]
    header += [(f"a flood of {RATE} keys/s:", "pictures/s of keys/s"), ("", "bar")]
    first = percentiles(rows[0].contender.latencies)
    return table(header, [cells(row, first) for row in rows])


def cells(row: Row, first: tuple[Latency, Latency]) -> list[str]:
    """A row of the table; `first` is what percentiles gives for the contender that others are set beside."""
    p50, p95 = percentiles(row.contender.latencies)
    bar50 = row.p50.verdict(p50.read, " ms") if row.p50 else ""
    bar95 = row.p95.verdict(p95.read, " ms") if row.p95 else ""
    if row.slower:
        times = p50.read / first[0].read
        bar50 = f"{times:.1f} × the first: {row.slower.verdict(times)}"
    if row.later:
        over = p95.read - first[1].read
        bar95 = f"{over:+.1f}: {row.later.verdict(over, ' ms')}"
    line = [row.name, f"{p50.read:.1f}", bar50, f"{p95.read:.1f}", bar95, f"{p50.made:.1f}, {p95.made:.1f}"]
    if not row.contender.rates:
        return [*line, "", ""]
    pictures, keys = np.median(row.contender.rates, axis=0)
    return [*line, f"{pictures:.1f} of {keys:.1f}", row.flood.verdict(pictures) if row.flood else ""]


def percentiles(found: list[Latency]) -> tuple[Latency, Latency]:
    """The 50 % and the 95 % of each kind."""
    return tuple(Latency(*row) for row in np.quantile(found, (0.5, 0.95), axis=0).tolist())


def cold_line(starts: list[float]) -> str:
    bar = Bar("≤", 12).verdict(np.median(starts), " s")
    return f"`make lecture AT=03`, cold, to a Gate Lab that follows a key: {Spread.of(np.array(starts))} s, {bar}"

"""The Gate Lab as a finger, a key or a touch finds it: in JupyterLab, in the classic notebook, in a page from disk.

`LabView` is one lab on a page. Playwright looks through open shadow roots by itself.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import execute
import nbformat
import numpy as np
from playwright.sync_api import CDPSession, Locator, Page, expect

BIASES = {"forget_bias": (-8, 8), "input_bias": (-8, 8), "candidate_bias": (-8, 8), "output_bias": (-8, 8)}
RANGES = BIASES | {"rho": (0.5, 2), "input_scale": (0, 2)}
THUMB = 8  # pixels from the end of a native slider's track to the middle of its thumb there


class LabView:
    """One Gate Lab: what it shows, and ways to move it."""

    def __init__(self, box: Locator):
        self.box, self.page = box, box.page

    @property
    def sentence(self) -> str:
        return self.box.locator(".says").inner_text()

    @property
    def heard(self) -> str:
        return self.box.get_by_role("status").text_content()

    @property
    def equations(self) -> str:
        return self.box.locator(".equations").inner_text()

    @property
    def picture(self) -> str:
        """The pixels of the canvas."""
        return self.box.locator("canvas").evaluate("canvas => canvas.toDataURL()")

    def sliders(self) -> list[str]:
        """The traits of the bias sliders that can be seen."""
        found = self.box.locator("input[type=range]").evaluate_all(
            "all => all.filter(one => one.getClientRects().length).map(one => one.dataset.trait)"
        )
        return [name for name in found if name in RANGES]

    def slider(self, trait: str) -> Locator:
        return self.box.locator(f"input[data-trait={trait}]")

    def value(self, trait: str) -> float:
        """What the read-out beside a slider says."""
        text = self.slider(trait).locator("xpath=..").locator(".readout").inner_text()
        return float(text.replace("−", "-"))

    # --- moving a slider to a share (0 … 1) of its track

    def by_mouse(self, trait: str, share: float) -> None:
        """Take hold of the thumb where it stands, pull it there, and let go."""
        x, y, target = self.way(trait, share)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + target) / 2, y)
        self.page.mouse.move(target, y)
        self.page.mouse.up()

    def by_touch(self, trait: str, share: float) -> None:
        x, y, target = self.way(trait, share)
        session = self.page.context.new_cdp_session(self.page)
        for kind, at in (("touchStart", x), ("touchMove", (x + target) / 2), ("touchMove", target)):
            touch(session, kind, at, y)
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        session.detach()

    def by_keyboard(self, trait: str, share: float) -> None:
        """Home and End for the ends; for a place between them Home, then pages and arrows."""
        low, high = RANGES[trait]
        self.slider(trait).focus()
        press = self.page.keyboard.press
        if share in (0, 1):
            return press("End" if share else "Home")
        step = 0.1 if trait in BIASES else 0.05
        steps = round(share * (high - low) / step)
        press("Home")
        for key, times in (("PageUp", steps // 10), ("ArrowRight", steps % 10)):
            for _ in range(times):
                press(key)

    def way(self, trait: str, share: float) -> tuple[float, float, float]:
        """Where the thumb is, (x, y), and the x to which it is to go."""
        slider = self.slider(trait)
        slider.scroll_into_view_if_needed()
        box, (low, high) = slider.bounding_box(), RANGES[trait]
        now = (float(slider.input_value()) - low) / (high - low)
        track = box["width"] - 2 * THUMB
        start = box["x"] + THUMB
        return start + now * track, box["y"] + box["height"] / 2, start + share * track

    # --- the rest of the controls

    def choose(self, menu: str, name: str) -> None:
        self.box.get_by_label(menu, exact=True).select_option(name)

    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = 10) -> None:
        for _ in range(round(seconds / 0.02)):
            if holds():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{what}; it says: {self.sentence}")


WAYS = {"mouse": LabView.by_mouse, "keyboard": LabView.by_keyboard, "touch": LabView.by_touch}


def touch(session: CDPSession, kind: str, x: float, y: float) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})


def labs_on(page: Page, count: int) -> list[LabView]:
    """The labs on a page, once there are `count` of them, drawn."""
    boxes = page.locator("section.lab")
    expect(boxes).to_have_count(count, timeout=60_000)
    expect(boxes.last.locator(".says")).not_to_be_empty(timeout=20_000)
    return [LabView(boxes.nth(k)) for k in range(count)]


def shares(seed: int) -> Iterator[float]:
    """Both ends, then a random point between them, as a slider's step of a tenth of a bias or less can stand there."""
    yield from (0, 1, float(np.random.default_rng(seed).integers(10, 90)) / 100)


def move_everything(lab: LabView, told: Callable[[], dict[str, float]] | None = None) -> int:
    """Move every slider by mouse, keyboard and touch to both ends and to a random point; returns how many moves.

    After each the read-out stands where it was sent, the picture has changed and so has the sentence or the equation,
    or else the new value shows no difference; `told` reads what Python's traits are by then.
    """
    moves = 0
    for k, trait in enumerate(lab.sliders()):
        low, high = RANGES[trait]
        for way, move in WAYS.items():
            for share in shares(10 * k + moves):
                before, picture, words = lab.value(trait), lab.picture, lab.sentence + lab.equations
                move(lab, trait, share)
                wanted, near = low + share * (high - low), 0.012 * (high - low) if way != "keyboard" else 0.051
                where = f"{trait} by {way} to {wanted:.2f}"
                lab.wait_for(lambda w=wanted, n=near, t=trait: abs(lab.value(t) - w) <= n, f"{where} did not arrive")
                if abs(lab.value(trait) - before) > 0.3:
                    lab.wait_for(lambda p=picture: lab.picture != p, f"{where}: the picture stayed as it was")
                    lab.wait_for(lambda w=words: lab.sentence + lab.equations != w, f"{where}: no word changed")
                if told:
                    lab.wait_for(
                        lambda t=trait: abs(told()[t] - lab.value(t)) < 0.006, f"{where}: Python heard {told()[trait]}"
                    )
                moves += 1
    return moves


def python_says(box: Locator) -> Callable[[], dict[str, float]]:
    """Reads the line in which a notebook shows the traits of a lab, "forget_bias=2.75 …", as Python has them."""

    def read() -> dict[str, float]:
        return {name: float(value) for name, value in re.findall(r"(\w+)=(\S+)", box.inner_text())}

    return read


# --- a notebook made for the tests

CHECK = "gate_lab_check.ipynb"
CHECK_CELLS = [
    """
    import ipywidgets
    import numpy as np

    from lstm_core.gate_lab import GateLab

    TOLD = ("forget_bias", "input_bias", "candidate_bias", "output_bias", "rho", "input_scale", "step", "unit")


    def with_told(lab):  # the lab, and under it a line in which Python says what it has heard
        line = ipywidgets.Label()

        def tell(_change=None):
            line.value = " ".join(f"{name}={getattr(lab, name):.4f}" for name in TOLD)

        lab.observe(tell, TOLD)
        tell()
        line.add_class("told")
        return ipywidgets.VBox([lab, line])
    """,
    *(
        f"""
        {show} = GateLab(show="{show}")
        with_told({show})
        """
        for show in ("cell", "forget", "input", "output", "gradient")
    ),
    """
    button = ipywidgets.Button(description="set in Python")


    def act(_button):
        cell.preset = "garch"
        cell.forget_bias = -1.5
        forget.show = "output"
        output.step = 7


    button.on_click(act)
    button
    """,
]


def write_check_notebook(path: Path) -> None:
    """A notebook with a lab for each lens, what Python hears of each, and a button that sets traits in Python."""
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(code).strip()) for code in CHECK_CELLS]
    metadata = {"kernelspec": execute.KERNEL, "language_info": {"name": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)

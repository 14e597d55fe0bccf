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
from student import wait_until

GATES = ("forget", "input", "candidate", "output", "reset", "update")
BIASES = {f"{gate}_bias": (-8, 8) for gate in GATES}
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

    def shows_colour(self, colour: str) -> bool:
        """Whether some pixel of the canvas has exactly this colour, "#0072b2"."""
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        return self.box.locator("canvas").evaluate(
            """(canvas, [r, g, b]) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                for (let k = 0; k < data.length; k += 4)
                    if (data[k] === r && data[k + 1] === g && data[k + 2] === b && data[k + 3] === 255) return true;
                return false;
            }""",
            wanted,
        )

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
        wait_until(self.page, holds, lambda: f"{what}; it says: {self.sentence}", seconds)


WAYS = {"mouse": LabView.by_mouse, "keyboard": LabView.by_keyboard, "touch": LabView.by_touch}


def touch(session: CDPSession, kind: str, x: float, y: float) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})


def labs_on(page: Page, count: int) -> list[LabView]:
    """The labs on a page, once there are `count` of them, drawn."""
    boxes = page.locator("section.lab")
    expect(boxes).to_have_count(count, timeout=60_000)
    if count:
        expect(boxes.last.locator(".says")).not_to_be_empty(timeout=20_000)
    return [LabView(boxes.nth(k)) for k in range(count)]


def shares(seed: int) -> Iterator[float]:
    """Both ends, then a random point between them, as a slider's step of a tenth of a bias or less can stand there."""
    yield from (0, 1, float(np.random.default_rng(seed).integers(10, 90)) / 100)


def move_about(lab: LabView, *ways: str) -> None:
    """Move every slider to two places, one after the other, each way; the picture follows."""
    for trait in lab.sliders():
        for way in ways:
            for share in (0.2, 0.7):
                before = lab.picture
                WAYS[way](lab, trait, share)
                lab.wait_for(lambda p=before: lab.picture != p, f"{trait} by {way} to {share}: the picture stayed")


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


def checked_labs(page: Page, name: str) -> dict[str, tuple[LabView, Callable[[], dict[str, float]]]]:
    """By lens, the labs of a notebook made for the tests, which has been run, and what Python has heard of each."""
    labs, told = labs_on(page, len(CHECKED[name])), map(python_says, page.locator(".told").all())
    return dict(zip(CHECKED[name], zip(labs, told, strict=True), strict=True))


def let_python_move_them(check: dict, page: Page) -> None:
    """Press that notebook's button: its traits, set in Python, arrive in the labs and in what they say."""
    (cell, told), (forget, _), (output, _) = (check[name] for name in ("cell", "forget", "output"))
    page.get_by_role("button", name="set in Python").click()
    cell.wait_for(lambda: cell.value("forget_bias") == -1.5, "the slider stayed where it was")
    cell.wait_for(lambda: "GARCH(1,1) with" in cell.sentence, "the preset stayed as it was")
    assert abs(told()["input_bias"] - cell.value("input_bias")) < 0.005
    forget.wait_for(lambda: forget.sliders() == ["output_bias"], "the lens stayed as it was")
    output.wait_for(lambda: output.sentence.startswith("Step 7:"), "the step stayed where it was")


def let_python_move_grus(check: dict, page: Page) -> None:
    """The same for the notebook with GRUs."""
    (gru, told), (update, _) = check["cell"], check["update"]
    page.get_by_role("button", name="set in Python").click()
    gru.wait_for(lambda: "EWMA with λ = 0.940" in gru.sentence, "the GRU's preset stayed as it was")
    assert abs(told()["update_bias"] - gru.value("update_bias")) < 0.005
    update.wait_for(lambda: update.value("update_bias") == 2.5, "the GRU's slider stayed where it was")


# --- notebooks, made for the tests and saved

VIEW = "application/vnd.jupyter.widget-view+json"
CHECK, GRU_CHECK = "gate_lab_check.ipynb", "gru_check.ipynb"
CHECKED = {  # the lenses of each
    CHECK: ("cell", "forget", "input", "output", "gradient"),
    GRU_CHECK: ("cell", "update", "reset"),
}
FIRST_CELL = """
    import ipywidgets
    import numpy as np

    from lstm_core.gate_lab import GateLab

    TOLD = [f"{gate}_bias" for gate in ("forget", "input", "candidate", "output", "reset", "update")]
    TOLD += ["rho", "input_scale", "step", "unit"]


    def with_told(lab):  # the lab, and under it a line in which Python says what it has heard
        line = ipywidgets.Label()

        def tell(_change=None):
            line.value = " ".join(f"{name}={getattr(lab, name):.4f}" for name in TOLD)

        lab.observe(tell, TOLD)
        tell()
        line.add_class("told")
        return ipywidgets.VBox([lab, line])
    """
ACTS = {
    CHECK: """
    cell.preset = "garch"
    cell.forget_bias = -1.5
    forget.show = "output"
    output.step = 7
    """,
    GRU_CHECK: """
    cell.preset = "riskmetrics"
    update.update_bias = 2.5
    """,
}
LAST_CELL = """
    button = ipywidgets.Button(description="set in Python")
    button.on_click(act)
    button
    """


def check_cells(name: str) -> list[str]:
    """A lab for each lens, in a variable of its name, and a button that sets traits in Python."""
    kind = ', cell="gru"' if name == GRU_CHECK else ""
    labs = [f'{show} = GateLab(show="{show}"{kind})\nwith_told({show})' for show in CHECKED[name]]
    act = "def act(_button):" + textwrap.indent(textwrap.dedent(ACTS[name]), "    ")
    return [FIRST_CELL, *labs, act, LAST_CELL]


LIVE_CHECK = "live_check.ipynb"
LIVE_CELLS = [
    """
    import numpy as np

    from lstm_core import plots
    from lstm_core.live import LiveFigure, slider

    fig, ax = plots.figure(size=(6, 3))
    ax.set(ylim=(-3, 3))
    (wave,) = ax.plot(np.zeros(50))


    def update(height, pace):
        wave.set_ydata(height * np.sin(pace * np.arange(50)))
        return f"A wave of height {height:.2f} that turns by {pace:.2f} a step."


    LiveFigure(fig, [wave], update, height=slider("height", 1, 0, 3), pace=slider("pace", 0.3, 0, 1, 0.05))
    """,
]


def number_of_labs(notebook: Path) -> int:
    """How many Gate Labs the saved notebook shows; one that is shown twice counts twice."""
    content = nbformat.read(notebook, as_version=4)
    models = content.metadata.get("widgets", {}).get(execute.WIDGETS, {}).get("state", {})
    views = [output.get("data", {}).get(VIEW, {}) for cell in content.cells for output in cell.get("outputs", [])]
    shown = [models[view["model_id"]]["state"].get("_anywidget_id", "") for view in views if view]
    return sum(name.endswith(".GateLab") for name in shown)


def write_check_notebooks(folder: Path) -> None:
    """A notebook for each kind of cell, with a lab for each lens, what Python hears of each, and a button that sets
    traits in Python; one with a LiveFigure."""
    for name in CHECKED:
        write_notebook(folder / name, check_cells(name))
    write_notebook(folder / LIVE_CHECK, LIVE_CELLS)


def write_notebook(path: Path, codes: list[str]) -> None:
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(code).strip()) for code in codes]
    metadata = {"kernelspec": execute.KERNEL, "language_info": {"name": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)

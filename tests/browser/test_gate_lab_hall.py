"""The Gate Lab on a slide: readable from the back row, cut nowhere, true where it is scaled, its keys its own.

The page is what a deck makes of a slide: 1280 by 720 pixels, a title, the lab in the 600 below it, all of it scaled.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gate_lab import LabView
from playwright.sync_api import Page, expect

from lstm_core.gate_lab import GateLab, gru_scenes, scenes
from lstm_core.gate_lab import page as pages

pytestmark = pytest.mark.browser

RETURNS = np.random.default_rng(3).standard_t(4, size=300)  # per cent a day
LENSES = [*((None, show) for show in ("forget", "input", "output", "cell", "gradient"))]
LENSES += [("gru", show) for show in ("update", "reset", "cell")]
SMALLEST = 24  # pixels at 1280 by 720
THUMB = 16  # from the end of a hall's slider to the middle of its thumb there

SLIDE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A slide</title><style>
body { margin: 0; background: %(paper)s; overflow: hidden; }
.slide { width: 1280px; height: 720px; transform: scale(%(scale)s); transform-origin: 0 0; }
.slide > div { margin: 0 20px; }
h2 { margin: 0; height: 90px; font: 44px sans-serif; }
</style></head><body><div class="slide"><h2>A title</h2>%(place)s</div>%(script)s</body></html>"""

# Everything that the canvas writes, as {text, size, squeezed, left, right, width}: sizes in the slide's pixels.
LISTEN = """
window.written = [];
const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (...box) { written = []; clearRect.apply(this, box); };
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, most) {
    const { width } = this.measureText(text);
    const left = x - { left: 0, center: width / 2, right: width }[this.textAlign];
    const shown = Math.min(width, most);
    const size = parseFloat(this.font.match(/([\\d.]+)px/)[1]);
    written.push({ text, size, left, right: left + shown, width: this.canvas.clientWidth, squeezed: width / shown,
        top: y - size / 2, bottom: y + size / 2, height: this.canvas.clientHeight });
    fillText.call(this, text, x, y, most);
};
window.keys = [];
document.addEventListener("keydown", event => keys.push(event.key));
"""

# What overflows or is too small among what can be seen in the shadow DOM of #lab.
FAULTS = """smallest => {
    const root = document.querySelector("#lab").shadowRoot, faults = [];
    const scale = root.host.getBoundingClientRect().width / root.host.offsetWidth;
    const outer = root.host.getBoundingClientRect();
    const seen = [...root.querySelectorAll("section *")].filter(one => one.getClientRects().length
        && !one.matches(".heard, .menus label, option, svg, svg *"));
    for (const one of seen) {
        const box = one.getBoundingClientRect(), name = one.outerHTML.slice(0, 90);
        const size = parseFloat(getComputedStyle(one).fontSize);
        if (!one.matches("input") && size < smallest) faults.push(`small: ${name}`);
        if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth) faults.push(`wide: ${name}`);
        if (one.scrollHeight > one.clientHeight + 1 && one.clientHeight) faults.push(`tall: ${name}`);
        if (box.right > outer.right + 1 || box.bottom > outer.bottom + 1 || box.left < outer.left - 1)
            faults.push(`out: ${name}`);
    }
    const leaves = seen.filter(one => one.matches("label, .name, select, button, input, canvas, .says, .equations div"))
        .filter(one => !one.closest(".check, .name") || one.matches(".check, .name"));
    leaves.forEach((one, k) => leaves.slice(k + 1).forEach(other => {
        const [a, b] = [one, other].map(each => each.getBoundingClientRect());
        const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
        if (!apart) faults.push(`over: ${one.outerHTML.slice(0, 60)} and ${other.outerHTML.slice(0, 60)}`);
    }));
    const ink = document.createElement("canvas").getContext("2d");
    for (const select of seen.filter(one => one.matches("select"))) {
        ink.font = getComputedStyle(select).font;
        for (const { text } of select.options) // 16 of padding, and an arrow
            if (ink.measureText(text).width > select.clientWidth - 16 - 16) faults.push(`menu: ${text}`);
    }
    return faults;
}"""

Opened = Callable[..., LabView]


@pytest.fixture
def slide(page: Page, tmp_path: Path) -> Opened:
    """Opens a lab on a slide of 1280 by 720, scaled; `theme` is what the deck sets on the place."""
    page.add_init_script(LISTEN)

    def open_slide(
        lab: GateLab, scale: float = 1, theme: str = "", paper: str = "#ffffff", change: Callable = lambda state: state
    ) -> LabView:
        page.set_viewport_size({"width": round(1280 * scale), "height": round(720 * scale)})
        place = pages.place("lab", "", hall=True)
        place = place.replace(" data-hall", f' data-hall data-theme="{theme}"') if theme else place
        script = pages.script({"lab": change(pages.state(lab))})
        path = tmp_path / "slide.html"
        path.write_text(SLIDE % {"paper": paper, "scale": scale, "place": place, "script": script}, "utf-8")
        page.goto(path.as_uri())
        expect(page.locator("section.lab")).to_be_attached()
        return LabView(page.locator("section.lab"))

    return open_slide


def lab_of(cell: str | None, show: str, **traits) -> GateLab:
    own = {} if show == "gradient" else {"returns": RETURNS}
    return GateLab(cell=cell, show=show, **own, **traits)


def assert_readable(lab: LabView) -> None:
    """24 pixels or more everywhere, nothing cut, nothing over anything else, 600 pixels high."""
    assert lab.page.evaluate(FAULTS, SMALLEST) == []
    assert lab.page.evaluate("document.querySelector('#lab').scrollHeight") <= 600
    assert lab.page.evaluate("document.querySelector('#lab').scrollWidth") <= 1240
    written = lab.page.evaluate("window.written")
    assert len(written) >= 6
    for one in written:
        assert one["size"] >= SMALLEST, one
        assert one["left"] >= -0.5, one
        assert one["right"] <= one["width"] + 0.5, one
        assert one["squeezed"] <= 1.1, one
        assert one["top"] >= -1, one
        assert one["bottom"] <= one["height"] + 8, one
    for k, one in enumerate(written):
        for other in written[:k]:
            apart = one["right"] < other["left"] or other["right"] < one["left"]
            assert apart or abs(one["top"] - other["top"]) >= 0.8 * SMALLEST, (one, other)


def settle(page: Page) -> None:
    """Two frames: what a change of layout has the lab draw once more is drawn by then."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize(("cell", "show"), LENSES)
def test_every_lens_fits_below_a_title_and_can_be_read_from_the_back_row(slide: Opened, cell: str, show: str):
    lab = slide(lab_of(cell, show))
    settle(lab.page)
    assert_readable(lab)


def press_on_all(lab: LabView, key: str) -> None:
    """Press a key on each slider that can be seen, and wait for the picture."""
    for trait in lab.sliders():
        lab.slider(trait).focus()
        lab.page.keyboard.press(key)
    settle(lab.page)


@pytest.mark.parametrize(("cell", "show"), [one for one in LENSES if one[1] != "gradient"])
def test_every_preset_fits_at_both_ends_of_its_sliders(slide: Opened, cell: str, show: str):
    lab = slide(lab_of(cell, show))
    for preset in gru_scenes.presets() if cell else scenes.presets():
        lab.choose("cell", preset)
        lab.choose("input", "returns")
        for key in ("Home", "End"):
            press_on_all(lab, key)
            assert_readable(lab)


def test_both_ends_of_the_gradient_fit(slide: Opened):
    lab = slide(lab_of(None, "gradient"))
    for key in ("Home", "End"):
        press_on_all(lab, key)
        assert_readable(lab)


@pytest.mark.parametrize("scale", [0.8, 1, 1.5])
@pytest.mark.parametrize("show", ["forget", "cell", "gradient"])
def test_sliders_go_where_mouse_and_keys_send_them_on_a_scaled_slide(slide: Opened, show: str, scale: float):
    lab = slide(lab_of(None, show), scale)
    mouse = lab.page.mouse
    for trait in lab.sliders():
        slider = lab.slider(trait)
        low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
        box = slider.bounding_box()
        start, track = box["x"] + THUMB * scale, box["width"] - 2 * THUMB * scale
        now = (float(slider.input_value()) - low) / (high - low)
        y = box["y"] + box["height"] / 2
        mouse.move(start + now * track, y)
        mouse.down()
        for share in (0.5, 0.75):
            mouse.move(start + share * track, y)
        mouse.up()
        wanted = low + 0.75 * (high - low)
        lab.wait_for(lambda t=trait, w=wanted, h=high: abs(lab.value(t) - w) < 0.006 * h, f"{trait} is not at {wanted}")
        before = lab.picture
        lab.page.keyboard.press("Home")
        lab.wait_for(lambda t=trait, w=low: lab.value(t) == pytest.approx(w), f"Home did not move {trait}")
        lab.wait_for(lambda p=before: lab.picture != p, "the picture stayed")
    assert lab.page.evaluate("window.keys") == []


@pytest.mark.parametrize("scale", [0.8, 1.5])
def test_the_pointer_picks_the_step_under_it_on_a_scaled_slide(slide: Opened, scale: float):
    """The slider through time lies under the panels, so that both have one x for one step."""
    lab = slide(lab_of(None, "forget", step=1), scale)
    thumb = lab.box.locator("input[data-trait=step]").bounding_box()
    start, track = thumb["x"] + THUMB * scale, thumb["width"] - 2 * THUMB * scale
    canvas = lab.box.locator("canvas").bounding_box()
    for share in (0.25, 0.5, 1):
        lab.page.mouse.move(start + share * track, canvas["y"] + canvas["height"] / 2)
        step = 1 + round(share * 99)
        lab.wait_for(lambda s=step: abs(int(re.match(r"Step (\d+)", lab.sentence)[1]) - s) <= 1, f"it is not {step}")


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("scale", [0.8, 1, 1.5])
def test_the_canvas_has_a_pixel_for_each_of_the_screens(slide: Opened, page: Page, scale: float, ratio: int):
    metrics = {"width": 1900, "height": 1000, "deviceScaleFactor": ratio, "mobile": False}
    lab = slide(lab_of(None, "cell"), scale)
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", metrics)
    settle(page)
    size = "canvas => [canvas.width, canvas.getBoundingClientRect().width * devicePixelRatio]"
    lab.wait_for(
        lambda: abs(np.subtract(*lab.box.locator("canvas").evaluate(size))) <= 2,
        f"a canvas scaled by {scale} is blurred",
    )


def test_a_slide_that_is_scaled_later_is_drawn_anew(slide: Opened, page: Page):
    """As reveal.js does when the window changes its size; the layout of the lab hears nothing of that."""
    lab = slide(lab_of(None, "forget"))
    page.evaluate("addEventListener('resize', () => document.querySelector('.slide').style.transform = 'scale(1.5)')")
    page.set_viewport_size({"width": 1920, "height": 1080})
    size = "canvas => canvas.width / canvas.clientWidth"
    lab.wait_for(lambda: abs(lab.box.locator("canvas").evaluate(size) - 1.5) < 0.01, "the canvas is blurred")


PLAIN = [
    *(f"Arrow{way}" for way in ("Right", "Left", "Up", "Down")),
    "Home",
    "End",
    "PageUp",
    "PageDown",
    " ",
    *"nfob?",
]
CONTROLS = ["input[data-trait=forget_bias]", "input[data-trait=step]", "select", ".play button"]


@pytest.mark.parametrize("control", CONTROLS)
def test_no_key_but_escape_and_tab_reaches_the_slides(slide: Opened, control: str):
    lab = slide(lab_of(None, "cell"))
    lab.box.locator(control).first.focus()
    for key in PLAIN:
        lab.page.keyboard.press(key)
        if control == "select":  # a space opens the menu, and nothing but Escape is certain to shut it
            lab.box.locator(control).first.focus()
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Escape")
    assert set(lab.page.evaluate("window.keys")) <= {"Escape", "Tab"}
    if control != "select":
        assert lab.page.evaluate("window.keys") == ["Tab", "Escape"]


def test_escape_gives_the_keys_back_to_the_slides(slide: Opened):
    lab = slide(lab_of(None, "forget"))
    lab.slider("forget_bias").focus()
    for key in ("ArrowRight", "Escape", "ArrowRight"):
        lab.page.keyboard.press(key)
    assert lab.page.evaluate("window.keys") == ["Escape", "ArrowRight"]


def test_a_finger_on_the_lab_swipes_no_slide(slide: Opened):
    lab = slide(lab_of(None, "forget"))
    expect(lab.page.locator("#lab")).to_have_attribute("data-prevent-swipe", "")  # reveal.js asks for it


def test_a_far_slide_is_drawn_once_it_is_near(slide: Opened, page: Page):
    lab = slide(lab_of(None, "cell"))
    page.evaluate("document.querySelector('.slide').style.display = 'none'")
    settle(page)
    page.evaluate("document.querySelector('#lab').shadowRoot.querySelector('canvas').width = 1")  # as if never drawn
    page.evaluate("document.querySelector('.slide').style.display = ''")
    lab.wait_for(lambda: lab.box.locator("canvas").evaluate("canvas => canvas.width") > 700, "nothing was drawn")
    page.evaluate("document.querySelector('#lab').style.height = '560px'")
    settle(page)
    ratio = "canvas => [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight]"
    lab.wait_for(
        lambda: np.allclose(lab.box.locator("canvas").evaluate(ratio), 1, atol=0.01), "it was stretched, not drawn"
    )


@pytest.mark.parametrize(("theme", "paper"), [("dark", "#ffffff"), ("light", "#101010")])
def test_it_is_as_dark_as_the_deck_says_whatever_lies_behind(slide: Opened, theme: str, paper: str):
    lab = slide(lab_of(None, "forget"), theme=theme, paper=paper)
    blue = {"light": "#0072b2", "dark": "#5ab8f0"}
    assert lab.shows_colour(blue[theme])
    other = "light" if theme == "dark" else "dark"
    lab.page.evaluate("theme => document.querySelector('#lab').dataset.theme = theme", other)
    lab.wait_for(lambda: lab.shows_colour(blue[other]), f"it did not turn {other}")
    expect(lab.page.locator("#lab")).to_have_attribute("data-theme", other)


def test_without_a_word_from_the_deck_it_is_as_dark_as_what_lies_behind(slide: Opened):
    lab = slide(lab_of(None, "forget"), paper="#101010")
    expect(lab.page.locator("#lab")).to_have_attribute("data-theme", "dark")
    lab.page.evaluate("document.body.style.background = '#fafafa'")
    expect(lab.page.locator("#lab")).to_have_attribute("data-theme", "light")
    lab.page.evaluate("document.querySelector('#lab').dataset.theme = 'dark'")  # and from now on the deck decides
    lab.wait_for(lambda: lab.shows_colour("#5ab8f0"), "it stayed light")


def test_what_is_too_much_for_a_slide_is_not_there_but_still_told_to_screen_readers(slide: Opened):
    python = lab_of(None, "cell", preset="garch", input="returns")
    lab = slide(python)
    for missing in (".cellpic", ".note", ".about"):
        assert lab.box.locator(f"{missing}:visible").count() == 0
    assert lab.sentence.startswith("This is a GARCH(1,1)")  # the one sentence that fits
    assert lab.box.locator("canvas").get_attribute("aria-label") == python.sentence
    assert len(lab.equations.splitlines()) == 1
    assert lab.equations.startswith("C")


def test_what_cannot_be_drawn_is_a_sentence_that_can_be_read(slide: Opened, page: Page):
    page.add_init_script("console.error = () => {}")  # it is said there as well, and `page` would count that
    lab = slide(lab_of(None, "forget"), change=lambda state: state | {"preset": "nope"})
    expect(lab.box.get_by_role("alert")).to_contain_text('there is no preset "nope"')
    assert page.evaluate(FAULTS, SMALLEST) == []
    expect(lab.box.locator(".says")).to_be_hidden()

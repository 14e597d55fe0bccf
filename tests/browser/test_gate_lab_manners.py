"""How the Gate Lab behaves in any page: for keys and screen readers, on phones, in the dark, and when it breaks."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gate_lab import LabView, labs_on
from playwright.sync_api import Browser, Page, expect

from lstm_core import gate_lab
from lstm_core.cell import LSTMParams, random_params
from lstm_core.gate_lab import GateLab
from lstm_core.gate_lab import page as pages

pytestmark = pytest.mark.browser

MODULE = Path(gate_lab.__file__).with_name("gate_lab.js")
Open = Callable[..., LabView]


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Open:
    """Opens one lab in a page from disk; `change` may spoil or dress up the page's HTML before."""

    def open_page(lab: GateLab, change: Callable[[str], str] = lambda html: html, **media) -> LabView:
        page.emulate_media(**media)
        path = tmp_path / "lab.html"
        path.write_text(change(lab.to_html()), encoding="utf-8")
        page.goto(path.as_uri())
        return labs_on(page, 1)[0]

    return open_page


def eight_units() -> GateLab:
    rng = np.random.default_rng(0)
    return GateLab(random_params(LSTMParams, 2, 8, rng), rng.normal(size=(60, 2)))


# --- keyboard and screen reader


def test_arrow_keys_go_to_the_next_tenth_and_pages_to_the_next_whole(opened: Open):
    lab = opened(GateLab(preset="riskmetrics"))  # b_f = 2.7515…
    lab.slider("forget_bias").focus()
    way = {"ArrowRight": 2.8, "ArrowUp": 2.9, "PageDown": 2, "Shift+ArrowLeft": 1, "End": 8, "ArrowLeft": 7.9}
    for key, value in way.items():
        lab.page.keyboard.press(key)
        lab.wait_for(lambda v=value: lab.value("forget_bias") == v, f"{key} should lead to {value}")


def test_every_control_is_reached_by_tab_and_shows_it(opened: Open):
    lab = opened(GateLab())
    controls = lab.box.locator("select, input, button")
    visible = controls.evaluate_all("all => all.filter(one => one.getClientRects().length).length")
    reached = []
    for _ in range(visible):
        lab.page.keyboard.press("Tab")
        focus = "document.querySelector('#gate-lab-1').shadowRoot.activeElement"
        assert lab.page.evaluate(f"getComputedStyle({focus}).outlineStyle") == "solid"
        reached.append(lab.page.evaluate(f"[...{focus}.getRootNode().querySelectorAll('*')].indexOf({focus})"))
    assert len(set(reached)) == visible >= 12


def test_names_and_values_are_there_for_screen_readers(opened: Open):
    lab = opened(GateLab(preset="riskmetrics", input="pulse"))
    slider = lab.box.get_by_role("slider", name="forget bias b_f")
    expect(slider).to_have_attribute("aria-valuetext", "2.75: forget gate 0.94, half-life 11.2 steps")
    expect(lab.box.get_by_role("slider", name="step in time")).to_have_attribute("aria-valuetext", "step 50 of 100")
    for name in ("one step back", "play through time", "one step on"):
        expect(lab.box.get_by_role("button", name=name)).to_be_visible()
    for name in ("cell", "input"):
        expect(lab.box.get_by_role("combobox", name=name)).to_be_visible()
    assert lab.box.locator("canvas").get_attribute("aria-label") == lab.sentence
    assert "forget valve 94% open" in lab.box.locator("svg.cellpic").get_attribute("aria-label")


def test_a_grus_names_and_values_are_there_for_screen_readers(opened: Open):
    lab = opened(GateLab(cell="gru", preset="riskmetrics", input="pulse"))
    slider = lab.box.get_by_role("slider", name="update bias b_z")
    expect(slider).to_have_attribute("aria-valuetext", "2.75: update gate 0.94, half-life 11.2 steps")
    for name in ("reset bias b_r", "candidate bias b_n"):
        expect(lab.box.get_by_role("slider", name=name)).to_be_visible()
    assert lab.box.get_by_role("checkbox").count() == 0  # nothing to tie, no output gate to hold open
    assert lab.box.locator("canvas").get_attribute("aria-label") == lab.sentence
    valves = lab.box.locator("svg.cellpic").get_attribute("aria-label")
    for said in ("update valve 94% open", "write valve 6% open", "reset valve 98% open", "; h goes from "):
        assert said in valves
    assert "(1 − z)·n + z·h₄₉" in lab.equations


def test_a_screen_reader_hears_where_the_slider_came_to_rest_and_not_the_way_there(opened: Open):
    lab = opened(GateLab(preset="riskmetrics", show="forget"))
    expect(lab.box.get_by_role("status")).to_have_text(lab.sentence)
    lab.page.evaluate("""() => {
        const status = document.querySelector('#gate-lab-1').shadowRoot.querySelector('[role=status]');
        window.heard = [];
        new MutationObserver(() => heard.push(status.textContent)).observe(status, { childList: true });
    }""")
    lab.slider("forget_bias").focus()
    for _ in range(12):
        lab.page.keyboard.press("ArrowLeft")
    lab.page.wait_for_function("window.heard.length")
    lab.page.wait_for_timeout(300)
    assert lab.page.evaluate("window.heard") == [lab.sentence]
    assert "half-life" in lab.sentence


def test_keys_stay_in_the_lab_and_others_pass(opened: Open):
    lab = opened(GateLab())
    lab.page.evaluate("window.out = []; document.addEventListener('keydown', event => out.push(event.key))")
    lab.slider("forget_bias").focus()
    for key in ("ArrowRight", "a", "Home", "Escape", "Control+s", "Tab"):
        lab.page.keyboard.press(key)
    assert lab.page.evaluate("window.out") == ["Escape", "Control", "s", "Tab"]


# --- through time


def test_play_goes_to_the_last_step_and_stops(opened: Open):
    lab = opened(GateLab(step=97))
    lab.box.get_by_role("button", name="play through time").click()
    expect(lab.box.get_by_role("button", name="pause")).to_be_visible()
    lab.wait_for(lambda: lab.sentence.startswith("Step 100:"), "it did not arrive")
    expect(lab.box.get_by_role("button", name="play through time")).to_be_visible()


def test_play_is_slow_where_motion_is_unwelcome(opened: Open):
    lab = opened(GateLab(step=50), reduced_motion="reduce")
    lab.box.get_by_role("button", name="play through time").click()
    lab.page.wait_for_timeout(800)
    assert lab.sentence.startswith("Step 50:")
    lab.wait_for(lambda: lab.sentence.startswith("Step 51:"), "it did not move")


def test_buttons_and_slider_step_through_time_and_units(opened: Open):
    lab = opened(eight_units())
    lab.box.get_by_role("button", name="one step on").click()
    lab.wait_for(lambda: lab.sentence.startswith("Step 31, unit 1:"), "the button did nothing")
    lab.box.get_by_label("unit", exact=True).focus()
    lab.page.keyboard.press("End")
    lab.wait_for(lambda: lab.sentence.startswith("Step 31, unit 8:"), "the unit stayed")
    lab.box.get_by_role("slider", name="step in time").focus()
    lab.page.keyboard.press("Home")
    lab.wait_for(lambda: lab.sentence.startswith("Step 1, unit 8:"), "the step stayed")


def test_the_pointer_picks_the_step_and_the_nearest_unit(opened: Open):
    """Hovering over where a unit's C is drawn picks that unit: each one in turn, at a step where they lie apart."""
    python = eight_units()
    lab = opened(python)
    canvas, c = lab.box.locator("canvas"), python.trace.c[0]
    t = int(np.argmax([np.diff(np.sort(row)).min() for row in c]))
    box, seen = canvas.bounding_box(), set()
    for y in range(int(box["height"])):
        canvas.hover(position={"x": 45 + (box["width"] - 45 - 78) * t / 59, "y": y}) if y % 2 == 0 else None
        step, unit = re.match(r"Step (\d+), unit (\d+)", lab.sentence).groups()
        assert abs(int(step) - 1 - t) <= 1 or not seen
        seen.add(int(unit))
    assert seen == set(range(1, 9))


# --- looks


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("width", [320, 560, 1200, 1920])
def test_nothing_is_cut_off_at_any_width(opened: Open, page: Page, width: int, cell: str):
    page.set_viewport_size({"width": width, "height": 900})
    lab = opened(GateLab(preset="garch") if cell == "lstm" else GateLab(cell="gru", preset="chrono"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = "one => one.clientWidth && one.scrollWidth > one.clientWidth + 1"
    texts = lab.box.locator("div, p:not(.heard), label, button, .readout")
    assert texts.evaluate_all(f"all => all.filter({cut}).map(one => one.outerHTML)") == []


@pytest.mark.parametrize(("dress", "theme"), [
    ("", "light"),
    ("body { background: #111 !important }", "dark"),
    ("#gate-lab-1 { background: rgb(20, 20, 30) }", "dark"),
    ("body { background: transparent !important } html { background: #fafafa }", "light"),
])  # fmt: skip
def test_it_is_as_dark_as_the_page_around_it(opened: Open, dress: str, theme: str):
    lab = opened(GateLab(), lambda html: html.replace("</style>", f"{dress}</style>", 1))
    assert lab.page.locator("#gate-lab-1").get_attribute("data-theme") == theme


def test_it_follows_when_the_page_turns_dark(opened: Open):
    lab = opened(GateLab())
    before = lab.picture
    lab.page.evaluate("document.body.style.background = '#101010'")
    expect(lab.page.locator("#gate-lab-1")).to_have_attribute("data-theme", "dark")
    lab.wait_for(lambda: lab.picture != before, "the picture stayed light")


def test_what_is_drawn_while_the_page_is_hidden_for_less_than_a_frame_is_drawn_again(opened: Open):
    """JupyterLab does that as it changes its theme."""
    lab = opened(GateLab())
    before = lab.picture
    lab.slider("forget_bias").evaluate(
        """slider => {
            document.body.style.display = "none";
            slider.value = -3;
            slider.dispatchEvent(new Event("input"));
            document.body.style.display = "";
        }"""
    )
    lab.wait_for(lambda: lab.picture != before, "the picture stayed as it was")


def test_it_follows_the_systems_choice(opened: Open):
    lab = opened(GateLab(), color_scheme="dark")
    assert lab.page.locator("#gate-lab-1").get_attribute("data-theme") == "dark"


def test_every_line_has_a_dash_of_its_own_and_its_letter():
    """Told apart by more than colour: no two lines of one panel share a dash, but for C, which is thicker."""
    source = MODULE.read_text("utf-8")
    dashes = dict(re.findall(r"(\w+): (\[[\d, ]*\])", re.search(r"const DASH = \{(.*?)\}", source, re.S)[1]))
    alike = dict(re.findall(r'(\w): "(\w)"', re.search(r"const ALIKE = \{(.*?)\}", source)[1]))
    for together in ("fio", "gch", ("rnn", "lstm"), "zr", "nh"):
        assert len({dashes[alike.get(key, key)] for key in together}) == len(together)


def test_every_input_but_mark_and_square_is_drawn(browser: Browser, opened: Open):
    """A bell beside value and mark is; nothing else tells these pictures apart, for no weight reads it."""
    params = LSTMParams(np.zeros((4, 3)), np.zeros((4, 1)), np.zeros(4))
    x, names = np.zeros((20, 3)), ("value", "mark", "bell")
    rung = x.copy()
    rung[12, 2] = 1
    pictures = [opened(GateLab(params, one, names=names)).picture for one in (x, rung)]
    assert pictures[0] != pictures[1]
    hidden = [opened(GateLab(params, one, names=("value", "mark", "value²"))).picture for one in (x, rung)]
    assert hidden[0] == hidden[1]


# --- what goes wrong is said


SPOILT = {
    "a NaN among the weights": (
        lambda s: s["_weights"]["given"]["weight_hh"].__setitem__(3, None), "weight_hh of given holds null at place 4",
    ),
    "a bias too few": (
        lambda s: s["_weights"]["given"]["bias"].pop(), "bias of given should be 32 numbers, and is 31 of them",
    ),
    "no bias": (lambda s: s["_weights"]["given"].pop("bias"), "given has no bias"),
    "an unknown preset": (
        lambda s: s.update(preset="nope"), 'there is no preset "nope"; there are given, remember_all',
    ),
    "no inputs": (lambda s: s.update(_inputs={}), 'there is no input "given"'),
    "half an input": (
        lambda s: s["_inputs"]["given"]["x"].pop(), "input given should be 120 numbers, and is 119 of them",
    ),
    "an input for another cell": (
        lambda s: s["_inputs"]["given"].update(T=40, D=3), "the cell reads 2 inputs a step, and given has 3",
    ),
    "a bias that is no number": (
        lambda s: s.update(forget_bias="much"), 'forget_bias is "much", where a finite number should be',
    ),
    "an unknown lens": (
        lambda s: s.update(show="everything"), 'there is no lens "everything"; there are cell, forget',
    ),
    "a cell of no kind": (lambda s: s["_cell"].update(name="rnn"), 'there is no kind of cell "rnn"; there are lstm'),
    "a GRU's name on an LSTM's weights": (
        lambda s: s["_cell"].update(name="gru", rows=3, biases=["bias_ih", "bias_hh"]), "given has no bias_ih",
    ),
    "no RNN": (lambda s: s.update(show="gradient"), "the lens gradient needs an RNN"),
    "no scene at all": (lambda s: s.update(_presets=None, _weights=None, _inputs=None), "there is no preset"),
}  # fmt: skip


@pytest.fixture
def spoilt(browser: Browser, tmp_path: Path):
    """Opens a page whose state has been spoilt; returns the lab and what the console said."""
    tab = browser.new_page()

    def open_page(spoil: Callable[[dict], object]) -> tuple[LabView, list[str]]:
        lab, errors = eight_units(), []
        state = json.loads(json.dumps(pages.state(lab)))
        whole = pages.as_json(state)
        spoil(state)
        tab.on("console", lambda message: errors.append(message.text))
        path = tmp_path / "spoilt.html"
        html = lab.to_html()
        assert html.count(whole) == 1
        path.write_text(html.replace(whole, pages.as_json(state)), encoding="utf-8")
        tab.goto(path.as_uri())
        return LabView(tab.locator("section.lab")), errors

    yield open_page
    tab.close()


@pytest.mark.parametrize("what", SPOILT)
def test_a_malformed_state_is_a_sentence_in_place_of_the_picture(spoilt, what: str):
    spoil, complaint = SPOILT[what]
    lab, errors = spoilt(spoil)
    alert = lab.box.get_by_role("alert")
    expect(alert).to_be_visible()
    assert alert.inner_text().startswith(f"The Gate Lab cannot draw this: {complaint}")
    assert "Choose another setting, or run the cell again." in alert.inner_text()
    expect(lab.box.locator("canvas")).to_be_hidden()
    assert complaint in errors[0]  # nothing is swallowed


def test_the_picture_comes_back_with_the_next_good_setting(spoilt):
    lab, _ = spoilt(lambda state: state.update(forget_bias=None))
    expect(lab.box.get_by_role("alert")).to_be_visible()
    lab.slider("forget_bias").focus()
    lab.page.keyboard.press("Home")
    expect(lab.box.get_by_role("alert")).to_be_hidden()
    lab.wait_for(lambda: "forget gate 0.00" in lab.sentence, "it stayed broken")


def test_a_javascript_error_is_a_sentence_too(browser: Browser, tmp_path: Path):
    tab, path = browser.new_page(), tmp_path / "broken.html"
    html = GateLab().to_html().replace("const T = x.length / D;", "const T = x.size();")
    path.write_text(html, encoding="utf-8")
    tab.goto(path.as_uri())
    expect(tab.get_by_role("alert")).to_contain_text("cannot draw this: x.size is not a function")
    tab.close()


# --- the file


def test_the_module_is_small_and_stands_alone():
    source = MODULE.read_text("utf-8")
    assert len(source.encode()) <= 67_000
    reaches_out = r"^\s*import\b|\bimport\(|https?://(?!www\.w3\.org/2000/svg)|\beval\(|innerHTML|fetch\("
    assert not re.search(reaches_out, source, re.M)

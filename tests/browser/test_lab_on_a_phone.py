"""lab.html from disk, on a phone of 360 by 640: its address, its tabs, its manners. What addresses mean is in
tests/test_lab_page.py."""

from collections.abc import Callable
from pathlib import Path

import lab_page
import npm
import pytest
from gate_lab import LabView
from playwright.sync_api import Page, expect

from lstm_core.gate_lab import gru_scenes, scenes

pytestmark = pytest.mark.browser

Opened = Callable[..., LabView]
TABS = {
    "forget": "#show=forget", "input": "#show=input", "output": "#show=output", "whole cell": "#",
    "gradient": "#show=gradient", "GRU": "#cell=gru",
    "update": "#cell=gru&show=update", "reset": "#cell=gru&show=reset",
}  # fmt: skip
ADDRESSES = ["", "#show=forget", "#show=output&preset=garch&input=returns", "#show=gradient", "#cell=gru&preset=chrono"]
LISTEN = """
window.sizes = [];
const { fillText } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fillText = function (...given) {
    sizes.push(parseFloat(this.font.match(/([\\d.]+)px/)[1]));
    fillText.apply(this, given);
};
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lab") / "lab.html"
    path.write_text(lab_page.build(), encoding="utf-8")
    return path


@pytest.fixture
def opened(touch_page: Page, built: Path) -> Opened:
    """Opens lab.html at an address, from disk, on a phone without a network; returns the lab that can be seen."""
    touch_page.set_viewport_size({"width": 360, "height": 640})
    touch_page.context.set_offline(True)
    touch_page.add_init_script(LISTEN)

    def open_page(hash_: str = "", **media) -> LabView:
        touch_page.emulate_media(**media)
        touch_page.goto("about:blank")
        touch_page.goto(built.as_uri() + hash_)
        return seen(touch_page)

    return open_page


def seen(page: Page) -> LabView:
    lab = LabView(page.locator("section.lab:visible"))
    expect(lab.box).to_have_count(1)
    expect(lab.box.locator(".says")).not_to_be_empty()
    return lab


def reach(lab: LabView, trait: str) -> None:
    """Scroll until a slider stands at the foot of the screen, as a thumb does."""
    lab.slider(trait).evaluate("slider => slider.scrollIntoView({ block: 'end' })")


def drag(lab: LabView, trait: str, share: float) -> None:
    reach(lab, trait)
    lab.by_touch(trait, share)


def hash_of(page: Page) -> str:
    return page.evaluate("location.hash")


def wait_for_address(lab: LabView, wanted: str) -> None:
    lab.wait_for(lambda: hash_of(lab.page) == wanted, f"the address should end in {wanted}")


# --- the address


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_every_preset_opens_by_its_address_as_python_has_it(opened: Opened, cell: str):
    lab = opened()
    for preset in scenes.presets() if cell == "lstm" else gru_scenes.presets():
        python = lab_page.fresh(cell, preset=preset, input="returns", step=100)
        lab.page.evaluate("hash => location.hash = hash", lab_page.address(python).removeprefix("lab.html"))
        lab = seen(lab.page)
        lab.wait_for(lambda lab=lab, python=python: lab.sentence == python.sentence, f"not what {preset} says")
        expect(lab.box.get_by_label("cell", exact=True)).to_have_value(preset)


def test_the_gradient_opens_by_its_address_as_python_has_it(opened: Opened):
    python = lab_page.fresh("gradient", rho=1.4, input_scale=0.5, forget_bias=3)
    assert opened("#show=gradient&rho=1.4&input_scale=0.5&forget_bias=3").sentence == python.sentence


def test_the_address_follows_the_thumb_and_leads_back(opened: Opened):
    lab = opened("#show=forget")
    drag(lab, "forget_bias", 0.3)
    lab.wait_for(lambda: "forget_bias=" in hash_of(lab.page), "the address stayed")
    said, bias = lab.sentence, lab.value("forget_bias")
    wait_for_address(lab, f"#show=forget&forget_bias={bias:g}")
    lab.page.reload()
    lab = seen(lab.page)
    assert (lab.sentence, lab.value("forget_bias")) == (said, bias)
    lab.box.get_by_role("button", name="reset").click()
    wait_for_address(lab, "#show=forget")  # where nothing differs, nothing is said


def test_menus_and_switches_and_steps_are_in_the_address(opened: Opened):
    lab = opened()
    lab.choose("cell", "riskmetrics")
    lab.choose("input", "pulse")
    lab.slider("forget_bias").focus()
    lab.page.keyboard.press("End")
    lab.box.get_by_label("hold the output gate open").check()
    lab.slider("step").focus()
    lab.page.keyboard.press("Home")
    wait_for_address(lab, "#preset=riskmetrics&input=pulse&forget_bias=8&open_output=1&step=1")  # tied: b_i is not said
    lab.box.get_by_label("tie b_i").uncheck()
    wait_for_address(lab, "#preset=riskmetrics&input=pulse&forget_bias=8&input_bias=-8&tied=0&open_output=1&step=1")


def test_dragging_leaves_no_trail_and_the_back_button_leads_back(opened: Opened):
    lab = opened("#show=forget")
    before = lab.page.evaluate("history.length")
    for share in (0.2, 0.8, 0.4):
        drag(lab, "forget_bias", share)
    lab.wait_for(lambda: "forget_bias" in hash_of(lab.page), "the address stayed")
    lab.page.wait_for_timeout(500)
    assert lab.page.evaluate("history.length") == before
    left, bias = hash_of(lab.page), lab.value("forget_bias")
    lab.page.get_by_role("link", name="output").click()
    lab.wait_for(lambda: lab.sliders() == ["output_bias"], "the tab led nowhere")
    assert lab.page.evaluate("history.length") == before + 1
    lab.page.go_back()
    lab.wait_for(lambda: lab.sliders() == ["forget_bias"], "the back button led nowhere")
    assert (hash_of(lab.page), lab.value("forget_bias")) == (left, bias)


def test_every_tab_leads_to_its_lens_and_says_so(opened: Opened):
    lab = opened()
    for name, hash_ in TABS.items():
        link = lab.page.get_by_role("link", name=name, exact=True)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        lab.wait_for(lambda page=lab.page, h=hash_: (hash_of(page) or "#") == h, f"{name} led elsewhere")
        lab = seen(lab.page)
        python = lab_page.fresh(**{"scene": "lstm"} | parts(hash_))
        lab.wait_for(lambda lab=lab, python=python: lab.sentence == python.sentence, f"{name} shows something else")


def parts(hash_: str) -> dict:
    given = dict(part.split("=") for part in hash_.removeprefix("#").split("&") if part)
    scene = "gradient" if given.get("show") == "gradient" else given.pop("cell", "lstm")
    return {"scene": scene, **{name: value for name, value in given.items() if scene != "gradient"}}


def test_the_lens_changes_and_the_cell_stays(opened: Opened):
    lab = opened("#show=forget&preset=garch&input=returns&forget_bias=1")
    lab.page.get_by_role("link", name="whole cell").click()
    lab.wait_for(lambda: len(lab.sliders()) == 4, "the lens stayed")
    assert hash_of(lab.page) == "#preset=garch&input=returns&forget_bias=1"
    assert lab.value("forget_bias") == 1


@pytest.mark.parametrize("hash_", ["#preset=nope", "#forget_bias=NaN", "#forget_bias=99&step=0", "#%%%=&&=&show=<b>"])
def test_a_bad_address_is_one_sentence_above_a_lab_that_works(opened: Opened, hash_: str):
    lab = opened(hash_)
    wrong = lab.page.locator("#wrong")
    expect(wrong).to_contain_text("The address cannot be followed to the letter: ")
    drag(lab, "forget_bias", 0.5)
    lab.wait_for(lambda: abs(lab.value("forget_bias")) < 0.2, "the slider is dead")
    expect(wrong).to_be_hidden()
    lab.page.evaluate("location.hash = 'junk'")
    expect(wrong).to_contain_text("“junk” means nothing to this lab")
    lab.page.evaluate("location.hash = 'show=forget'")
    expect(wrong).to_be_hidden()


# --- manners


@pytest.mark.parametrize("hash_", ADDRESSES)
def test_it_is_comfortable_on_a_phone(opened: Opened, hash_: str):
    lab = opened(hash_)
    page = lab.page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    controls = page.locator("a, button, select, input[type=range], label.check").locator("visible=true")
    assert controls.count() >= 8
    for control in controls.all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 44, control.evaluate("one => one.outerHTML")
    texts = page.locator("h1, p, a, button, label, select, .readout, .equations div, .about, .note, .cellpic text")
    for text in texts.locator("visible=true").all():
        if text.text_content().strip():
            shown = text.evaluate("""one => parseFloat(getComputedStyle(one).fontSize)
                * (one.ownerSVGElement ? one.getScreenCTM().a : 1)""")
            assert shown >= 14, text.evaluate("one => one.outerHTML")
    assert min(page.evaluate("window.sizes")) >= 14
    for field in page.locator("select, input[type=text]").locator("visible=true").all():
        assert field.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 16  # or iOS zooms in


@pytest.mark.parametrize("hash_", ADDRESSES)
def test_the_picture_stays_above_every_thumb(opened: Opened, hash_: str):
    lab = opened(hash_)
    for trait in lab.sliders():
        reach(lab, trait)
        thumb, picture = lab.slider(trait).bounding_box(), lab.box.locator("canvas").bounding_box()
        assert picture["y"] >= -1
        assert picture["y"] + picture["height"] <= thumb["y"]
        assert thumb["y"] + thumb["height"] <= 641


def test_the_link_is_copied(opened: Opened):
    lab = opened("#show=forget&forget_bias=3")
    lab.page.evaluate("navigator.clipboard.writeText = async text => window.copied = text")
    lab.page.get_by_role("button", name="copy link").click()
    expect(lab.page.get_by_text("The link is copied.")).to_be_visible()
    assert lab.page.evaluate("window.copied === location.href && copied.endsWith('#show=forget&forget_bias=3')")


def test_where_no_page_may_copy_the_link_stands_there_selected(opened: Opened):
    lab = opened("#show=forget&forget_bias=3")
    lab.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    lab.page.get_by_role("button", name="copy link").click()
    field = lab.page.get_by_label("the link, to be copied by hand")
    expect(field).to_be_visible()
    assert lab.page.evaluate("getSelection().toString() === location.href")
    assert field.bounding_box()["height"] >= 44


def test_it_is_dark_where_the_phone_is(opened: Opened):
    lab = opened("#show=forget", color_scheme="dark")
    assert lab.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 27)"
    assert lab.shows_colour("#5ab8f0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("hash_", [*ADDRESSES, "#preset=nope"])
def test_axe_finds_no_serious_fault(opened: Opened, hash_: str, scheme: str):
    lab = opened(hash_, color_scheme=scheme)
    lab.page.get_by_role("button", name="copy link").click()
    lab.page.evaluate(npm.read("axe-core/axe.min.js"))
    found = lab.page.evaluate("axe.run()")
    assert len(found["passes"]) > 10
    faults = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in faults] == []


def test_without_scripts_a_picture_stands_there(browser, built: Path):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(built.as_uri())
        expect(page.locator("noscript img")).to_be_visible()
        assert page.locator("noscript img").get_attribute("alt").startswith("Gate Lab. Step 50")

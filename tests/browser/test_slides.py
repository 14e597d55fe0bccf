"""The deck in a real browser, from disk: every slide visited by keyboard and read from the back row, labs dragged."""

import re
from collections.abc import Iterator
from pathlib import Path

import deck
import nbformat
import pypdf
import pytest
from conftest import ARTEFACTS, watched
from gate_lab import LabView
from playwright.sync_api import Browser, Page, expect
from without_kernel import VIEW

import slides

pytestmark = pytest.mark.browser
SIZES = ((1280, 720), (1920, 1080), (1024, 768))
SMALLEST = 24  # px on the canvas of 1280 × 720
FAULTS = Path(__file__).with_name("slide_faults.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(slides.SLIDES / "lecture.ipynb", 4)


@pytest.fixture(scope="module")
def talk(notebook) -> list[deck.Slide]:
    return deck.slides(notebook)


@pytest.fixture(scope="module")
def html(notebook, tmp_path_factory) -> Path:
    """The deck as `make slides` builds it, alone in a folder."""
    path = tmp_path_factory.mktemp("hall") / "lecture.html"
    path.write_text(slides.build(notebook), encoding="utf-8")
    return path


@pytest.fixture
def hall(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A hall without network."""
    width, height = getattr(request, "param", SIZES[0])
    with browser.new_context(viewport={"width": width, "height": height}, offline=True) as context:
        tab, asked = context.new_page(), []
        tab.on("request", lambda sent: asked.append(sent.url))
        yield from watched(tab, request)
        assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked)


def enter(tab: Page, html: Path, slide: str = "") -> None:
    tab.goto(html.as_uri() + (f"#/{slide}" if slide else ""))
    tab.wait_for_function("document.documentElement.dataset.ready === 'yes'")


def current(tab: Page) -> str:
    return tab.evaluate("Reveal.getCurrentSlide().id")


def go_on(tab: Page) -> str:
    """Press the key until the next slide, past what is yet to appear on this one."""
    here = current(tab)
    for _ in range(20):
        tab.keyboard.press("ArrowRight")
        if current(tab) != here:
            break
    return current(tab)


def faults(tab: Page) -> list[str]:
    return tab.evaluate(f"({FAULTS})({{ smallest: {SMALLEST}, points: 0.05 }})")


def labs(talk) -> list[str]:
    """The slides that show a lab."""
    return [s.name for s in talk if any(VIEW in o.get("data", {}) for cell in s.cells for o in cell.get("outputs", []))]


def test_it_is_one_file_of_at_most_six_megabytes(html):
    assert html.stat().st_size <= 6e6


@pytest.mark.parametrize("hall", SIZES, ids=lambda size: "×".join(map(str, size)), indirect=True)
def test_every_slide_can_be_read_from_the_back_row(hall, html, talk):
    enter(hall, html)
    visited, complaints = [current(hall)], []
    for slide in talk:
        for _ in range(20):  # what is yet to appear on this slide
            if hall.evaluate("Reveal.availableFragments().next"):
                hall.keyboard.press("ArrowRight")
        hall.wait_for_timeout(80)  # two frames: a lab draws when it is first seen
        complaints += faults(hall)
        width = hall.viewport_size["width"]
        hall.screenshot(path=ARTEFACTS / "slides" / f"{width}-{len(visited):02d}-{slide.name}.png")
        if len(visited) < len(talk):
            visited.append(go_on(hall))
    assert visited == [slide.name for slide in talk]
    assert "\n".join(complaints) == ""


def test_a_slide_that_is_too_full_too_small_or_covered_is_complained_of(hall, html, talk):
    """The check itself, on slides spoilt on purpose."""
    enter(hall, html, talk[1].name)
    assert not faults(hall)
    for spoil, said in (
        ("h2.style.fontSize = '23px'", "has 23.0 px"),
        ("h2.style.marginLeft = '1100px'; h2.style.whiteSpace = 'nowrap'", "leaves the sheet"),
        ("body.insertAdjacentHTML('beforeend', '<div>one more line<br></div>'.repeat(30))", "cut at the bottom"),
        ("h2.style.marginBottom = '-300px'; body.firstElementChild.innerHTML = 'x<br>'.repeat(6)", "overlap"),
        ("body.insertAdjacentHTML('beforeend', '<img width=600 data-points=9 src=\"data:,\">')", "no alt text"),
    ):
        hall.reload()
        hall.wait_for_function("document.documentElement.dataset.ready === 'yes'")
        hall.evaluate(f"""() => {{
            const [h2, body] = ["h2", ".body"].map((one) => Reveal.getCurrentSlide().querySelector(one));
            {spoil}; }}""")
        assert any(said in fault for fault in faults(hall)), said


def test_there_are_labs_for_the_gradient_for_each_gate_and_for_the_whole_cell(notebook, talk):
    shown = [
        model["state"]["show"]
        for model in notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].values()
        if "show" in model["state"]
    ]
    assert {"gradient", "forget", "input", "output", "cell"} <= set(shown)
    assert len(labs(talk)) >= 5


@pytest.mark.parametrize("hall", SIZES[1:2], ids=lambda size: "×".join(map(str, size)), indirect=True)
def test_every_labs_sliders_follow_mouse_and_keys_and_turn_no_slide(hall, html, talk):
    for name in labs(talk):
        enter(hall, html, name)
        hall.reload()
        hall.wait_for_function("document.documentElement.dataset.ready === 'yes'")
        lab = LabView(hall.locator(f"#{name} .lab [data-hall], #{name} .lab > div").first)
        moved = [trait for trait in lab.sliders()]
        assert moved, name
        for trait in moved:
            before = lab.value(trait)
            lab.slider(trait).focus()
            for key in ("ArrowRight", "ArrowUp", "PageUp"):
                hall.keyboard.press(key)
            at_least = lab.value(trait)
            for key in ("ArrowLeft", "ArrowDown", "Home"):
                hall.keyboard.press(key)
            assert lab.value(trait) < before or at_least > before, (name, trait)
            lab.by_mouse(trait, 0.9)
            high = lab.value(trait)
            lab.by_mouse(trait, 0.2)
            assert lab.value(trait) < high, (name, trait)
            assert current(hall) == name
        hall.keyboard.press("Escape")  # and the way out of a lab is where it always is
        hall.evaluate("document.activeElement.blur()")


def test_a_slide_has_an_address_of_its_own_and_keys_turn_it(hall, html, talk):
    enter(hall, html, talk[3].name)
    assert current(hall) == talk[3].name
    hall.keyboard.press("ArrowLeft")
    assert current(hall) == talk[2].name
    hall.keyboard.press("Home")
    assert current(hall) == talk[0].name
    hall.keyboard.press("Escape")
    expect(hall.locator(".reveal")).to_have_class(re.compile("overview"))
    hall.keyboard.press("Escape")


def test_d_makes_it_dark_and_remembers(hall, html, talk):
    name = labs(talk)[0]
    enter(hall, html, name)
    lab = hall.locator(f"#{name} .lab")
    light = lab.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    hall.keyboard.press("d")
    expect(hall.locator("html")).to_have_attribute("data-theme", "dark")
    hall.wait_for_timeout(100)
    assert lab.locator("canvas").first.evaluate("canvas => canvas.toDataURL()") != light
    ground = hall.locator("body").evaluate("one => getComputedStyle(one).backgroundColor")
    ink = hall.locator(f"#{name}").evaluate("one => getComputedStyle(one).color")
    assert sum(map(int, re.findall(r"\d+", ground)[:3])) < 120 < 600 < sum(map(int, re.findall(r"\d+", ink)[:3]))
    assert not faults(hall)
    hall.reload()
    expect(hall.locator("html")).to_have_attribute("data-theme", "dark")


def test_s_opens_the_presenters_view_with_notes_and_a_clock(hall, html, talk):
    enter(hall, html)
    with hall.expect_popup() as opened:
        hall.keyboard.press("s")
    view = opened.value
    notes = next(deck.source(cell) for cell in talk[0].cells if deck.slide_type(cell) == "notes")
    words = re.findall(r"\w{4,}", notes)[:3]
    expect(view.locator(".speaker-controls-notes .value")).to_contain_text(words[0])
    expect(view.locator(".speaker-controls-time")).to_contain_text(re.compile("Pacing", re.IGNORECASE))
    go_on(hall)
    view.wait_for_timeout(300)
    view.bring_to_front()
    view.keyboard.press("ArrowRight")
    hall.wait_for_function("(name) => Reveal.getCurrentSlide().id !== name", arg=talk[1].name)
    view.close()


def test_the_pdf_has_every_slide_as_text_in_embedded_fonts(browser, html, talk, tmp_path):
    slides.print_pdf(browser, html, tmp_path / "lecture.pdf")
    pdf = pypdf.PdfReader(tmp_path / "lecture.pdf")
    assert len(pdf.pages) == len(talk)
    for page, slide in zip(pdf.pages, talk, strict=True):
        assert page.mediabox.width / page.mediabox.height == pytest.approx(16 / 9, rel=0.01)
        said = re.sub(r"\W+", "", page.extract_text())
        title = re.sub(r"\$.*?\$", " ", slide.title)  # equations are drawn
        missing = [word for word in re.findall(r"\w{3,}", title) if word not in said]
        assert not missing, slide.title
    leads_to = [str(note.get_object().get("/A", {})) for page in pdf.pages for note in page.get("/Annots", [])]
    assert not any("file:" in place for place in leads_to)  # the disk on which it was printed is nobody else's
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all(embedded(font) for font in fonts)


def test_the_rehearsal_has_the_notes_behind_each_slide(browser, html, talk, tmp_path):
    slides.print_pdf(browser, html, tmp_path / "rehearsal.pdf", notes=True)
    pages = [re.sub(r"\W+", "", page.extract_text()) for page in pypdf.PdfReader(tmp_path / "rehearsal.pdf").pages]
    for slide in talk:
        if notes := [deck.source(cell) for cell in slide.cells if deck.slide_type(cell) == "notes"]:
            last_words = re.sub(r"\W+", "", re.sub(r"[*`$_]", "", notes[-1]))[-12:]
            assert any(last_words in page for page in pages), slide.title


def embedded(font) -> bool:
    """Whether a font's shapes travel with the file."""
    if font["/Subtype"] == "/Type3":
        return "/CharProcs" in font
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return any(f"/FontFile{n}" in inner["/FontDescriptor"].get_object() for n in ("", "2", "3"))


def test_the_page_works_without_scripts_too(browser, html):
    """Then every slide stands below the other, labs as still pictures."""
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(html.as_uri())
        assert tab.locator("section").count() > 20
        expect(tab.locator("noscript img").first).to_be_attached()

"""The site as `make site` builds it, from disk and under a sub-path: links, labs, search, controls, axe-core."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import environment
import frames
import lecture
import npm
import pytest
import setup_cells
import without_kernel
from gate_lab import labs_on, move_about
from playwright.sync_api import Browser, Page, expect
from student import notebook_names
from toy_figure import sentence, toy_figure

pytestmark = pytest.mark.browser

SUB_PATH = "some/repo"
NOTEBOOKS = [f"notebooks/{name.removesuffix('.ipynb')}.html" for name in notebook_names()]
OTHERS = [f"{name}.html" for name in ("index", "concepts", "code", "results", "slides", "licences", "search")]
MOVING = NOTEBOOKS[0]  # its figure is drawn beforehand
PAGES = [*OTHERS, "notebooks/corrections.html", *NOTEBOOKS]
# Every control outside a lab, and the test below that uses it; any other is one that nobody has seen working.
CONTROLS = {
    ".search-button": "searched from the side bar's button",
    "#pst-search-dialog input": "searched from the side bar's button",
    ".primary-toggle": "the side bar goes and comes",
    ".secondary-toggle": "the page's contents come on a phone",
    ".theme-switch-button": "the theme changes",
    ".theme-change-button": "the theme changes",
    ".bd-search input": "searched from the page of the search",
    ".search-button-field": "searched from the side bar's button",
    ".frames input": "a figure drawn beforehand follows",
}


def draw_beforehand(folder: Path) -> Path:
    """What `make frames` puts into a folder, for one cell; a figure drawn in no time stands for the real one."""
    notebook, cell = lecture.NOTEBOOKS / f"{Path(MOVING).stem}.ipynb", "01-37"
    there = folder / notebook.stem / cell
    there.mkdir(parents=True)
    frames.sweep(toy_figure(), there)
    about = json.loads((there / frames.ABOUT).read_text("utf-8"))
    (there / frames.ABOUT).write_text(json.dumps({**about, "notebook": frames.digest(notebook)}), "utf-8")
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to serve, with the site in some/repo/ of it, built for a repository on GitHub."""
    folder = tmp_path_factory.mktemp("served")
    drawn = draw_beforehand(tmp_path_factory.mktemp("frames"))
    options = ["--repo", "someone/lecture", "--out", str(folder / SUB_PATH), "--frames", str(drawn)]
    command = [sys.executable, "tools/website.py", *options]
    inside = {**environment.settings(), environment.INSIDE: str(environment.VENV)}
    inside["PYTHONPATH"] = os.pathsep.join([str(environment.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(command, cwd=environment.ROOT, env=inside, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == str(folder / SUB_PATH / "index.html")
    return folder


@pytest.fixture(scope="module")
def site(served: Path) -> Path:
    return served / SUB_PATH


@pytest.fixture(scope="module")
def address(served: Path) -> Iterator[str]:
    """Where the site is served, under its sub-path."""
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *arguments: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(served)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{SUB_PATH}/"
    server.shutdown()
    thread.join()
    server.server_close()


def lab_count(name: str) -> int:
    """How many Gate Labs a page should have: the front page one, a notebook those that were saved with it."""
    if name not in NOTEBOOKS:
        return int(name == "index.html")
    notebook = json.loads((lecture.NOTEBOOKS / f"{Path(name).stem}.ipynb").read_text("utf-8"))
    models = notebook["metadata"].get("widgets", {}).get(without_kernel.STATE, {}).get("state", {})
    shown = [data[without_kernel.VIEW]["model_id"] for _, data in without_kernel.views(notebook)]
    return sum("_esm" in models[model]["state"] for model in shown)


def open_page(page: Page, address: str, labs: int) -> list:
    """Open it, and wait until its labs are drawn and its equations are set."""
    page.goto(address)
    found = labs_on(page, labs)
    page.wait_for_function("!window.MathJax?.startup?.promise || MathJax.startup.promise.then(() => true)")
    return found


THIN_OUT = """() => {
    const seen = new Set();
    for (const token of [...document.querySelectorAll(".highlight pre span")])
        if (!token.children.length && seen.has(token.className)) token.replaceWith(token.textContent);
        else seen.add(token.className);
    for (const drawn of document.querySelectorAll("mjx-container > svg[aria-hidden]")) drawn.replaceChildren();
}"""


def faults(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core calls serious or critical, by all its rules or by those named."""
    if not page.evaluate("Boolean(window.axe)"):
        # A page has up to 7,000 tokens of code in a dozen colours, of which one each will do, and glyphs of equations,
        # hidden from every reader but the eye; with all of them axe-core takes four times as long.
        page.evaluate(THIN_OUT)
        page.evaluate(npm.read("axe-core/axe.min.js"))
    options = {"resultTypes": ["violations"], "preload": False}  # it would fetch the styles, which none may from disk
    options |= {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")  # a colour on its way is none yet
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def wear(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_disk_whole_and_without_a_fault(page: Page, site: Path, name: str):
    """No error, no request (the fixture sees to that), every lab alive, every equation set, every picture there and
    described, every control one that works, nothing wider than a phone; and axe-core is content, light and dark."""
    labs = open_page(page, (site / name).as_uri(), lab_count(name))
    assert all(lab.sentence for lab in labs)
    assert page.locator("mjx-merror").count() == 0
    assert (
        page.locator("span.math, div.math").count()
        == page.locator("span.math mjx-container, div.math mjx-container").count()
    )
    pictures = page.locator("article img").evaluate_all(
        "all => all.map(one => [one.alt.length > 20, one.complete && one.naturalWidth > 0])"
    )
    assert all(described and there for described, there in pictures)
    known = ", ".join(CONTROLS)
    unknown = page.locator("button, input, select, textarea, summary").evaluate_all(
        "(all, known) => all.filter(one => one.getRootNode() === document && !one.matches(known))"
        ".map(one => one.outerHTML).filter(html => !html.startsWith('<summary'))",
        known,
    )
    assert unknown == []
    for theme, rules in (("light", None), ("dark", ["color-contrast"])):  # a theme changes colours, and nothing else
        wear(page, theme)
        assert faults(page, rules) == []
        assert all(lab.box.evaluate("box => box.getRootNode().host.dataset.theme") == theme for lab in labs)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.wait_for_timeout(400)  # the theme waits a little before it lets the keyboard at what is now cut off
    assert faults(page, ["scrollable-region-focusable"]) == []


@pytest.mark.parametrize("name", ["index.html", "concepts.html", NOTEBOOKS[2], NOTEBOOKS[12]])
def test_it_works_under_a_sub_path(page: Page, address: str, name: str):
    strays = []
    page.on("request", lambda sent: sent.url.startswith((address, "data:", "blob:")) or strays.append(sent.url))
    open_page(page, address + name, lab_count(name))
    page.locator(".prev-next-footer a").last.click()
    expect(page.locator("article h1")).to_be_visible()
    assert page.url.startswith(address)
    assert strays == []


@pytest.mark.parametrize("name", ["index.html", NOTEBOOKS[2], NOTEBOOKS[11]])
def test_a_labs_sliders_follow_mouse_and_keyboard(page: Page, site: Path, name: str):
    lab = open_page(page, (site / name).as_uri(), lab_count(name))[0]
    before = lab.sentence
    move_about(lab, "mouse", "keyboard")
    assert lab.sentence != before


@pytest.mark.parametrize("served_or_not", ["from disk", "served"])
def test_a_figure_drawn_beforehand_follows_mouse_and_keyboard(page: Page, site: Path, address: str, served_or_not: str):
    base = f"{site.as_uri()}/" if served_or_not == "from disk" else address
    open_page(page, base + MOVING, 0)
    (figure,) = page.locator(".frames").all()
    (level, width), image = figure.locator("input").all(), figure.locator("img")

    def expect_shown(at: str, wide: str, frame: int) -> None:
        expect(figure.locator("output")).to_have_text([at, wide])
        assert [one.get_attribute("aria-valuetext") for one in (level, width)] == [at, wide]
        expect(figure.locator(".says")).to_have_text(sentence(float(at), float(wide)))
        expect(image).to_have_attribute("alt", sentence(float(at), float(wide)))
        assert image.get_attribute("src") == f"../frames/01_predict_the_future/01-37/{frame}.png"
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0

    expect_shown("0.35", "3", 17)
    level.focus()
    page.keyboard.press("ArrowRight")
    expect_shown("0.40", "3", 21)
    page.keyboard.press("End")
    expect_shown("1.00", "3", 45)
    width.scroll_into_view_if_needed()
    box = width.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    expect_shown("1.00", "7", 47)
    page.reload()
    expect_shown("0.35", "3", 17)


def test_without_a_script_the_saved_picture_stands_there_and_no_slider(browser: Browser, site: Path):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((site / MOVING).as_uri())
        expect(page.locator(".frames img")).to_be_visible()
        expect(page.locator(".frames input").first).not_to_be_visible()


@pytest.mark.parametrize("served_or_not", ["from disk", "served"])
def test_search_finds_from_every_place(page: Page, site: Path, address: str, served_or_not: str):
    base = f"{site.as_uri()}/" if served_or_not == "from disk" else address
    page.goto(f"{base}index.html")
    page.locator(".search-button-field").click()
    field = page.locator("#pst-search-dialog input")
    field.fill("half-life")
    field.press("Enter")
    found = page.locator("#search-results li a")
    expect(found.first).to_be_visible()
    assert page.url.startswith(f"{base}search.html")
    assert any("03_forget_gate" in link.get_attribute("href") for link in found.all())
    page.locator(".bd-search input").last.fill("carousel")
    page.locator(".bd-search input").last.press("Enter")
    expect(page.locator("#search-results li a", has_text="14").first).to_be_visible()
    page.locator("#search-results li a", has_text="14").first.click()
    expect(page.locator("article h1")).to_contain_text("1997")
    assert page.url.startswith(f"{base}notebooks/")


def test_the_themes_buttons_do_what_they_say(page: Page, site: Path):
    lab = open_page(page, (site / "index.html").as_uri(), 1)[0]
    side = page.locator("#pst-primary-sidebar")
    for visible in (False, True):
        page.locator(".primary-toggle").click()
        expect(side).to_be_visible(visible=visible)
    for theme in ("dark", "light"):
        page.locator(".theme-switch-button").click()
        page.locator(f".theme-change-button[data-mode={theme}]").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert lab.box.evaluate("box => box.getRootNode().host.dataset.theme") == theme


@pytest.mark.parametrize("width", [1280, 1440, 1600])
def test_a_line_of_120_characters_has_room(page: Page, site: Path, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, (site / NOTEBOOKS[2]).as_uri(), 2)
    line = "x" * 120
    assert page.locator(".cell_input pre").first.evaluate(
        "(pre, line) => (pre.textContent = line, pre.scrollWidth <= pre.clientWidth)", line
    )
    contents = page.locator("#pst-secondary-sidebar a", has_text="Exercises")
    if width < 1500:
        expect(contents).not_to_be_visible()
        page.locator(".secondary-toggle").click()
        contents = page.locator("#pst-secondary-sidebar-modal a", has_text="Exercises")
    expect(contents).to_be_visible()


def test_on_a_phone_side_bar_contents_and_search_open(page: Page, site: Path):
    page.set_viewport_size({"width": 360, "height": 740})
    open_page(page, (site / NOTEBOOKS[2]).as_uri(), 2)
    page.locator(".primary-toggle").click()
    expect(page.locator("#pst-primary-sidebar-modal a", has_text="04 · Write only what matters")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".secondary-toggle").click()
    expect(page.locator("#pst-secondary-sidebar-modal a", has_text="Exercises")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".search-button:visible").click()
    expect(page.locator("#pst-search-dialog input")).to_be_focused()


@pytest.mark.parametrize("name", ["concepts.html", "code.html", "results.html"])
def test_where_there_are_no_contents_there_is_no_button_for_them(page: Page, site: Path, name: str):
    page.goto((site / name).as_uri())
    assert page.locator(".secondary-toggle").count() == page.locator("#pst-secondary-sidebar").count() == 0


def test_on_paper_there_is_the_text_alone(page: Page, site: Path):
    open_page(page, (site / NOTEBOOKS[2]).as_uri(), 2)
    wear(page, "dark")
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")  # paper is white
    for gone in ("#pst-primary-sidebar", "#pst-secondary-sidebar", ".bd-header-article", ".prev-next-footer"):
        expect(page.locator(gone)).not_to_be_visible()
    assert page.locator("article img").evaluate_all(
        "all => all.every(one => getComputedStyle(one).breakInside === 'avoid')"
    )
    after = page.locator('article a[href^="http"]').first.evaluate("one => getComputedStyle(one, '::after').content")
    assert after.startswith('" (http')
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("name", notebook_names())
def test_every_notebook_can_be_opened_elsewhere_and_had_as_it_is(site: Path, name: str):
    html = (site / "notebooks" / name).with_suffix(".html").read_text("utf-8")
    assert f'href="https://colab.research.google.com/github/someone/lecture/blob/main/notebooks/{name}"' in html
    assert f'href="https://mybinder.org/v2/gh/someone/lecture/main?urlpath=lab/tree/notebooks/{name}"' in html
    assert f'<a href="{name}" download>' in html
    here, there = setup_cells.read(lecture.NOTEBOOKS / name), setup_cells.read(site / "notebooks" / name)
    assert there == setup_cells.with_setup(here, name, "someone/lecture")  # as it is but for where it finds lstm_core
    assert "git+https://github.com/someone/lecture" in json.dumps(there)


def test_the_pages_are_those_that_are_visited_here(site: Path):
    built = {str(path.relative_to(site).as_posix()) for path in site.rglob("*.html")}
    assert built - {"lecture.html", "lab.html"} == set(PAGES)

"""Colab's versions in the classic notebook: they are the ones at work, and the sliders work with them."""

import importlib.metadata

import environment
import pytest
from classic_student import Classic, open_notebook, run_all
from gate_lab import LIVE_CHECK
from live_figure import wait_until_it_follows
from packaging.utils import canonicalize_name
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def test_every_package_here_has_the_version_that_is_written_down():
    pins = dict(line.split("==") for line in environment.constraints(colab=True).splitlines())
    here = {canonicalize_name(found.name): found.version for found in importlib.metadata.distributions()}
    here = {name: version.partition("+")[0] for name, version in here.items() if name not in ("pip", "lstm-core")}
    assert here == {name: pins.get(name) for name in here}
    assert (here["ipywidgets"], here["anywidget"], here["notebook"]) == ("7.7.1", "0.9.21", "6.5.7")


WIDGET = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """export default { render({ model, el }) {
        el.innerHTML = '<button class="count">0</button><i class="heard"></i>';
        el.firstChild.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
        model.on("change:count", () => { el.firstChild.innerText = model.get("count"); });
        model.on("change:heard", () => { el.lastChild.innerText = model.get("heard"); });
    } };"""
    count = traitlets.Int(0).tag(sync=True)
    heard = traitlets.Unicode("").tag(sync=True)

counter = Counter()
counter.observe(lambda change: counter.set_trait("heard", f"Python heard {change.new}"), "count")
counter
'''


def test_anywidget_works_and_is_served_from_here(page: Page, classic: Classic):
    """Ten lines of anywidget that ask Python: should the Gate Lab fail, this tells whether it is the Gate Lab."""
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url.partition("?")[0]))
    classic.write("counter.ipynb", WIDGET)
    open_notebook(page, classic, "counter.ipynb")
    run_all(page)
    for clicks in (1, 2):
        page.locator(".count").click()
        expect(page.locator(".count")).to_have_text(str(clicks))
        expect(page.locator(".heard")).to_have_text(f"Python heard {clicks}")
    assert f"{classic.url}nbextensions/anywidget/index.js" in asked


def test_every_slider_of_a_live_figure_moves_its_picture(page: Page, classic: Classic):
    open_notebook(page, classic, LIVE_CHECK)
    run_all(page)
    handles = page.locator(".output_subarea .widget-slider .ui-slider-handle")
    assert handles.count() == 2
    for handle in handles.all():
        wait_until_it_follows(handle, press_arrow)


def press_arrow(handle: Locator) -> None:
    """One step up, or down where the slider stands at its upper end."""
    at_top = handle.evaluate("handle => parseFloat(handle.style.left) > 99.9")
    handle.focus()
    handle.page.keyboard.press("ArrowLeft" if at_top else "ArrowRight")

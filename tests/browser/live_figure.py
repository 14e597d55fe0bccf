"""A LiveFigure as a student finds it, in JupyterLab and in the classic notebook."""

from collections.abc import Callable

from playwright.sync_api import Locator

SHOWS = """handle => {
    const images = [...handle.closest(".jp-OutputArea-output, .output_subarea").querySelectorAll("img")];
    return {
        readout: handle.closest(".widget-slider").querySelector(".widget-readout").innerText,
        pictures: images.map(image => image.src),
        alts: images.map(image => image.alt),
    };
}"""
CHANGED = f"""([handle, before]) => {{
    const now = ({SHOWS})(handle);
    return ["readout", "pictures", "alts"].every(part => String(now[part]) !== String(before[part]));
}}"""


def wait_until_it_follows(handle: Locator, move: Callable[[Locator], None]) -> None:
    """Move a slider by its handle; read-out, picture and alt text change, or the wait ends in an error."""
    before = handle.evaluate(SHOWS)
    move(handle)
    handle.page.wait_for_function(CHANGED, arg=[handle.element_handle(), before], timeout=10_000)

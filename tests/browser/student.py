"""What a student does in JupyterLab, and the browser it takes: used by the fixtures and tests of this folder."""

import asyncio
import json
import re
import urllib.request
from collections.abc import Callable

import lecture
from chromium import HOW
from playwright.sync_api import Page, WebSocketRoute, expect

KERNEL = re.compile(r"/api/kernels/.*/channels")  # a kernel's web socket
MISSING = f"No Chromium was found, so no slider was dragged. {HOW}, and run `make test` again."


def is_external(url: str) -> bool:
    return not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:|about:|file:", url)


def open_notebook(page: Page, lab: lecture.Server, name: str, heading: str = "") -> None:
    """Open it alone by its address, as `make lecture` does, and wait until its kernel is ready."""
    address, mark, heading = lab.address(name, heading).partition("#")
    page.goto(f"{address}&reset{mark}{heading}")
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=60_000)
    # Without a kernel JupyterLab says "idle" too, for a second before it has one.
    expect(page.locator(".jp-KernelName")).to_have_text(re.compile("Python"), timeout=60_000)
    expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible(timeout=60_000)


def choose(page: Page, menu: str, *items: str) -> None:
    page.get_by_role("menubar").get_by_role("menuitem", name=menu, exact=True).click()
    for item in items:
        page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{re.escape(item)}$")).click()


def run_all(page: Page, timeout: float = 400_000) -> None:
    """Clear every output, run every cell from the menu, and wait for the last; a cell that fails ends the test."""
    choose(page, "Edit", "Clear Outputs of All Cells")
    choose(page, "Run", "Run All Cells")
    state = page.wait_for_function(
        """() => {
            const error = document.querySelector('[data-mime-type="application/vnd.jupyter.error"]');
            if (error) return error.innerText;
            const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")];
            return prompts.every(prompt => /\\[\\d+\\]/.test(prompt.innerText)) && "done";
        }""",
        timeout=timeout,
    ).json_value()
    assert state == "done"
    expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible(timeout=timeout)


def delayed(seconds: float) -> Callable[[WebSocketRoute], None]:
    """For `page.route_web_socket(KERNEL, …)`: messages to and from a page's kernel take that many seconds longer."""

    def pass_on(page: WebSocketRoute) -> None:
        server, loop = page.connect_to_server(), asyncio.get_running_loop()
        page.on_message(lambda message: loop.call_later(seconds, server.send, message))
        server.on_message(lambda message: loop.call_later(seconds, page.send, message))

    return pass_on


def notebook_names() -> list[str]:
    return sorted(path.name for path in lecture.NOTEBOOKS.glob("*.ipynb"))


def wait_until(page: Page, holds: Callable[[], bool], say: Callable[[], str], seconds: float) -> None:
    """Look every 20 ms whether it holds; an AssertionError with what `say` says if it does not within so long."""
    for _ in range(round(seconds / 0.02)):
        if holds():
            return
        page.wait_for_timeout(20)
    raise AssertionError(say())


def shut_kernels(server) -> None:
    """End every kernel of this Jupyter server: one that still trains would slow down all tests that follow."""

    def ask(path: str, method: str = "GET") -> bytes:
        headers = {"Authorization": f"token {server.token}"}
        request = urllib.request.Request(f"{server.url}api/kernels{path}", headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    for kernel in json.loads(ask("")):
        ask(f"/{kernel['id']}", "DELETE")
    assert json.loads(ask("")) == []

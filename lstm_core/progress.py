"""Progress that suits whoever watches: a bar in Jupyter and in a terminal, a few lines in a log, or nothing at all.

`training.fit` shows its epochs with it, and so can any long study of the notebooks.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count

__all__ = ["audience", "progress"]

Advance = Callable[[str], object]


def progress(total: int, shown: bool = True, unit: str = "epoch") -> AbstractContextManager[Advance]:
    """Open a display of `total` steps: `with progress(40) as advance:`, then `advance("train 0.02")` after each step.

    Bars go when they are done or interrupted, and leave nothing in a saved notebook; a log gets ten lines at most.
    """
    ways = {"jupyter": _notebook_bar, "terminal": _terminal_bar, "log": _log_lines, "nobody": _nothing}
    return ways[audience() if shown else "nobody"](total, unit)


def audience() -> str:
    """Say who watches: "jupyter", "terminal", "log", or "nobody" where a notebook is a batch job (nbconvert, nbval).

    A batch job tells its kernel that nobody is there to answer input(): so nobody watches a bar either.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if hasattr(shell, "get_parent"):  # a kernel's shell knows the request that it is answering
        return "jupyter" if shell.get_parent().get("content", {}).get("allow_stdin", True) else "nobody"
    return "terminal" if sys.stderr.isatty() else "log"


@contextmanager
def _notebook_bar(total: int, unit: str) -> Iterator[Advance]:
    from IPython.display import display
    from tqdm.notebook import tqdm

    bar = tqdm(total=total, unit=unit, display=False)
    place = display(bar.container, display_id=True)
    try:
        yield lambda text: _advance(bar, text)
    finally:
        bar.close()
        bar.container.close()
        place.update({}, raw=True)  # else the saved notebook would keep the closed widget, as the text of a bar at 0%


@contextmanager
def _terminal_bar(total: int, unit: str) -> Iterator[Advance]:
    from tqdm import tqdm

    with tqdm(total=total, unit=unit, leave=False) as bar:
        yield lambda text: _advance(bar, text)


def _advance(bar, text: str) -> None:
    bar.set_postfix_str(text, refresh=False)
    bar.update()


@contextmanager
def _log_lines(total: int, unit: str) -> Iterator[Advance]:
    steps = count(1)

    def advance(text: str) -> None:
        step = next(steps)
        if step * 10 // total > (step - 1) * 10 // total:
            print(f"{unit} {step}/{total}: {text}", file=sys.stderr, flush=True)

    yield advance


def _nothing(total: int, unit: str) -> AbstractContextManager[Advance]:
    return nullcontext(lambda text: None)

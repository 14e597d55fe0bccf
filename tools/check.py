"""`make test`: ruff, unit, property and parity tests, strict nbval on every notebook, and the sliders in a browser.
`make test-colab`: with Colab's versions, the notebooks and all that has widgets, in the classic notebook too.

    python tools/check.py [PYTEST ARGUMENT...]

The variable LSTM_COLAB=1 asks for the second. One pytest run does all of it, so its closing line is the verdict.
Standard library only.
"""

from __future__ import annotations

import sys

import environment

# A notebook is one kernel: loadfile keeps its cells together, in order. Files start as they are collected, the browser
# first: xdist would put those with the most tests first, and end with one worker in the slowest file.
PYTEST = ("-m", "pytest", "--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
# Colab's packages meet newer ones than they know (matplotlib 3.10 pyparsing 3.3): what they should no longer call is
# their affair. `make test` fails over our own deprecations.
COLAB_OPTIONS = ("-W", "ignore::DeprecationWarning")
COLAB_TESTS = ("tests/browser/classic", "notebooks", "tests/test_live.py", "tests/test_*_lab*.py")


def colab_tests() -> list[str]:
    """What `make test-colab` runs; the browser, which takes longest, comes first."""
    return [str(path.relative_to(environment.ROOT)) for name in COLAB_TESTS for path in environment.ROOT.glob(name)]


if __name__ == "__main__":
    if environment.COLAB:
        environment.install("live", "markets", "trading", "test")
        tests = colab_tests()
        print("With Colab's versions (constraints-colab.txt, all but torch):", *tests, flush=True)
        sys.exit(environment.run(*PYTEST, *COLAB_OPTIONS, *tests, *sys.argv[1:]))
    environment.install("lecture", "live", "markets", "trading", "cluster", "slides", "site", "test")
    if environment.run("tools/npm.py"):  # before the workers start: two of them would fetch into one folder
        sys.exit(1)
    sys.exit(environment.run(*PYTEST, *sys.argv[1:]))

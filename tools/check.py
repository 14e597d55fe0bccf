"""`make test`: ruff, unit, property and parity tests, strict nbval on every notebook, and the sliders in a browser.

    python tools/check.py [PYTEST ARGUMENT...]

One pytest run does all of it, so its closing line is the verdict. Standard library only.
"""

from __future__ import annotations

import sys

import environment

# A notebook is one kernel: loadfile keeps its cells together, in order.
PYTEST = ("-m", "pytest", "--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile")

if __name__ == "__main__":
    environment.install("lecture", "live", "markets", "test")
    sys.exit(environment.run(*PYTEST, *sys.argv[1:]))

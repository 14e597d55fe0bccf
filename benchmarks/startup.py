"""How long `import lstm_core` takes beside `import numpy`, each in a fresh interpreter."""

import subprocess
import sys

import numpy as np

from benchmarks.timing import Bar, Spread, duration, table

__all__ = ["section"]

IMPORTS = {
    "import numpy": "numpy",
    "import lstm_core": "lstm_core",
    "… and its NumPy modules": "lstm_core.cell, lstm_core.sequence, lstm_core.gradient_flow, lstm_core.biases",
}


def import_seconds(modules: str) -> float:
    """Process time from the start of a fresh interpreter to the end of the import."""
    code = f"import {modules}, time; print(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)


def section(seconds: float) -> str:
    turns = [[import_seconds(modules) for modules in IMPORTS.values()] for _ in range(round(5 + 4 * seconds))]
    rows = []
    for name, column in zip(IMPORTS, np.transpose(turns[1:]), strict=True):  # the first turn may write bytecode
        over = Spread.of(column - np.array(turns[1:])[:, 0])
        milliseconds = "{:+.0f} ({:+.0f} to {:+.0f})".format(*(1e3 * value for value in over))
        compared = ["", ""] if name == "import numpy" else [milliseconds, Bar("≤", 0.05).verdict(over.median, " s")]
        rows.append([name, duration(np.median(column)), *compared])
    header = [("", ""), ("", "process time"), ("over", "NumPy's, ms"), ("", "bar")]
    return f"Start-up: a fresh interpreter and one import\n\n{table(header, rows)}"

"""What every test shares: random tests that repeat, figures without a window, a loud word for a missing browser."""

import os

import matplotlib
import pytest
from hypothesis import settings

matplotlib.use("agg")

# Random shapes are drawn afresh on every developer's run and are the same ones on every run of CI.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end what the skipped browser tests would need: a line in the middle is easily missed."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "Chromium" in str(report.longrepr)]
    if skipped:
        terminalreporter.section(f"{len(skipped)} BROWSER TESTS SKIPPED", sep="!", red=True, bold=True)
        terminalreporter.line(str(skipped[0].longrepr[2]))

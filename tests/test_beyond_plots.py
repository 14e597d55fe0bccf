"""beyond_plots.py: the data of its figure, read back from the axes."""

from typing import NamedTuple

import numpy as np
import pytest

from lstm_core.beyond_plots import plot_variants
from lstm_core.plots import GATES


class Trace(NamedTuple):
    c: np.ndarray
    h: np.ndarray


def trace(start: float, T: int = 12) -> Trace:
    """Two sequences of two units, all of them different."""
    C = start + np.arange(float(T)) + np.array([[0, 100], [200, 300]])[:, None, :].transpose(0, 2, 1)
    return Trace(C.transpose(0, 2, 1), -C.transpose(0, 2, 1))


TRACES = {name: trace(k) for k, name in enumerate("abcde")}


def test_every_variant_has_a_panel_with_its_cell_its_hidden_state_and_the_first_ones_cell_behind():
    fig = plot_variants(TRACES, {"written": 3, "asked": 8})
    panels = [ax for ax in fig.axes if ax.get_visible()]
    assert [ax.get_title(loc="left") for ax in panels] == list("abcde")
    for k, ax in enumerate(panels):
        behind, cell, hidden, *marks = ax.get_lines()
        for line, values in ((behind, np.arange(12)), (cell, k + np.arange(12)), (hidden, -k - np.arange(12))):
            np.testing.assert_array_equal(line.get_ydata(), values)
        assert (cell.get_color(), hidden.get_color()) == (GATES["c"]["color"], GATES["h"]["color"])
        assert [mark.get_xdata()[0] for mark in marks] == [3, 8]
    assert {text.get_text() for text in panels[0].texts} == {"written", "asked", "C", "h"}
    assert not any(ax.texts for ax in panels[1:])


@pytest.mark.parametrize("traces", [{}, {"a": trace(0), "b": trace(0, 13)}])
def test_traces_of_one_length_are_expected(traces):
    with pytest.raises(ValueError, match="one length for all is expected"):
        plot_variants(traces, {})

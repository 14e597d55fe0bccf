"""Figures for the back row: what slides show, larger than a notebook does.

Not in plots.py, which recorded rows depend on: a slide is no reason to compute them anew.
"""

import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from lstm_core.plots import DOTS, image_tag

__all__ = ["show", "smallest_text"]


def show(fig: Figure, alt: str) -> None:
    """Display a figure on a slide with `alt`, a text for those who do not see it: what it shows.

    It has twice the dots of `plots.show`, since slides enlarge it, and says how small its smallest text is, in points,
    so that a test sees whether the back row can read it. Raises ValueError for a text too short to say anything.
    """
    alt = " ".join(alt.split())
    if len(alt) < 40:
        raise ValueError(f"alt text is {alt!r}: say what the figure shows, with its trend and numbers")
    fig.set_dpi(2 * DOTS)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    picture = image_tag(canvas, alt).replace("<img", f'<img data-points="{smallest_text(fig):g}"', 1)
    display({"text/html": picture, "text/plain": alt}, raw=True)


def smallest_text(fig: Figure) -> float:
    """The size of the smallest text in a figure that has been drawn, in points."""
    texts = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return min((text.get_fontsize() for text in texts), default=np.inf)

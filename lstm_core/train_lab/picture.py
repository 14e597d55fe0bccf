"""A small plot of which only what moves is drawn again, as an HTML image that keeps its place while it changes."""

from collections.abc import Iterable

from matplotlib.artist import Artist

from lstm_core.live import Blit
from lstm_core.plots import figure

__all__ = ["SIZE", "Picture"]

SIZE = (4.4, 4.0)  # inches: two of them side by side, or one above the other where a page is narrow
AXES = (0.165, 0.13, 0.815, 0.78)  # left, bottom, width and height of the axes, in parts of the figure


class Picture(Blit):
    """One pair of axes of a fixed size and place."""

    def __init__(self):
        fig, self.ax = figure(size=SIZE)
        fig.set_layout_engine("none")  # it would take as long as all the drawing, to find this place
        self.ax.set_position(AXES)
        super().__init__(fig)

    def tag(self, moving: Iterable[Artist], alt: str) -> str:
        return framed(super().tag(moving, alt))


def framed(tag: str) -> str:
    """The image in a box of its final size: a browser decodes a new image late, and the page would jump."""
    width, height = (round(inches * 96) for inches in SIZE)
    return f'<div style="aspect-ratio:{width}/{height};max-width:{width}px;background:white">{tag}</div>'

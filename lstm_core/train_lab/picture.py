"""A small plot of which only what moves is drawn again, as an HTML image that keeps its place while it changes."""

from collections.abc import Iterable

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from lstm_core.plots import DOTS, figure, image_tag

__all__ = ["SIZE", "Picture"]

SIZE = (4.4, 4.0)  # inches: two of them side by side, or one above the other where a page is narrow
AXES = (0.165, 0.13, 0.815, 0.78)  # left, bottom, width and height of the axes, in parts of the figure


class Picture:
    """One pair of axes, drawn once as they stand; `tag` draws what moves over them. Those artists are animated ones."""

    def __init__(self):
        fig, self.ax = figure(size=SIZE)
        fig.set_layout_engine("none")  # it would take as long as all the drawing, to find this place
        self.ax.set_position(AXES)
        fig.set_dpi(DOTS)
        self._canvas, self._still = FigureCanvasAgg(fig), None

    def renew(self) -> None:
        """What stands still has changed: draw it anew with the next picture."""
        self._still = None

    def tag(self, moving: Iterable[Artist], alt: str) -> str:
        """The picture with the moving artists as they are now, as an HTML image with this alt text."""
        if self._still is None:
            self._canvas.draw()
            self._still = self._canvas.copy_from_bbox(self.ax.figure.bbox)
        self._canvas.restore_region(self._still)
        for artist in moving:
            self.ax.draw_artist(artist)
        return framed(image_tag(self._canvas, alt, Image.Quantize.FASTOCTREE))  # the fastest of them


def framed(tag: str) -> str:
    """The image in a box of its final size: a browser decodes a new image late, and the page would jump."""
    width, height = (round(inches * 96) for inches in SIZE)
    return f'<div style="aspect-ratio:{width}/{height};max-width:{width}px;background:white">{tag}</div>'

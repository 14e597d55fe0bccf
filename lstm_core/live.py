"""A figure under sliders: Python computes, only what moves is drawn again. For what is not a Gate Lab.

`ipywidgets.interact` re-sends a whole output and hides exceptions. Here one figure is kept, its still parts are drawn
once and its moving artists over them (blitting): several times faster, and what goes wrong is shown.
"""

import html
import threading
from collections.abc import Callable, Iterable, Sequence

import ipywidgets
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lstm_core.plots import DOTS, image_tag

__all__ = ["Blit", "LiveFigure", "slider"]


class Blit:
    """A figure whose still parts are drawn once; `tag` draws over them what moves, artists that are animated ones."""

    def __init__(self, figure: Figure):
        figure.set_dpi(DOTS)
        self._canvas, self._still = FigureCanvasAgg(figure), None

    def draw(self) -> None:
        """Draw what stands still, as it now is."""
        self._canvas.draw()
        self._still = self._canvas.copy_from_bbox(self._canvas.figure.bbox)

    def renew(self) -> None:
        """What stands still has changed: draw it anew with the next picture."""
        self._still = None

    def tag(self, moving: Iterable[Artist], alt: str) -> str:
        """The picture with the moving artists as they are now, as an HTML image with this alt text."""
        if self._still is None:
            self.draw()
        self._canvas.restore_region(self._still)
        for artist in moving:
            artist.axes.draw_artist(artist)
        return image_tag(self._canvas, alt, Image.Quantize.FASTOCTREE)  # the fastest of them


class LiveFigure(ipywidgets.VBox):
    """`figure` under named controls: whenever one moves, `update(**values)` sets the `moving` artists' data.

    `update` returns a sentence that says what the picture now shows: it is the picture's alt text and stands below it.
    `controls` holds the widgets by name: set `live.controls["rho"].value` to drive it from Python. An exception in
    `update` is shown in place of the picture, and raised.
    """

    def __init__(self, figure: Figure, moving: Sequence[Artist], update: Callable[..., str], **controls):
        self._moving, self._update, self.controls = moving, update, controls
        self._lock = threading.RLock()  # JupyterLab runs callbacks in threads of their own
        for artist in moving:
            artist.set_animated(True)
        self._blit = Blit(figure)
        self._blit.draw()
        figure.set_layout_engine("none")  # what stands still stays where the first drawing put it
        self._picture = ipywidgets.HTML()
        super().__init__([*controls.values(), self._picture])
        for control in controls.values():
            control.observe(self._redraw, "value")
        self._redraw()

    @property
    def sentence(self) -> str:
        """What the picture shows now."""
        return self._sentence

    def __repr__(self):  # what a reader without widgets sees, and what tests of notebooks compare: no pixels in it
        return self._sentence

    def _redraw(self, _change=None):
        with self._lock:
            try:
                self._sentence = self._update(**{name: control.value for name, control in self.controls.items()})
            except Exception as error:
                self._picture.value = f"<p role='alert'>This setting could not be drawn: {html.escape(str(error))}</p>"
                raise
            picture = self._blit.tag(self._moving, self._sentence)
            self._picture.value = f"{picture}<p style='line-height:1.4'>{html.escape(self._sentence)}</p>"


def slider(
    description: str, value: float, low: float, high: float, step: float = 0.1, *, digits: int = 2
) -> ipywidgets.FloatSlider:
    """A slider wide enough to aim with, its name spelt out in full and its value to this many decimals."""
    return ipywidgets.FloatSlider(
        value, min=low, max=high, step=step, description=description, readout_format=f".{digits}f",
        style={"description_width": "170px"}, layout=ipywidgets.Layout(width="min(560px, 98%)"),
    )  # fmt: skip

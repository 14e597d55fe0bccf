"""What a TrainLab shows under its buttons: the verdict, the live curve, the map, and when they may be drawn again."""

import html
import time
from collections.abc import Sequence
from statistics import median_high

import ipywidgets

from lstm_core.train_lab import words
from lstm_core.train_lab.bias_map import BiasMap
from lstm_core.train_lab.curves import Curve, Curves
from lstm_core.train_lab.picture import SIZE
from lstm_core.train_lab.runner import SOLVED, Training
from lstm_core.train_lab.session import Biases

__all__ = ["View"]

PAUSE = 0.2  # seconds between two pictures of a running training, at least
FORMER = 5  # pale curves at most: more could not be told apart
REST = 5  # and that many times what the last ones took: drawing takes less than a fifth of the time


class View:
    """Two pictures side by side, one above the other where it is narrow, each with its own alt text."""

    def __init__(self, background: Sequence[dict], budget: int, seed: int, chrono: bool):
        self._background, self._budget, self._seed = background, budget, seed
        self._curves, self._map = Curves(budget), BiasMap(background, chrono)
        self._former, self._presses, self._live, self._running, self._due = [], [], None, None, 0.0
        fits = ipywidgets.Layout(width=f"min({round(SIZE[0] * 96)}px, 98%)")
        self._left, self._right = ipywidgets.HTML(layout=fits), ipywidgets.HTML(layout=fits)
        wrap = ipywidgets.Layout(display="flex", flex_flow="row wrap", grid_gap="4px 20px", width="100%")
        self.verdict = ipywidgets.HTML(layout=ipywidgets.Layout(width="98%"))
        self.pictures = ipywidgets.Box([self._left, self._right], layout=wrap)

    @property
    def due(self) -> bool:
        """Has a running training's picture stood for long enough?"""
        return time.perf_counter() >= self._due

    @property
    def page(self) -> str:
        """All of it as HTML, for where no widget can run."""
        return "".join(part.value for part in (self.verdict, self._left, self._right))

    def say(self, sentence: str, role: str = "status") -> None:
        """Put this in the verdict's place, as a screen reader's "status", or "alert" if something went wrong."""
        weight = "bold" if role == "alert" else "normal"
        # Two lines high even if it fills one, so that the pictures stay where they are.
        style = f"line-height:1.4;min-height:2.8em;margin:0;font-weight:{weight}"
        self.verdict.value = f'<p role="{role}" style="{style}">{html.escape(sentence)}</p>'

    def settle(self, trained: Sequence[Training], live: Training | None, running: Training | None) -> None:
        """Take note of which presses there are, whose curve is the live one, and which of them is at work."""
        self._former = [training for training in trained if training is not live and training.curve[0]][-FORMER:]
        self._presses = [training.press for training in trained if training is not running]
        self._live, self._running = live, running
        self._curves.begin([self._curve(training) for training in self._former])
        self._map.settle(self._presses, running.biases if running else None)

    def draw(self, sliders: Biases, *, curve: bool = True, bias_map: bool = True) -> None:
        """Draw either picture, or both, whole, as things stand."""
        began = time.perf_counter()
        if curve:
            self._left.value = self._draw_curve()
        if bias_map:
            self._right.value = self._draw_map(sliders)
        ended = time.perf_counter()
        self._due = ended + max(PAUSE, REST * (ended - began))

    def _draw_curve(self) -> str:
        live = self._live
        if live is None:
            title = "Press Train: the loss will be drawn here"
        elif live is self._running:
            title = f"training {words.place(live.biases)}: {live.sequences:,} sequences"
        else:
            title = f"{words.place(live.biases)}: {words.ended(live.press)}"
        former = [training.press for training in self._former]
        alt = words.curve_alt(title, live.curve[1] if live else [], former, self._budget)
        return self._curves.tag(live and self._curve(live), title, alt)

    def _draw_map(self, sliders: Biases) -> str:
        title, running = f"sliders: {words.biases(sliders)}", self._running
        if running:
            title = f"training {words.place(running.biases)}"
            title += f"; next press {words.place(sliders)}" if sliders != running.biases else ""
        return self._map.tag(sliders, title, words.map_alt(title, self._background, self._presses)) + self._key()

    def _key(self) -> str:
        """What the marks of the map mean."""
        key = "● your press, solved · ○ not · + sliders"
        if self._background:
            runs = median_high(row["runs"] for row in self._background)  # a row or two may have had more
            key += f" · cells: recorded runs; 23k: all solved, after 23,000 sequences on average; 0/{runs}: none solved"
            budgets = {row.get("budget") for row in self._background}
            if len(budgets) == 1 and (budget := budgets.pop()):
                key += f" within {budget:,}"
        return f'<p style="line-height:1.4;margin:2px 0;font-size:90%">{key}</p>'

    def _curve(self, training: Training) -> Curve:
        seed = "" if training.seed == self._seed else f" s{training.seed}"
        return Curve(words.place(training.biases) + seed, *training.curve, training.outcome == SOLVED)

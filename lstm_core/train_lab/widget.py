"""TrainLab: two biases, a guess, a press of Train, and a verdict some seconds later. Notebook 07 is built around it."""

import weakref
from collections.abc import Sequence

import ipywidgets

from lstm_core.train_lab import words
from lstm_core.train_lab.cells import running_cell
from lstm_core.train_lab.controls import check_options, checked_background, make_buttons, make_sliders
from lstm_core.train_lab.runner import Press, Start, Training
from lstm_core.train_lab.session import Biases, Session
from lstm_core.train_lab.view import View

__all__ = ["TrainLab"]

_labs: "weakref.WeakSet[TrainLab]" = weakref.WeakSet()


class TrainLab(ipywidgets.VBox):
    """Sliders for b_f and b_i, buttons Train, Stop and Again with another seed; a verdict, a live curve, a map.

    start : start(forget_bias, input_bias, seed) makes a net and its training, an iterator that yields a Progress a
        minibatch; nothing runs until it is pulled. With `chrono` there is a box to tick, and start(None, None, seed)
        means chrono biases.
    forget_bias, input_bias : where the sliders stand at first, b_f in [−1, 8], b_i in [−6, 2], in steps of 0.5.
    budget : sequences a press may see.
    background : recorded runs for the map, dicts of forget_bias, input_bias (None twice: chrono), runs, solved,
        sequences (their mean to success, or None), and budget. Those beyond the sliders' ends are not drawn.
    seed : of Train; Again takes the next ones.

    `controls` holds the widgets by name: forget_bias, input_bias, chrono, train, stop, again. Sliders moved during a
    training belong to the next press. Stop keeps the state: Train with the same biases goes on from there. An interrupt
    of the kernel is a Stop. Running the lab's cell again closes the lab it made before. An error in `start` or in its
    training stands in place of the verdict and is raised as well.

    Raises ValueError for arguments that cannot be right.
    """

    _ipython_display_ = None  # ipywidgets 7 would display through it, without the still pictures
    _session = None

    def __init__(
        self, start: Start, *, forget_bias: float = 1.0, input_bias: float = 0.0, budget: int = 40_000,
        background: Sequence[dict] = (), seed: int = 0, chrono: bool = False,
    ) -> None:  # fmt: skip
        check_options(start, forget_bias, input_bias, budget, seed)
        self._view = View(checked_background(background), budget, seed, chrono)
        self._session = Session(start, budget, seed, self)
        self._cell = running_cell()
        for old in [lab for lab in _labs if self._cell and self._cell.is_rerun_of(lab._cell)]:
            old.close()
        _labs.add(self)
        self._redraw_asked = self._map_stale = False
        sliders, buttons = make_sliders(forget_bias, input_bias, chrono), make_buttons()
        self.controls = sliders | buttons
        row = ipywidgets.Box([*buttons.values()], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([*sliders.values(), row, self._view.verdict, self._view.pictures])
        for control in sliders.values():
            control.observe(self._slider_moved, "value")
        buttons["train"].on_click(lambda _: self.train())
        buttons["stop"].on_click(lambda _: self.stop())
        buttons["again"].on_click(lambda _: self.again())
        self._say(f"Set both biases, guess, then press Train: will it be solved within {budget:,} sequences?")
        self._settle(None)

    # --- what a student presses

    def train(self, wait: bool = False) -> None:
        """Train from the sliders' biases, or go on from where Stop left them; nothing while a training runs.

        It returns at once. With `wait`, or where no event loop runs, it returns when the training has ended.
        """
        self._session.train(self._biases, False, wait)

    def again(self, wait: bool = False) -> None:
        """Train from the sliders' biases with a seed that they have not had."""
        self._session.train(self._biases, True, wait)

    def stop(self) -> None:
        """End the running training after the minibatch in work."""
        self._session.stop()

    def close(self) -> None:
        """End the training and take the lab off the page; `presses` stay readable."""
        if self._session:  # Python closes too what an error in __init__ left half made
            self._session.close()
            for part in (*self.controls.values(), *self._view.pictures.children, *self.children):
                part.close()
        super().close()

    @property
    def presses(self) -> list[Press]:
        """What came of every press, a continued one counted once; the running one is not among them."""
        return self._session.presses

    @property
    def sentence(self) -> str:
        """The verdict in words, or what is going on."""
        return self._sentence

    # --- what the session tells, and what moves

    def began(self, training: Training) -> None:
        self._set_buttons(running=True)
        self._say(f"training with {words.biases(training.biases)}, seed {training.seed} …")
        self._settle(training)

    def went_on(self, training: Training) -> None:
        if self._view.due:
            self._view.draw(self._biases(), bias_map=self._map_stale)
            self._map_stale = False

    def ended(self, training: Training, problem: Exception | None) -> None:
        self._set_buttons(running=False)
        if problem:
            self._say(words.failure(problem), "alert")
        else:
            self._say(words.verdict(training.press))
        self._settle(None if problem else training)

    def _slider_moved(self, _change) -> None:
        if not self._redraw_asked:  # a flood of moves is one redrawing, with the newest values
            self._redraw_asked = True
            self._session.soon(self._redraw)

    def _redraw(self) -> None:
        self._redraw_asked, self._map_stale = False, True
        for name in ("forget_bias", "input_bias"):
            self.controls[name].disabled = self._biases() == (None, None)
        if not self._session.running:  # else with its next picture
            self._view.draw(self._biases(), curve=False)

    def _settle(self, live: Training | None) -> None:
        self._view.settle(self._session.trained, live, self._session.running)
        self._view.draw(self._biases())
        self._map_stale = False

    def _say(self, sentence: str, role: str = "status") -> None:
        self._sentence = sentence
        self._view.say(sentence, role)

    def _set_buttons(self, running: bool) -> None:
        self.controls["train"].disabled = running
        self.controls["stop"].disabled = not running
        self.controls["again"].disabled = running or not self._session.trained

    def _biases(self) -> Biases:
        if "chrono" in self.controls and self.controls["chrono"].value:
            return None, None
        return self.controls["forget_bias"].value, self.controls["input_bias"].value

    # --- without widgets

    def __repr__(self) -> str:  # what a reader without widgets sees, and what tests of notebooks compare
        return self._sentence

    def _repr_mimebundle_(self, **kwargs) -> dict:
        """The widget, and for those who cannot have it the pictures with their alt texts."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        page = self._view.page
        return {"text/plain": repr(self), "text/html": page, "application/vnd.jupyter.widget-view+json": view}

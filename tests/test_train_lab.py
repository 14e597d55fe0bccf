"""train_lab: trainings in slices on an event loop, pressed and stopped by hand, by threads and by signals.

The nets are fakes: `Fake` yields what it is told to and notes each pull, so "goes on exactly there" can be counted.
"""

import asyncio
import math
import os
import random
import re
import signal
import threading
import time
from contextlib import contextmanager
from itertools import pairwise
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
from helpers import decoded, images

from lstm_core.train_lab import Press, Progress, TrainLab, cells, runner, view, widget, words
from lstm_core.train_lab.cells import Cell
from lstm_core.train_lab.curves import Curve
from lstm_core.train_lab.runner import Training

BLUE, BLACK, ORANGE, GREY = (0, 114, 178), (26, 26, 26), (213, 94, 0), (107, 107, 107)
VIEW = "application/vnd.jupyter.widget-view+json"
ROW = dict(forget_bias=3.0, input_bias=-3.0, runs=10, solved=10, sequences=23_400, budget=200_000)


def loss_of(biases, seed: int, sequences: int) -> float:
    return 0.05 * random.Random(str((*biases, seed, sequences))).uniform(0.5, 2)


class Fake:
    """A `start`: 20 sequences a minibatch; with b_f ≥ 3, or chrono, solved after `solved` sequences, else never."""

    def __init__(self, solved: int = 300, pause: float = 0.0, act=lambda sequences: None):
        self.solved, self.pause, self.act = solved, pause, act
        self.made, self.pulls, self.threads = [], [], set()

    def __call__(self, forget_bias, input_bias, seed):
        biases = (forget_bias, input_bias)
        self.made.append((*biases, seed))
        for sequences in range(20, 10**9, 20):
            self.pulls.append((*biases, seed, sequences))
            self.threads.add(threading.current_thread())
            time.sleep(self.pause)
            self.act(sequences)
            solved = (forget_bias is None or forget_bias >= 3) and sequences >= self.solved
            yield Progress(sequences, loss_of(biases, seed, sequences), 0.9, solved)

    def untouched(self) -> bool:
        """Whether every training was pulled once for each minibatch, in order, whatever came between."""
        by_training = {}
        for *training, sequences in self.pulls:
            by_training.setdefault(tuple(training), []).append(sequences)
        return all(
            all(b - a == 20 or b == 20 for a, b in pairwise(sequences)) and sequences[0] == 20
            for sequences in by_training.values()
        )


def make(start=None, **options) -> TrainLab:
    return TrainLab(Fake() if start is None else start, **{"budget": 1000} | options)


def set_sliders(lab: TrainLab, forget_bias: float, input_bias: float) -> TrainLab:
    lab.controls["forget_bias"].value, lab.controls["input_bias"].value = forget_bias, input_bias
    return lab


def htmls(lab: TrainLab) -> list[str]:
    """The verdict, the left picture and the right one."""

    def find(box):
        for child in box.children:
            if isinstance(child, ipywidgets.HTML):
                yield child.value
            elif isinstance(child, ipywidgets.Box):
                yield from find(child)

    return list(find(lab))


def verdict(lab: TrainLab) -> str:
    return re.sub("<[^>]*>", "", htmls(lab)[0])


def alts(lab: TrainLab) -> list[str]:
    return [image["alt"] for image in images("".join(htmls(lab)))]


def pixels(lab: TrainLab, which: int) -> np.ndarray:
    (image,) = images(htmls(lab)[1 + which])
    return decoded(image["src"]).astype(int)


def amount(lab: TrainLab, which: int, colour) -> int:
    """How many pixels of picture 0 (curve) or 1 (map) have this colour, the palette's rounding allowed for."""
    return int((np.abs(pixels(lab, which) - colour).max(axis=2) < 14).sum())


def enabled(lab: TrainLab) -> set[str]:
    return {name for name in ("train", "stop", "again") if not lab.controls[name].disabled}


async def until(holds, seconds: float = 20) -> None:
    """Let the loop turn until this holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.001)


def at_rest(lab: TrainLab):
    return lambda: enabled(lab) >= {"train"}


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        for module in (runner, view):
            monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: self.now))

    def passes(self, seconds: float):
        return lambda *_: setattr(self, "now", self.now + seconds)


# --- one training, in slices


def test_nothing_runs_until_it_is_pulled():
    fake = Fake()
    lab, training = make(fake), Training(fake, 1.0, 0.0, 0, 1000)
    assert fake.made == []
    training.advance(0)
    assert fake.pulls == [(1.0, 0.0, 0, 20)]
    lab.close()


@pytest.mark.parametrize(("minibatch", "pulled"), [(0.02, 3), (0.05, 1), (0.7, 1), (0.01, 5)])
def test_a_slice_lasts_as_long_as_it_may_and_one_minibatch_at_least(monkeypatch, minibatch, pulled):
    fake = Fake(act=(clock := Clock(monkeypatch)).passes(minibatch))
    clock.now = 0.0  # sums of these from 0 are exact enough to count by
    training = Training(fake, 1.0, 0.0, 0, 10**6)
    training.advance(0.05 - 1e-9)
    assert len(fake.pulls) == pulled
    assert training.seconds == pytest.approx(pulled * minibatch)
    assert training.outcome is None


def test_stopped_and_resumed_it_is_the_training_without_a_break():
    whole, broken, fake = Training(Fake(400), 3.0, -3.0, 0, 1000), None, Fake(400)
    whole.advance(10)
    broken = Training(fake, 3.0, -3.0, 0, 1000)
    while broken.outcome in (None, "stopped"):
        broken.resume()
        broken.advance(0)
        if broken.outcome is None:
            broken.stop()
            broken.advance(0)  # trains no further
            assert broken.outcome == "stopped"
    assert broken.curve == whole.curve
    assert broken.press._replace(seconds=0) == whole.press._replace(seconds=0)
    assert [pull[-1] for pull in fake.pulls] == list(range(20, 401, 20))


def test_a_curve_is_the_mean_loss_of_two_hundred_stretches():
    training = Training(Fake(10**9), 1.0, 0.0, 3, 20_000)  # 1000 minibatches, 5 to a stretch
    while training.outcome is None:
        training.advance(10)
    losses = [loss_of((1.0, 0.0), 3, n) for n in range(20, 20_001, 20)]
    xs, ys = training.curve
    assert xs == list(range(100, 20_001, 100))
    np.testing.assert_allclose(ys, np.reshape(losses, (200, 5)).mean(axis=1), rtol=1e-12)
    assert training.press.loss == ys[-1]


@pytest.mark.parametrize(
    ("start", "budget", "expected"),
    [
        (Fake(300), 1000, ("solved", 300)),
        (Fake(10**9), 1000, ("not within the budget", 1000)),
        (Fake(1000), 1000, ("solved", 1000)),  # in the very last minibatch
        (Fake(10**9), 30, ("not within the budget", 40)),  # a minibatch is not cut in two
        (lambda *_: iter([Progress(20, 0.1, 1.0, False)]), 1000, ("not within the budget", 20)),
    ],
)
def test_it_ends_solved_or_with_the_budget_or_when_it_has_no_more_to_say(start, budget, expected):
    training = Training(start, 3.0, -3.0, 0, budget)
    training.advance(10)
    assert (training.outcome, training.sequences) == expected
    assert training.press[:5] == (3.0, -3.0, 0, expected[1], expected[0])


def test_what_has_ended_lets_go_of_its_net():
    closed = []

    def start(*_):
        try:
            yield Progress(20, 0.1, 1.0, True)
        finally:
            closed.append(True)

    training = Training(start, 3.0, 0.0, 0, 100)
    training.advance()
    assert closed == [True]
    assert training.outcome == "solved"


def fails(*_):
    yield Progress(20, 0.1, 1.0, False)
    raise OSError("the <disk> is full")


BROKEN = {
    "the <disk> is full": (fails, OSError),
    r"start returned None, but an iterator of Progress is expected: write a function with yield": (
        lambda *_: None,
        ValueError,
    ),
    r"ended before its first Progress: it should yield one a minibatch": (lambda *_: iter(()), ValueError),
    r"yielded 0\.25, but a Progress\(sequences, loss, wrong, solved\) is expected": (
        lambda *_: iter([0.25]),
        ValueError,
    ),
    r"the loss was nan after 20 sequences: try other biases": (
        lambda *_: iter([Progress(20, math.nan, 1.0, False)]),
        FloatingPointError,
    ),
    r"missing 1 required positional argument": (lambda forget_bias, input_bias, seed, more: iter(()), TypeError),
}


@pytest.mark.parametrize(("message", "start", "error"), [(m, *how) for m, how in BROKEN.items()])
def test_an_error_in_training_is_shown_in_the_verdicts_place_raised_and_left_behind(message, start, error):
    nets, good = iter([start, Fake(), Fake()]), Fake()
    lab = make(lambda *biases: next(nets, good)(*biases))
    with pytest.raises(error, match=message):
        lab.train()
    assert 'role="alert"' in htmls(lab)[0]
    assert "<disk>" not in htmls(lab)[0]
    shown = verdict(lab).replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'")
    assert re.search(message, shown)
    assert re.search(message, repr(lab))
    assert (lab.presses, enabled(lab)) == ([], {"train"})
    set_sliders(lab, 3.0, -3.0).train()
    assert lab.presses[-1].outcome == "solved"
    assert 'role="status"' in htmls(lab)[0]


# --- interrupts


@contextmanager
def handled_by(handler):
    found = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        assert signal.signal(signal.SIGINT, found) is handler


def interrupt_at(sequences):
    return lambda now: now == sequences and os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.default_int_handler], ids=["idle", "in a cell"])
def test_an_interrupt_is_a_stop_and_loses_nothing(handler):
    fake = Fake(act=interrupt_at(100))
    lab = set_sliders(make(fake), 3.0, -3.0)
    with handled_by(handler):
        lab.train()
        assert "stopped after 100 sequences; Train goes on from here" in lab.sentence
        lab.train()
    assert "solved after 300 sequences" in lab.sentence
    assert fake.untouched()
    assert len(fake.made) == 1


def test_an_interrupt_while_a_picture_is_drawn_is_a_stop_too(monkeypatch):
    fake, drawn = Fake(), []

    def went_on(lab, training):
        drawn.append(training.sequences)
        if len(drawn) == 1:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(TrainLab, "went_on", went_on)
    monkeypatch.setattr(Training.advance, "__defaults__", (0,))  # a minibatch a slice
    lab = set_sliders(make(fake), 3.0, -3.0)
    with handled_by(signal.SIG_IGN):
        lab.train()
        assert f"stopped after {drawn[0]} sequences; Train goes on from here" in lab.sentence
        assert len(drawn) == 2  # the slice that it stopped says so, and trains no further
        lab.train()
    assert "solved after 300 sequences" in lab.sentence
    assert fake.untouched()


def test_a_cell_that_waits_keeps_its_own_interrupts():
    heard = []
    lab = make(Fake(act=interrupt_at(100)))
    with handled_by(lambda *_: heard.append(True)):
        lab.train()
    assert heard == [True]
    assert lab.presses[0].outcome == "not within the budget"


def test_an_interrupt_inside_a_minibatch_by_somebody_elses_handler_ends_no_kernel():
    def raise_it(*_):
        raise KeyboardInterrupt

    lab = make(Fake(act=interrupt_at(100)))
    with (
        handled_by(raise_it),
        pytest.raises(RuntimeError, match="interrupted inside a minibatch: Train begins it anew"),
    ):
        lab.train()
    assert enabled(lab) == {"train"}


# --- a lab without a loop, as in a script: Train returns when the training has ended


def test_an_unpressed_lab_says_what_to_do_and_always_the_same():
    lab = make(budget=40_000)
    assert repr(lab) == "Set both biases, guess, then press Train: will it be solved within 40,000 sequences?"
    assert repr(lab) == repr(make(budget=40_000)) == verdict(lab)
    assert htmls(lab) == htmls(make(budget=40_000))
    assert enabled(lab) == {"train"}


SECONDS = r"\(\d+\.\d s\)"


@pytest.mark.parametrize(
    ("biases", "expected"),
    [
        ((3.0, -3.0), rf"b_f = 3, b_i = −3, seed 0: solved after 1,500 sequences {SECONDS}"),
        ((1.0, 0.5), rf"b_f = 1, b_i = 0\.5, seed 0: not within 2,000 sequences {SECONDS}: error still 0\.0\d+"),
    ],
)
def test_a_verdict_in_words(biases, expected):
    lab = set_sliders(make(Fake(1500), budget=2000), *biases)
    lab.train()
    assert re.fullmatch(expected, lab.sentence)
    assert verdict(lab) == repr(lab) == lab.sentence
    (press,) = lab.presses
    assert press[:3] == (*biases, 0)
    assert f"{press.sequences:,} sequences" in alts(lab)[0]
    assert f"at {press.sequences:,}." in alts(lab)[1]
    assert 'role="status"' in htmls(lab)[0]


def test_the_numbers_of_a_verdict_are_the_press_s():
    press = Press(3.0, -0.5, 2, 40_000, "not within the budget", 9.84, 0.1712)
    assert words.verdict(press) == "b_f = 3, b_i = −0.5, seed 2: not within 40,000 sequences (9.8 s): error still 0.17"
    solved = press._replace(outcome="solved", sequences=23_400, seconds=5.06)
    assert words.verdict(solved) == "b_f = 3, b_i = −0.5, seed 2: solved after 23,400 sequences (5.1 s)"
    stopped = press._replace(outcome="stopped", sequences=12_000, forget_bias=None, input_bias=None)
    assert words.verdict(stopped) == "chrono biases, seed 2: stopped after 12,000 sequences; Train goes on from here"


def test_train_takes_the_seed_given_and_again_takes_others():
    fake = Fake()
    lab = make(fake, forget_bias=4.0, seed=5)
    for press in (lab.train, lab.again, lab.again, lab.train):
        press()
    assert fake.made == [(4.0, 0.0, seed) for seed in (5, 6, 7, 5)]
    set_sliders(lab, 2.0, 0.0).again()
    assert fake.made[-1] == (2.0, 0.0, 6)  # not the 5 that Train would take
    assert [press.seed for press in lab.presses] == [5, 6, 7, 5, 6]
    assert enabled(lab) == {"train", "again"}


def test_stop_then_other_biases_begins_anew():
    fake = Fake(act=lambda now: now == 100 and lab.stop())
    lab = set_sliders(make(fake), 3.0, -3.0)
    lab.train()
    set_sliders(lab, 4.0, -3.0).train()
    lab.train()
    assert fake.made == [(3.0, -3.0, 0), (4.0, -3.0, 0)]
    assert [(p.forget_bias, p.sequences, p.outcome) for p in lab.presses] == [(3, 100, "stopped"), (4, 300, "solved")]
    set_sliders(lab, 3.0, -3.0).train()  # the one that was stopped has been given up
    assert fake.made[2:] == [(3.0, -3.0, 0)]


def test_again_leaves_the_stopped_one_and_its_record():
    fake = Fake(act=lambda now: now == 100 and lab.stop())
    lab = set_sliders(make(fake), 3.0, -3.0)
    lab.train()
    lab.again()
    assert fake.made == [(3.0, -3.0, 0), (3.0, -3.0, 1)]
    assert [(p.seed, p.outcome) for p in lab.presses] == [(0, "stopped"), (1, "stopped")]


def test_chrono_is_a_box_to_tick_that_takes_the_sliders_place():
    assert "chrono" not in make().controls
    fake = Fake()
    lab = make(fake, chrono=True, background=[ROW, ROW | dict(forget_bias=None, input_bias=None, sequences=19_000)])
    lab.controls["chrono"].value = True
    assert lab.controls["forget_bias"].disabled
    assert lab.controls["input_bias"].disabled
    assert "sliders: chrono biases" in alts(lab)[1]
    lab.train()
    lab.controls["chrono"].value = False
    lab.train()
    assert fake.made == [(None, None, 0), (1.0, 0.0, 0)]
    assert not lab.controls["forget_bias"].disabled
    assert "Recorded, all solved: (3, −3) 23k, chrono 19k." in alts(lab)[1]
    assert "Your presses: chrono solved at 300, (1, 0) not solved at 1,000." in alts(lab)[1]


def test_presses_are_a_copy():
    lab = make()
    lab.train()
    lab.presses.clear()
    assert len(lab.presses) == 1


GOOD = dict(start=Fake())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(start=3), r"start is 3, but should be a function of forget_bias, input_bias, seed that yields Progress"),
        (dict(forget_bias=9), r"forget_bias is 9, but its slider goes from -1 to 8 in steps of 0\.5"),
        (dict(forget_bias=1.25), r"forget_bias is 1\.25, but its slider goes from -1 to 8 in steps of 0\.5"),
        (dict(input_bias=math.nan), r"input_bias is nan, but its slider goes from -6 to 2 in steps of 0\.5"),
        (dict(input_bias="0"), r"input_bias is '0', but its slider goes from -6 to 2 in steps of 0\.5"),
        (dict(budget=0), r"budget is 0, but must be a whole number of at least 1"),
        (dict(budget=4e4), r"budget is 40000\.0, but must be a whole number"),
        (dict(seed=-1), r"seed is -1, but must be a whole number of at least 0"),
        (dict(background=[ROW, {"runs": 3}]), r"background row 1 lacks forget_bias, input_bias, solved, sequences"),
        (dict(background=[7]), r"background row 0 lacks forget_bias.*: it is 7"),
        (dict(background=[ROW | dict(solved=11)]), r"background row 0 has 11 runs solved of 10"),
        (dict(background=[ROW | dict(runs=0)]), r"runs of background row 0 is 0, but must be a whole number"),
        (dict(background=[ROW | dict(sequences=None)]), r"background row 0 has sequences None: give the mean"),
        (dict(background=[ROW | dict(input_bias=None)]), r"background row 0 has one bias: give both"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        TrainLab(**GOOD | options)


# --- pictures


def test_a_saved_notebook_has_both_pictures_with_their_words():
    lab = make(Fake(), background=[ROW])
    lab.train()
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == lab.sentence
    assert bundle[VIEW]["model_id"] == lab.model_id
    assert [image["alt"] for image in images(bundle["text/html"])] == alts(lab)
    assert lab.sentence in bundle["text/html"]
    assert min(map(len, alts(lab))) > 100
    for part in lab.children[-1].children:  # what nbconvert saves of the widgets themselves
        assert images(part.get_state()["value"])


def test_alt_texts_say_what_is_drawn():
    lab = make(Fake(), background=[ROW, ROW | dict(forget_bias=4.0, solved=7), ROW | dict(input_bias=0.0, solved=0)])
    assert "Press Train: the loss will be drawn here." in alts(lab)[0]
    assert alts(lab)[1] == (
        "Map of the starts, forget bias b_f to the right, input bias b_i upwards. sliders: b_f = 1, b_i = 0. Recorded,"
        " all solved: (3, −3) 23k. Recorded, some solved: (4, −3) 7/10. Recorded, none solved: (3, 0). Your presses:"
        " none yet."
    )
    lab.train()
    set_sliders(lab, 3.0, -3.0).train()
    first, last = (lab._session.trained[1].curve[1][k] for k in (0, -1))
    assert f"(3, −3): solved after 300 sequences; the loss went from {first:.2g} to {last:.2g}." in alts(lab)[0]
    assert alts(lab)[0].endswith("Pale: (1, 0) not within 1,000 sequences.")
    assert "Your presses: (1, 0) not solved at 1,000, (3, −3) solved at 300." in alts(lab)[1]


def test_no_sentence_says_that_a_net_cannot():
    lab = make(Fake(), background=[ROW | dict(solved=0)], chrono=True)
    lab.train()
    lab.again()
    said = " ".join([lab.sentence, *htmls(lab)])
    assert not re.search(r"cannot|can't|impossible|never|fail", re.sub('base64,[^"]*', "", said))


def test_the_curve_is_drawn_and_pales_with_the_next_press():
    lab = make(Fake())
    assert amount(lab, 0, BLUE) == 0
    lab.train()
    assert amount(lab, 0, BLUE) > 1000
    first = pixels(lab, 0)
    set_sliders(lab, 3.0, -3.0).train()
    assert 0 < amount(lab, 0, BLUE) < (np.abs(first - BLUE).max(axis=2) < 14).sum()  # it is solved, and so shorter
    assert (pixels(lab, 0) != first).any()


@pytest.mark.parametrize(("solved", "outcome"), [(300, "solved"), (10**9, "not within the budget")])
def test_marks_are_full_where_it_was_solved_and_hollow_where_not(solved, outcome):
    lab = set_sliders(make(Fake(solved)), 3.0, -3.0)
    lab.train()
    set_sliders(lab, 1.0, 0.0)  # the cross goes out of the way
    assert lab.presses[0].outcome == outcome
    ax, picture = lab._view._map._picture.ax, pixels(lab, 1)
    x, y = ax.transData.transform((3.0, -3.0))
    column = picture[round(picture.shape[0] - y) - 20 : round(picture.shape[0] - y) + 12, round(x)].mean(axis=1)
    dark = np.flatnonzero(column < 80)
    assert 10 < np.ptp(dark) < 20
    assert (len(dark) == np.ptp(dark) + 1) == (outcome == "solved")


def test_the_cross_stands_where_the_sliders_do():
    lab, found = make(), {}
    for biases in ((1.0, 0.0), (6.0, -4.0)):
        set_sliders(lab, *biases)
        ax = lab._view._map._picture.ax
        x, y = ax.transData.transform(biases)
        picture = pixels(lab, 1)
        row, column = round(picture.shape[0] - y), round(x)
        found[biases] = np.abs(picture[row - 1 : row + 2, column - 1 : column + 2] - BLACK).max() < 40
    assert found == {(1.0, 0.0): True, (6.0, -4.0): True}


def test_cells_are_tinted_by_the_share_that_was_solved():
    tints = []
    for solved in (0, 5, 10):
        lab = make(background=[ROW | dict(solved=solved)])
        ax = lab._view._map._picture.ax
        x, y = ax.transData.transform((3.4, -2.6))  # the cell's corner without text
        picture = pixels(lab, 1)
        tints.append(picture[round(picture.shape[0] - y), round(x)])
    red = [int(tint[0]) for tint in tints]
    assert red[0] > red[1] + 30 > red[2] + 60
    assert np.ptp(tints[0]) < 12  # none solved: grey


@pytest.mark.parametrize("chrono", [False, True])
def test_every_picture_has_one_size_and_keeps_its_place(chrono):
    shapes, boxes = set(), set()
    lab = make(Fake(), chrono=chrono, background=[ROW])

    def look(*_):
        for html, which in zip(htmls(lab)[1:], (0, 1), strict=True):
            shapes.add(pixels(lab, which).shape)
            boxes.add(html.partition("<img")[0])

    look()
    for biases in ((1.0, 0.0), (3.0, -3.0), (8.0, 2.0)):
        set_sliders(lab, *biases).train()
        look()
    assert len(shapes) == len(boxes) == 1
    assert "aspect-ratio" in boxes.pop()


def test_labels_overlap_neither_each_other_nor_the_edge():
    lab = make(Fake(), budget=1_000_000)
    curves, ax = lab._view._curves, lab._view._curves._picture.ax
    longest = "(−0.5, −5.5) s12"
    curves.begin([Curve("gone by then", [10], [0.1], True)])
    curves.begin([Curve(longest, [k, 10**6 * k], [0.1, 0.01], k == 1) for k in (1, 1, 0.5, 0.9, 1)])
    for title in ("(−0.5, −5.5): not within 1,000,000 sequences", "training (−0.5, −5.5): 1,000,000 sequences"):
        curves.tag(Curve("", [1], [0.1], False), title, "alt")
        boxes = [text.get_window_extent() for text in (*ax.texts, curves._title, *ax.get_xticklabels())]
        assert len(ax.texts) == 5
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
        assert max(box.x1 for box in boxes) < ax.figure.bbox.x1
        assert min(box.x0 for box in (ax.yaxis.label.get_window_extent(), *boxes)) >= 0
    plane, title = lab._view._map, "training (−0.5, −5.5); next press (−0.5, −4.5)"
    plane.tag((-0.5, -4.5), title, "alt")
    assert plane._title.get_window_extent().x1 < plane._ax.figure.bbox.x1


def test_losses_of_any_size_stay_inside_the_axes():
    sizes = iter([3e-7, 1e-7, 40.0, 0.0, 5.0])

    def start(*_):
        yield from (Progress(20 * k, loss, 1.0, False) for k, loss in enumerate(sizes, 1))

    lab = make(start, budget=100)
    lab.train()
    low, high = lab._view._curves._picture.ax.get_ylim()
    assert low <= 1e-7
    assert high >= 40
    assert amount(lab, 0, BLUE) > 100


# --- on an event loop, as in a notebook


def test_train_returns_at_once_and_everything_else_gets_its_turn():
    async def notebook():
        fake, ticks = Fake(10**9, pause=0.002), []
        lab = make(fake, budget=4000)
        lab.train()
        assert fake.pulls == []
        while not fake.pulls or lab.presses == []:
            ticks.append(len(fake.pulls))
            await asyncio.sleep(0)
        assert "not within 4,000 sequences" in lab.sentence
        assert max(b - a for a, b in pairwise(sorted(set(ticks)))) < 40  # a slice of 50 ms holds 25 of them
        assert len(set(ticks)) > 5
        assert fake.threads == {threading.main_thread()}
        assert asyncio.all_tasks() == {asyncio.current_task()}

    before = threading.enumerate()
    asyncio.run(notebook())
    assert threading.enumerate() == before


def test_stop_keeps_the_state_and_train_goes_on_exactly_there():
    async def notebook():
        fake = Fake(10_000, pause=0.002)
        lab = set_sliders(make(fake, budget=40_000), 3.0, -3.0)
        for press in range(3):
            lab.controls["train"].click()
            await until(lambda: enabled(lab) == {"stop"})
            assert "training with b_f = 3, b_i = −3, seed 0" in lab.sentence
            seen = len(fake.pulls)
            await until(lambda seen=seen: len(fake.pulls) > seen)
            lab.controls["stop"].click()
            await until(at_rest(lab))
            assert f"stopped after {20 * len(fake.pulls):,} sequences; Train goes on from here" in lab.sentence
            assert len(lab.presses) == 1, press
        lab.controls["train"].click()
        await until(lambda: "solved" in lab.sentence)
        assert fake.made == [(3.0, -3.0, 0)]
        assert [pull[-1] for pull in fake.pulls] == list(range(20, 10_001, 20))
        assert lab._session.trained[0].curve[0][-1] == 10_000
        assert [press.outcome for press in lab.presses] == ["solved"]

    asyncio.run(notebook())


def test_a_stop_right_after_train_is_not_lost():
    async def notebook():
        lab = make(Fake(10**9, pause=0.002), budget=10**6)
        lab.train()
        lab.stop()
        await until(lambda: lab.presses)
        assert lab.presses[0].outcome == "stopped"
        assert lab.presses[0].sequences <= 20

    asyncio.run(notebook())


def test_presses_while_one_runs_do_nothing():
    async def notebook():
        fake = Fake(pause=0.002)
        lab = set_sliders(make(fake), 3.0, -3.0)
        for press in (lab.train, lab.train, lab.again):
            press()
        await until(lambda: fake.pulls)
        lab.train(wait=True)
        await until(at_rest(lab))
        assert len(fake.made) == 1

    asyncio.run(notebook())


def test_callbacks_may_come_from_threads_and_all_the_work_stays_on_the_loops():
    """As in JupyterLab 4.6: clicks and sliders arrive in a thread, while the training runs on the main one."""

    async def notebook():
        fake, drawn_by = Fake(10**9, pause=0.002), set()
        lab = make(fake, budget=6000)
        for part in lab.children[-1].children:
            part.observe(lambda _: drawn_by.add(threading.current_thread()), "value")

        def student():
            rng = random.Random(0)
            set_sliders(lab, 2.0, -2.0)
            time.sleep(0.05)
            lab.controls["train"].click()
            for _ in range(300):
                set_sliders(lab, rng.randint(-2, 16) / 2, rng.randint(-12, 4) / 2)
                time.sleep(0.001)
            set_sliders(lab, 5.0, -1.5)

        thread = threading.Thread(target=student)
        thread.start()
        await until(lambda: fake.pulls)
        began = fake.made[0]
        await until(lambda: not thread.is_alive())
        running = not lab.presses
        await until(lambda: lab.presses)
        assert running
        assert len(fake.made) == 1
        assert lab.presses[0][:3] == began
        assert fake.threads == drawn_by == {threading.main_thread()}
        assert alts(lab)[1].count("sliders: b_f = 5, b_i = −1.5") == 1

    errors, hooked = [], threading.excepthook
    threading.excepthook = errors.append
    try:
        asyncio.run(notebook())
    finally:
        threading.excepthook = hooked
    assert errors == []


def test_sliders_moved_during_training_are_grey_and_belong_to_the_next_press():
    async def notebook():
        fake = Fake(pause=0.01)
        lab = make(fake, budget=4000)
        idle = amount(lab, 1, GREY)
        lab.train()
        await until(lambda: "training (1, 0)." in alts(lab)[1])
        assert amount(lab, 1, ORANGE) > 30  # a diamond where it runs
        assert amount(lab, 1, GREY) > idle
        set_sliders(lab, 3.0, -3.0)
        await until(lambda: "training (1, 0); next press (3, −3)." in alts(lab)[1])
        await until(at_rest(lab))
        assert amount(lab, 1, ORANGE) == 0
        assert "sliders: b_f = 3, b_i = −3." in alts(lab)[1]
        assert lab.presses[0][:2] == (1.0, 0.0)
        lab.train()
        await until(lambda: len(lab.presses) == 2)
        assert lab.presses[1][:2] == (3.0, -3.0)

    asyncio.run(notebook())


def test_two_labs_take_turns():
    async def notebook():
        order, labs = [], []
        for name in "ab":
            fake = Fake(10**9, pause=0.005, act=lambda _, name=name: order.append(name))
            labs.append(make(fake, budget=1200))
            labs[-1].train()
        await until(lambda: all(lab.presses for lab in labs))
        text = "".join(order)
        assert order.count("a") == order.count("b") == 60
        assert max(map(len, re.findall("a+|b+", text))) < 30
        assert len(re.findall("a+|b+", text)) >= 4

    asyncio.run(notebook())


def test_an_error_in_a_task_is_shown_and_handed_to_the_loop_at_once():
    async def notebook():
        heard = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context["exception"]))
        nets = iter([fails])
        lab = make(lambda *biases: next(nets, Fake())(*biases))
        lab.train()
        await until(lambda: heard)
        assert [str(error) for error in heard] == ["the <disk> is full"]
        assert 'role="alert"' in htmls(lab)[0]
        assert enabled(lab) == {"train"}
        lab.train()
        await until(lambda: lab.presses)
        assert 'role="alert"' not in htmls(lab)[0]
        assert len(heard) == 1

    asyncio.run(notebook())


@pytest.mark.parametrize("pulls", [0, 1])
def test_a_cancelled_task_is_a_stop(pulls):
    async def notebook():
        fake = Fake(4000, pause=0.002)
        lab = set_sliders(make(fake, budget=8000), 3.0, -3.0)
        lab.train()
        await until(lambda: fake.pulls, 5) if pulls else await asyncio.sleep(0)
        lab._session._task.cancel()
        await until(lambda: lab.presses)
        assert lab.presses[0].outcome == "stopped"
        lab.train()
        await until(lambda: lab.presses and lab.presses[0].outcome == "solved")
        assert fake.untouched()
        assert len(fake.made) == 1

    asyncio.run(notebook())


def test_closing_ends_the_training_and_leaves_no_task():
    async def notebook():
        fake, ended = Fake(10**9, pause=0.002), []

        def start(*biases):
            try:
                yield from fake(*biases)
            finally:
                ended.append(True)

        lab = make(start, budget=10**6)
        lab.train()
        await until(lambda: fake.pulls)
        lab.close()
        await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
        assert ended == [True]
        assert lab.presses[0].outcome == "stopped"
        assert lab.comm is None
        with pytest.raises(ValueError, match="this lab is closed: run its cell again"):
            lab.train()
        set_sliders(lab, 5.0, 0.0)  # a last message from a slider does no harm
        await asyncio.sleep(0.01)
        lab.close()

    asyncio.run(notebook())


def test_waiting_inside_a_notebook_and_after_its_loop_has_gone():
    async def notebook():
        lab = set_sliders(make(Fake()), 3.0, -3.0)
        lab.train(wait=True)
        assert lab.presses[0].outcome == "solved"
        return lab

    lab = asyncio.run(notebook())
    lab.again()
    assert [press.seed for press in lab.presses] == [0, 1]


@pytest.mark.parametrize("seed", range(4))
def test_a_student_who_presses_everything(seed):
    """A hundred random acts; whatever their order, trainings are whole, records too, and no two run at once."""

    async def notebook():
        rng, fake = random.Random(seed), Fake(600, pause=0.0005)
        lab = make(fake, budget=1000, chrono=True)
        acts = ["train"] * 4 + ["stop"] * 3 + ["again"] * 2 + ["slide"] * 6 + ["chrono", "wait", "wait", "cell"]
        for _ in range(100):
            act = rng.choice(acts)
            if act == "slide":
                set_sliders(lab, rng.choice([1.0, 3.0, 8.0]), rng.choice([-6.0, 0.0]))
            elif act == "chrono":
                lab.controls["chrono"].value = not lab.controls["chrono"].value
            elif act == "wait":
                await asyncio.sleep(rng.uniform(0, 0.1))
            elif act == "cell":
                time.sleep(rng.uniform(0, 0.05))
            elif rng.random() < 0.5:
                threading.Thread(target=lab.controls[act].click).start()
            else:
                lab.controls[act].click()
            await asyncio.sleep(0)
            assert enabled(lab) in ({"train"}, {"stop"}, {"train", "again"})
            assert len(asyncio.all_tasks()) <= 2
        lab.stop()
        await until(at_rest(lab))
        await asyncio.sleep(0.05)
        lab.stop()
        await until(at_rest(lab))
        assert fake.untouched()
        assert fake.threads == {threading.main_thread()}
        begun = {(*press[:3],) for press in lab.presses}
        assert {made for made in fake.made} <= begun
        assert all(press.outcome in ("solved", "stopped", "not within the budget") for press in lab.presses)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert verdict(lab) == lab.sentence

    asyncio.run(notebook())


# --- pictures cost little, and are whole


def pictures_of(monkeypatch, minibatch: float, picture: float, budget: int) -> tuple[int, float, float]:
    """How many pictures a training's curve had, the time it took, and that of drawing, on a clock of their own."""
    clock, drawn = Clock(monkeypatch), []
    draw = view.View.draw

    def draw_slowly(self, *arguments, **options):
        began = clock.now
        draw(self, *arguments, **options)
        drawn.append(clock.now - began)

    lab = make(Fake(10**9, act=clock.passes(minibatch)), budget=budget)
    tag = lab._view._curves.tag
    lab._view._curves.tag = lambda *arguments: (clock.passes(picture)(), tag(*arguments))[1]
    monkeypatch.setattr(view.View, "draw", draw_slowly)
    began = clock.now
    lab.train()
    return len(drawn), clock.now - began, sum(drawn)


def test_no_more_than_five_pictures_a_second(monkeypatch):
    pictures, seconds, _ = pictures_of(monkeypatch, 0.01, 0.001, 10_000)
    assert 4 < pictures / seconds < 5.5


@pytest.mark.parametrize("picture", [0.05, 0.2, 1.0])
def test_slow_pictures_take_less_than_a_fifth_of_the_time(monkeypatch, picture):
    pictures, seconds, drawing = pictures_of(monkeypatch, 0.01, picture, 40_000)
    assert pictures >= 4
    assert (drawing - 2 * picture) / seconds < 0.2  # but for the first and the last, which always come


def test_every_picture_on_the_way_is_whole():
    async def notebook():
        lab = make(Fake(10**9, pause=0.002), budget=10_000, background=[ROW])
        seen = []
        for part in lab.children[-1].children:
            part.observe(lambda change: seen.append(change.new), "value")
        lab.train()
        while not lab.presses:
            set_sliders(lab, random.randint(-2, 16) / 2, -3.0)
            await asyncio.sleep(0.005)
        assert len(seen) >= 5
        for html in seen:
            (image,) = images(html)
            assert decoded(image["src"]).shape == (576, 633, 3)

    asyncio.run(notebook())


# --- the cell that made it


def test_running_a_cell_again_closes_what_it_made_before(monkeypatch):
    async def notebook():
        def run(cell: str, msg: str, count: int = 1):
            monkeypatch.setattr(widget, "running_cell", lambda: Cell(cell, msg))
            return [make(Fake(10**9, pause=0.002), budget=10**6) for _ in range(count)]

        (other,), (first, twin) = run("x", "0"), run("a", "1", 2)
        for lab in (other, first, twin):
            lab.train()
        await until(lambda: all(enabled(lab) == {"stop"} for lab in (other, first, twin)))
        (second,) = run("a", "2")
        await until(lambda: len(asyncio.all_tasks()) == 2)  # this one, and the other cell's
        assert first.comm is None
        assert twin.comm is None
        assert other._session.running
        second.train()
        await until(lambda: second._session.running)
        for lab in (other, second):
            lab.close()
        await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})

    asyncio.run(notebook())


def test_a_cell_goes_by_its_id_or_by_its_text(monkeypatch):
    def message(msg_id, code, **metadata):
        return {"header": {"msg_id": msg_id}, "content": {"code": code}, "metadata": metadata}

    def running(parent):
        shell = SimpleNamespace(get_parent=lambda: parent)
        monkeypatch.setitem(cells.sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        return cells.running_cell()

    edited = running(message("2", "lab = 2", cellId="c"))
    assert edited.is_rerun_of(running(message("1", "lab = 1", cellId="c")))
    assert not edited.is_rerun_of(running(message("2", "lab = 2", cellId="c")))  # two labs of one cell
    assert not edited.is_rerun_of(running(message("1", "lab = 2", cellId="d")))
    classic = running(message("2", "lab"))
    assert classic.is_rerun_of(running(message("1", "lab")))
    assert not classic.is_rerun_of(running(message("1", "other")))
    assert running({}) is None
    assert not edited.is_rerun_of(None)
    monkeypatch.delitem(cells.sys.modules, "IPython")
    assert cells.running_cell() is None

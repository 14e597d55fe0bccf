"""One press of Train: a net's training in slices, between which a kernel can do other things. No widget in here.

A training is an iterator that `start(forget_bias, input_bias, seed)` returns; it yields a Progress a minibatch, and
nothing runs but while it is pulled. So it stops between two minibatches, and goes on from there to the bit.
"""

import asyncio
import math
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from lstm_core.tasks import Progress

__all__ = ["MISSED", "SOLVED", "STOPPED", "Press", "Progress", "Start", "Training", "interrupts_to", "take_turns"]

SLICE = 0.05  # seconds of training at a stretch: as long as a click or another cell has to wait
TURNS = 10  # turns of the event loop after each: a message takes several from the socket to its callback
BINS = 200  # points of a whole curve: the loss is averaged over budget / BINS sequences
SOLVED, MISSED, STOPPED = "solved", "not within the budget", "stopped"  # outcomes


class Press(NamedTuple):
    """What came of one press of Train, continued presses included."""

    forget_bias: float | None  # b_f; None, like b_i, for chrono initialisation
    input_bias: float | None  # b_i
    seed: int
    sequences: int
    outcome: str  # "solved", "not within the budget" or "stopped"
    seconds: float  # of training, without pictures, pauses and other cells
    loss: float  # mean over the newest 1/200 of the budget; NaN if stopped before the first minibatch


Start = Callable[[float | None, float | None, int], Iterator[Progress]]


class Training:
    """One training: `advance` it slice by slice until `outcome` says how it ended; `resume` a stopped one.

    Errors of the training itself come out of `advance` as they are. It adds a ValueError for what is no Progress, and
    a FloatingPointError for a loss that is no finite number.
    """

    def __init__(self, start: Start, forget_bias: float | None, input_bias: float | None, seed: int, budget: int):
        self.biases, self.seed, self.budget = (forget_bias, input_bias), seed, budget
        self.sequences, self.seconds = 0, 0.0
        self.outcome: str | None = None
        self.curve: tuple[list[int], list[float]] = ([], [])  # sequences and mean loss of each bin
        self._start, self._iterator, self._in_bin = start, None, 0
        self._stop = False

    @property
    def press(self) -> Press:
        """The record of it, for a training that has an outcome."""
        loss = self.curve[1][-1] if self.curve[1] else math.nan
        return Press(*self.biases, self.seed, self.sequences, self.outcome, self.seconds, loss)

    def stop(self) -> None:
        """End the slice after the minibatch that is in work. Safe from any thread and in a signal handler."""
        self._stop = True

    def resume(self) -> None:
        """Take up a stopped training where it stood."""
        self.outcome, self._stop = None, False

    def drop(self) -> None:
        """Let go of net and data; it cannot be resumed."""
        if hasattr(self._iterator, "close"):
            self._iterator.close()
        self._iterator = None

    def advance(self, seconds: float = SLICE) -> None:
        """Train for about that long, one minibatch at least, or until it has an outcome."""
        began = time.perf_counter()
        try:
            with interrupts_to(self.stop):
                while not self._stop and self.outcome is None:
                    self._pull()
                    if time.perf_counter() - began >= seconds:
                        break
        except KeyboardInterrupt:  # by somebody else's handler, in the middle of a minibatch
            raise RuntimeError("the training was interrupted inside a minibatch: Train begins it anew") from None
        finally:
            self.seconds += time.perf_counter() - began
        if self.outcome is None and self._stop:
            self.outcome = STOPPED
        elif self.outcome is not None:
            self.drop()

    def _pull(self) -> None:
        if self._iterator is None:
            self._iterator = _iterator_of(self._start, *self.biases, self.seed)
        progress = next(self._iterator, None)
        if progress is None and not self.curve[0]:
            raise ValueError("start's training ended before its first Progress: it should yield one a minibatch")
        if progress is None:
            self.outcome = MISSED
            return
        try:
            sequences, loss, _, solved = progress
        except (TypeError, ValueError):
            wanted = "Progress(sequences, loss, wrong, solved)"
            raise ValueError(f"start's training yielded {progress!r:.80}, but a {wanted} is expected") from None
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss was {loss} after {sequences:,} sequences: try other biases, another seed or a smaller rate"
            )
        self.sequences = int(sequences)
        self._add(float(loss))
        self.outcome = SOLVED if solved else MISSED if sequences >= self.budget else None

    def _add(self, loss: float) -> None:
        """Draw `loss` into the mean of its bin, which stands at the newest of its sequences."""
        xs, ys = self.curve
        width = self.budget / BINS
        if xs and (self.sequences - 1) // width == (xs[-1] - 1) // width:
            self._in_bin += 1
            xs[-1] = self.sequences
            ys[-1] += (loss - ys[-1]) / self._in_bin
        else:
            self._in_bin = 1
            xs.append(self.sequences)
            ys.append(loss)


async def take_turns(slices: Iterable) -> None:
    """Run the slices one after the other, and let the event loop do everything else that waits after each."""
    with closing(slices):
        for _ in slices:
            for _ in range(TURNS):
                await asyncio.sleep(0)


def _iterator_of(start: Start, *arguments) -> Iterator[Progress]:
    training = start(*arguments)
    try:
        return iter(training)
    except TypeError:
        raise ValueError(
            f"start returned {training!r:.80}, but an iterator of Progress is expected: write a function with yield"
        ) from None


@contextmanager
def interrupts_to(stop: Callable[[], None]) -> Iterator[None]:
    """While it lasts, an interrupt (the kernel's ■, Ctrl-C) calls `stop`, which loses nothing.

    An idle kernel ignores interrupts, and a KeyboardInterrupt would leave the training's iterator dead or, from a task,
    end the kernel. A handler of somebody else's, such as that of a cell that waits in `await`, stays in charge.
    """
    ours = threading.current_thread() is threading.main_thread()
    found = signal.getsignal(signal.SIGINT) if ours else None
    if found not in (signal.SIG_IGN, signal.default_int_handler):
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, found)

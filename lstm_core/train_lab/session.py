"""The presses of one lab: which training runs, which was stopped, and on which event loop. No widget in here.

A training runs on the loop on which the session was made, the kernel's main one, as a task of short slices, and in no
thread: so everything else gets its turn between them, and it ends with the kernel. Recent JupyterLabs run callbacks in
a thread; all they do is to ask the loop. So whatever changes the session happens on one thread, one thing at a time.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Protocol

from lstm_core.train_lab.runner import STOPPED, Press, Start, Training, interrupts_to, take_turns

__all__ = ["Biases", "Session", "Watcher"]

Biases = tuple[float | None, float | None]


class Watcher(Protocol):
    """Who is told what happens."""

    def began(self, training: Training) -> None: ...

    def went_on(self, training: Training) -> None:
        """A slice has been trained."""

    def ended(self, training: Training, problem: Exception | None) -> None:
        """It has an outcome, or ended in an error and is none of the presses."""


class Session:
    """`train` begins a training, or goes on with the stopped one if its biases are asked for again."""

    def __init__(self, start: Start, budget: int, seed: int, watcher: Watcher):
        self.running: Training | None = None
        self.trained: list[Training] = []  # every press, the running one too
        self._stopped: Training | None = None  # the one that can go on
        self._start, self._budget, self._seed, self._watcher = start, budget, seed, watcher
        self._loop, self._task, self._closed = _running_loop(), None, False

    @property
    def presses(self) -> list[Press]:
        return [training.press for training in self.trained if training is not self.running]

    def train(self, biases: Callable[[], Biases], another: bool, wait: bool) -> None:
        """Train from what `biases` gives once it begins, with the next seed if `another`; nothing while one runs."""
        if self._closed:
            raise ValueError("this lab is closed: run its cell again, and press Train in the new one")
        if wait or not self._loop_runs():
            if training := self._begin(biases(), another):
                for _ in self._slices(training):
                    pass
        else:
            self.soon(lambda: self._begin_task(biases(), another))

    def stop(self) -> None:
        if self.running:
            self.running.stop()
        else:  # a press of Train that has not been heard yet comes first
            self.soon(lambda: self.running and self.running.stop())

    def close(self) -> None:
        """End the running training at its next slice, and begin no other."""
        self._closed = True
        if self.running:
            self.running.stop()
        if self._stopped:
            self._stopped.drop()

    def soon(self, act: Callable[[], object]) -> None:
        """Have the loop do it, whatever thread this is; at once where no loop runs."""
        if self._loop_runs():
            self._loop.call_soon_threadsafe(act)
        else:
            act()

    def _begin(self, biases: Biases, another: bool) -> Training | None:
        if self.running or self._closed:
            return None
        training, self._stopped = self._stopped, None
        if training and (another or training.biases != biases):
            training.drop()
            training = None
        if training:
            training.resume()
        else:
            had = [old.seed for old in self.trained if old.biases == biases]
            seed = max([self._seed, *had]) + 1 if another else self._seed
            training = Training(self._start, *biases, seed, self._budget)
            self.trained.append(training)
        self.running = training
        return training

    def _begin_task(self, biases: Biases, another: bool) -> None:
        if training := self._begin(biases, another):
            self._task = self._loop.create_task(take_turns(self._slices(training)))  # the loop itself holds it weakly
            self._task.add_done_callback(lambda task: self._task_ended(task, training))

    def _slices(self, training: Training) -> Iterator[None]:
        """Train one slice from one `next` to the other, until it has an outcome or an error."""
        problem = None
        try:
            self._watcher.began(training)
            while training.outcome is None:
                with interrupts_to(training.stop):  # drawing included: only the loop's turns are deaf to it
                    training.advance()
                    self._watcher.went_on(training)
                yield
        except Exception as error:
            problem = error
            raise
        finally:
            self._end(training, problem)

    def _end(self, training: Training, problem: Exception | None) -> None:
        """Whatever ended it, the session is ready for the next press."""
        self.running = self._task = None
        if problem:
            self.trained = [other for other in self.trained if other is not training]
        else:
            training.outcome = training.outcome or STOPPED  # its task was cancelled
        if problem or self._closed:
            training.drop()
        elif training.outcome == STOPPED:
            self._stopped = training
        if not self._closed:
            self._watcher.ended(training, problem)

    def _task_ended(self, task: asyncio.Task, training: Training) -> None:
        if self.running is training:  # cancelled before its first slice
            self._end(training, None)
        if not task.cancelled():
            task.result()  # an error is raised here, where the loop logs it at once

    def _loop_runs(self) -> bool:
        return self._loop is not None and self._loop.is_running()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

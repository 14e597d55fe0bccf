"""Press keys on a slider and note, in the page itself, when the picture that each asked for was there.

A latency starts at event.timeStamp, when the browser got the key. From then on a strip of 16 pixels is read from the
middle of the picture at the start of every frame; the first right one can be *read* at that moment, and its frame is
*made* when the page's thread is done with it, layout, paint and all. Which strip is right at which place of the slider
was learnt before, from pictures that had come to rest. All of it is the same for every contender.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Locator

__all__ = ["Contender", "Latency", "Log", "Rate", "flood_rate", "latencies", "there_and_back"]

PROBE = Path(__file__).with_name("probe.js")
KEYS = {1: "ArrowRight", -1: "ArrowLeft"}
STOPS = 6  # places of a slider, a key apart, between which it is moved
TURN = 16  # key presses before the next contender has its turn
RATE, FLOOD = 60, 150  # key presses a second, and how many of them
PAUSE = 0.12, 0.16  # seconds between two looks for a picture: unequal, so that keys meet a frame at any moment of it
REST, PATIENCE = 0.35, 30.0  # seconds that a picture stays as it is once it is at rest; that one waits for it at most
FRAME = 1000 / 60  # ms


class Log(NamedTuple):
    """What a page saw, in milliseconds."""

    keys: list[float]  # when each was pressed
    frames: list[tuple[float, float, int]]  # at every change of the strip: when it was read, its frame made, the strip


class Latency(NamedTuple):
    read: float  # ms
    made: float


class Rate(NamedTuple):
    pictures: float  # right ones a second, each unlike the one before
    keys: float  # a second, as they came


class Contender:
    """A slider in a page, what it moves, the strips that are right at each of its STOPS places, and how it did."""

    def __init__(self, slider: Locator, picture: Locator, flag: Path | None = None):
        """`flag` is a file that is to be there while it is this contender's turn."""
        self.slider, self.page, self.picture, self.flag = slider, slider.page, picture.element_handle(), flag
        self.at, self.strips = 0, []
        self.latencies: list[Latency] = []
        self.rates: list[Rate] = []
        if self.page.evaluate("!window.frameLog"):
            self.page.evaluate(PROBE.read_text(encoding="utf-8"))
        with self.watched():
            self.learn()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """The page is in front, the slider has the keys, and they and the frames are logged."""
        self.page.bring_to_front()
        self.slider.scroll_into_view_if_needed()
        self.slider.focus()
        if self.flag:
            self.flag.touch()
        self.page.evaluate("host => frameLog.start(host)", self.picture)
        self.page.wait_for_timeout(300)
        yield
        self.log = Log(*self.page.evaluate("frameLog.stop()"))
        if self.flag:
            self.flag.unlink()

    def learn(self) -> None:
        """Move the slider a key at a time, and note what each picture looks like once it has come to rest."""
        self.strips.append(self.at_rest())
        for _ in range(1, STOPS):
            self.page.keyboard.press(KEYS[1])
            self.strips.append(self.at_rest(unlike=self.strips[-1]))
        if len(set(self.strips)) < STOPS:
            raise RuntimeError(f"{STOPS} places of a slider gave only {len(set(self.strips))} pictures")
        self.at = STOPS - 1

    def at_rest(self, unlike: int = 0) -> int:
        """The strip, once it differs from `unlike` and has stayed as it is for a while."""
        last, since, start = unlike, time.monotonic(), time.monotonic()
        while time.monotonic() - start < PATIENCE:
            seen = self.page.evaluate("frameLog.see()")
            if seen != last:
                last, since = seen, time.monotonic()
            elif seen not in (0, unlike) and time.monotonic() - since > REST:
                return seen
            self.page.wait_for_timeout(40)
        raise RuntimeError("a slider was moved, and no new picture came")

    def turn(self, rng: np.random.Generator) -> None:
        """Press TURN keys, each some time after the picture that the last one asked for."""
        route = there_and_back(self.at, TURN)
        with self.watched():
            for key, to in zip(keys_along(self.at, route), route, strict=True):
                self.page.keyboard.press(key)
                self.await_strip(self.strips[to], rng)
        self.at = route[-1]
        self.latencies += latencies(self.log, [self.strips[to] for to in route])

    def flood(self, rng: np.random.Generator) -> None:
        """Let the page press FLOOD keys, RATE of them a second, and count the pictures that are shown meanwhile."""
        route = there_and_back(self.at, FLOOD)
        with self.watched():
            arguments = [keys_along(self.at, route), RATE]
            self.slider.evaluate("(slider, [keys, rate]) => frameLog.flood(slider, keys, rate)", arguments)
            self.await_strip(self.strips[route[-1]], rng)
        self.at = route[-1]
        self.rates.append(flood_rate(self.log, self.strips))

    def await_strip(self, strip: int, rng: np.random.Generator) -> None:
        """Look now and then whether the picture is there."""
        start = time.monotonic()
        while time.monotonic() - start < PATIENCE:
            self.page.wait_for_timeout(1000 * rng.uniform(*PAUSE))
            if self.page.evaluate("frameLog.last") == strip:
                return
        raise RuntimeError("a key was pressed, and the picture that it asks for never came")


def there_and_back(at: int, moves: int) -> list[int]:
    """The places that a slider comes to next, from place `at` on: down to the first, up to the last, down again …"""
    period = 2 * (STOPS - 1)
    return [min((at - k) % period, (k - at) % period) for k in range(1, moves + 1)]


def keys_along(at: int, route: list[int]) -> list[str]:
    return [KEYS[to - now] for now, to in zip([at, *route], route, strict=False)]


def latencies(log: Log, wanted: list[int]) -> list[Latency]:
    """For each key the milliseconds to the first frame after it with the strip that it asked for."""
    if len(log.keys) != len(wanted):
        raise RuntimeError(f"{len(wanted)} keys were pressed, and the page heard {len(log.keys)}")
    found = []
    for key, strip in zip(log.keys, wanted, strict=True):
        read, made = next((read, made) for read, made, seen in log.frames if read > key and seen == strip)
        found.append(Latency(read - key, made - key))
    return found


def flood_rate(log: Log, known: list[int]) -> Rate:
    """Pictures and keys a second, from the first key until a frame after the last."""
    seconds = (log.keys[-1] - log.keys[0] + FRAME) / 1000
    shown = [seen for _, made, seen in log.frames if seen in known and 0 < made - log.keys[0] <= 1000 * seconds]
    return Rate(len(shown) / seconds, len(log.keys) / seconds)

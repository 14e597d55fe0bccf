"""A TrainLab as a student finds it, in JupyterLab and in the classic notebook, and a notebook with a small real net."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect
from student import wait_until

NAME = "train_lab_check.ipynb"
CELLS = [
    """
    import asyncio
    import os
    import sys
    import threading
    from collections import deque

    import numpy as np
    import torch

    from lstm_core import tasks
    from lstm_core.forecaster import Forecaster
    from lstm_core.train_lab import Progress, TrainLab

    torch.set_num_threads(1)
    if hasattr(os, "nice"):
        os.nice(10)  # other tests run beside this one, and their pages have to come up in time
    """,
    """
    def start(forget_bias, input_bias, seed):
        task, rng = tasks.adding(20), np.random.default_rng(seed)
        chrono = 22 if forget_bias is None else None
        biases = dict(forget_bias=forget_bias, input_bias=input_bias, chrono=chrono)
        net = Forecaster(2, 8, **biases, every_step=True, seed=seed)
        solver, newest = torch.optim.Adam(net.parameters(), lr=0.01), deque(maxlen=2000)
        for sequences in range(20, 10**9, 20):
            batch = task.batch(20, rng)
            mask = torch.from_numpy(batch.mask)
            forecast = net(torch.from_numpy(batch.x))[mask]
            loss = torch.mean((forecast - torch.from_numpy(batch.target)[mask]) ** 2)
            solver.zero_grad()
            loss.backward()
            solver.step()
            errors = (forecast - torch.from_numpy(batch.target)[mask]).abs()
            newest.extend(errors.flatten().tolist())
            # In time others would learn it too, but the tests need one that goes on.
            solved = forget_bias != 1 and len(newest) == 2000 and np.mean(newest) < 0.05
            yield Progress(sequences, loss.item(), float((errors > 0.04).float().mean()), bool(solved))
    """,
    """
    recorded = [
        dict(forget_bias=f, input_bias=i, runs=10, solved=s, sequences=n, budget=200_000)
        for f, i, s, n in [(1.0, 0.0, 0, None), (3.0, 0.0, 7, 146_000), (3.0, -3.0, 10, 23_400)]
    ]
    lab = TrainLab(start, budget=1_000_000, background=recorded, chrono=True)
    lab
    """,
    """
    print("presses:", [(press.forget_bias, press.input_bias, press.seed, press.outcome) for press in lab.presses])
    """,
    """
    def in_the_lab(frame):
        return frame is not None and ("train_lab" in frame.f_code.co_filename or in_the_lab(frame.f_back))


    tasks_of_training = sum("take_turns" in str(task) for task in asyncio.all_tasks())
    others = {k: frame for k, frame in sys._current_frames().items() if k != threading.main_thread().ident}
    print(f"tasks: {tasks_of_training}, threads: {sum(map(in_the_lab, others.values()))}")
    """,
]


class TrainLabView:
    """One lab on a page. `box` is the output that holds it."""

    def __init__(self, box: Locator):
        self.box, self.page = box, box.page

    @property
    def verdict(self) -> str:
        return self.box.locator("[role=status], [role=alert]").first.inner_text()

    @property
    def alts(self) -> list[str]:
        """What the curve and the map say of themselves."""
        return self.box.locator("img").evaluate_all("images => images.map(image => image.alt)")

    @property
    def sequences(self) -> int:
        """How many the live curve has seen."""
        found = re.search(r"([\d,]+) sequences[;.]", self.alts[0])
        return int(found[1].replace(",", "")) if found else 0

    def button(self, name: str) -> Locator:
        return self.box.get_by_role("button", name=name)

    def handle(self, k: int) -> Locator:
        """What a finger takes hold of: 0 for b_f, 1 for b_i."""
        return self.box.locator(".widget-slider [role=slider], .widget-slider .ui-slider-handle").nth(k)

    def readouts(self) -> list[str]:
        return self.box.locator(".widget-slider .widget-readout").all_inner_texts()

    def drag(self, k: int, share: float) -> None:
        """Take hold of a slider where it stands, pull it to a share (0 … 1) of its track, and let go."""
        self.handle(k).scroll_into_view_if_needed()
        track = self.box.locator(".widget-slider .noUi-base, .widget-slider .ui-slider").nth(k).bounding_box()
        at = self.handle(k).bounding_box()
        x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
        target = track["x"] + share * track["width"]
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + target) / 2, y, steps=3)
        self.page.mouse.move(target, y, steps=3)
        self.page.mouse.up()

    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
        wait_until(self.page, holds, lambda: f"{what}; it says: {self.verdict}; {self.alts}", seconds)

    def slide_to_a_good_start(self) -> str:
        """Pull both sliders with the mouse to about (3, −2); returns where they are, "b_f = 3, b_i = −2" or near it."""
        self.drag(0, 0.46)
        self.drag(1, 0.48)
        seen: list[str] = []
        self.wait_for(lambda: seen.append(self.alts[1]) or (len(seen) > 25 and len(set(seen[-25:])) == 1), "no rest")
        found = re.search(r"sliders: (b_f = 3, b_i = −[12].*?)\. ", seen[-1])
        assert found, seen[-1]
        return found[1]

    def press_train(self) -> None:
        """Press it, and wait until its curve has begun to move."""
        before = self.sequences
        self.button("Train").click()
        expect(self.button("Stop")).to_be_enabled()
        self.wait_for(lambda: self.sequences != before, "the curve stands still")

    def press_stop(self) -> int:
        """Press it; returns after how many sequences the verdict says that it stopped."""
        self.button("Stop").click()
        self.wait_for(lambda: "stopped after" in self.verdict, "it did not stop")
        expect(self.button("Stop")).to_be_disabled()
        expect(self.button("Train")).to_be_enabled()
        return int(re.search(r"after ([\d,]+) sequences", self.verdict)[1].replace(",", ""))


def lab_among(outputs: Locator) -> TrainLabView:
    """The one lab among a page's outputs, once both its pictures are there."""
    box = outputs.filter(has=outputs.page.get_by_role("button", name="Train"))
    expect(box).to_have_count(1)
    expect(box.locator("img")).to_have_count(2)
    return TrainLabView(box)


def press_stop_go_on(lab: TrainLabView) -> None:
    """Train at (1, 0), slide about with the mouse meanwhile, stop, slide back, and train on from there."""
    lab.press_train()
    assert lab.verdict == "training with b_f = 1, b_i = 0, seed 0 …"
    before = lab.sequences
    for k, share in ((0, 0.9), (1, 0.1), (0, 0.3), (1, 0.9), (0, 0.6), (1, 0.5)) * 2:
        lab.drag(k, share)
    lab.wait_for(lambda: "training (1, 0); next press (" in lab.alts[1], "the map does not show the next press")
    lab.wait_for(lambda: lab.sequences > before, "the sliders held the training up")
    stopped = lab.press_stop()
    assert lab.verdict.startswith("b_f = 1, b_i = 0, seed 0: stopped after")
    lab.wait_for(lambda: lab.sequences == stopped, "picture and verdict disagree")
    assert stopped > before
    for k, low, steps in ((0, -1, 4), (1, -6, 12)):  # back to b_f = 1, b_i = 0, by keyboard
        lab.drag(k, 0)
        lab.wait_for(lambda k=k, low=low: lab.readouts()[k].replace("−", "-") == f"{low:.1f}", "not at its lower end")
        lab.handle(k).focus()
        for _ in range(steps):
            lab.page.keyboard.press("ArrowRight")
            lab.page.wait_for_timeout(20)
    lab.wait_for(lambda: "sliders: b_f = 1, b_i = 0." in lab.alts[1], "the cross is not at (1, 0)")
    lab.press_train()
    lab.wait_for(lambda: lab.sequences > stopped, "it did not go on")
    assert lab.press_stop() > stopped


def another_cell_runs(lab: TrainLabView, run_cell: Callable[[int], str]) -> None:
    """Other cells get their turn while it trains, and the training goes on after them; then stop it."""
    lab.press_train()
    assert run_cell(3) == "presses: []"
    assert run_cell(4) == "tasks: 1, threads: 0"
    before = lab.sequences
    lab.wait_for(lambda: lab.sequences > before, "the cell ended the training")
    assert lab.press_stop() > before


def interrupt(lab: TrainLabView, press_interrupt: Callable[[], None]) -> None:
    """The kernel's ■ is a Stop. In the moment between two slices nobody hears it, as in an idle one: press again."""
    lab.press_train()
    for _ in range(4):
        press_interrupt()
        lab.page.wait_for_timeout(1500)
        if "stopped after" in lab.verdict:
            break
    lab.wait_for(lambda: "stopped after" in lab.verdict, "it went on")


def its_cell_run_again(lab: TrainLabView, run_cell: Callable[[int], str]) -> None:
    """The new lab takes the place of the old one, whose training ends."""
    lab.press_train()
    run_cell(2)
    expect(lab.box).to_have_count(1)
    lab.wait_for(lambda: "Set both biases" in lab.verdict, "there is no new lab")
    lab.wait_for(lambda: run_cell(4) == "tasks: 0, threads: 0", "the old training goes on")
    lab.press_train()
    lab.press_stop()


def nothing_moves(lab: TrainLabView) -> None:
    """Neither the lab nor what stands in it, while pictures come and go, at most five a second."""
    lab.press_train()
    seen = stay_in_place(lab)
    assert len(seen["heights"]) == len(seen["tops"]) == 1
    assert 4 <= seen["pictures"] <= 17
    lab.press_stop()
    assert stay_in_place(lab, 300)["heights"] == seen["heights"]


def stay_in_place(lab: TrainLabView, milliseconds: int = 3000) -> dict:
    """Watch the lab in every frame; returns which heights and widths it had, and how many pictures."""
    return lab.box.evaluate(
        """(box, milliseconds) => new Promise(done => {
            const seen = { heights: new Set(), tops: new Set(), sources: new Set() };
            const end = performance.now() + milliseconds;
            const look = () => {
                const image = box.querySelector("img"), last = [...box.querySelectorAll("img")].pop();
                seen.heights.add(Math.round(box.getBoundingClientRect().height));
                seen.tops.add(Math.round(last.getBoundingClientRect().top));
                seen.sources.add(image.src);
                if (performance.now() < end) return requestAnimationFrame(look);
                done({ heights: [...seen.heights], tops: [...seen.tops], pictures: seen.sources.size });
            };
            look();
        })""",
        milliseconds,
    )

"""The experiments of Hochreiter & Schmidhuber 1997 by their own rule, nets and learning rates: notebook 14's table.

A trial is one net, trained on one sequence after another until the task's strictest stopping rule is met, or `cap`
sequences have been shown. Where the paper's own settings do not learn a task, a further row tries what might help.
Sources: sections 5.1 to 5.6, Tables 1 to 11.
"""

import time
from collections.abc import Iterator

import numpy as np

from lstm_core.paper1997.net import NETS, Net, Weights, connections, initial_weights
from lstm_core.paper1997.stream import answer, learn_stream, one_trial
from lstm_core.tasks import TASKS, Examiner, Task
from lstm_core.tasks.batch import Batch

__all__ = ["Learner", "first", "run"]

EVERY = 100  # sequences shown between two looks at the stopping rule
EARLY = 1000  # sequences after which the mean error so far is kept, for a comparison


class Learner:
    """A net of 1997 on its way: `learn` from a batch, sequence by sequence; `answer` with the weights as they stand."""

    def __init__(self, net: Net, rate: float, seed: int, when: str = "step", late: int = 0) -> None:
        self.net, self.rate, self.when, self.late, self.sequences = net, rate, when, late, 0
        self.weights = one_trial(initial_weights(net, 1, np.random.default_rng([seed, 2])), 0)
        self._kept = self.weights.output[:, net.inputs + 1 :].copy()
        if late:
            self.weights.output[:, net.inputs + 1 :] = 0

    def learn(self, batch: Batch) -> np.ndarray:
        """Show the batch's sequences; returns what the net said to each before it learnt from it."""
        learns = None
        if self.sequences < self.late:
            learns = self._without_cells()
        elif self.late and self.sequences - len(batch.lengths) < self.late:
            self.weights.output[:, self.net.inputs + 1 :] = self._kept
        self.sequences += len(batch.lengths)
        self.weights, said = learn_stream(self.net, self.weights, batch, self.rate, self.when, learns)
        return said

    def answer(self, batch: Batch) -> np.ndarray:
        """What the net says to the batch's sequences."""
        return answer(self.net, self.weights, batch)

    def _without_cells(self) -> Weights:
        """Only the output units' weights from the inputs change, while the cells have none to them."""
        hidden, output = connections(self.net)
        output = output.copy()
        output[:, self.net.inputs + 1 :] = False
        return Weights(np.zeros_like(hidden), output)


def run(settings: dict, seeds: list[int]) -> Iterator[dict]:
    """One record a trial: `solved` within the cap, `sequences` shown by then, when each rule was `met`, `wrong` of
    `tested` fresh sequences afterwards, the mean error over the first 1000 sequences (`early`), and seconds."""
    task = _task(settings)
    for seed in seeds:
        began = time.perf_counter()
        learner, examiner = _learner(settings, seed), Examiner(task, seed)
        early, mean_met, newest = [], None, []
        while examiner.sequences < settings["cap"] and not examiner.solved:
            batch = examiner.draw(EVERY)
            errors = task.errors(learner.learn(batch), batch)
            examiner.saw(errors)
            examiner.look(learner.answer)
            if examiner.sequences <= EARLY:
                early.append(errors.mean())
            newest = [*newest[-19:], errors.mean()]  # 20 batches of 100: the paper's 2000 sequences
            if mean_met is None and len(newest) == 20 and np.mean(newest) < task.stops[-1].mean:
                mean_met = examiner.sequences
        wrong, tested = examiner.count_wrong(learner.answer)
        yield dict(
            seed=seed, solved=examiner.solved, sequences=examiner.sequences, met=examiner.met, mean_met=mean_met,
            wrong=wrong, tested=tested, early=float(np.mean(early)), seconds=round(time.perf_counter() - began, 2),
        )  # fmt: skip


def first(settings: dict, seed: int) -> dict:
    """The first 1000 sequences of a trial again: what its record calls `early`."""
    task, learner = _task(settings), _learner(settings, seed)
    examiner = Examiner(task, seed)
    batches = (examiner.draw(EVERY) for _ in range(EARLY // EVERY))
    return dict(early=float(np.mean([task.errors(learner.learn(batch), batch).mean() for batch in batches])))


def _task(settings: dict) -> Task:
    return TASKS[settings["task"]](**settings.get("of", {}))


def _learner(settings: dict, seed: int) -> Learner:
    but = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.get("but", {}).items()}
    net = NETS[settings["net"]]._replace(**but)
    if settings["net"] == "2c":
        net = net._replace(inputs=settings["of"]["p"] + 4)
    return Learner(net, settings["rate"], seed, late=settings.get("late", 0))

"""A study small enough for tests: folds × seeds × models × tickers, each trial a tiny net that is really trained.

Workers import it by name, so it has a file of its own. `python toy_study.py ROWS FOLDER [ARGUMENT …]` is the command
`python -m lstm_core.studies` with this one study, whose rows lie in ROWS. In FOLDER each trial leaves a file when it
begins and one when it ends, named by trial and process; a trial k waits there while a file `hold-k` exists, or breaks
where `fail-k`, `die-k` or `lie-k` does.
"""

import itertools
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch

from lstm_core.forecaster import Forecaster
from lstm_core.studies import record
from lstm_core.studies.study import Study, spread
from lstm_core.training import fit

GRID = list(itertools.product((60, 90), (0, 1), ("lstm", "gru"), ("UP", "DOWN")))  # fold's end, seed, model, ticker
KEY = "toy, H = 4"


def run(settings, trials):
    yield from spread(one, settings, trials)


def one(settings, trial):
    began, folder = time.perf_counter(), Path(settings["folder"])
    end, seed, cell, ticker = GRID[trial]
    hidden = settings.pop("hidden")  # a trial that spoils its settings spoils no other's
    mark(folder, trial, "began")
    wait(folder / f"hold-{trial}")
    if (folder / f"fail-{trial}").exists():
        raise ArithmeticError(f"no numbers for {ticker}")
    if (folder / f"die-{trial}").exists():
        os._exit(1)
    x, y = series(ticker)
    model = Forecaster(1, hidden, cell, seed=seed)
    history = fit(model, (x[:end], y[:end]), epochs=settings["epochs"], batch_size=16, seed=seed, progress=False)
    with torch.no_grad():
        loss = float(((model(x[end:]) - y[end:]) ** 2).mean())
    mark(folder, trial, "ended")
    return dict(
        trial=trial + 1 if (folder / f"lie-{trial}").exists() else trial, fold=end, seed=seed, model=cell,
        ticker=ticker, hidden=hidden, train=history.train_loss, loss=loss, threads=torch.get_num_threads(),
        seconds=time.perf_counter() - began,
    )  # fmt: skip


def first(settings, trial):
    return dict(fold=GRID[trial][0])


def forecast(x_train, y_train, x_test):
    """A net for the scoreboard."""
    model = Forecaster(1, 4)
    fit(model, (x_train, y_train[:, None]), epochs=2, progress=False)
    with torch.no_grad():
        return model(torch.tensor(x_test, dtype=torch.float32))[:, 0].numpy()


def where(x_train, y_train, x_test):
    """Forecasts the id of the process that it runs in."""
    return np.full(len(x_test), float(os.getpid()))


def series(ticker, length=8):
    noise = np.random.default_rng(len(ticker)).normal(size=(130 + length, 1))
    days = torch.tensor(np.cumsum(noise, 0) / 10, dtype=torch.float32)
    return days.unfold(0, length, 1)[:-1].transpose(1, 2), days[length:]


def mark(folder, trial, what):
    (folder / f"{what}-{trial}-{os.getpid()}-{time.time_ns()}").touch()


def wait(hold):
    for _ in range(6000):
        if not hold.exists():
            return
        time.sleep(0.02)
    raise TimeoutError(f"{hold} was never taken away")


def study(folder):
    settings = dict(trials=len(GRID), folder=str(folder), hidden=4, epochs=2)
    return Study("toy", {KEY: settings}, run, first)


if __name__ == "__main__":
    import toy_study  # under the name that workers know it by

    from lstm_core.studies import __main__ as command

    rows, folder, *sys.argv[1:] = sys.argv[1:]
    record.ROWS, command.STUDIES = Path(rows), ("toy",)
    command.open_study = lambda name: toy_study.study(folder)
    command.main()

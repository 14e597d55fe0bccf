"""What a study is, and how its trials spread over cores or machines.

Wherever a trial runs it gets the same: a copy of the settings, one thread, and a process that runs no other trial
meanwhile, since torch's generators belong to the whole process. So the record is the same to the bit.
"""

import copy
import json
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

__all__ = ["Study", "TrialError", "number", "spread"]

One = Callable[[dict, int], dict]
_ALONE = threading.RLock()


class Study(NamedTuple):
    """A table that `make results` fills."""

    name: str  # that of its module
    settings: dict[str, dict]  # key of a row → what is run, all of it plain JSON; "trials" says how many
    run: Callable[[dict, list[int]], Iterator[dict]]  # settings and the trials still wanted → a record each
    first: Callable[[dict, int], dict]  # the beginning of one trial again: a few of its record's numbers, to compare

    @property
    def spreads(self) -> bool:
        """Whether its trials run side by side: they do where its module has a function `one` for `spread`."""
        return hasattr(sys.modules[self.run.__module__], "one")


class TrialError(RuntimeError):
    """Some trials failed; the others were handed on. A note holds the traceback of the first."""


class _Outcome(NamedTuple):
    trial: int
    record: dict | None  # None if it failed
    error: str = ""  # why
    traceback: str = ""


def number(trial: dict) -> int:
    """Which trial of its row a record is: its "trial", or its "seed" where a trial is no more than a seed."""
    return trial.get("trial", trial.get("seed"))


def spread(one: One, settings: dict, trials: list[int]) -> Iterator[dict]:
    """Run `one(settings, trial)` for each trial and hand on its record as soon as it is there, in whatever order.

    One after another; or as many side by side, on this machine or a Dask cluster, as the caller's
    `joblib.parallel_config(n_jobs=…)` or `joblib.parallel_config("dask")` says. `one` is a function of a module that
    workers can import. A record is plain JSON, and says which trial it is.

    A trial that fails costs itself alone: the first warns, the others go on, and a TrialError names them in the end. An
    interrupt ends the study at once, and a trial that was cut short by it has no record, whatever it returned.
    """
    failed: list[_Outcome] = []
    for outcome in _outcomes(one, settings, trials):
        if outcome.record is not None:
            yield outcome.record
            continue
        if not failed:
            warnings.warn(f"trial {outcome.trial} failed, the others go on: {outcome.error}", stacklevel=2)
        failed.append(outcome)
    if failed:
        failed.sort()
        words = ", ".join(f"trial {outcome.trial} ({outcome.error})" for outcome in failed[:3])
        error = TrialError(f"{len(failed)} of {len(trials)} trials failed: {words}{', …' * (len(failed) > 3)}")
        error.add_note(failed[0].traceback)
        raise error


def _outcomes(one: One, settings: dict, trials: list[int]) -> Iterable[_Outcome]:
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    client = getattr(get_active_backend()[0], "client", None)
    if client is not None:
        return _on_cluster(client, one, settings, trials)
    jobs = (delayed(_outcome)(one, settings, trial) for trial in trials)
    return Parallel(batch_size=1, return_as="generator_unordered")(jobs)


def _on_cluster(client, one: One, settings: dict, trials: list[int]) -> Iterator[_Outcome]:
    """Ask Dask itself: joblib (1.6) waits for ever for a task whose worker died too often or could not import it."""
    from dask.distributed import as_completed

    wanted = {client.submit(_outcome, one, settings, trial, pure=False): trial for trial in trials}
    try:
        for future in as_completed(wanted):
            try:
                yield future.result()
            except Exception as error:  # of the cluster, not of the trial
                cause = error.__cause__ or error
                yield _Outcome(wanted[future], None, f"{type(cause).__name__}: {cause}", traceback.format_exc())
            future.release()  # or a worker that dies later would have its finished trials computed again
    finally:
        client.cancel(list(wanted))


def _outcome(one: One, settings: dict, trial: int) -> _Outcome:
    from threadpoolctl import threadpool_limits

    with _ALONE, threadpool_limits(1), _interrupts_count():
        try:
            record = json.loads(json.dumps(one(copy.deepcopy(settings), trial)))
            if number(record) != trial:
                raise ValueError(f'its record says that it is trial {number(record)}: give it "trial": {trial}')
            return _Outcome(trial, record)
        except Exception as error:
            return _Outcome(trial, None, f"{type(error).__name__}: {error}", traceback.format_exc())


@contextmanager
def _interrupts_count() -> Iterator[None]:
    """End in KeyboardInterrupt if one came in between: `training.fit` takes it for a wish to stop early."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came = []

    def handler(*arguments) -> None:
        came.append(arguments)
        before(*arguments)

    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt

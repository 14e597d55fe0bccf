"""Rows on disk: one JSON file each, written whole or not at all, with the code's hash, the versions and the seeds.

A row holds trials; each is saved as it ends, so that a run can be broken off and taken up. It is stale, and computed
anew, when its settings or its code have changed since; what counts as its code is for `fingerprint` to say.
"""

import getpass
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lstm_core._checks import choose
from lstm_core.studies.fingerprint import code_hash, versions
from lstm_core.studies.study import Study, number

__all__ = ["STUDIES", "RowBusy", "RowError", "complaints", "compute", "load", "open_study", "path_of", "to_do"]

STUDIES = (
    "original", "today", "biases", "volatility", "returns", "portfolio", "regimes", "brain_rules", "brain_gates",
    "trading", "field",
)  # fmt: skip
ROWS = Path(__file__).parent / "rows"


class RowError(RuntimeError):
    """A row could not be finished; what had been finished of it is kept."""


class RowBusy(RuntimeError):
    """Another process is at this row."""


def open_study(name: str) -> Study:
    """The study of this name; ValueError for another."""
    from lstm_core.studies.tables import TABLES  # with it come torch and Numba, which `load` can do without

    return TABLES[choose("study", name, STUDIES)]


def load(name: str) -> dict[str, dict]:
    """All recorded rows of a study, by key. Raises ValueError for a study that is not one of `STUDIES`."""
    rows = [_read(file) for file in sorted((ROWS / choose("study", name, STUDIES)).glob("*.json"))]
    return {row["key"]: row for row in rows}


def path_of(study: Study, key: str) -> Path:
    """Where a row lies."""
    return ROWS / study.name / (re.sub(r"[^a-z0-9.]+", "-", key.lower().replace("−", "minus")).strip("-") + ".json")


def complaints(study: Study, key: str) -> list[str]:
    """What is wrong with a recorded row, in words: missing, unfinished, of other settings or of other code."""
    path = path_of(study, key)
    if not path.exists():
        return ["is missing"]
    row, wanted = _read(path), study.settings[key]
    wrong = ["was run with other settings"] * (row["settings"] != wanted)
    wrong += ["was run by other code"] * (row["code"] != code_hash(study.run.__module__))
    if len(row["trials"]) != wanted["trials"]:
        wrong += ["is not finished"] + ["was begun with other versions of packages"] * (row["versions"] != versions())
    return wrong


def to_do(study: Study, key: str) -> list[int]:
    """The trials that a row still lacks."""
    done = {number(trial) for trial in _begun(study, key)["trials"]}
    return [k for k in range(study.settings[key]["trials"]) if k not in done]


def compute(study: Study, key: str) -> Iterator[dict]:
    """Run the trials that a row still lacks, saving after each; yields the row as it grows.

    Killed at any moment, it goes on from the trials that were saved, if settings, code and versions are still the same.
    Wherever the trials run it is this process alone that writes. Two processes of one user on one machine never compute
    a row at once: RowBusy is raised in the second. Over a shared folder two machines may; the row that ends last then
    stays, whole. Raises RowError, naming row and trials, if a trial fails or the study gives others than were asked.
    """
    path = path_of(study, key)
    with _alone(path):
        for left in path.parent.glob(f".{path.name}.*"):  # by a writer that was killed
            left.unlink(missing_ok=True)
        row, wanted = _begun(study, key), to_do(study, key)
        try:
            for trial in study.run(row["settings"], list(wanted)) if wanted else ():
                if number(trial) not in wanted:
                    raise ValueError(f"a record came of trial {number(trial)}, but those of {wanted} are wanted")
                wanted.remove(number(trial))
                row["trials"] = sorted([*row["trials"], trial], key=number)
                _write(path, row)
                yield row
            if wanted:
                raise ValueError(f"no record came of trials {wanted}")
        except Exception as error:
            kept = f"{len(row['trials'])} of {row['settings']['trials']} trials are kept, all but {wanted}"
            raise RowError(f"{study.name}: {key}: {error}; {kept}") from error


def _begun(study: Study, key: str) -> dict:
    """The row to go on with: what is on disk if it was computed by the same, else one without a trial."""
    path, code, settings = path_of(study, key), code_hash(study.run.__module__), study.settings[key]
    row = dict(key=key, settings=settings, trials=[], code=code, versions=versions())
    found = _read(path) if path.exists() else row
    same = (found["settings"], found["code"]) == (settings, code)
    finished = len(found["trials"]) == settings["trials"]
    return found | dict(settings=settings) if same and (finished or found["versions"] == row["versions"]) else row


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the row's lock, which ends with this process however it ends."""
    from filelock import FileLock, Timeout

    name = hashlib.sha256(f"{getattr(os, 'getuid', getpass.getuser)()} {path.resolve()}".encode()).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir()) / f"lstm-core-row-{name}.lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise RowBusy(f"{path.parent.name}: {path.stem}: another process computes this row: let it") from None
    try:
        yield
    finally:
        lock.release()


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no row ({error}): restore it with git, or delete it and compute it anew") from None


def _write(path: Path, row: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(row, indent=1, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)

"""Rows on disk: one JSON file each, written whole or not at all, with the code's hash, the versions and the seeds.

A row holds trials; each is saved as it ends, so that a run can be broken off and taken up. It is stale, and computed
anew, when its settings or its code have changed since: the study's module and every module of lstm_core that it
imports, comments and docstrings aside.
"""

import ast
import hashlib
import importlib.util
import io
import json
import os
import platform
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from lstm_core._checks import choose
from lstm_core.studies.study import Study, number

__all__ = ["STUDIES", "code_hash", "complaints", "compute", "load", "open_study", "path_of"]

STUDIES = ("original", "today", "biases", "regimes")
ROWS = Path(__file__).parent / "rows"
PACKAGES = ("numpy", "torch", "numba", "pandas", "arch", "statsmodels", "skfolio")


def open_study(name: str) -> Study:
    """The study of this name; ValueError for another."""
    from lstm_core.studies.tables import TABLES  # with it come torch and Numba, which `load` can do without

    return TABLES[choose("study", name, STUDIES)]


def load(name: str) -> dict[str, dict]:
    """All recorded rows of a study, by key. Raises ValueError for a study that is not one of `STUDIES`."""
    files = sorted((ROWS / choose("study", name, STUDIES)).glob("*.json"))
    rows = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {row["key"]: row for row in rows}


def path_of(study: Study, key: str) -> Path:
    """Where a row lies."""
    return ROWS / study.name / (re.sub(r"[^a-z0-9.]+", "-", key.lower().replace("−", "minus")).strip("-") + ".json")


def complaints(study: Study, key: str) -> list[str]:
    """What is wrong with a recorded row, in words: missing, unfinished, of other settings or of other code."""
    path = path_of(study, key)
    if not path.exists():
        return ["is missing"]
    row, wanted = json.loads(path.read_text(encoding="utf-8")), study.settings[key]
    wrong = ["was run with other settings"] * (row["settings"] != wanted)
    wrong += ["was run by other code"] * (row["code"] != code_hash(study.run.__module__))
    return wrong + ["is not finished"] * (len(row["trials"]) != wanted["trials"])


def compute(study: Study, key: str) -> Iterator[dict]:
    """Run the trials that a row still lacks, saving after each; yields the row as it grows.

    Killed at any moment, it goes on from the trials that were saved. Where trials run side by side or on a cluster it
    is this process alone that writes.
    """
    settings, path = study.settings[key], path_of(study, key)
    row = dict(key=key, settings=settings, trials=[], code=code_hash(study.run.__module__), versions=_versions())
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        if (found["code"], found["settings"]) == (row["code"], settings):
            row["trials"] = found["trials"]
    done = {number(trial) for trial in row["trials"]}
    for trial in study.run(settings, [k for k in range(settings["trials"]) if k not in done]):
        row["trials"] = sorted([*row["trials"], trial], key=number)
        _write(path, row)
        yield row


@cache
def code_hash(module: str) -> str:
    """A hash of a module's code and of all of lstm_core that it imports, but for comments, docstrings, blank lines."""
    names, found = [module], {}
    while names:
        name = names.pop()
        spec = importlib.util.find_spec(name) if name not in found else None
        if spec is None or name.split(".")[0] != "lstm_core":
            continue
        found[name] = _bare(Path(spec.origin).read_text(encoding="utf-8"))
        names += _imported(Path(spec.origin).read_text(encoding="utf-8"))
    text = "\n".join(f"{name}\n{found[name]}" for name in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _imported(source: str) -> list[str]:
    """The modules that a source imports, wherever it does."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [name for name in names if name.startswith("lstm_core.") and _is_module(name)]


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # a class of a module, not a module of a package
        return False


def _bare(source: str) -> str:
    """The code's own lines. Not `ast.dump`, which differs between versions of Python."""
    drop = set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
                drop |= set(range(first.lineno, first.end_lineno + 1))
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    kept = (line.rstrip() for number, line in enumerate(lines, 1) if number not in drop)
    return "\n".join(line for line in kept if line)


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}


def _write(path: Path, row: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(row, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)

"""What a row was computed by: a hash of the code, comments and docstrings aside, and the versions of the packages.

A row is stale once the hash is another one. The hash is of the study's module and every module of lstm_core that it
imports, but for the machinery that only hands trials out, of which tests hold that it does not change a bit of them,
and for the guard, which lets a study run as it is or not at all.
"""

import ast
import hashlib
import importlib.util
import io
import platform
import threading
import tokenize
from functools import cache
from importlib.metadata import version
from pathlib import Path

__all__ = ["code_hash", "sources", "versions"]

PACKAGES = (
    "numpy", "torch", "numba", "pandas", "arch", "statsmodels", "skfolio", "gymnasium", "stable-baselines3",
    "sb3-contrib",
)  # fmt: skip
MACHINERY = {"lstm_core.studies.study", "lstm_core.markets.guard"}  # one hands trials out, the other only refuses

_PARSER = threading.Lock()


@cache
def code_hash(module: str) -> str:
    """A hash of a module's code and of all of lstm_core that it imports, but for comments, docstrings, blank lines."""
    found = {name: _bare(path.read_text(encoding="utf-8")) for name, path in sources(module).items()}
    text = "\n".join(f"{name}\n{found[name]}" for name in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sources(module: str) -> dict[str, Path]:
    """The module and all of lstm_core that it imports, wherever it does, machinery aside: name → file."""
    names, found = [module], {}
    while names:
        name = names.pop()
        ours = name.split(".")[0] == "lstm_core" and name not in MACHINERY and name not in found
        spec = importlib.util.find_spec(name) if ours else None
        if spec is not None:
            found[name] = Path(spec.origin)
            names += _imported(found[name].read_text(encoding="utf-8"))
    return found


def versions() -> dict[str, str]:
    """Python's version, and those of the packages that a trial may compute with."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}


def _imported(source: str) -> list[str]:
    """The modules that a source imports, wherever it does."""
    names = []
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.ImportFrom):
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [name for name in names if name.startswith("lstm_core.") and _is_module(name)]


def _parsed(source: str) -> ast.Module:
    """`ast.parse`, one thread at a time: where two are at it Python 3.11 may lose count of its depth (gh-106905)."""
    with _PARSER:
        return ast.parse(source)


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # a class of a module, not a module of a package
        return False


def _bare(source: str) -> str:
    """The code's own lines. Not `ast.dump`, which differs between versions of Python."""
    drop = set()
    for node in ast.walk(_parsed(source)):
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

"""`make colab`: the one place from which every notebook gets its set-up cell and its Colab badge, and the README's
table its badges for Colab and Binder.

    python tools/setup_cells.py [--repo owner/name]

The repository is remembered in pyproject.toml, [tool.colab]; an empty one takes the badges away. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import environment

NOTEBOOKS = environment.ROOT / "notebooks"
PYPROJECT = environment.ROOT / "pyproject.toml"

ANYWHERE = """\
# Set-up: run me first. Where lstm_core is installed there is nothing to do.
from importlib.util import find_spec

if find_spec("lstm_core") is None:
    raise ModuleNotFoundError("no lstm_core here: run `make lecture` in its folder")
"""

ON_COLAB = """\
# Set-up: run me first. Where lstm_core is installed there is nothing to do. On Colab, pip fetches
# what is missing; the list of what is there keeps its NumPy, torch and ipywidgets as they are.
from importlib.util import find_spec

if find_spec("lstm_core") is None:
    %pip list --format=freeze > installed.txt
    %pip install --quiet --constraint installed.txt "lstm-core{extra} @ {source}"
"""

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{repo}/blob/main/notebooks/{name})"
)

BINDER = (
    "[![Binder](https://mybinder.org/badge_logo.svg)]"
    "(https://mybinder.org/v2/gh/{repo}/main?urlpath=lab/tree/notebooks/{name})"
)
ROW = re.compile(r"^(\| \d\d \| \[[^]]+\]\(notebooks/([^)]+)\))[^|]*\|", re.MULTILINE)  # of the README's table


def remembered_repo(pyproject: Path = PYPROJECT) -> str:
    """The repository that the badges lead to, "owner/name", or nothing."""
    return re.search(r'^repo = "(.*)"$', pyproject.read_text(encoding="utf-8"), re.MULTILINE)[1]


def is_repo(repo: str) -> bool:
    """Whether this is the name of a repository on GitHub, "owner/name"."""
    return re.fullmatch(r"[\w.-]+/[\w.-]+", repo) is not None


def remember_repo(repo: str, pyproject: Path = PYPROJECT) -> None:
    """Write the repository down; exits where it is no "owner/name"."""
    if repo and not is_repo(repo):
        sys.exit(f"REPO={repo} is not a GitHub repository: give owner/name, or nothing to take the badges away.")
    text = pyproject.read_text(encoding="utf-8")
    pyproject.write_text(re.sub(r'(?m)^repo = ".*"$', f'repo = "{repo}"', text), encoding="utf-8", newline="\n")


def site_address(repo: str) -> str:
    """Where GitHub Pages serves a repository's site; ends with a slash."""
    owner, name = repo.split("/")
    host = f"https://{owner.lower()}.github.io/"
    return host if name.lower() == f"{owner.lower()}.github.io" else f"{host}{name}/"


def setup_source(code: str, source: str) -> str:
    """The set-up cell of a notebook with this code, which pip finds at `source` (a URL, or nothing)."""
    extras = [extra for extra in ("markets", "trading") if re.search(rf"lstm_core(\.| import .*\b){extra}\b", code)]
    extra = f"[{','.join(extras)}]" if extras else ""
    return (ON_COLAB.format(extra=extra, source=source) if source else ANYWHERE).strip()


def with_setup(notebook: dict, name: str, repo: str) -> dict:
    """The notebook with the badge under its title and the set-up cell as its first code cell."""
    cells = [cell for cell in notebook["cells"] if "badges" not in _tags(cell)]
    if repo:
        badge = {"cell_type": "markdown", "id": "badges", "metadata": {"tags": ["badges"]}}
        cells.insert(1, {**badge, "source": [BADGE.format(repo=repo, name=name)]})
    if not any("setup" in _tags(cell) for cell in cells):
        blank = {"cell_type": "code", "id": "setup", "execution_count": None, "outputs": []}
        first = next((k for k, cell in enumerate(cells) if cell["cell_type"] == "code"), len(cells))
        cells.insert(first, {**blank, "metadata": {"tags": ["setup"]}})
    code = "\n".join("".join(cell.get("source", "")) for cell in cells if cell["cell_type"] == "code")
    source = setup_source(code, f"git+https://github.com/{repo}" if repo else "").splitlines(keepends=True)
    cells = [{**cell, "source": source} if "setup" in _tags(cell) else cell for cell in cells]
    return {**notebook, "cells": cells}


def with_badges(readme: str, repo: str) -> str:
    """The README with badges behind each notebook of its table, or without them where there is no repository."""
    badges = f" {BADGE} {BINDER}" if repo else ""
    return ROW.sub(lambda row: f"{row[1]}{badges.format(repo=repo, name=row[2])} |", readme)


def _tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def write(path: Path, notebook: dict) -> None:
    """Save a notebook byte for byte as Jupyter itself would."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the Colab badges and the set-up cells.")
    parser.add_argument("--repo", help="owner/name on GitHub; empty for no badges; without it, the one remembered")
    repo = parser.parse_args().repo
    if repo is not None:
        remember_repo(repo)
    repo, paths = remembered_repo(), sorted(NOTEBOOKS.glob("*.ipynb"))
    for path in paths:
        write(path, with_setup(read(path), path.name, repo))
    readme = environment.ROOT / "README.md"
    text = with_badges(readme.read_text(encoding="utf-8"), repo)
    readme.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(paths)} notebooks: set-up cell written, {f'badge leads to {repo}' if repo else 'no badges'}.")


if __name__ == "__main__":
    main()

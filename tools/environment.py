"""Make .venv once, install into it once, and say under which settings its programs run.

    python tools/environment.py EXTRA... [-- ARGUMENT...]

puts lstm_core with those extras of pyproject.toml into .venv at the versions of constraints.txt, then runs .venv's
Python with the arguments. Where they are installed already it does nothing, and needs no network to find that out.
TORCH_INDEX names a further wheel index for torch, e.g. https://download.pytorch.org/whl/cpu. With LSTM_COLAB=1 all of
it is about a second environment, .venv-colab, which has Colab's versions. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A variable, because it has to reach whatever runs in the environment too: pytest, its workers, Jupyter's server.
COLAB = os.environ.get("LSTM_COLAB") == "1"
VENV = ROOT / (".venv-colab" if COLAB else ".venv")
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed.json"
CONSTRAINTS = VENV / "constraints.txt"
INSIDE = "LSTM_INSIDE"  # names the environment in which a script has been started by `inside`
OLDEST = (3, 11)
GIGABYTES = 4  # a full .venv with the CPU build of torch, and pip's room to unpack it

SETTINGS = {
    # JupyterLab asks nobody about news, looks for no updates, and keeps every cell (so every slider) in the page.
    "share/jupyter/lab/settings/overrides.json": {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    },
    # A kernel's warnings about itself stay out of the terminal.
    "jupyter/ipython/profile_default/ipython_kernel_config.json": {"IPKernelApp": {"log_level": 40}},
}


def settings() -> dict[str, str]:
    """The environment variables that keep Jupyter, IPython and matplotlib inside .venv, whatever the user's own say."""
    home = VENV / "jupyter"
    inside = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTER_PREFER_ENV_PATH": 1,
        "IPYTHONDIR": home / "ipython",
        "MPLCONFIGDIR": home / "matplotlib",
        "PYTHONHASHSEED": 0,
        "PYDEVD_DISABLE_FILE_VALIDATION": 1,  # or every older kernel opens with four lines about its debugger
    }
    outside = {name: value for name, value in os.environ.items() if name not in ("MPLBACKEND", "JUPYTER_PATH")}
    return {**outside, **{name: str(value) for name, value in inside.items()}}


def run(*arguments: str | Path) -> int:
    """Run .venv's Python on the arguments, here and under `settings()`; returns its exit status."""
    return subprocess.run([str(PYTHON), *map(str, arguments)], cwd=ROOT, env=settings(), check=False).returncode


def inside(*extras: str) -> None:
    """Go on in .venv, which has these extras: a script calls it first, and where it runs elsewhere is started anew."""
    if os.environ.get(INSIDE) == str(VENV):
        return
    install(*extras)
    os.environ[INSIDE] = str(VENV)
    sys.exit(run(*sys.argv))


def install(*extras: str) -> None:
    """Have lstm_core and these extras in .venv; exits with one clear sentence where that cannot be."""
    key, present = _key(), _present()
    if present.get("key") == key and set(extras) <= set(present["extras"]):
        return
    wanted = sorted(set(extras) | set(present.get("extras", [])))
    _make_venv()
    print(f"Installing lstm_core[{','.join(wanted)}] into {VENV.name}, once. This takes a few minutes.", flush=True)
    CONSTRAINTS.write_text(constraints(), encoding="utf-8")
    index = os.environ.get("TORCH_INDEX", "").strip()
    if index and _pip_install("--extra-index-url", index, "torch"):
        sys.exit(f"pip could not install torch with TORCH_INDEX={index}; its reason stands above.")
    # Colab has its packages whether lstm_core needs them or not: the classic notebook is one that nothing asks for.
    colabs = pins("constraints-colab.txt") if COLAB else ()
    if _pip_install(*colabs, "--editable", f".[{','.join(wanted)}]"):
        sys.exit("pip could not install everything; its reason stands above. Often it is the network: just try again.")
    _write_settings()
    run("-c", "import matplotlib.font_manager")  # builds the font cache now, so that no notebook has to say so
    STAMP.write_text(json.dumps({"key": key, "extras": wanted}))


def _key() -> str:
    """What the installed packages depend on: the project's metadata, the constraints, and where this folder lies."""
    _require_python(sys.version_info[:2] >= OLDEST)
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [project["project"], project["build-system"], constraints(), str(ROOT)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def constraints(colab: bool = COLAB) -> str:
    """The versions that pip is held to: constraints.txt, Colab's own going before its where Colab has one.

    All but Colab's torch: the lecture uses nothing that differs, and a second build of it is a second long download.
    """
    if not colab:
        return (ROOT / "constraints.txt").read_text(encoding="utf-8")
    ours = pins("constraints.txt")
    chosen = {**ours, **pins("constraints-colab.txt"), "torch": ours["torch"]}
    return "".join(f"{name}=={version}\n" for name, version in chosen.items())


def pins(file: str) -> dict[str, str]:
    """A file of constraints: name, spelt as pip compares it, → version."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {re.sub("[-_.]+", "-", name).lower(): version for name, version in found}


def _present() -> dict:
    """What the last complete installation wrote down, or nothing."""
    return json.loads(STAMP.read_text()) if STAMP.exists() and _works(PYTHON) else {}


def _make_venv() -> None:
    if _works(PYTHON):
        return
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < GIGABYTES:
        sys.exit(f"This needs about {GIGABYTES} GB of free disk; {ROOT} has {free:.1f}. Make room and try again.")
    if sys.platform == "linux" and not os.environ.get("TORCH_INDEX"):
        print("On Linux pip's torch may bring several GB of CUDA; without a GPU, stop this (Ctrl-C) and add")
        print("  TORCH_INDEX=https://download.pytorch.org/whl/cpu")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode:
        sys.exit(f"Python could not make {VENV.name}. On Debian and Ubuntu `sudo apt install python3-venv` helps.")


def _pip_install(*arguments: str) -> int:
    """pip's exit status; of what it says, only what it fetches and what goes wrong."""
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command = [*pip, "--constraint", CONSTRAINTS, *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=settings(), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith(("Collecting", "Processing", "Installing collected")):
                print(" ", line.strip()[:110], flush=True)
    return process.returncode


def _works(python: str | Path) -> bool:
    """Whether this is a Python that runs and is new enough."""
    try:
        test = f"import sys; sys.exit(sys.version_info[:2] < {OLDEST})"
        return subprocess.run([str(python), "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _require_python(new_enough: bool) -> None:
    """Where this Python is too old, start again under a newer one on the PATH, or say what is needed."""
    if new_enough:
        return
    for name in (PYTHON, "python3.14", "python3.13", "python3.12", "python3.11"):
        if _works(name):
            command = [str(name), *sys.argv]
            if os.name == "nt":  # there, to replace a program is to leave it
                sys.exit(subprocess.run(command, check=False).returncode)
            os.execvp(command[0], command)
    sys.exit(f"Python 3.11 or newer is needed and this is {sys.version.split()[0]}: get one from https://python.org.")


def _write_settings() -> None:
    for name, content in SETTINGS.items():
        (VENV / name).parent.mkdir(parents=True, exist_ok=True)
        (VENV / name).write_text(json.dumps(content, indent=1))


if __name__ == "__main__":
    cut = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    install(*sys.argv[1:cut])
    sys.exit(run(*sys.argv[cut + 1 :]) if sys.argv[cut + 1 :] else 0)

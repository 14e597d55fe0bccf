"""The repository holds together: one list of packages, one set of commands, imports that run downwards only."""

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import check
import environment
import lecture
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = environment.ROOT
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CORE = ROOT / "lstm_core"
LECTURE = {"lecture", "live", "markets", "trading"}


# --- packages


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def pins(file: str = "constraints.txt") -> dict[str, str]:
    """A file of constraints: name → version."""
    return parsed((ROOT / file).read_text("utf-8"))


def parsed(constraints: str) -> dict[str, str]:
    lines = [line for line in constraints.splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def closure(requirements: list[str]) -> set[str]:
    """All that these requirements bring with them, as installed here."""
    found, todo = set(), [Requirement(line) for line in requirements]
    while todo:
        wanted = todo.pop()
        markers = [{"extra": extra} for extra in (wanted.extras or {""})]
        name = canonicalize_name(wanted.name)
        if (name, frozenset(wanted.extras)) in found:
            continue
        found.add((name, frozenset(wanted.extras)))
        parts = [Requirement(line) for line in importlib.metadata.requires(name) or []]
        todo += [part for part in parts if not part.marker or any(map(part.marker.evaluate, markers))]
    return {name for name, _ in found}


def test_environment_yml_installs_what_make_lecture_installs():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in conda if isinstance(entry, dict))
    installs = [line for line in pip if not line.startswith(("-c ", "--extra-index-url "))]
    extras = set(re.fullmatch(r"-e \.\[(.*)\]", installs.pop())[1].split(","))
    in_conda = {re.split("[<>=]", entry)[0] for entry in conda if isinstance(entry, str)}
    asked = names(PROJECT["dependencies"]).union(*(names(EXTRAS[extra]) for extra in extras))
    assert asked == names(PROJECT["dependencies"]).union(*(names(EXTRAS[extra]) for extra in LECTURE))
    assert (in_conda, installs) == ({"python", "pip"}, [])  # every other package comes through pyproject.toml
    assert f"python{PROJECT['requires-python']}" in conda[0]
    assert "-c constraints.txt" in pip


def test_commands_install_the_same_extras():
    installed = re.findall(r"install\((.*?)\)\n", (ROOT / "tools/lecture.py").read_text("utf-8"))
    assert set(ast.literal_eval(f"[{installed[0]}]")) == LECTURE


def test_constraints_pin_every_package_that_make_test_installs():
    wanted = closure([*PROJECT["dependencies"], *chain(*EXTRAS.values())])
    of_cuda = {name for name in wanted if re.match(r"nvidia-|cuda-|triton$", name)}  # torch's CUDA build pins its own
    assert wanted - of_cuda - set(pins()) == set()
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins().values())
    assert pins()["torch"] == "2.13.0"  # no "+cpu": any build at hand will do


def test_no_pin_asks_for_a_newer_python_than_the_project_does():
    """Debian 12 has 3.11.2: a pin that wants 3.11.5 would leave its users with pip's riddles."""
    oldest = PROJECT["requires-python"].removeprefix(">=") + ".0"
    asked = {name: importlib.metadata.metadata(name).get("Requires-Python") for name in pins() if _installed(name)}
    assert len(asked) > 100
    assert [name for name, pythons in asked.items() if pythons and oldest not in SpecifierSet(pythons)] == []


def _installed(name: str) -> bool:
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:  # what another platform needs
        return False


def test_lower_bounds_leave_colabs_own_packages_where_they_are():
    colab, touched = pins("constraints-colab.txt"), set()
    ours = [*PROJECT["dependencies"], *chain(*(EXTRAS[extra] for extra in ("markets", "live", "trading")))]
    for requirement in map(Requirement, ours):
        assert {spec.operator for spec in requirement.specifier} == {">="}
        if version := colab.get(requirement.name):
            assert version in requirement.specifier
            touched.add(requirement.name)
    assert touched >= {"numpy", "torch", "matplotlib", "ipywidgets", "anywidget", "pandas", "yfinance"}


def test_make_test_colab_moves_none_of_colabs_packages_but_torch():
    ours, colab = pins(), pins("constraints-colab.txt")
    used = parsed(environment.constraints(colab=True))
    assert {name for name in colab if used[name] != colab[name]} == {"torch"}
    assert used["torch"] == ours["torch"]  # one build for both environments
    assert {name for name in ours if used[name] != ours[name]} <= set(colab)
    assert environment.constraints(colab=False) == (ROOT / "constraints.txt").read_text("utf-8")


@pytest.mark.parametrize(("value", "folder"), [("1", ".venv-colab"), ("0", ".venv"), ("", ".venv")])
def test_lstm_colab_picks_the_environment(value, folder):
    code = "import environment; print(environment.VENV.name, environment.settings()['IPYTHONDIR'])"
    variables = {**os.environ, "LSTM_COLAB": value, "PYTHONPATH": str(ROOT / "tools")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=variables)
    assert done.stdout.split(maxsplit=1) == [folder, f"{ROOT / folder / 'jupyter' / 'ipython'}\n"]


# --- imports


def modules_after(statement: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded after this statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


HEAVY = {"torch", "pandas", "matplotlib", "ipywidgets", "IPython"}
NUMPY_ONLY = (
    "cell", "sequence", "gradient_flow", "biases", "variants", "tasks", "ensemble", "paper1997", "brain",
)  # fmt: skip
LAYERS = {  # module → the third-party packages and sibling modules that it may import
    **{name: {"numpy"} for name in NUMPY_ONLY},
    "_checks": {"numpy"},
    "paper1997": {"numpy", "numba"},  # numba by `stream` alone, which nobody gets who does not ask for it
    "practice": {"numpy", "torch"},
    "field": {"numpy", "torch"},
    "studies": {"numpy", "pandas", "scipy", "joblib", "dask", "filelock", "threadpoolctl", "psutil"},
    "exercises": {"numpy"},
    "forecaster": {"numpy", "torch"},
    "training": {"numpy", "torch"},
    "history": {"torch"},
    "progress": {"tqdm", "IPython"},
    "plots": {"numpy", "matplotlib", "IPython", "PIL"},
    "hall": {"numpy", "matplotlib", "IPython"},
    "market_plots": {"numpy", "matplotlib"},
    "option_plots": {"numpy", "matplotlib"},
    "regime_plots": {"numpy", "matplotlib"},
    "live": {"numpy", "matplotlib", "ipywidgets", "PIL", "IPython"},
    "replay_plots": {"matplotlib"},
    "volatility_plots": {"numpy", "matplotlib"},
    "seed_plots": {"numpy", "matplotlib"},
    "mood_plots": {"numpy", "matplotlib"},
    "mood_live": {"numpy"},
    "beyond_plots": {"numpy", "matplotlib"},
    "field_plots": {"matplotlib"},
    "portfolio_plots": {"numpy", "matplotlib"},
    "brain_plots": {"numpy", "matplotlib"},
    "brain_live": {"numpy"},
    "trading_plots": {"numpy", "matplotlib"},
    "gate_lab": {"numpy", "anywidget", "traitlets", "matplotlib"},
    "train_lab": {"numpy", "ipywidgets", "matplotlib", "PIL", "IPython"},
}
FLOORS = [
    {"_checks"}, {"cell", "tasks", "ensemble"}, {"sequence", "biases", "paper1997", "train_lab"},
    {"gradient_flow", "variants", "brain"},
    {"exercises", "forecaster", "history", "progress", "mood_live"}, {"training", "practice", "field", "gate_lab"},
    {"markets"}, {"trading"}, {"studies"}, {"brain_live"},
]  # fmt: skip
# they know arrays, and no module that makes them
ARRAYS_ONLY = {name for name in LAYERS if name.endswith("plots")} | {"live"}
# packages that come with one that is asked for
INDIRECT = {
    "pillow": "matplotlib", "ipython": "ipywidgets", "traitlets": "ipywidgets", "filelock": "torch",
    "threadpoolctl": "scikit-learn", "psutil": "distributed",
}  # fmt: skip


@pytest.mark.parametrize("module", ["lstm_core", *(f"lstm_core.{name}" for name in NUMPY_ONLY)])
def test_importing_the_core_leaves_torch_pandas_and_matplotlib_out(module):
    assert not modules_after(f"import {module}") & HEAVY


def test_importing_the_gate_lab_leaves_torch_pandas_and_matplotlib_out():
    """Widgets it needs; what draws a still picture and what reads an nn.LSTM come when they are asked for."""
    loaded = modules_after("import lstm_core.gate_lab")
    assert "anywidget" in loaded
    assert not loaded & {"torch", "pandas", "matplotlib", "PIL", "arch"}


@pytest.mark.parametrize("module", sorted(HEAVY))
def test_the_detector_detects(module):
    assert module in modules_after(f"import {module}")


def imports(path: Path) -> list[str]:
    """Every module that a file imports, wherever in it, relative ones spelt out."""
    package = path.relative_to(ROOT).parent.parts
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) + 1 - node.level]] if node.level else []
            start = ".".join([*base, *filter(None, [node.module])])
            found += [f"{start}.{alias.name}" for alias in node.names] if start == "lstm_core" else [start]
    return found


def sibling(module: str) -> str:
    return module.removeprefix("lstm_core.").partition(".")[0]


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_imports_run_downwards(path):
    me = path.relative_to(CORE).with_suffix("").parts[0]
    ours = {sibling(name) for name in imports(path) if name.startswith("lstm_core.")} - {me}
    theirs = {name.partition(".")[0] for name in imports(path)} - sys.stdlib_module_names - {"lstm_core"}
    if me in LAYERS:
        assert theirs <= LAYERS[me]
    if me in ARRAYS_ONLY:
        assert ours <= {"_checks", *ARRAYS_ONLY}
    elif me != "__init__":
        floor = {name: level for level, names in enumerate(FLOORS) for name in names}
        assert all(floor[name] < floor[me] for name in ours - ARRAYS_ONLY)


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_what_is_imported_is_asked_for(path):
    asked = names(PROJECT["dependencies"]) | set(INDIRECT)
    if {"markets", "trading", "studies"} & set(path.parts):
        asked |= names([*EXTRAS["markets"], *EXTRAS["live"], *EXTRAS["cluster"]])
    if "trading" in path.parts:
        asked |= names(EXTRAS["trading"])
    modules = {name.partition(".")[0] for name in imports(path)} - sys.stdlib_module_names - {"lstm_core"}
    distributions = importlib.metadata.packages_distributions()
    assert {canonicalize_name(distributions[module][0]) for module in modules} <= asked


# --- commands and pages


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))


def test_make_help_lists_every_command():
    text = (ROOT / "Makefile").read_text("utf-8")
    assert set(re.findall(r"^([a-z-]+):.* ## \w", text, re.M)) == makefile_targets()
    assert set(re.search(r"^\.PHONY: (.*)", text, re.M)[1].split()) == makefile_targets()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_pages_name_only_what_is_there(page):
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M)) <= makefile_targets()


def test_readme_lists_every_notebook():
    text = (ROOT / "README.md").read_text("utf-8")
    listed = set(re.findall(r"\(notebooks/(.*?\.ipynb)\)", text))
    assert listed == {path.name for path in lecture.NOTEBOOKS.glob("*.ipynb")}


def test_readme_example_says_what_comes_out():
    text = (ROOT / "README.md").read_text("utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.S)[1]
    names, (expression, shape) = {}, re.search(r"^(\S+)  # (\(.*?\))", example, re.M).groups()
    exec(example, names)
    assert eval(expression, names) == ast.literal_eval(shape)


def test_readme_opens_with_the_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^make (\w+)", text, re.M)[:2] == ["lecture", "test"]


def test_workflow_calls_make_test_on_three_systems_and_every_week():
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))
    job = workflow["jobs"]["test"]
    assert {"ubuntu-latest", "macos-latest", "windows-latest"} == set(job["strategy"]["matrix"]["os"])
    assert any(step.get("run", "").startswith("make test ") for step in job["steps"])
    assert workflow[True]["schedule"][0]["cron"]  # YAML 1.1 reads the key "on" as True


def test_ci_runs_make_test_and_make_test_colab():
    commands = re.findall(r"^(?:exec )?make (.+)$", (ROOT / ".ci/run").read_text("utf-8"), re.M)
    assert commands == ["test", "test-colab"]
    job = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))["jobs"]["test"]
    (step,) = [step for step in job["steps"] if step.get("run", "").startswith("make test-colab")]
    assert "ubuntu-latest" in step["if"]


def test_make_test_leaves_the_classic_notebook_to_make_test_colab():
    pytest_options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert "classic" in pytest_options["norecursedirs"]
    named = set(check.colab_tests())
    assert named >= {"notebooks", str(Path("tests/browser/classic")), str(Path("tests/test_live.py"))}
    assert named >= {str(path.relative_to(ROOT)) for path in ROOT.glob("tests/test_gate_lab*.py")}


def test_ruff_is_content():
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "."], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


# --- tools/environment.py and tools/lecture.py


def test_lecture_opens_the_notebook_that_at_names(tmp_path, capsys):
    for name in ("02_watch.ipynb", "06_build.ipynb", "scratch.ipynb"):
        (tmp_path / name).touch()
    assert lecture.choose("", tmp_path) == "02_watch.ipynb"
    assert lecture.choose("6", tmp_path) == lecture.choose("06", tmp_path) == "06_build.ipynb"
    with pytest.raises(SystemExit, match=r"no notebook '07'.*02_watch\.ipynb, 06_build\.ipynb"):
        lecture.choose("07", tmp_path)


def test_lecture_opens_it_where_the_slides_send_everybody(tmp_path):
    places = [("02_watch.ipynb", "Half a step · or two"), ("06_build.ipynb", "One"), ("06_build.ipynb", "Two")]
    for name in ("02_watch.ipynb", "06_build.ipynb", "07_bias.ipynb"):
        (tmp_path / name).touch()
    cells = [{"metadata": {"lecture": {"catch_up": {"notebook": name, "heading": at}}}} for name, at in places]
    deck = tmp_path / "lecture.ipynb"
    deck.write_text(json.dumps({"cells": [{"metadata": {}}, *cells]}), "utf-8")

    def opens(at: str) -> tuple[str, str]:
        notebook = lecture.choose(at, tmp_path)
        return notebook, lecture.catch_up(at, notebook, deck)

    assert opens("") == ("02_watch.ipynb", "")  # whoever names none begins at the beginning
    assert opens("2") == places[0]
    assert opens("06") == opens("06.1") == places[1]
    assert opens("6.2") == places[2]
    assert opens("07") == ("07_bias.ipynb", "")
    for wrong in ("06.3", "06.0", "06.x", "07.2"):
        with pytest.raises(SystemExit, match=r"send nobody to .*06\.1 “One”, 06\.2 “Two”|07_bias\.ipynb: none"):
            opens(wrong)
    server = lecture.Server(None, "http://localhost:1/", "t")
    wanted = "http://localhost:1/lab/tree/notebooks/02_watch.ipynb?token=t"
    assert server.address("02_watch.ipynb") == wanted
    assert server.address(*places[0]) == f"{wanted}#at=Half%20a%20step%20%C2%B7%20or%20two"


def test_settings_keep_jupyter_inside_the_venv(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "TkAgg")
    monkeypatch.setenv("JUPYTER_PATH", "elsewhere")
    settings = environment.settings()
    assert not {"MPLBACKEND", "JUPYTER_PATH"} & set(settings)
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    assert all(Path(settings[name]).is_relative_to(environment.VENV) for name in folders)


def test_an_old_python_is_told_what_is_needed(monkeypatch):
    monkeypatch.setattr(environment, "_works", lambda python: False)
    with pytest.raises(SystemExit, match=r"3\.11 or newer is needed"):
        environment._require_python(False)


def test_a_full_disk_is_named(monkeypatch):
    monkeypatch.setattr(environment, "_works", lambda python: False)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda folder: type("usage", (), {"free": 1e9}))
    with pytest.raises(SystemExit, match=r"4 GB of free disk.* has 1\.0"):
        environment._make_venv()


def test_what_is_installed_is_not_installed_again(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(environment, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "_works", lambda python: True)
    monkeypatch.setattr(environment, "_pip_install", lambda *arguments: ran.append(arguments[-1]) or 0)
    monkeypatch.setattr(environment, "run", lambda *arguments: 0)
    for extras in (["lecture"], ["lecture"], ["test"], ["lecture", "test"]):
        environment.install(*extras)
    assert ran == [".[lecture]", ".[lecture,test]"]
    monkeypatch.setenv("TORCH_INDEX", "https://example.org/cpu")
    monkeypatch.setattr(environment, "_key", lambda: "new constraints")
    environment.install("lecture")
    assert ran[2:] == ["torch", ".[lecture,test]"]

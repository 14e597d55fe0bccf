"""studies: every recorded row is of the code and the settings as they stand, and one, which the commit picks, is begun
again and compared; rows are resumed, written whole, and stale when code changes that they depend on."""

import ast
import importlib.util
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lstm_core.studies import STUDIES, fingerprint, load, record, summary
from lstm_core.studies.study import Study, number
from lstm_core.studies.tables import TABLES
from lstm_core.tasks import TASKS

ROOT = Path(record.__file__).parents[2]
RECORDED = [(name, key) for name in STUDIES for key in load(name)]
PAPER = ("original", "today", "biases")  # trials of the tasks of 1997; the others are of markets


# --- what is recorded


@pytest.mark.parametrize(("name", "key"), RECORDED)
def test_no_recorded_row_is_unfinished_or_stale(name, key):
    assert key in TABLES[name].settings, "a row that no table has: delete it"
    assert record.complaints(TABLES[name], key) == [], "make results"


@pytest.mark.parametrize("name", STUDIES)
def test_each_row_is_one_file_and_nothing_else_is_there(name):
    files = [path for path in (record.ROWS / name).glob("*") if not path.name.startswith(".")]  # of a killed writer
    assert sorted(files) == sorted(record.path_of(TABLES[name], key) for key in load(name))


def shown() -> set[str]:
    """The studies that notebooks show."""
    code = "".join(path.read_text("utf-8") for path in (ROOT / "notebooks").glob("*.ipynb"))
    found = set(re.findall(r'load\(\\"(\w+)\\"\)', code))
    return found | ({"original", "today"} if "replay_table(" in code else set())


def test_a_notebook_shows_the_studies_it_does():
    assert shown() >= {"biases"}


@pytest.mark.parametrize("name", sorted(shown()))
def test_no_row_is_missing_in_what_notebooks_show(name):
    assert set(load(name)) == set(TABLES[name].settings)


@pytest.mark.parametrize(("name", "key"), RECORDED)
def test_every_row_says_where_it_comes_from(name, key):
    row = load(name)[key]
    assert set(row["versions"]) >= {"python", "numpy", "torch", "numba"}
    assert [number(trial) for trial in row["trials"]] == list(range(row["settings"]["trials"]))


@pytest.mark.parametrize(("name", "key"), [pair for pair in RECORDED if pair[0] in PAPER])
def test_every_trial_of_1997_ends_by_its_rule_or_at_its_cap(name, key):
    row = load(name)[key]
    for trial in row["trials"]:
        assert 0 <= trial["wrong"] <= trial["tested"]
        assert trial["sequences"] <= row["settings"]["cap"] + 100
        assert trial["seconds"] > 0
        assert trial["solved"] or trial["sequences"] >= row["settings"]["cap"]


@pytest.mark.parametrize("name", ["original", "today"])
def test_every_experiment_of_the_paper_has_its_rows(name):
    settings = TABLES[name].settings.values()
    assert {one["task"] for one in settings} == set(TASKS)
    kinds = {task: {str(one.get("of")) for one in settings if one["task"] == task} for task in TASKS}
    rows = {"1": 1, "2a": 1, "2b": 1, "2c": 9, "3a": 3, "3b": 3, "3c": 2, "4": 3, "5": 1, "6a": 1, "6b": 1}
    assert {task: len(found) for task, found in kinds.items()} == rows  # Tables 1 to 9


def picked() -> tuple[str, str]:
    """A row, by the commit; where there is no git, by the code."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    text = done.stdout.strip() if done.returncode == 0 else record.code_hash("lstm_core.studies.today")
    return RECORDED[int(text[:12], 16) % len(RECORDED)]


def begun_again(name: str, key: str, seed: int) -> None:
    study, trial = TABLES[name], load(name)[key]["trials"][seed]
    again = study.first(study.settings[key], seed)
    # In float64 other processors differ in the last digits, in float32 after 50 steps of Adam in the third.
    for field, value in again.items():
        assert value == pytest.approx(trial[field], rel=1e-6 if name == "original" else 0.02), (name, key, field)


def test_a_row_that_the_commit_picks_begins_as_it_was_recorded():
    name, key = picked()
    begun_again(name, key, 0)


@pytest.mark.parametrize(("name", "key"), [("original", "6a"), ("biases", "long, chrono")])
def test_these_always_begin_as_they_were_recorded(name, key):
    begun_again(name, key, 1)


def test_a_quick_row_ends_as_it_was_recorded():
    """A whole trial again. Another processor's rounding may lead it to another path, hence the width."""
    study = TABLES["original"]
    recorded = load("original")["6a"]["trials"][0]
    (again,) = study.run(study.settings["6a"], [0])
    assert again["solved"] == recorded["solved"]
    assert again["sequences"] == pytest.approx(recorded["sequences"], rel=0.3)
    assert again["wrong"] <= 5


# --- how rows are kept


def tiny(ran: list, fail_at: int | None = None) -> Study:
    def run(settings, seeds):
        for seed in seeds:
            if seed == fail_at:
                raise KeyboardInterrupt
            ran.append(seed)
            yield dict(seed=seed, value=settings["factor"] * seed)

    run.__module__ = "lstm_core.studies.study"
    return Study("today", {"a − row": dict(factor=2, trials=4)}, run, lambda *_: {})


@pytest.fixture
def rows(monkeypatch, tmp_path):
    monkeypatch.setattr(record, "ROWS", tmp_path)
    return tmp_path


def test_a_row_is_taken_up_where_it_was_broken_off(rows):
    ran = []
    with pytest.raises(KeyboardInterrupt):
        list(record.compute(tiny(ran, fail_at=2), "a − row"))
    assert record.complaints(tiny(ran), "a − row") == ["is not finished"]
    (*_, row) = record.compute(tiny(ran), "a − row")
    assert ran == [0, 1, 2, 3]
    assert [trial["value"] for trial in row["trials"]] == [0, 2, 4, 6]
    assert record.complaints(tiny(ran), "a − row") == []
    assert load("today") == {"a − row": row}
    assert [path.name for path in (rows / "today").iterdir()] == ["a-minus-row.json"]


def test_other_settings_and_other_code_make_a_row_stale_and_it_is_run_anew(rows, monkeypatch):
    ran = []
    list(record.compute(tiny(ran), "a − row"))
    other = tiny(ran)._replace(settings={"a − row": dict(factor=3, trials=4)})
    assert record.complaints(other, "a − row") == ["was run with other settings"]
    list(record.compute(other, "a − row"))
    assert ran == [0, 1, 2, 3] * 2
    monkeypatch.setattr(record, "code_hash", lambda module: "another")
    assert record.complaints(other, "a − row") == ["was run by other code"]
    list(record.compute(other, "a − row"))
    assert ran == [0, 1, 2, 3] * 3
    assert record.complaints(tiny([])._replace(settings={"b": dict(trials=1)}), "b") == ["is missing"]


def test_a_row_is_of_one_set_of_versions(rows, monkeypatch):
    """Begun with others, it is computed anew; finished with others, it stays."""
    ran = []
    with pytest.raises(KeyboardInterrupt):
        list(record.compute(tiny(ran, fail_at=2), "a − row"))
    monkeypatch.setattr(record, "versions", lambda: {"numpy": "another"})
    assert record.complaints(tiny(ran), "a − row")[1:] == ["was begun with other versions of packages"]
    (*_, row) = record.compute(tiny(ran), "a − row")
    assert ran == [0, 1, 0, 1, 2, 3]
    assert row["versions"] == {"numpy": "another"}
    monkeypatch.setattr(record, "versions", lambda: {"numpy": "a third"})
    assert record.complaints(tiny(ran), "a − row") == record.to_do(tiny(ran), "a − row") == []
    assert list(record.compute(tiny(ran), "a − row")) == []


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        ([0, 1, 1], r"a record came of trial 1, but those of \[2, 3\] are wanted; 2 of 4 trials are kept, all but"),
        ([0, 4], r"a record came of trial 4, but those of \[1, 2, 3\] are wanted; 1 of 4 trials are kept, all but"),
        ([0, 1, 3], r"no record came of trials \[2\]; 3 of 4 trials are kept, all but \[2\]$"),
    ],
)
def test_no_trial_counts_twice_and_none_is_missing(rows, gives, words):
    study = tiny([])._replace(run=lambda settings, trials: (dict(seed=seed) for seed in gives))
    with pytest.raises(record.RowError, match=f"^today: a − row: {words}"):
        list(record.compute(study, "a − row"))
    assert [number(trial) for trial in load("today")["a − row"]["trials"]] == sorted(set(gives) - {4})


def test_a_file_that_is_no_row_is_named(rows):
    list(record.compute(tiny([]), "a − row"))
    path = record.path_of(tiny([]), "a − row")
    path.write_text(path.read_text("utf-8")[:-20], "utf-8")
    for function in (lambda: load("today"), lambda: record.complaints(tiny([]), "a − row")):
        with pytest.raises(ValueError, match=r"a-minus-row\.json is no row .*: restore it with git, or delete it"):
            function()


def test_a_hash_is_of_code_alone():
    code = "def f(x):\n    return x + 1  # why\n"
    same = '"""A module."""\n\n\ndef f(x):\n    """Says what."""\n    # how\n\n    return x + 1\n'
    assert fingerprint._bare(code) == fingerprint._bare(same) == "def f(x):\n    return x + 1"
    assert fingerprint._bare(code.replace("1", "2")) != fingerprint._bare(code)
    kept = 'def f():\n    text = """not a docstring"""\n    return "# no comment"'
    assert fingerprint._bare(kept) == kept


@pytest.mark.parametrize(
    ("study", "module", "depends"),
    [
        ("original", "lstm_core.paper1997.stream", True), ("original", "lstm_core.tasks.marked", True),
        ("original", "lstm_core._checks", True), ("original", "lstm_core.ensemble.adam", False),
        ("original", "lstm_core.studies.record", False), ("original", "lstm_core.studies.tables", False),
        ("tables", "lstm_core.studies.original", True), ("tables", "lstm_core.studies.study", False),
        ("today", "lstm_core.ensemble.adam", True), ("today", "lstm_core.forecaster", True),
        ("today", "lstm_core.tasks.long_lag", True), ("today", "lstm_core.paper1997.stream", False),
        ("today", "lstm_core.plots", False),
    ],
)  # fmt: skip
def test_a_hash_is_of_all_that_a_study_imports_and_of_no_more(study, module, depends, monkeypatch):
    before = record.code_hash.__wrapped__(f"lstm_core.studies.{study}")
    changed, read = Path(importlib.util.find_spec(module).origin), Path.read_text

    def changed_code(path, *args, **kwargs):
        return read(path, *args, **kwargs) + ("\nchanged = 1\n" if path == changed else "")

    monkeypatch.setattr(Path, "read_text", changed_code)
    assert (record.code_hash.__wrapped__(f"lstm_core.studies.{study}") != before) is depends


def test_one_thread_parses_at_a_time(monkeypatch):
    """Rows side by side in threads; two parsers at once may raise SystemError in Python 3.11."""
    parse, inside, most = ast.parse, [], []

    def slowly(source):
        inside.append(source)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()
        return parse(source)

    monkeypatch.setattr(fingerprint, "ast", SimpleNamespace(**vars(ast) | {"parse": slowly}))  # for us alone
    with ThreadPoolExecutor(4) as pool:
        hashes = set(pool.map(fingerprint.code_hash.__wrapped__, ["lstm_core.biases"] * 4))
    assert len(hashes) == 1
    assert len(most) >= 8
    assert set(most) == {1}


def test_prices_come_without_the_models_that_are_scored_on_them():
    """A study of bundled prices is not to go stale when a scoreboard or a baseline changes."""
    names = fingerprint.sources("lstm_core.markets.data.prices")
    alone = ("bundled", "checks", "index_closes", "prices", "samples", "yahoo")
    assert set(names) == {"lstm_core._checks", *(f"lstm_core.markets.data.{name}" for name in alone)}


def test_unknown_studies_are_refused():
    for function in (load, record.open_study):
        with pytest.raises(ValueError, match="study is 'weather', but must be one of 'original', 'today', 'biases'"):
            function("weather")


# --- in a line


def trial(seed, solved, sequences, wrong=0, **met):
    return dict(seed=seed, solved=solved, sequences=sequences, wrong=wrong, tested=2560, seconds=2.0, met=met)


def test_a_summary_counts_those_that_met_the_rule():
    row = dict(trials=[trial(0, True, 300, 2, ST1=100), trial(1, False, 900, 80, ST1=200), trial(2, True, 500, 4)])
    strict, lenient = summary.summary(row), summary.summary(row, "ST1")
    assert strict == (3, 2, 400.0, 300, 500, 3.0, 2560, 2.0)
    assert str(strict) == "2/3        400  (300–500)  3.0 wrong"
    assert lenient[:5] == (3, 2, 150.0, 100, 200)
    nothing = summary.summary(dict(trials=[trial(0, False, 900)]))
    assert str(nothing) == "0/1"
    assert np.all([value is None for value in nothing[2:6]])


def test_a_background_is_the_map_and_chrono_and_nothing_else():
    settings = dict(biases=dict(forget_bias=3.0, input_bias=-2.0), cap=40_000)
    rows = {
        "map, b_f = 3, b_i = -2": dict(settings=settings, trials=[trial(0, True, 300), trial(1, True, 500)]),
        "map, b_f = 0, b_i = 0": dict(settings=settings | dict(biases=dict(forget_bias=0.0, input_bias=0.0)),
                                      trials=[trial(0, False, 40_000)]),
        "long, chrono": dict(settings=dict(biases=dict(chrono=100), cap=200_000), trials=[trial(0, True, 700)]),
        "long, b_f = 1, b_i = 0": dict(settings=settings, trials=[trial(0, True, 1)]),
    }  # fmt: skip
    assert summary.background(rows) == [
        dict(forget_bias=3.0, input_bias=-2.0, runs=2, solved=2, sequences=400.0, budget=40_000),
        dict(forget_bias=0.0, input_bias=0.0, runs=1, solved=0, sequences=None, budget=40_000),
        dict(forget_bias=None, input_bias=None, runs=1, solved=1, sequences=700.0, budget=200_000),
    ]


# --- the command


def command(*arguments: str) -> list[str]:
    done = subprocess.run([sys.executable, "-m", "lstm_core.studies", *arguments], capture_output=True, text=True,
                          check=True, cwd=ROOT)  # fmt: skip
    return done.stdout.splitlines()


def test_make_results_says_what_there_is_to_do():
    assert command("biases", "--list") == [f"biases: {len(TABLES['biases'].settings)} rows, 0 to compute"]


def test_make_results_has_nothing_to_do_where_all_is_there():
    assert command("biases")[-1] == "make results: all rows are there and up to date."

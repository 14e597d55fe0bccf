"""Studies that outgrow one process: on cores, on a real Dask cluster, killed and taken up again, the rows are the same
to the bit. The study is tests/toy_study.py's; whether and where a trial ran is counted by the files that it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from threading import Barrier, Thread

import psutil
import pytest
import toy_study
from joblib import Parallel, parallel_config
from joblib.externals.loky import get_reusable_executor

from lstm_core.markets.returns.baselines import ar1, drift, standardised
from lstm_core.markets.returns.scoreboard import walk_forward
from lstm_core.studies import __main__ as command
from lstm_core.studies import cluster, record
from lstm_core.studies.study import Study, TrialError, spread

KEY, TRIALS = toy_study.KEY, len(toy_study.GRID)
HERE = Path(__file__).parent
LIMIT = 120  # seconds after which a test fails rather than waits
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and process groups are POSIX's")
ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE)]), "PYTHONWARNINGS": "", "OMP_NUM_THREADS": "1",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
}  # fmt: skip


@pytest.fixture(autouse=True)
def rows(monkeypatch, tmp_path):
    monkeypatch.setattr(record, "ROWS", tmp_path / "rows")
    return tmp_path / "rows"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


def start(*arguments) -> subprocess.Popen:
    """A Python with these arguments, in a process group of its own."""
    text = [sys.executable, *map(str, arguments)]
    return subprocess.Popen(text, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            start_new_session=True)  # fmt: skip


def stop(process: subprocess.Popen) -> tuple[str, str]:
    """Kill a process with all that it has started; what it had said."""
    family = [process, *psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
    if os.name != "nt":
        with nullcontext() if family else pytest.raises(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    for member in family:
        member.kill()
    psutil.wait_procs(family[1:], timeout=LIMIT)
    assert not any(member.is_running() for member in family[1:])
    return process.communicate(timeout=LIMIT)


def until(condition, process: subprocess.Popen | None = None):
    """Wait for something true and return it; fail after LIMIT, or if the process that should bring it about ends."""
    end = time.monotonic() + LIMIT
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.01)
    return found


def later(function, *arguments) -> Future:
    """Run a function in a thread that keeps nobody waiting; `.result(LIMIT)` has what it returns."""
    future: Future = Future()

    def work():
        try:
            future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)

    Thread(target=work, daemon=True).start()
    return future


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """A scheduler and two workers, all processes of their own: its address, and the workers by their process id."""
    home = tmp_path_factory.mktemp("dask")
    scheduler = start("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard",
                      "--scheduler-file", home / "scheduler.json")  # fmt: skip
    started = [scheduler]
    try:
        until((home / "scheduler.json").exists, scheduler)
        address = until(lambda: json.loads((home / "scheduler.json").read_text() or "{}"), scheduler)["address"]
        options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--local-directory", home)
        started += [start("-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1", *options) for _ in "12"]
        with cluster.connected(address) as client:
            client.wait_for_workers(2, timeout=LIMIT)
        yield address, {worker.pid: worker for worker in started[1:]}
    finally:
        for process in reversed(started):
            stop(process)


@pytest.fixture(scope="module", autouse=True)
def no_pool_is_left():
    yield
    get_reusable_executor().shutdown(wait=True)


def computed(study: Study, where: int | str = 1) -> list[dict]:
    """The row's trials, as they lie on disk, after what they lacked was computed: n_jobs, or a scheduler's address."""

    def work():
        with cluster.connected(where) if isinstance(where, str) else parallel_config(n_jobs=where):
            for _ in record.compute(study, KEY):
                pass

    if where == 1:
        work()
    else:
        later(work).result(LIMIT)
    return saved()


def saved() -> list[dict]:
    """The trials in the row's file, without what may differ."""
    path = record.path_of(Study("toy", {}, None, None), KEY)
    trials = json.loads(path.read_text("utf-8"))["trials"] if path.exists() else []
    return [{name: value for name, value in trial.items() if name != "seconds"} for trial in trials]


def marks(folder, what: str) -> dict[int, list[int]]:
    """Which processes began, or ended, a trial: one entry each time."""
    found: dict[int, list[int]] = {}
    for path in folder.glob(f"{what}-*"):
        _, trial, process, _ = path.name.split("-")
        found.setdefault(int(trial), []).append(int(process))
    return found


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """What one process computes, one trial after another, on its own rows."""
    home = tmp_path_factory.mktemp("local")
    before, record.ROWS = record.ROWS, home / "rows"
    try:
        trials = computed(toy_study.study(home))
    finally:
        record.ROWS = before
    assert marks(home, "began") == marks(home, "ended") == {trial: [os.getpid()] for trial in range(TRIALS)}
    return trials


def test_the_study_is_worth_comparing(local):
    """Every trial is another net's, that has learnt, on one thread."""
    assert [trial["trial"] for trial in local] == list(range(TRIALS))
    assert len({trial["loss"] for trial in local}) == TRIALS
    assert all(trial["train"][-1] < trial["train"][0] for trial in local)
    assert {(trial["threads"], trial["hidden"]) for trial in local} == {(1, 4)}


# --- on cores and on a cluster


def test_two_cores_give_the_same_bits(local, folder):
    assert computed(toy_study.study(folder), 2) == local
    began = marks(folder, "began")
    assert {len(processes) for processes in began.values()} == {1}
    assert len({process for (process,) in began.values()} - {os.getpid()}) == 2


def test_a_dask_cluster_gives_the_same_bits(local, folder, workers):
    address, processes = workers
    assert computed(toy_study.study(folder), address) == local
    assert {process for (process,) in marks(folder, "began").values()} == set(processes)


@pytest.mark.parametrize("where", [1, 2, "dask"])
def test_a_failing_trial_is_named_and_costs_itself_alone(local, folder, workers, where):
    where = workers[0] if where == "dask" else where
    for trial in (3, 7):
        (folder / f"fail-{trial}").touch()
    (folder / "lie-9").touch()
    with (
        pytest.warns(UserWarning, match=r"trial \d failed, the others go on: .*Error: ") as warned,
        pytest.raises(record.RowError, match=r"^toy: toy, H = 4: 3 of 16 trials failed: ") as failed,
    ):
        computed(toy_study.study(folder), where)
    for words in ("trial 3 (ArithmeticError: no numbers for DOWN)", "trial 9 (ValueError: its record says that it is "
                  'trial 10: give it "trial": 9)', "; 13 of 16 trials are kept, all but [3, 7, 9]"):  # fmt: skip
        assert words in str(failed.value)
    assert len(warned) == 1
    assert isinstance(failed.value.__cause__, TrialError)
    assert 'raise ArithmeticError(f"no numbers for' in failed.value.__cause__.__notes__[0]
    assert saved() == [trial for trial in local if trial["trial"] not in (3, 7, 9)]
    for path in folder.glob("[fl]*-*"):
        path.unlink()
    assert computed(toy_study.study(folder), where) == local
    again = {trial for trial, processes in marks(folder, "began").items() if len(processes) > 1}
    assert again == {3, 7, 9}


def test_a_study_that_workers_cannot_import_is_an_error_and_no_endless_wait(workers, monkeypatch, tmp_path):
    """Joblib's own backend for Dask waits for ever."""
    (tmp_path / "nowhere_else.py").write_text("def one(settings, trial):\n    return dict(trial=trial)\n")
    monkeypatch.syspath_prepend(tmp_path)
    import nowhere_else

    def work():
        with cluster.connected(workers[0]), pytest.warns(UserWarning, match="No module named 'nowhere_else'"):
            list(spread(nowhere_else.one, {}, [0, 1]))

    with pytest.raises(TrialError, match=r"2 of 2 trials failed: trial 0 \(.*No module named 'nowhere_else'"):
        later(work).result(LIMIT)


def test_the_scoreboard_walks_forward_on_a_cluster(workers):
    """The model that forecasts its own process id says where each fold was computed."""
    address, processes = workers
    x, y = (part.numpy().astype(float) for part in toy_study.series("UP"))
    models, baselines = {"LSTM": standardised(toy_study.forecast), "where": toy_study.where}, dict(drift=drift, ar1=ar1)

    def work():
        with cluster.connected(address):
            return [walk_forward(models, x, y[:, 0], baselines=baselines, n_jobs=jobs) for jobs in (1, 2)]

    here = walk_forward(models, x, y[:, 0], baselines=baselines).forecasts
    for board in later(work).result(LIMIT):
        there = board.forecasts
        assert list(there) == [*baselines, *models]
        assert there.drop(columns="where").equals(here.drop(columns="where"))
        assert set(there["where"]) <= set(processes)
    assert set(here["where"]) == {os.getpid()}


@POSIX
def test_a_worker_killed_half_way_changes_nothing(local, folder, workers):
    """It is held in the middle of a trial, so that one is lost, and goes to the other worker. The last test of these
    that needs both."""
    address, processes = workers
    (folder / "hold-6").touch()
    run = later(computed, toy_study.study(folder), address)
    (victim,) = until(lambda: marks(folder, "began").get(6))
    until(lambda: len(saved()) >= TRIALS - 2)
    before = {trial["trial"] for trial in saved()}
    assert 6 not in before
    assert 6 not in marks(folder, "ended")
    processes[victim].kill()
    (folder / "hold-6").unlink()
    assert run.result(LIMIT) == local
    began = marks(folder, "began")
    assert began[6][0] != began[6][1]
    assert {len(began[trial]) for trial in before} == {1}
    assert all(len(processes) == 1 for processes in marks(folder, "ended").values())


# --- killed, interrupted, two at once


def toy(rows, folder, *arguments) -> subprocess.Popen:
    """The command `python -m lstm_core.studies`, with the toy study."""
    return start(HERE / "toy_study.py", rows, folder, *arguments)


def half_way(rows, folder, jobs: int) -> subprocess.Popen:
    """The command, held in the middle of trial 6 when all trials before it are saved."""
    (folder / "hold-6").touch()
    process = toy(rows, folder, "--jobs", jobs)
    until(lambda: 6 in marks(folder, "began"), process)
    until(lambda: {trial["trial"] for trial in saved()} >= set(range(6)), process)
    return process


def left_behind(process: subprocess.Popen) -> list[str]:
    """The processes of its session that are still there."""
    found = []
    for one in psutil.process_iter():
        try:
            found += [str(one)] * (os.getsid(one.pid) == process.pid and one.status() != psutil.STATUS_ZOMBIE)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


@POSIX
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_study_killed_half_way_goes_on_to_the_same_row(local, folder, rows, jobs):
    process = half_way(rows, folder, jobs)
    with pytest.raises(record.RowBusy, match="toy: toy-h-4: another process computes this row"):
        next(record.compute(toy_study.study(folder), KEY))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=LIMIT)
    until(lambda: not left_behind(process))
    before = saved()
    assert before == [trial for trial in local if trial in before]
    (rows / "toy" / ".toy-h-4.json.99999").write_text('{"key": "toy, H')  # as a writer leaves it that is killed
    (folder / "hold-6").unlink()
    assert 6 <= len(before) < TRIALS
    assert record.to_do(toy_study.study(folder), KEY) == [k for k in range(TRIALS) if local[k] not in before]
    assert computed(toy_study.study(folder), jobs) == local
    began, ended = marks(folder, "began"), marks(folder, "ended")
    assert {len(began[trial["trial"]]) for trial in before} == {1}
    assert (len(began[6]), len(ended[6])) == (2, 1)
    assert [path.name for path in (rows / "toy").iterdir()] == ["toy-h-4.json"]


@POSIX
def test_ctrl_c_keeps_what_is_finished_and_leaves_no_process(local, folder, rows):
    process = half_way(rows, folder, 2)
    os.killpg(process.pid, signal.SIGINT)
    said, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 130, errors
    assert errors.endswith("make results: interrupted; what was finished is kept, and the same command goes on.\n")
    assert "up to date" not in said
    until(lambda: not left_behind(process))
    before = saved()
    assert 6 <= len(before) < TRIALS
    assert all(trial in local for trial in before)
    assert 6 not in marks(folder, "ended")
    assert [path.name for path in (rows / "toy").iterdir()] == ["toy-h-4.json"]


def interrupted(settings, trial):
    """Ctrl+C comes in the middle of a training, which then ends early and returns as if nothing had been."""
    losses = []

    def loss(prediction, target):
        losses.append(prediction)
        if trial == 2 and len(losses) == 4:
            signal.raise_signal(signal.SIGINT)
        return ((prediction - target) ** 2).mean()

    x, y = toy_study.series("UP")
    history = toy_study.fit(toy_study.Forecaster(1, 4), (x, y), epochs=2, loss=loss, progress=False)
    return dict(trial=trial, stopped=history.stopped)


def test_a_trial_that_ctrl_c_cut_short_has_no_record():
    before, records = signal.getsignal(signal.SIGINT), []
    assert interrupted({}, 2)["stopped"] == "interrupted"
    with pytest.raises(KeyboardInterrupt):
        records.extend(spread(interrupted, {}, [0, 1, 2, 3]))
    assert signal.getsignal(signal.SIGINT) is before
    assert records == [dict(trial=0, stopped="finished"), dict(trial=1, stopped="finished")]


def test_whoever_reads_while_another_writes_or_is_killed_finds_a_whole_row(rows):
    write = "import sys; from pathlib import Path; from lstm_core.studies.record import _write\n"
    write += "for k in range(10**9): _write(Path(sys.argv[1]), dict(key='k', trials=[k] * 30_000))"
    path = rows / "toy" / "k.json"
    for _ in range(2):
        process = start("-c", write, path)
        until(path.exists, process)
        ends = {path.read_bytes()[-4:] for _ in range(2000)}
        stop(process)
        assert ends == {path.read_bytes()[-4:]} == {b" ]\n}\n"[-4:]}
        assert len(set(record._read(path)["trials"])) == 1


def test_a_core_whose_process_dies_is_an_error_that_names_the_row(local, folder):
    (folder / f"die-{TRIALS - 1}").touch()
    with pytest.raises(record.RowError, match=r"(?s)^toy: toy, H = 4: A worker process .* are kept, all but \[.*15\]$"):
        computed(toy_study.study(folder), 2)
    kept = saved()
    assert 0 < len(kept) < TRIALS
    assert all(trial in local for trial in kept)
    (folder / f"die-{TRIALS - 1}").unlink()
    assert computed(toy_study.study(folder)) == local


# --- the command


@pytest.fixture
def run_command(monkeypatch, folder):
    def run(*arguments, study=None):
        monkeypatch.setattr(command, "STUDIES", ("toy",))
        monkeypatch.setattr(command, "open_study", lambda name: study or toy_study.study(folder))
        monkeypatch.setattr(sys, "argv", ["studies", *arguments])
        return later(command.main).result(LIMIT)

    return run


def test_the_command_computes_on_a_cluster_what_it_would_here(local, run_command, workers, capsys):
    run_command("--cluster", workers[0])
    assert saved() == local
    assert capsys.readouterr().out.splitlines()[-1] == "make results: all rows are there and up to date."


def test_progress_counts_what_is_still_to_do(local, run_command, folder, capsys):
    path = record.path_of(toy_study.study(folder), KEY)
    run_command()
    row = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(row | dict(trials=row["trials"][:6])), "utf-8")
    capsys.readouterr()
    run_command()
    said = capsys.readouterr()
    assert said.err.splitlines() == [f"trial {k}/10: {KEY}" for k in range(1, 11)]
    assert said.out.startswith(f"toy: 1 rows, 1 to compute\ntoy: {KEY}: 16 trials; ")
    run_command()
    assert capsys.readouterr().out.splitlines()[0] == "toy: 1 rows, 0 to compute"
    assert saved() == local


@pytest.mark.filterwarnings("ignore:trial 3 failed:UserWarning")
def test_the_command_says_what_failed_and_fails(run_command, folder, capsys):
    (folder / "fail-3").touch()
    with pytest.raises(SystemExit, match="make results: 1 of 1 rows are not finished: see above, and run it again"):
        run_command()
    said = capsys.readouterr().out
    assert "Traceback (most recent call last)" in said
    assert "toy: toy, H = 4: 1 of 16 trials failed: trial 3 (ArithmeticError: no numbers for DOWN)" in said
    assert "up to date" not in said


def test_ctrl_c_ends_the_command(run_command, folder, capsys):
    def run(settings, trials):
        yield dict(trial=0, solved=False)
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        run_command(study=toy_study.study(folder)._replace(run=run))
    assert ended.value.code == 130
    assert "what was finished is kept" in capsys.readouterr().err
    assert len(saved()) == 1


def test_rows_run_side_by_side_where_a_study_cannot_spread_its_trials(run_command, folder, monkeypatch, capsys):
    """Two rows that wait for each other; in threads here, in processes otherwise."""
    met = Barrier(2)

    def run(settings, trials):
        met.wait(LIMIT)
        yield from (dict(seed=trial, solved=trial == 0, sequences=30 + trial) for trial in trials)

    run.__module__ = record.__name__
    study = Study("toy", {key: dict(trials=2) for key in "ab"}, run, None)
    assert toy_study.study(folder).spreads
    assert not study.spreads
    monkeypatch.setattr(command, "Parallel", partial(Parallel, backend="threading"))
    run_command("--jobs", "2", study=study)
    assert "toy: a: 1/2 solved, mean 30 sequences; " in capsys.readouterr().out


# --- the cluster is asked first


class Client:
    """What a cluster's workers say of themselves."""

    def __init__(self, threads=1, **there):
        self.answer, self.threads = there.pop("answer", None) or {**cluster.fingerprint("toy_study"), **there}, threads

    def run(self, function, *arguments, on_error):
        assert (function, arguments, on_error) == (cluster.fingerprint, ("toy_study",), "return")
        if isinstance(self.answer, OSError):
            raise self.answer
        return {"tcp://one": cluster.fingerprint("toy_study"), "tcp://two": self.answer}

    def nthreads(self):
        return {"tcp://one": 1, "tcp://two": self.threads}


def test_a_cluster_that_would_compute_something_else_is_refused():
    assert cluster.check_workers(Client(), "toy_study") == ""
    for there, words in (
        (Client(code="another"), "two has code another, here it is"),
        (Client(torch="1.0"), "two has torch 1.0, here it is"),
        (Client(answer=ModuleNotFoundError("lstm_core")), r"two cannot tell its code \(ModuleNotFoundError"),
        (Client(answer=OSError("gone")), r"the cluster does not answer any more \(OSError"),
        (Client(changed="training.py"), "two began before training.py was changed: restart it"),
    ):  # fmt: skip
        with pytest.raises(cluster.ClusterError, match=words):
            cluster.check_workers(there, "toy_study")
    assert "tcp://two: a process runs one trial at a time" in cluster.check_workers(Client(threads=4), "toy_study")


def test_a_file_that_changed_under_a_running_process_is_found(monkeypatch, tmp_path):
    assert cluster.fingerprint("lstm_core.studies.today")["changed"] is None
    assert cluster.fingerprint("lstm_core.studies.today")["code"] == record.code_hash("lstm_core.studies.today")
    (tmp_path / "new.py").touch()
    monkeypatch.setattr(cluster, "sources", lambda module: {"new": tmp_path / "new.py"})
    assert cluster.fingerprint("lstm_core.studies.today")["changed"] == str(tmp_path / "new.py")


def test_a_cluster_that_is_not_there_is_told_so(monkeypatch):
    monkeypatch.setattr(cluster, "TIME_LIMIT", 0.2)
    with pytest.raises(cluster.ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        later(cluster.connected("tcp://127.0.0.1:9").__enter__).result(LIMIT)
    with pytest.raises(cluster.ClusterError, match="no Dask scheduler answers at nonsense://"):
        later(cluster.connected("nonsense://").__enter__).result(LIMIT)
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(cluster.ClusterError, match=r'pip install "lstm-core\[cluster\]"'):
        cluster.connected("tcp://127.0.0.1:9").__enter__()


def test_a_cluster_without_workers_is_told_so(monkeypatch):
    import dask.distributed

    def wait_for_workers(self, n, timeout):
        raise TimeoutError

    name = dict(__enter__=lambda self: self, __exit__=lambda *_: None, wait_for_workers=wait_for_workers)
    monkeypatch.setattr(dask.distributed, "Client", lambda address, timeout: type("Client", (), name)())
    with pytest.raises(cluster.ClusterError, match=r"the scheduler at tcp://here has no worker: start `dask worker"):
        cluster.connected("tcp://here").__enter__()


def test_the_command_asks_the_cluster_before_each_row(local, run_command, folder, monkeypatch, capsys):
    def answers(client):
        monkeypatch.setattr(command, "connected", lambda address: nullcontext(client))

    answers(Client(code="another"))
    with pytest.raises(SystemExit, match="make results: worker tcp://two has code another, here it is"):
        run_command("--cluster", "tcp://here")
    assert marks(folder, "began") == {}
    answers(Client(threads=4))
    run_command("--cluster", "tcp://here")
    assert f"toy: {KEY}: tcp://two: a process runs one trial at a time" in capsys.readouterr().err
    assert saved() == local


def test_a_study_that_cannot_spread_is_computed_here(run_command, monkeypatch, capsys):
    def run(settings, trials):
        yield from (dict(trial=trial) for trial in trials)

    run.__module__ = record.__name__
    monkeypatch.setattr(command, "connected", lambda address: nullcontext(None))
    run_command("--cluster", "tcp://here", study=Study("toy", {"a": dict(trials=2)}, run, None))
    assert "toy: a: toy does not spread its trials: they are computed here" in capsys.readouterr().err


def test_the_command_lists_and_knows_its_studies(run_command, capsys):
    run_command("--list")
    assert capsys.readouterr().out.splitlines() == ["toy: 1 rows, 1 to compute", f"  toy: {KEY} is missing"]
    with pytest.raises(SystemExit) as ended:
        run_command("weather")
    assert ended.value.code == 2
    assert "there is no study weather; there are toy" in capsys.readouterr().err

"""The benchmarks compare what they say they compare. No clock is read here: what is timed is no test."""

import subprocess

import numpy as np
import pytest
import torch

from benchmarks import __main__ as command
from benchmarks import peers, recurrent, timing, training
from benchmarks.timing import Bar, Column, Spread

RACES = {
    "forward": (recurrent.forward, 1e-5),
    "backward32": (lambda size: recurrent.backward(size, torch.float32), 1e-4),
    "backward64": (lambda size: recurrent.backward(size, torch.float64), 1e-12),
    "rnn": (recurrent.rnn, 1e-5),
    "gru": (recurrent.gru, 1e-5),
    "trace": (recurrent.trace, 1e-5),
}


@pytest.mark.parametrize("size", [(1, 7, 2, 3), (5, 4, 3, 2)], ids=str)
@pytest.mark.parametrize("name", RACES)
def test_contenders_compute_the_same(name, size):
    contenders, tolerance = RACES[name]
    with torch.set_grad_enabled(name.startswith("backward")):
        results = {contender: run() for contender, run in contenders(size).items()}
    assert next(iter(results)).startswith("nn.")
    timing.agree(results, tolerance)


def test_plain_loop_and_fit_train_alike(monkeypatch):
    monkeypatch.setitem(training.OPTIONS, "epochs", 2)
    batches = training.fit_batches(training.data()[0])
    assert [sorted(torch.cat(epoch).tolist()) for epoch in batches] == [list(range(training.ROWS))] * 2
    losses = {name: np.array(run()) for name, run in training.contenders().items()}
    timing.agree(losses, 1e-5)
    assert losses["fit"].shape == (2,)


def test_agree_names_who_differs():
    with pytest.raises(ValueError, match="b and a should compute the same, but array 1 is off by"):
        timing.agree({"a": [np.ones(2), np.ones(3)], "b": [np.ones(2), np.array([1, 1, 1.1])]}, 1e-3)
    with pytest.raises(ValueError, match="b and a"):
        timing.agree({"a": np.ones(2), "b": np.ones((2, 1))}, 1e-3)
    with pytest.raises(ValueError, match="b and a"):
        timing.agree({"a": np.ones(2), "b": np.full(2, np.nan)}, 1e-3)


def test_race_gives_everyone_as_many_turns():
    order = []
    times = timing.race({name: lambda name=name: order.append(name) for name in "abc"}, 0, fewest=4)
    assert {name: len(seconds) for name, seconds in times.items()} == {"a": 4, "b": 4, "c": 4}
    turns = [name for k, name in enumerate(order) if k == 0 or order[k - 1] != name]
    assert "".join(turns).endswith("abcbcacababc")  # abc, bca, cab, abc


def test_ratios_are_medians_of_the_turns_own_ratios():
    of, over = np.array([1.0, 20, 300]), np.array([1.0, 10, 100])
    assert Spread.of(of / over) == pytest.approx((2, 1.2, 2.8))
    assert str(Spread(1.5, 0.1, 123.4)) == "1.50 (0.100–123)"


@pytest.mark.parametrize(
    ("bar", "value", "verdict"),
    [
        (Bar("≤", 2.4), 2.4, "≤ 2.4 met"),
        (Bar("≤", 2.4), 2.41, "≤ 2.4 NOT MET"),
        (Bar("≥", 5), 5.1, "≥ 5 met"),
        (Bar("≥", 5), 4.9, "≥ 5 NOT MET"),
    ],
)
def test_bars(bar, value, verdict):
    assert bar.verdict(value) == verdict


def test_ratio_table_lines_up():
    columns = [Column("ours", "theirs", lambda size: Bar("≤", 1) if size[0] == 1 else None), Column("slow", "ours")]
    times = {"ours": np.full(3, 5e-5), "theirs": np.full(3, 1e-4), "slow": np.full(3, 1e-3)}
    assert timing.ratio_table(columns, {(1, 2, 3, 4): times, (20, 2, 3, 4): times}).splitlines() == [
        "N, T, D, H   theirs                 ours                       slow",
        "                                ÷ theirs  bar                ÷ ours",
        "───────────────────────────────────────────────────────────────────",
        "1, 2, 3, 4   100 µs  0.500 (0.500–0.500)  ≤ 1 met  20.0 (20.0–20.0)",
        "20, 2, 3, 4  100 µs  0.500 (0.500–0.500)           20.0 (20.0–20.0)",
    ]


def test_durations():
    assert [timing.duration(s) for s in (2, 0.0123, 4.5e-6)] == ["2.00 s", "12.3 ms", "4.50 µs"]


def test_second_python_gets_one_thread_and_the_kernels_asked_for(monkeypatch):
    seen = []
    monkeypatch.setattr(subprocess, "run", lambda _, env, check: seen.append(env) or subprocess.CompletedProcess([], 3))
    monkeypatch.setattr(command.platform, "machine", lambda: "x86_64")
    assert [command._start_again("haswell"), command._start_again("own")] == [3, 3]
    assert [env["OPENBLAS_NUM_THREADS"] for env in seen] == ["1", "1"]
    assert [env.get("OPENBLAS_CORETYPE") for env in seen] == ["Haswell", None]


def test_peers_are_installed_apart_and_once_by_the_projects_torch_pin(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(peers, "HOME", tmp_path)
    monkeypatch.setattr(peers, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(subprocess, "run", lambda arguments, check: calls.append(arguments))
    peers._install()
    peers._install()
    venv, pip = calls
    assert venv[-1] == tmp_path
    assert pip[0] == tmp_path / "python"
    assert {"torch==2.13.0", *peers.LIBRARIES} <= set(pip)

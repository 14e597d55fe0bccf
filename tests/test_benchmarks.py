"""The benchmarks compare what they say they compare. No clock is read here: what is timed is no test."""

import ast
import subprocess
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks import __main__ as command
from benchmarks import cells, ensemble, long_lag, peers, recurrent, slider_keys, slider_pages, sliders, timing, training
from benchmarks.slider_keys import STOPS, Latency, Log, Rate
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


def test_a_gru_beside_an_lstm_computes_in_numpy_what_it_does_in_torch():
    runs = cells.beside((3, 5, 2, 4))
    for cell in ("lstm", "gru"):
        timing.agree({"torch": runs[f"nn.{cell.upper()}"](), "NumPy": runs[f"{cell}_forward"]().h}, 1e-5)
        w_ih, w_hh = runs[f"nn.{cell.upper()}, trained"]()[:2]
        timing.agree({"torch": [w_ih, w_hh], "NumPy": list(runs[f"{cell}_backward"]()[:2])}, 1e-4)


def test_readers_of_the_race_train_on_the_same_sequences():
    runs = cells.training()
    assert list(runs) == list(cells.READERS)
    for run in runs.values():
        assert [run().sequences for _ in range(2)] == [20, 40]
    times = {kind: np.full(3, 0.002 * k) for k, kind in enumerate(cells.READERS, 1)}
    lines = cells.field_table(times).splitlines()
    assert lines[0].split() == ["reader", "H", "weights", "a", "minibatch", "÷", "LSTM"] or "÷ LSTM" in lines[0]
    assert lines[-1].split() == ["transformer", "16", "4,513", "10.0", "ms", "5.00", "(5.00–5.00)"]


def test_plain_loop_and_fit_train_alike(monkeypatch):
    monkeypatch.setitem(training.OPTIONS, "epochs", 2)
    batches = training.fit_batches(training.data()[0])
    assert [sorted(torch.cat(epoch).tolist()) for epoch in batches] == [list(range(training.ROWS))] * 2
    losses = {name: np.array(run()) for name, run in training.contenders().items()}
    timing.agree(losses, 1e-5)
    assert losses["fit"].shape == (2,)


def test_a_loop_of_forecasters_and_an_ensemble_take_the_same_steps():
    runs = ensemble.contenders((3, 4, 7, 2, 5))
    losses = [{name: run() for name, run in runs.items()} for _ in range(3)]
    for step in losses:
        timing.agree(step, 1e-5)
    assert losses[0][ensemble.OURS].shape == (3,)
    assert (losses[2][ensemble.OURS] < losses[0][ensemble.OURS]).all()


def test_table_of_ensembles_holds_each_size_against_its_bar():
    times = {ensemble.LOOP: np.full(3, 0.016), ensemble.OURS: np.full(3, 0.004)}
    assert ensemble.ensemble_table({(8, 2, 3, 4, 32): times, (2, 2, 3, 4, 8): times}).splitlines() == [
        "S, N, T, D, H   torch loop        torch loop",
        "                       ÷ S   ÷ Ensemble.step  bar",
        "─────────────────────────────────────────────────────────",
        "8, 2, 3, 4, 32     2.00 ms  4.00 (4.00–4.00)  ≥ 1.25 met",
        "2, 2, 3, 4, 8      8.00 ms  4.00 (4.00–4.00)  ≥ 6 NOT MET",
    ]


def test_table_of_long_lags_sets_each_row_beside_the_papers():
    trials = [dict(solved=True, sequences=30_000, seconds=2.0), dict(solved=False, sequences=200_000, seconds=4.0)]
    rows = {("original", "6a"): trials, ("today", "4, T = 100"): trials[1:]}
    assert long_lag.long_lag_table(rows).splitlines() == [
        "experiment                 the paper  solved    mean     here  a trial",
        "                                                here  ÷ paper",
        "─" * 70,
        "6a (rule of 1997)             31,390     1/2  30,000     0.96   3.00 s",
        "4, T = 100 (Adam, chrono)     74,000     0/1       –        –   4.00 s",
    ]


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


# --- sliders


@pytest.mark.parametrize("at", range(STOPS))
def test_a_slider_goes_there_and_back_a_key_at_a_time(at):
    route = slider_keys.there_and_back(at, 2 * STOPS)
    assert len(route) == 2 * STOPS
    assert set(route) == set(range(STOPS))
    keys = slider_keys.keys_along(at, route)
    for (now, to), key in zip(pairwise([at, *route]), keys, strict=True):
        assert to - now == {"ArrowRight": 1, "ArrowLeft": -1}[key]
    assert {place for place, (one, other) in zip(route, pairwise(keys), strict=False) if one != other} == {0, STOPS - 1}


def test_a_latency_ends_with_the_first_right_picture_after_its_key():
    frames = [(90, 95, 1), (107, 110, 8), (117, 121, 2), (207, 214, 1), (217, 220, 3), (230, 240, 1)]
    log = Log([100, 205.5], [(float(read), float(made), seen) for read, made, seen in frames])
    assert slider_keys.latencies(log, [2, 1]) == [Latency(17, 21), Latency(1.5, 8.5)]


def test_a_picture_from_before_the_key_does_not_count():
    log = Log([100.0], [(99.0, 104.0, 1), (110.0, 112.0, 2), (120.0, 125.0, 1)])
    assert slider_keys.latencies(log, [1]) == [Latency(20, 25)]


def test_a_key_that_the_page_did_not_hear_is_not_passed_over():
    with pytest.raises(RuntimeError, match="2 keys were pressed, and the page heard 1"):
        slider_keys.latencies(Log([100.0], [(110.0, 112.0, 1)]), [1, 2])


def test_a_flood_counts_right_pictures_while_there_are_keys():
    keys = [1000 + 1000 * k / 60 for k in range(30)]  # half a second of them
    before, late = (980.0, 990.0, 1), (1510.0, 1520.0, 1)
    every_second = [(made - 3, made, 1 + k % 2) for k, made in enumerate(np.arange(1020, 1500, 1000 / 30).tolist())]
    wrong = (1100.0, 1101.0, 99)
    rate = slider_keys.flood_rate(Log(keys, [before, *every_second, wrong, late]), [1, 2])
    assert rate == pytest.approx(Rate(pictures=30, keys=60))


def test_a_flood_whose_keys_come_late_says_so():
    assert slider_keys.flood_rate(Log([0.0, 50.0, 100.0], []), [1]).keys == pytest.approx(3 / (0.1 + 1 / 60))


def test_percentiles_keep_the_two_kinds_apart():
    found = [Latency(k, 1000 + 2 * k) for k in range(101)]
    assert sliders.percentiles(found) == (Latency(50, 1100), Latency(95, 1190))


def contender(read: float, rates: tuple = ()) -> SimpleNamespace:
    return SimpleNamespace(latencies=[Latency(read, read + 2)] * 9, rates=[Rate(*rate) for rate in rates])


def test_the_table_of_sliders_holds_every_bar_against_what_it_is_about():
    first = sliders.Row(
        "lab", contender(10, [(50, 60), (70, 60), (52, 59)]), Bar("≤", 9), Bar("≤", 20), flood=Bar("≥", 50)
    )
    lines = sliders.report(
        [
            first,
            sliders.Row("far", contender(27), later=Bar("≤", 17)),
            sliders.Row("busy", contender(28), later=Bar("≤", 17)),
            sliders.Row("interact", contender(205, [(2, 60)]), slower=Bar("≥", 20)),
        ]
    ).splitlines()
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[3:]]
    assert cells == [
        ["lab", "10.0", "≤ 9 ms NOT MET", "10.0", "≤ 20 ms met", "12.0, 12.0", "52.0 of 60.0", "≥ 50 met"],
        ["far", "27.0", "27.0", "+17.0: ≤ 17 ms met", "29.0, 29.0"],
        ["busy", "28.0", "28.0", "+18.0: ≤ 17 ms NOT MET", "30.0, 30.0"],
        ["interact", "205.0", "20.5 × the first: ≥ 20 met", "205.0", "207.0, 207.0", "2.0 of 60.0"],
    ]


def test_a_cold_start_is_the_median_of_several():
    assert "12.0 (9.60–15.2) s, ≤ 12 s met" in sliders.cold_line([9, 12, 16])
    assert "≤ 12 s NOT MET" in sliders.cold_line([9, 12.1, 16])


def test_contenders_take_turns_and_some_are_flooded():
    order = []

    def note(name: str) -> SimpleNamespace:
        return SimpleNamespace(turn=lambda rng: order.append(name), flood=lambda rng: order.append(f"{name} flooded"))

    sliders.take_turns([sliders.Row("a", note("a")), sliders.Row("b", note("b"), flooded=False)], 3)
    assert order == ["a", "a flooded", "b", "b", "a", "a flooded", "a", "a flooded", "b"]


def test_notebooks_of_the_sliders_show_labs_of_the_sizes_that_the_table_names():
    names = {}
    exec(slider_pages.SCENE, names)
    shapes = [eval(code, names).trace.c.shape for code in (slider_pages.SMALL, slider_pages.LARGE)]
    assert shapes == [(1, 100, 8), (1, 512, 32)]
    for codes in slider_pages.NOTEBOOKS.values():
        for code in codes:
            ast.parse(code)


def test_interact_draws_what_the_gate_lab_computes(monkeypatch):
    """The same cell, in as many lines: input, gates, states and the gradient's path, of every unit."""
    import ipywidgets
    import matplotlib.pyplot as plt

    monkeypatch.setattr(ipywidgets, "interact", lambda **sliders: lambda picture: picture)
    monkeypatch.setattr(plt, "show", lambda: None)
    names = {}
    exec(slider_pages.SCENE + slider_pages.INTERACT, names)
    names["picture"](1.5)
    input_, gates, states, path = plt.gcf().axes
    trace = names["GateLab"](*slider_pages.scene(8, 100), forget_bias=1.5).trace
    drawn = {line.get_label().split()[0]: line.get_ydata() for ax in plt.gcf().axes for line in ax.lines}
    plt.close("all")
    assert [len(ax.lines) - 1 for ax in (input_, gates, states, path)] == [4, 3 * 8, 3 * 8, 8]
    for key, part in zip("ifgoCh", trace, strict=True):
        np.testing.assert_allclose(drawn[key], part[0, :, 0], atol=1e-12)


def test_without_chromium_the_sliders_say_so_and_the_others_still_count(monkeypatch, capsys):
    monkeypatch.setattr(slider_pages, "find_chromium", lambda: None)
    text, complete = command._race(["sliders"], 1)
    assert not complete
    assert "sliders could not be measured: no Chromium was found; install one" in text
    assert "0 of 0 bars met, not measured: sliders" in capsys.readouterr().out


def test_each_section_has_somebody_who_runs_it():
    assert set(command._runners()) == set(command.SECTIONS)


def test_quick_leaves_out_what_takes_minutes_unless_it_is_named(monkeypatch):
    ran = []
    monkeypatch.setenv(command.MARK, "1")
    monkeypatch.setattr(command, "_race", lambda sections, seconds: ran.append(sections) or ("", True))
    for arguments in (["--quick"], ["--quick", "sliders"], []):
        monkeypatch.setattr(command.sys, "argv", ["benchmarks", *arguments])
        assert command.main() == 0
    assert ran == [command.SECTIONS[:-3], ["sliders"], command.SECTIONS]
    assert command.SECTIONS[-3:] == ["deck", "sliders", "peers"]

"""The Gate Lab's GRU: state, scenes, words and picture, as the LSTM's are tested in the other files of this name.

The oracle is `walked`, the cell once more, gate by gate and step by step. Shapes: T time, D inputs, H hidden.
"""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest
import torch
from helpers import GRU, error, few, images, many, seeds, stepped
from hypothesis import given
from hypothesis import strategies as st
from test_gate_lab_reading import NUMBER, WIDGET, halving, ink, numbers

from lstm_core import plots
from lstm_core.cell import GRUParams, LSTMParams, RNNParams, random_params
from lstm_core.forecaster import Forecaster
from lstm_core.gate_lab import GateLab, gru_scenes, page, picture, scenes
from lstm_core.sequence import GRUTrace, gru_forward

GATES = ("reset", "update", "candidate")  # in the order of their rows, r, z, n
BIASES = tuple(f"{gate}_bias" for gate in GATES)
PUBLIC = (*BIASES, "preset", "input", "show", "step", "unit")
PRESETS = tuple(gru_scenes.presets())
LENSES = ("cell", "update", "reset")
RETURNS = np.random.default_rng(5).standard_t(4, 37)
VALUE, MARK, SQUARE = range(3)

biases = st.floats(-8, 8)


def σ(z):
    return 1 / (1 + np.exp(-z))


def walked(params, x, h=None, **moved) -> GRUTrace:
    """The trace (T, H) of one sequence x (T, D), each gate's weights taken out by themselves, its bias moved."""
    H = params.weight_hh.shape[1]
    h = np.zeros(H) if h is None else h[0]
    cut = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate(GATES)}
    steps = []
    for x_t in x:
        from_x = {g: params.weight_ih[rows] @ x_t + params.bias_ih[rows] + moved.get(f"{g}_bias", 0)
                  for g, rows in cut.items()}  # fmt: skip
        from_h = {g: params.weight_hh[rows] @ h + params.bias_hh[rows] for g, rows in cut.items()}
        r, z = (σ(from_x[gate] + from_h[gate]) for gate in ("reset", "update"))
        n = np.tanh(from_x["candidate"] + r * from_h["candidate"])
        h = (1 - z) * n + z * h
        steps.append((r, z, n, h))
    return GRUTrace(*map(np.array, zip(*steps, strict=True)))


def own(T=11, D=3, H=5, seed=0):
    """A random GRU, an input to read (T, D), and a state to start from (1, H)."""
    rng = np.random.default_rng(seed)
    params = random_params(GRUParams, D, H, rng, scale=3 / np.sqrt(H))
    return params, rng.normal(size=(T, D)), rng.normal(size=(1, H))


def assert_same(trace: GRUTrace, expected: GRUTrace, within=1e-12) -> None:
    for name, ours, theirs in zip(GRUTrace._fields, trace, expected, strict=True):
        assert ours.shape == (1, *theirs.shape), name
        assert np.abs(ours[0] - theirs).max() <= within, name


def traits(lab) -> dict:
    return {name: getattr(lab, name) for name in PUBLIC}


# --- what the sliders stand for


@many
@given(st.integers(1, 60), st.integers(1, 6), st.integers(1, 32), seeds, st.tuples(*[biases] * 3), st.booleans())
def test_sliders_add_to_the_biases_of_a_gru_of_ones_own(T, D, H, seed, values, starts):
    params, x, state = own(T, D, H, seed)
    moved, state = dict(zip(BIASES, values, strict=True)), state if starts else None
    lab = GateLab(params, x, state=state, **moved)
    assert_same(lab.trace, walked(params, x, state, **moved))
    for ours, theirs in zip(lab.trace, gru_forward(lab.params, x[None], state), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("input", ["pulse", "noise", "adding", "returns"])
@pytest.mark.parametrize("preset", PRESETS)
def test_sliders_add_to_the_biases_of_every_preset_on_every_input(preset, input):
    lab, cell = GateLab(cell="gru", returns=RETURNS, preset=preset, input=input), gru_scenes.presets()[preset]
    own_biases = dict(zip(("update_bias", "reset_bias", "candidate_bias"), cell.biases, strict=True))
    assert {name: getattr(lab, name) for name in own_biases} == own_biases
    assert_same(lab.trace, walked(cell.params, lab.x[0], **own_biases))
    moved = {"update_bias": 1.5, "reset_bias": -0.75, "candidate_bias": 0.3}
    for slider, value in moved.items():
        setattr(lab, slider, value)
    assert_same(lab.trace, walked(cell.params, lab.x[0], **moved))


def test_each_slider_moves_its_own_part_and_no_gate_but_its_own_on_the_first_step():
    """r is heard in the candidate at once, if the old state says anything."""
    params, x, _ = own()
    still = GateLab(params, x).trace
    for slider, part in zip(BIASES, "rzn", strict=True):
        moved = GateLab(params, x, **{slider: 1.25}).trace
        changed = {name for name in "rz" if (getattr(moved, name)[0, 0] != getattr(still, name)[0, 0]).any()}
        assert changed == ({part} - {"n"})
        assert (getattr(moved, part)[0, 0] > getattr(still, part)[0, 0]).all()


def test_the_largest_that_is_promised_fits_and_float32_is_computed_in_float64():
    params, x, _ = own(T=512, D=2, H=32)
    assert_same(GateLab(params, x, step=512, unit=32).trace, walked(params, x), within=1e-9)
    single = GRUParams(*(array.astype(np.float32) for array in params))
    lab = GateLab(single, x[None].astype(np.float32))
    assert lab.trace.h.dtype == np.float64
    assert (lab.cell, lab.x.shape) == ("gru", (1, 512, 2))


def test_what_it_was_given_and_what_it_returns_can_be_written_into():
    params, x, state = own()
    lab = GateLab(params, x, state=state)
    trace, before = lab.trace, json.dumps([lab._weights, lab._inputs])
    for mine in (*params, x, state, *lab.params, lab.x, *lab.trace):
        mine[...] = 7
    for ours, kept in zip(lab.trace, trace, strict=True):
        np.testing.assert_array_equal(ours, kept)
    assert json.dumps([lab._weights, lab._inputs]) == before


@pytest.mark.parametrize("show", LENSES)
def test_one_step_is_enough(show):
    params, x, state = own(T=1, D=4, H=2)
    lab = GateLab(params, x, state=state, show=show)
    assert_same(lab.trace, walked(params, x, state))
    assert "tep 1" in lab.sentence
    assert lab._repr_mimebundle_()[0]["text/html"].startswith("<img")


# --- where it starts, and how it is moved


def test_with_nothing_given_the_first_preset_meets_pulses_in_noise_half_way():
    lab = GateLab(cell="gru")
    assert (lab.cell, lab.preset, lab.input, lab.show, lab.step) == ("gru", "write_once", "noise", "cell", 50)
    assert (GateLab().cell, GateLab(cell="lstm").cell) == ("lstm", "lstm")


def test_a_gru_of_ones_own_starts_as_given_and_can_be_pushed_to_its_ends():
    small = random_params(GRUParams, 3, 2, np.random.default_rng(0), scale=0.1)
    x = own()[1]
    lab = GateLab(small, x, cell="gru")
    assert (lab.preset, lab.update_bias, lab.reset_bias, lab.candidate_bias) == ("given", 0, 0, 0)
    ends = {"remember_all": ("z", 1), "forget_all": ("z", 0), "reset_nothing": ("r", 1), "reset_all": ("r", 0)}
    assert set(lab._presets) == {"given", *ends}
    for preset, (gate, end) in ends.items():
        lab.preset = preset
        assert np.abs(getattr(lab.trace, gate) - end).max() < 0.001
    lab.preset = "given"
    assert_same(lab.trace, walked(small, x))


@pytest.mark.parametrize("after", PRESETS)
def test_choosing_a_preset_is_like_starting_with_it_and_reset_puts_the_sliders_back(after):
    before = "write_once" if after == "chrono" else "chrono"
    lab, fresh = GateLab(cell="gru", preset=before), GateLab(cell="gru", preset=after)
    lab.update_bias, lab.reset_bias, lab.candidate_bias = -3.0, 5.0, 1.0
    lab.preset = after
    assert traits(lab) == traits(fresh)
    lab.update_bias, lab.reset_bias, lab.candidate_bias, lab.step = 1.25, 1.25, 1.25, 7
    lab.reset()
    assert traits(lab) == traits(fresh) | {"step": 7}


def test_what_the_front_end_says_is_taken_as_it_is_and_a_wrong_word_changes_nothing():
    lab = GateLab(cell="gru", returns=RETURNS)
    said = {"preset": "latch", "update_bias": 1.0, "reset_bias": 2.0, "input": "returns", "show": "reset", "step": 17}
    lab.set_state(said)
    assert {name: getattr(lab, name) for name in said} == said
    before = traits(lab)
    for wrong in ({"update_bias": 9}, {"forget_bias": 1.0}, {"tied": True}, {"show": "gradient"}, {"preset": "garch"}):
        with pytest.raises(ValueError, match="but "):
            lab.set_state(wrong)
        assert traits(lab) == before


by_name = {
    "preset": st.sampled_from(PRESETS), "input": st.sampled_from(["pulse", "noise", "adding", "returns"]),
    "step": st.integers(1, len(RETURNS)), "unit": st.just(1), "show": st.sampled_from(LENSES),
    **dict.fromkeys(BIASES, biases),
}  # fmt: skip


@few
@given(st.fixed_dictionaries({}, optional=by_name))
def test_a_saved_state_brings_another_lab_to_the_same_place(said):
    lab, other = (GateLab(cell="gru", returns=RETURNS) for _ in range(2))
    lab.set_state(said)
    other.set_state(json.loads(json.dumps({name: lab.get_state(name)[name] for name in PUBLIC})))
    assert traits(other) == traits(lab)
    assert other.sentence == lab.sentence


def test_from_what_is_sent_the_trace_can_be_computed():
    params, x, state = own()
    labs = [GateLab(cell="gru", returns=RETURNS, preset=preset, input="returns") for preset in PRESETS]
    for lab in [*labs, GateLab(params, x, state=state, preset="forget_all", reset_bias=-1.0)]:
        sent = json.loads(json.dumps({name: lab.get_state(name)[name] for name in lab.keys if name[:2] != "_v"}))
        preset, data = sent["_presets"][sent["preset"]], sent["_inputs"][sent["input"]]
        flat, rows = sent["_weights"][preset["weights"]], sent["_cell"]["rows"]
        D, H = flat["D"], flat["H"]
        shapes = {"weight_ih": (rows * H, D), "weight_hh": (rows * H, H), "bias_ih": -1, "bias_hh": -1}
        sent_params = GRUParams(*(np.reshape(flat[name], shape) for name, shape in shapes.items()))
        moved = {name: sent[name] for name in BIASES}
        assert_same(lab.trace, walked(sent_params, np.reshape(data["x"], (-1, D)), np.array([flat["h"]]), **moved))


def test_sliders_are_sent_in_the_order_of_a_presets_biases():
    """As pairs: a notebook that is saved sorts what has names."""
    for lab in (GateLab(), GateLab(cell="gru")):
        sent = json.loads(json.dumps(lab._cell, sort_keys=True))
        assert [getattr(lab, name) for name, _ in sent["sliders"]] == lab._presets[lab.preset]["biases"]


# --- an nn.GRU


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", ["unbatched", "batched"])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_from_torch_opens_a_layer_of_an_nn_gru(dtype, shape, batch_first, layer):
    """PyTorch shows no gates, but the first layer + 1 of them, as a module of their own, put out this layer's h."""
    torch.manual_seed(3)
    gru = torch.nn.GRU(4, 6, num_layers=3, batch_first=batch_first, dtype=dtype)
    x = torch.randn(9, 4, dtype=dtype, requires_grad=True)
    given = x if shape == "unbatched" else x[None] if batch_first else x[:, None]
    lower = torch.nn.GRU(4, 6, num_layers=layer + 1, dtype=dtype)
    lower.load_state_dict({name: w for name, w in gru.state_dict().items() if name in lower.state_dict()})
    lab = GateLab.from_torch(gru, given, layer=layer)
    assert lab.cell == "gru"
    assert error(lab.trace.h[0], lower(x.detach())[0].detach().numpy()) < (1e-5 if dtype == torch.float32 else 1e-12)


def test_from_torch_reads_a_forecaster_and_takes_the_other_options():
    model, x = Forecaster(2, 5, num_layers=2, seed=1, cell="gru"), np.random.default_rng(0).normal(size=(8, 2))
    lab = GateLab.from_torch(model, x, layer=1, show="update", unit=4)
    h = model.recurrent(torch.tensor(x, dtype=torch.float32))[0].detach().numpy()
    assert error(lab.trace.h[0], h) < 1e-6
    assert (lab.show, lab.unit) == ("update", 4)


# --- the cells do what their titles say


def run(preset: str, x, state=None):
    """A preset on an input of one's own, one unit, (T,) each."""
    cell = gru_scenes.presets()[preset]
    sliders = dict(zip(("update_bias", "reset_bias", "candidate_bias"), cell.biases, strict=True))
    return GRUTrace(*(part[0, :, 0] for part in GateLab(cell.params, x, state=state, **sliders).trace))


def with_square(values, marks) -> np.ndarray:
    values = np.asarray(values, float)
    return np.stack([values, np.broadcast_to(marks, values.shape), values**2], 1)


@pytest.mark.parametrize("seed", range(4))
def test_write_once_takes_what_is_marked_and_keeps_it(seed):
    rng, marks = np.random.default_rng(seed), np.zeros(41)
    marks[5] = 1
    values = rng.normal(size=41)
    quiet, noisy = (run("write_once", with_square(v, marks)) for v in (np.where(marks == 1, values, 0), values))
    assert quiet.h[4] == 0
    assert quiet.h[5] == pytest.approx(np.tanh(values[5]), rel=0.01)
    assert quiet.h[-1] == pytest.approx(quiet.h[5] * σ(6) ** 35)
    assert abs(noisy.h - quiet.h).max() < 0.003 * np.abs(np.tanh(values)).sum()


def test_the_latch_holds_a_side_against_noise_with_its_update_gate_shut_until_it_is_reset():
    values, marks = np.zeros(60), np.zeros(60)
    values[5], values[20], marks[40] = 1.0, -0.25, -1
    trace = run("latch", with_square(values, marks))
    assert trace.z.max() < 0.001
    assert trace.h[4] == 0
    assert trace.h[5:40].min() > 0.7
    held = [h for h in np.linspace(0.5, 1, 100_001) if np.tanh(2 * σ(6) * h) - h > 0][
        -1
    ]  # the fixed point of tanh(2rh)
    assert trace.h[39] == pytest.approx(held, abs=0.002)
    assert abs(trace.h[40]) < 0.01
    assert run("latch", with_square(-values, marks)).h[39] == -trace.h[39]


def test_average_all_is_an_average_and_forget_all_knows_the_last_step_alone():
    values = np.random.default_rng(0).normal(size=50)
    z, h, expected = σ(3.0), 0.0, []
    for value in values:
        h = z * h + (1 - z) * np.tanh(value)
        expected.append(h)
    np.testing.assert_allclose(run("average_all", with_square(values, 0)).h, expected, rtol=1e-12)
    assert error(run("forget_all", with_square(values, 0)).h, np.tanh(values)) < 0.001


def test_riskmetrics_is_the_ewma_of_the_squares_to_a_part_in_twenty_thousand():
    r = 2 * np.random.default_rng(1).standard_t(4, 300)  # percent, a crash of 10% and more among them
    variance, expected = 3.0, []
    for r_t in r:
        variance = 0.94 * variance + 0.06 * r_t**2
        expected.append(variance)
    lab = GateLab(cell="gru", preset="riskmetrics", returns=r, input="returns", start=3.0)
    assert np.abs(r).max() > 10
    state = np.array(lab._weights["riskmetrics"]["h"])[None]
    np.testing.assert_allclose(1e4 * run("riskmetrics", with_square(r, 0), state).h, expected, rtol=1e-3)
    calm = 1e4 * run("riskmetrics", with_square(np.clip(r, -10, 10), 0), state).h
    for k, r_t in enumerate(np.clip(r, -10, 10)):
        variance = 0.94 * (3.0 if k == 0 else variance) + 0.06 * r_t**2
        assert calm[k] == pytest.approx(variance, rel=5e-5)
    assert state == pytest.approx(3e-4)


def test_chrono_spreads_the_memories_and_every_gru_reads_every_input():
    cells = gru_scenes.presets()
    z = σ(cells["chrono"].params.bias_ih[8:16] + cells["chrono"].params.bias_hh[8:16])
    half_lives = np.log(2) / -np.log(z)
    assert 1 < half_lives.min() < 10
    assert 35 < half_lives.max() < 99 * math.log(2)
    assert {cell.params.weight_ih.shape[1] for cell in cells.values()} == {3}
    assert len({cell.title for cell in cells.values()}) == len(cells)
    assert all(len(cell.note) > 10 and max(map(abs, cell.biases)) <= 8 for cell in cells.values())


# --- the sentence, lens by lens


def read(**options) -> tuple[GateLab, dict]:
    """A lab with a random GRU, its gates well out of their middle, and the truth at its step and unit, by cell.py."""
    rng = np.random.default_rng(0)
    params, x = random_params(GRUParams, 3, 5, rng, scale=4 / np.sqrt(5)), 2 * rng.normal(size=(13, 3))
    h0 = rng.normal(size=(1, 5))
    lab = GateLab(params, x, state=h0, **options)
    trace = stepped(GRU, lab.params, lab.x, h0)
    at = (0, lab.step - 1, lab.unit - 1)
    true = {name: float(part[at]) for name, part in trace._asdict().items()}
    before = np.concatenate([h0, trace.h[0]])[lab.step - 1]
    row = 10 + lab.unit - 1
    true["u"] = float(lab.params.weight_hh[row] @ before + lab.params.bias_hh[row])
    return lab, true | {"left": math.prod(trace.z[0, lab.step :, lab.unit - 1].tolist())}


@pytest.mark.parametrize("unit", [1, 5])
@pytest.mark.parametrize("step", [1, 12, 13])
def test_the_update_lens_says_what_is_kept(step, unit):
    lab, true = read(show="update", step=step, unit=unit, update_bias=4.5)
    z, half_life, h, left = numbers(
        rf"Step {step}, unit {unit}: update gate {NUMBER}: half-life ([\d.]+) steps, if it stayed so\. "
        rf"The state is {NUMBER}; by way of z (\d+\.\d)% of that is left at step 13\.",
        lab.sentence,
    )
    assert (z, h) == (pytest.approx(true["z"], abs=0.0051), pytest.approx(true["h"], abs=0.0051))
    assert left == pytest.approx(100 * true["left"], abs=0.051)
    assert half_life == pytest.approx(halving(true["z"]), abs=0.51 if half_life >= 100 else 0.051)


@pytest.mark.parametrize("step", [1, 7])
def test_the_reset_lens_says_what_reaches_the_candidate(step):
    lab, true = read(show="reset", step=step, unit=2)
    said = numbers(
        rf"Step {step}, unit 2: reset gate × what the old state says, {NUMBER} × {NUMBER} = {NUMBER}, reaches the "
        rf"candidate, which is {NUMBER}\.",
        lab.sentence,
    )
    assert said == pytest.approx([true["r"], true["u"], true["r"] * true["u"], true["n"]], abs=0.0051)


def test_the_lens_of_the_whole_cell_says_it_all():
    lab, true = read(step=5, unit=3)
    z, half_life, *rest = numbers(
        rf"Step 5, unit 3: update gate {NUMBER}: half-life ([\d.]+) steps, if it stayed so; reset gate {NUMBER}, "
        rf"candidate {NUMBER}\. The state is {NUMBER}\.",
        lab.sentence,
    )
    assert z == pytest.approx(true["z"], abs=0.0051)
    assert half_life == pytest.approx(halving(true["z"]), abs=0.51 if half_life >= 100 else 0.051)
    assert rest == pytest.approx([true[name] for name in "rnh"], abs=0.0051)


def test_a_half_life_is_that_of_the_bias_where_the_gate_stands_still():
    for bias in (-2.0, 0.0, 3.0):
        lab = GateLab(cell="gru", preset="average_all", update_bias=bias)
        assert f"half-life {math.log(2) / math.log1p(math.exp(-bias)):.1f} steps" in lab.sentence


@pytest.mark.parametrize("show", LENSES)
def test_a_frozen_z_is_riskmetrics_and_a_constant_in_the_candidate_is_not(show):
    lab = GateLab(cell="gru", preset="riskmetrics", show=show)
    ewma = "This is {} EWMA with λ = {}: α + β = 1, so a forecast never returns to a mean."
    assert lab.sentence.endswith(ewma.format("RiskMetrics'", "0.940"))
    lab.update_bias = math.log(0.97 / 0.03)
    assert lab.sentence.endswith(ewma.format("an", "0.970"))
    lab.candidate_bias = 0.1
    assert "EWMA" not in lab.sentence
    assert "EWMA" not in GateLab(cell="gru", show=show).sentence


def test_the_sentence_moves_with_every_trait():
    lab, said = GateLab(*own()[:2], step=6), set()
    moves = [("step", 7), ("unit", 2), ("update_bias", 1), ("reset_bias", -1), ("candidate_bias", 0.5)]
    for trait, value in [*moves, ("show", "reset"), ("show", "update"), ("preset", "forget_all")]:
        said.add(lab.sentence)
        setattr(lab, trait, value)
    assert len(said | {lab.sentence}) == 9


def test_dates_stand_beside_the_step():
    returns = pd.Series([0.5, -3.5, 1.0], pd.date_range("2008-10-13", periods=3))
    assert GateLab(cell="gru", returns=returns, input="returns").sentence.startswith("Step 2 (2008-10-14): ")


# --- without widgets


@pytest.mark.parametrize(("show", "drawn"), [("cell", "zrnh"), ("update", "zh"), ("reset", "rnh")])
def test_the_bundle_has_a_described_picture_of_what_its_lens_is_about(show, drawn):
    lab, _ = read(show=show, unit=3)
    data, _ = lab._repr_mimebundle_(include=None, exclude=None)
    assert set(data) == {WIDGET, "text/plain", "text/html"}
    assert data["text/plain"] == repr(lab) == lab.sentence
    text = images(data["text/html"])[0]["alt"]
    assert text == picture.alt_text(lab)
    assert text.startswith(f"Gate Lab. {lab.sentence} Over 13 steps: ")
    names = {"z": "update gate", "r": "reset gate", "n": "candidate", "h": "hidden state"}
    spans = dict(re.findall(r"([a-z][a-z ]+) (−?\d\.\d\d to −?\d\.\d\d)", text.partition("13 steps: ")[2]))
    assert set(spans) == {names[name] for name in drawn}
    for name in drawn:
        part = getattr(lab.trace, name)[0, :, 2]
        low, high = (float(end.replace("−", "-")) for end in spans[names[name]].split(" to "))
        assert (low, high) == pytest.approx((part.min(), part.max()), abs=0.0051)
    colours = {"z": "f", "r": "o", "n": "g", "h": "h"}
    found = {name for name, pixels in ink(lab).items() if pixels > 150} - {"c"}  # axes and letters are as black as C
    assert found == {colours[name] for name in drawn}


def test_the_picture_names_its_lines_by_the_grus_own_letters(monkeypatch):
    labels, label = [], plots.label_lines
    monkeypatch.setattr(plots, "label_lines", lambda ax, **gap: labels.extend(
        line.get_label() for line in ax.get_lines() if line.get_label()[0] != "_") or label(ax, **gap))  # fmt: skip
    picture.image(read()[0])
    assert labels == ["update gate z", "reset gate r", "candidate n", "hidden h"]


def test_a_page_holds_a_gru_as_it_stands():
    lab = GateLab(cell="gru", preset="chrono", unit=3, step=17, show="update")
    state = page.state(lab)
    assert (state["_cell"]["name"], state["preset"], state["unit"], state["show"]) == ("gru", "chrono", 3, "update")
    assert page.as_json(state) in lab.to_html()


# --- refusals

P, X, STATE = own(T=7, D=3, H=2)
LSTMS = random_params(LSTMParams, 3, 2, np.random.default_rng(0))
REFUSED = {
    "an unknown kind": (lambda: GateLab(cell="rnn"), "cell is 'rnn', but must be one of 'lstm', 'gru'"),
    "an LSTM called a GRU": (lambda: GateLab(LSTMS, X, cell="gru"), "cell is 'gru', but params is a LSTMParams"),
    "a GRU called an LSTM": (lambda: GateLab(P, X, cell="lstm"), "cell is 'lstm', but params is a GRUParams"),
    "weights that do not fit": (lambda: GateLab(P._replace(bias_hh=np.zeros(5)), X), r"bias_hh has shape \(5,\), but"),
    "NaN in the weights": (lambda: GateLab(P._replace(bias_ih=np.full(6, np.nan)), X), "bias_ih holds 6 NaN"),
    "one input too many": (lambda: GateLab(P, np.ones((7, 4))), r"x has shape \(7, 4\), but \(T, 3\) is expected"),
    "two sequences": (lambda: GateLab(P, np.ones((2, 7, 3))), "x holds 2 sequences"),
    "H = 33": (lambda: GateLab(*own(T=5, D=2, H=33)[:2]), "not H = 33 and T = 5"),
    "a linear candidate": (lambda: GateLab(P, X, candidate="linear"), "candidate is 'linear', but must be .*'tanh'"),
    "an LSTM's state": (lambda: GateLab(P, X, state=np.ones((2, 1, 2))), r"h has shape \(2, 1, 2\), but \(1, 2\)"),
    "a state too wide": (lambda: GateLab(P, X, state=np.ones((1, 3))), r"h has shape \(1, 3\), but \(1, 2\)"),
    "state without params": (lambda: GateLab(cell="gru", state=STATE), "state would change nothing here"),
    "returns beside x": (lambda: GateLab(P, X, returns=RETURNS), "returns would change nothing here"),
    "a GARCH": (lambda: GateLab(cell="gru", garch=(0.1, 0.1, 0.8)), "garch would change nothing.*this is a GRU"),
    "an RNN beside it": (
        lambda: GateLab(P, X, rnn=random_params(RNNParams, 3, 2, np.random.default_rng(0))), "rnn would change nothing",
    ),
    "a variance below 0": (lambda: GateLab(cell="gru", start=-0.5), r"start is -0\.5, but a variance is 0 or more"),
    "an LSTM's lens": (lambda: GateLab(cell="gru", show="forget"), "show is 'forget', .* 'cell', 'update', 'reset'"),
    "the lens of gradients": (lambda: GateLab(cell="gru", show="gradient"), "show is 'gradient', but must be"),
    "an LSTM's preset": (lambda: GateLab(cell="gru", preset="garch"), "preset is 'garch', but must be one of"),
    "an LSTM's slider": (lambda: GateLab(cell="gru", forget_bias=1), "forget_bias is 1.0, but no GRU has it: it has"),
    "tied gates": (lambda: GateLab(cell="gru", tied=True), "tied is True, but no GRU has it"),
    "an open output": (lambda: GateLab(cell="gru", open_output=True), "open_output is True, but no GRU has it"),
    "a GRU's slider": (lambda: GateLab(update_bias=1), "update_bias is 1.0, but no LSTM has it: it has forget_bias"),
    "a GRU's lens": (lambda: GateLab(show="update"), "show is 'update', but must be one of 'cell', 'forget'"),
    "a bias too large": (lambda: GateLab(cell="gru", reset_bias=8.01), r"reset_bias is 8\.01, but should lie between"),
    "a bias that is none": (lambda: GateLab(cell="gru", update_bias="open"), "update_bias is 'open', but should be"),
    "gains": (lambda: GateLab(cell="gru").gains, "has no RNN"),
    "bidirectional": (lambda: GateLab.from_torch(torch.nn.GRU(3, 2, bidirectional=True), X), "not bidirectional"),
    "a layer not there": (lambda: GateLab.from_torch(torch.nn.GRU(3, 2), X, layer=1), "has no layer 1"),
    "dropout in train mode": (
        lambda: GateLab.from_torch(torch.nn.GRU(3, 2, 2, dropout=0.5), X, layer=1), r"call gru\.eval\(\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_a_reason(name):
    attempt, reason = REFUSED[name]
    with pytest.raises(ValueError, match=reason):
        attempt()


def test_the_inputs_are_those_of_the_lstms():
    for name, one in scenes.inputs(RETURNS).items():
        np.testing.assert_array_equal(GateLab(cell="gru", returns=RETURNS, input=name).x[0], one.x)

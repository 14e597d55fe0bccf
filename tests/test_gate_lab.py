"""gate_lab/widget.py: the state behind the Gate Lab, driven from Python and as a front end would drive it.

The oracle is `walked`, the cell once more, gate by gate and step by step. Shapes: T time, D inputs, H hidden.
"""

import json
from itertools import permutations
from typing import NamedTuple

import numpy as np
import pytest
import torch
from helpers import few, many, seeds
from hypothesis import example, given
from hypothesis import strategies as st

from lstm_core.cell import LSTMParams, LSTMState, RNNParams, random_params
from lstm_core.forecaster import Forecaster, trace_gates
from lstm_core.gate_lab import GateLab, scenes
from lstm_core.sequence import LSTMTrace

GATES = ("input", "forget", "candidate", "output")  # in the order of their rows, i, f, g, o
BIASES = tuple(f"{gate}_bias" for gate in GATES)
PUBLIC = (*BIASES, "tied", "open_output", "preset", "input", "show", "step", "unit", "rho", "input_scale")
PRESETS = tuple(scenes.presets())
RETURNS = np.random.default_rng(5).standard_t(4, 37)

biases = st.floats(-8, 8)


def σ(z):
    return 1 / (1 + np.exp(-z))


def walked(params, x, state=None, candidate="tanh", held_open=False, **moved) -> LSTMTrace:
    """The trace (T, H) of one sequence x (T, D), each gate's weights taken out by themselves, its bias moved."""
    H = params.weight_hh.shape[1]
    cut = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate(GATES)}
    h, c = (np.zeros(H), np.zeros(H)) if state is None else (state[0][0], state[1][0])
    steps = []
    for x_t in x:
        z = {gate: params.weight_ih[rows] @ x_t + params.weight_hh[rows] @ h for gate, rows in cut.items()}
        z = {gate: z[gate] + params.bias[rows] + moved.get(f"{gate}_bias", 0) for gate, rows in cut.items()}
        i, f, o = σ(z["input"]), σ(z["forget"]), np.ones(H) if held_open else σ(z["output"])
        g = z["candidate"] if candidate == "linear" else np.tanh(z["candidate"])
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append((i, f, g, o, c, h))
    return LSTMTrace(*map(np.array, zip(*steps, strict=True)))


class Own(NamedTuple):
    """A random cell of one's own, with an input to read and a state to start from."""

    params: LSTMParams
    x: np.ndarray  # (T, D)
    state: LSTMState  # (1, H)


def own(T=11, D=3, H=5, seed=0) -> Own:
    rng = np.random.default_rng(seed)
    params = random_params(LSTMParams, D, H, rng, scale=3 / np.sqrt(H))
    return Own(params, rng.normal(size=(T, D)), LSTMState(*rng.normal(size=(2, 1, H))))


def assert_same(trace: LSTMTrace, expected: LSTMTrace, within=1e-12) -> None:
    for name, ours, theirs in zip(LSTMTrace._fields, trace, expected, strict=True):
        assert ours.shape == (1, *theirs.shape), name
        assert np.abs(ours[0] - theirs).max() <= within * max(1, np.abs(theirs).max()), name


def traits(lab) -> dict:
    return {name: getattr(lab, name) for name in PUBLIC}


# --- what the sliders stand for


@many
@given(
    st.integers(1, 60), st.integers(1, 6), st.integers(1, 32), seeds, st.tuples(biases, biases, biases, biases),
    st.booleans(), st.sampled_from(["tanh", "linear"]), st.booleans(),
)  # fmt: skip
def test_sliders_add_to_the_biases_of_a_cell_of_ones_own(T, D, H, seed, values, starts, candidate, held_open):
    params, x, state = own(T, D, H, seed)
    state = state if starts else None
    moved = dict(zip(BIASES, values, strict=True))
    lab = GateLab(params, x, state=state, candidate=candidate, open_output=held_open, **moved)
    assert_same(lab.trace, walked(params, x, state, candidate, held_open, **moved))


@pytest.mark.parametrize("input", ["pulse", "noise", "adding", "returns"])
@pytest.mark.parametrize("preset", PRESETS)
def test_sliders_add_to_the_biases_of_every_preset_on_every_input(preset, input):
    lab, cell = GateLab(returns=RETURNS, preset=preset, input=input), scenes.presets()[preset]
    assert_same(lab.trace, walked(cell.params, lab.x[0], None, cell.candidate, **preset_biases(lab)))
    lab.tied = False
    moved = {"forget_bias": 1.5, "input_bias": -0.75, "candidate_bias": 0.3, "output_bias": -2.5}
    for slider, value in moved.items():
        setattr(lab, slider, value)
    assert_same(lab.trace, walked(cell.params, lab.x[0], None, cell.candidate, **moved))


def preset_biases(lab) -> dict:
    """The biases of the chosen preset, as the front end reads them."""
    names = ("forget_bias", "input_bias", "candidate_bias", "output_bias")
    return dict(zip(names, lab._presets[lab.preset]["biases"], strict=True))


def test_each_slider_moves_its_own_gate_and_no_other_on_the_first_step():
    """Later steps hear of it through h."""
    params, x, _ = own()
    still = GateLab(params, x).trace
    for slider, part in zip(BIASES, "ifgo", strict=True):
        moved = GateLab(params, x, **{slider: 1.25}).trace
        changed = {name for name in "ifgo" if (getattr(moved, name)[0, 0] != getattr(still, name)[0, 0]).any()}
        assert changed == {part}
        assert (getattr(moved, part)[0, 0] > getattr(still, part)[0, 0]).all()


def test_an_output_gate_held_open_stands_at_1_and_shows_the_whole_cell():
    params, x, _ = own()
    lab = GateLab(params, x, open_output=True, output_bias=-8)
    assert (lab.trace.o == 1).all()
    np.testing.assert_array_equal(lab.trace.h, np.tanh(lab.trace.c))
    lab.open_output = False
    assert lab.trace.o.max() < 0.5


def test_the_input_comes_as_one_sequence():
    params, x, _ = own(T=7, D=2, H=3)
    assert GateLab(params, x[None]).x.shape == GateLab(params, x).x.shape == (1, 7, 2)
    np.testing.assert_array_equal(GateLab(params, x[None]).x[0], x)


@pytest.mark.parametrize("show", ["cell", "forget", "input", "output"])
def test_one_step_is_enough(show):
    params, x, state = own(T=1, D=4, H=2)
    lab = GateLab(params, x, state=state, show=show)
    assert lab.step == 1
    assert_same(lab.trace, walked(params, x, state))
    assert "tep 1" in lab.sentence
    assert lab._repr_mimebundle_()[0]["text/html"].startswith("<img")


def test_the_largest_that_is_promised_fits():
    params, x, _ = own(T=512, D=2, H=32)
    lab = GateLab(params, x, step=512, unit=32)
    assert_same(lab.trace, walked(params, x), within=1e-9)
    assert (lab.step, lab.unit) == (512, 32)


def test_float32_is_computed_in_float64():
    params, x, _ = own()
    single = LSTMParams(*(array.astype(np.float32) for array in params))
    lab = GateLab(single, x.astype(np.float32))
    double = LSTMParams(*(array.astype(np.float64) for array in single))
    assert lab.trace.h.dtype == np.float64
    assert_same(lab.trace, walked(double, x.astype(np.float32).astype(np.float64)))


def test_what_it_was_given_and_what_it_returns_can_be_written_into():
    params, x, state = own()
    rnn = random_params(RNNParams, 3, 2, np.random.default_rng(1))
    lab = GateLab(params, x, state=state, rnn=rnn, show="gradient")
    trace, gains, before = lab.trace, lab.gains, json.dumps([lab._weights, lab._inputs, lab._rnn])
    for mine in (*params, x, *state, *rnn, *lab.params, lab.x, *lab.trace, *lab.gains):
        mine[...] = 7
    for ours, kept in zip((*lab.trace, *lab.gains), (*trace, *gains), strict=True):
        np.testing.assert_array_equal(ours, kept)
    assert json.dumps([lab._weights, lab._inputs, lab._rnn]) == before


# --- where it starts


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_starts_with_its_own_biases(preset):
    lab, cell = GateLab(preset=preset), scenes.presets()[preset]
    assert (lab.forget_bias, lab.input_bias, lab.candidate_bias, lab.output_bias) == cell.biases
    assert (lab.tied, lab.open_output, lab.unit) == (cell.tied, False, 1)


def test_with_nothing_given_the_first_preset_meets_pulses_in_noise_half_way():
    lab = GateLab()
    assert (lab.preset, lab.input, lab.show, lab.step) == ("write_once", "noise", "cell", 50)


def test_a_cell_of_ones_own_starts_as_given():
    lab = GateLab(*own()[:2])
    assert {lab.forget_bias, lab.input_bias, lab.candidate_bias, lab.output_bias} == {0.0}
    assert (lab.preset, lab.input, lab.step, lab.tied) == ("given", "given", 6, False)


def test_what_is_given_wins_over_the_preset():
    lab = GateLab(preset="garch", forget_bias=1.0, step=3, input="adding", open_output=True)
    _, alpha, _ = scenes.GARCH
    assert (lab.forget_bias, lab.step, lab.input, lab.open_output) == (1.0, 3, "adding", True)
    assert σ(lab.input_bias) == pytest.approx(alpha)


@pytest.mark.parametrize(
    ("start", "pair"),
    [({"forget_bias": 1.5}, (1.5, -1.5)), ({"input_bias": 1.5}, (-1.5, 1.5)), ({}, (6.0, -6.0)),
     ({"forget_bias": 1.5, "input_bias": -1.5}, (1.5, -1.5))],
)  # fmt: skip
def test_tied_from_the_start_the_bias_that_is_given_leads(start, pair):
    lab = GateLab(tied=True, **start)
    assert (lab.forget_bias, lab.input_bias) == pair


# --- one trait pulls others along


@pytest.mark.parametrize(("before", "after"), list(permutations(PRESETS, 2)))
def test_choosing_a_preset_is_like_starting_with_it_wherever_the_sliders_were(before, after):
    lab = GateLab(preset=before, open_output=True)
    lab.forget_bias, lab.output_bias = -3.0, 5.0
    lab.preset = after
    assert traits(lab) == traits(GateLab(preset=after))


@pytest.mark.parametrize("preset", PRESETS)
def test_reset_puts_the_sliders_back_and_leaves_the_rest(preset):
    lab, fresh = GateLab(preset=preset, unit=1, step=7), GateLab(preset=preset)
    for bias in BIASES:
        setattr(lab, bias, 1.25)
    lab.tied, lab.open_output = not lab.tied, True
    lab.reset()
    for name in (*BIASES, "tied", "open_output"):
        assert getattr(lab, name) == getattr(fresh, name), name
    assert lab.step == 7


def test_tied_biases_follow_each_other_both_ways_until_untied():
    lab = GateLab(forget_bias=2.0, input_bias=0.5)
    lab.tied = True
    assert (lab.forget_bias, lab.input_bias) == (2.0, -2.0)
    lab.forget_bias = -1.25
    assert lab.input_bias == 1.25
    lab.input_bias = -8
    assert lab.forget_bias == 8
    lab.tied = False
    lab.input_bias = 3
    assert (lab.forget_bias, lab.input_bias) == (8, 3)


def test_the_step_stays_within_a_shorter_input_and_the_unit_within_a_smaller_cell():
    lab = GateLab(returns=RETURNS, preset="chrono", step=90, unit=8)
    lab.input = "returns"
    assert lab.step == len(RETURNS)
    lab.preset = "riskmetrics"
    assert lab.unit == 1
    lab.input, lab.preset = "noise", "chrono"  # and nothing is pulled back
    assert (lab.step, lab.unit) == (len(RETURNS), 1)


# --- what the front end says


def test_what_the_front_end_says_is_taken_as_it_is():
    """A preset with biases that are not the preset's: somebody has moved on while the message was under way."""
    lab = GateLab(returns=RETURNS)
    said = {
        "preset": "riskmetrics", "forget_bias": 1.0, "input_bias": 2.0, "candidate_bias": -0.5, "output_bias": 3.0,
        "tied": True, "open_output": True, "input": "returns", "show": "output", "step": 17, "unit": 1,
    }  # fmt: skip
    lab.set_state(said)
    assert {name: getattr(lab, name) for name in said} == said
    lab.set_state({"forget_bias": 4.0})
    assert (lab.forget_bias, lab.input_bias, lab.tied) == (4.0, 2.0, True)


def test_python_pulls_along_again_after_the_front_end_has_spoken():
    lab = GateLab()
    lab.set_state({"tied": True, "forget_bias": 1.0, "input_bias": -1.0})
    lab.forget_bias = 2.5
    assert lab.input_bias == -2.5
    lab.set_state({"forget_bias": 0.5, "input_bias": -0.5})
    lab.preset = "forget_all"
    assert (lab.forget_bias, lab.input_bias, lab.tied) == (-8.0, 4.0, False)


def test_a_step_and_a_unit_that_no_longer_exist_are_drawn_in():
    lab = GateLab(returns=RETURNS, preset="chrono", unit=8, step=90)
    lab.set_state({"preset": "write_once", "input": "returns"})
    assert (lab.unit, lab.step) == (1, len(RETURNS))
    assert "Step 37" in lab.sentence


@pytest.mark.parametrize(
    "wrong",
    [{"forget_bias": 9}, {"step": 7, "input_bias": -8.1}, {"preset": "nope"}, {"unit": 2, "tied": True}, {"step": 0},
     {"input": "nope", "step": 3}, {"step": 3, "preset": "nope", "unit": 1}, {"show": "gradient"}, {"rho": "fast"},
     {"output_bias": float("nan")}, {"tied": "yes"}, {"step": 101, "input": "pulse"}],
)  # fmt: skip
def test_after_a_wrong_message_all_is_as_before(wrong):
    lab = GateLab(forget_bias=1.5)
    before = traits(lab)
    with pytest.raises(ValueError, match="but "):
        lab.set_state(wrong)
    assert traits(lab) == before
    lab.set_state({"step": 9})
    assert (lab.step, lab.forget_bias) == (9, 1.5)


def test_what_an_observer_sets_while_the_front_end_speaks_pulls_others_along():
    lab = GateLab()
    lab.observe(lambda change: setattr(lab, "preset", "riskmetrics"), "step")
    lab.set_state({"step": 3, "forget_bias": 1.0})
    assert (lab.preset, lab.tied) == ("riskmetrics", True)
    assert σ(lab.forget_bias) == pytest.approx(0.94)


def test_an_error_in_an_observer_is_heard():
    lab = GateLab()

    def object_to(change):
        raise RuntimeError(f"not {change['new']}")

    lab.observe(object_to, "preset")
    with pytest.raises(RuntimeError, match="not garch"):
        lab.set_state({"preset": "garch"})
    with pytest.raises(RuntimeError, match="not chrono"):
        lab.preset = "chrono"
    lab.unobserve(object_to, "preset")
    lab.tied = True
    assert lab.input_bias == -lab.forget_bias  # it still follows


# A model of the rules, written down once more: what Python sets and what the front end says, in any order.


LENGTHS = {"pulse": 100, "noise": 100, "adding": 100, "returns": len(RETURNS)}


class Model:
    def __init__(self, lab):
        self.now, self.presets = traits(lab), lab._presets

    def python(self, name, value):
        if self.now[name] == value and name != "step":
            return  # no change, nothing to follow
        self.now[name] = value
        if name == "preset":
            chosen = self.presets[value]
            names = ("forget_bias", "input_bias", "candidate_bias", "output_bias")
            self.now |= dict(zip(names, chosen["biases"], strict=True))
            self.now |= {"tied": chosen["tied"], "open_output": False}
        elif self.now["tied"] and name in ("tied", "forget_bias"):
            self.now["input_bias"] = -self.now["forget_bias"]
        elif self.now["tied"] and name == "input_bias":
            self.now["forget_bias"] = -value
        self.clamp()

    def front_end(self, said):
        self.now |= said
        self.clamp()

    def clamp(self):
        self.now["step"] = min(self.now["step"], LENGTHS[self.now["input"]])
        self.now["unit"] = min(self.now["unit"], 8 if self.now["preset"] == "chrono" else 1)


by_name = {
    "preset": st.sampled_from(PRESETS), "input": st.sampled_from(tuple(LENGTHS)), "tied": st.booleans(),
    "open_output": st.booleans(), "step": st.integers(1, len(RETURNS)), "unit": st.just(1),
    "show": st.sampled_from(["cell", "forget", "input", "output"]), **dict.fromkeys(BIASES, biases),
}  # fmt: skip
python_sets = st.sampled_from(tuple(by_name)).flatmap(lambda name: st.tuples(st.just(name), by_name[name]))
front_end_says = st.fixed_dictionaries({}, optional=by_name)


@many
@given(st.lists(st.one_of(python_sets, front_end_says), max_size=8), st.booleans())
@example([("preset", "chrono"), ("unit", 1), {"tied": True}, ("preset", "garch"), ("forget_bias", 1.0)], True)
@example([{"tied": True, "forget_bias": 2.0}, ("input_bias", 2.0), ("preset", "riskmetrics"), ("tied", False)], False)
def test_python_and_the_front_end_take_turns(turns, eight_units):
    lab = GateLab(returns=RETURNS, preset="chrono", unit=8, step=90) if eight_units else GateLab(returns=RETURNS)
    model = Model(lab)
    for turn in turns:
        if isinstance(turn, dict):
            lab.set_state(turn)
            model.front_end(turn)
        else:
            setattr(lab, *turn)
            model.python(*turn)
        assert traits(lab) == model.now


# --- the state on its way


def test_from_what_is_sent_the_trace_can_be_computed():
    """What the front end does: flat JSON lists in, biases added, the cell walked."""
    labs = [GateLab(returns=RETURNS, preset=preset, input="returns") for preset in PRESETS]
    labs += [GateLab(*own()[:2], state=own().state, preset="forget_all", forget_bias=-1.0)]
    for lab in labs:
        names = (*PUBLIC, "_presets", "_weights", "_inputs")
        sent = json.loads(json.dumps({name: lab.get_state(name)[name] for name in names}))
        preset, data = sent["_presets"][sent["preset"]], sent["_inputs"][sent["input"]]
        flat = sent["_weights"][preset["weights"]]
        D, H = flat["D"], flat["H"]
        shapes = {"weight_ih": (4 * H, D), "weight_hh": (4 * H, H), "bias": (4 * H,)}
        params = LSTMParams(*(np.reshape(flat[name], shape) for name, shape in shapes.items()))
        state = np.array([flat["h"]]), np.array([flat["c"]])
        x = np.reshape(data["x"], (data["T"], data["D"]))
        moved = {slider: sent[slider] for slider in BIASES}
        assert_same(lab.trace, walked(params, x, state, preset["candidate"], sent["open_output"], **moved))
        assert len(data["names"]) == data["D"] == D
        assert len(data["dates"]) in (0, data["T"])


@few
@given(st.fixed_dictionaries({}, optional=by_name))
def test_a_saved_state_brings_another_lab_to_the_same_place(said):
    lab, other = GateLab(returns=RETURNS), GateLab(returns=RETURNS)
    lab.set_state(said)
    other.set_state(json.loads(json.dumps({name: lab.get_state(name)[name] for name in PUBLIC})))
    assert traits(other) == traits(lab)
    assert other.sentence == lab.sentence


def test_weights_are_sent_once_for_all_presets_that_share_them():
    lab = GateLab(*own()[:2])
    assert list(lab._weights) == ["given"]
    assert {one["weights"] for one in lab._presets.values()} == {"given"}


def test_all_that_is_sent_are_plain_numbers_and_words():
    """json.dumps would take a NumPy float64 for a float, and choke on a float32 or an int64."""
    lab = GateLab(
        preset="garch", garch=np.array([0.02, 0.08, 0.9]), returns=RETURNS.astype(np.float32), step=np.int64(3),
        forget_bias=np.float64(1.5), output_bias=np.float32(0.5),
    )  # fmt: skip

    def kinds(tree):
        parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
        return {type(tree)}.union(*map(kinds, parts))

    sent = {name: getattr(lab, name) for name in (*PUBLIC, "_presets", "_weights", "_inputs", "_rnn")}
    assert kinds(sent) <= {dict, list, str, bool, int, float}
    assert (type(lab.step), type(lab.forget_bias)) == (int, float)


# --- the lens "gradient"


def jacobian_gains(rnn, x) -> np.ndarray:
    """‖∂h_T/∂h_t‖_F / √H as the product of the steps' own Jacobians, diag(1 − h²) W_hh."""
    H = rnn.weight_hh.shape[0]
    h, steps = np.zeros(H), []
    for x_t in x:
        h = np.tanh(rnn.weight_ih @ x_t + rnn.weight_hh @ h + rnn.bias)
        steps.append((1 - h**2)[:, None] * rnn.weight_hh)
    product, gains = np.eye(H), []
    for step in reversed(steps):
        gains.append(np.sqrt((product**2).sum() / H))
        product = product @ step
    return np.array(gains[::-1])


def autograd_gains(params, x, state, candidate="tanh", **moved) -> np.ndarray:
    """‖∂C_T/∂C_t‖_F / √H by PyTorch's autograd, through every route."""
    H = params.weight_hh.shape[1]
    shift = np.repeat([moved.get(slider, 0.0) for slider in BIASES], H)
    w_ih, w_hh, bias = (torch.tensor(array) for array in (*params[:2], params.bias + shift))
    h, c = (torch.tensor(part[0], requires_grad=True) for part in state)
    cells = []
    for x_t in torch.tensor(x):
        i, f, g, o = (w_ih @ x_t + w_hh @ h + bias).chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * (g.tanh() if candidate == "tanh" else g)
        h = o.sigmoid() * c.tanh()
        cells.append(c)
    rows = [torch.autograd.grad(c[k], cells, retain_graph=True) for k in range(H)]
    return np.array([np.sqrt(sum((row[t] ** 2).sum().item() for row in rows) / H) for t in range(len(x))])


@pytest.mark.parametrize("candidate", ["tanh", "linear"])
def test_gains_are_those_of_both_networks_as_the_sliders_have_them(candidate):
    params, x, state = own(T=13, D=4, H=3)
    rnn = random_params(RNNParams, 4, 6, np.random.default_rng(2))
    moved = {"rho": 1.6, "input_scale": 0.7, "forget_bias": 1.25}
    lab = GateLab(params, x, state=state, candidate=candidate, rnn=rnn, show="gradient", **moved)
    scaled = RNNParams(0.7 * rnn.weight_ih, 1.6 * rnn.weight_hh, rnn.bias)
    expected = autograd_gains(params, x, state, candidate, forget_bias=1.25)
    np.testing.assert_allclose(lab.gains.rnn, jacobian_gains(scaled, x), rtol=1e-10)
    np.testing.assert_allclose(lab.gains.lstm, expected, rtol=1e-10)
    assert lab.gains.rnn[-1] == lab.gains.lstm[-1] == pytest.approx(1)


def test_the_lens_brings_an_orthogonal_rnn_whose_gain_without_input_is_the_power_of_rho():
    lab = GateLab(show="gradient", rho=1.05, input_scale=0)
    np.testing.assert_allclose(lab.gains.rnn, 1.05 ** np.arange(99, -1, -1), rtol=1e-9)
    lab.rho = 0.9
    np.testing.assert_allclose(lab.gains.rnn, 0.9 ** np.arange(99, -1, -1), rtol=1e-9)


def test_the_lens_takes_an_rnn_to_set_beside_its_own_lstm():
    rnn = random_params(RNNParams, 4, 6, np.random.default_rng(2))
    lab = GateLab(show="gradient", rnn=rnn, input_scale=1)
    np.testing.assert_allclose(lab.gains.rnn, jacobian_gains(rnn, lab.x[0]), rtol=1e-10)
    assert (lab._rnn["D"], lab._rnn["H"]) == (4, 6)
    np.testing.assert_array_equal(lab._rnn["weight_hh"], rnn.weight_hh.ravel())


def test_with_an_rnn_at_hand_the_lens_can_be_chosen_later():
    rnn = random_params(RNNParams, 3, 2, np.random.default_rng(2))
    for lab in (GateLab(rnn=rnn), GateLab(*own()[:2], rnn=rnn)):
        assert lab.show == "cell"
        lab.show = "gradient"
        assert len(lab.gains.rnn) == len(lab.x[0])


# --- an nn.LSTM


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", ["unbatched", "batched"])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_from_torch_opens_the_layer_that_trace_gates_sees(dtype, shape, batch_first, layer):
    torch.manual_seed(3)
    lstm = torch.nn.LSTM(4, 6, num_layers=3, batch_first=batch_first, dtype=dtype)
    x = torch.randn(9, 4, dtype=dtype, requires_grad=True)
    given = x if shape == "unbatched" else x[None] if batch_first else x[:, None]
    lab = GateLab.from_torch(lstm, given, layer=layer)
    expected = LSTMTrace(*(part.numpy() for part in trace_gates(lstm, x.detach())[layer]))
    assert_same(lab.trace, expected, within=1e-6 if dtype == torch.float32 else 1e-12)


def test_from_torch_reads_a_forecaster_and_numpy_arrays_and_takes_the_other_options():
    model = Forecaster(2, 5, num_layers=2, seed=1)
    x = np.random.default_rng(0).normal(size=(8, 2))
    for layer, width in ((0, 2), (1, 5)):
        lab = GateLab.from_torch(model, x, layer=layer, show="forget", unit=4, names=[f"n{k}" for k in range(width)])
        traces = trace_gates(model.recurrent, torch.tensor(x, dtype=torch.float32))
        assert_same(lab.trace, LSTMTrace(*(part.numpy() for part in traces[layer])), within=1e-6)
        assert (lab.show, lab.unit, lab._inputs["given"]["names"][-1]) == ("forget", 4, f"n{width - 1}")


def test_from_torch_copies_the_weights():
    lstm = torch.nn.LSTM(2, 3, dtype=torch.float64)
    x = torch.randn(7, 2, dtype=torch.float64)
    lab = GateLab.from_torch(lstm, x)
    before = lab.trace
    with torch.no_grad():
        x.zero_()
        for weight in lstm.parameters():
            weight.zero_()
    np.testing.assert_array_equal(lab.trace.h, before.h)


# --- refusals: a ValueError that says what came, what was expected, or what to do

P, X, STATE = own(T=7, D=3, H=2)
NARROW = random_params(RNNParams, 2, 5, np.random.default_rng(0))
THREE = random_params(RNNParams, 3, 4, np.random.default_rng(0))


def with_nan(array) -> np.ndarray:
    array = np.array(array)
    array.flat[4] = np.nan
    return array


REFUSED = {
    "only params": (lambda: GateLab(P), "params and x together, or neither"),
    "only x": (lambda: GateLab(x=X), "params and x together, or neither"),
    "no LSTMParams": (lambda: GateLab(tuple(P), X), "is a tuple, but LSTMParams is expected"),
    "a module": (lambda: GateLab(torch.nn.LSTM(3, 2), X), "is a LSTM, but LSTMParams is expected"),
    "weights that do not fit": (lambda: GateLab(P._replace(bias=np.zeros(7)), X), r"bias has shape \(7,\), but \(8,\)"),
    "NaN in the weights": (lambda: GateLab(P._replace(weight_ih=with_nan(P.weight_ih)), X), "weight_ih holds 1 NaN"),
    "one input too many": (lambda: GateLab(P, np.ones((7, 4))), r"x has shape \(7, 4\), but \(T, 3\) is expected"),
    "a vector": (lambda: GateLab(P, np.ones(3)), r"x has shape \(3,\), but \(T, 3\) is expected"),
    "no step": (lambda: GateLab(P, np.ones((0, 3))), "x is empty"),
    "no sequence": (lambda: GateLab(P, np.ones((0, 7, 3))), "x holds 0 sequences"),
    "words": (lambda: GateLab(P, [["a", "b", "c"]]), "x should be an array of numbers"),
    "NaN in x": (lambda: GateLab(P, with_nan(X)), r"x holds 1 NaN .* the first at \(1, 1\)"),
    "two sequences": (lambda: GateLab(P, np.ones((2, 7, 3))), "x holds 2 sequences, but the Gate Lab shows one"),
    "H = 33": (lambda: GateLab(*own(T=5, D=2, H=33)[:2]), "up to H = 32 and T = 512, not H = 33 and T = 5"),
    "T = 513": (lambda: GateLab(P, np.ones((513, 3))), "up to H = 32 and T = 512, not H = 2 and T = 513"),
    "unknown candidate": (lambda: GateLab(P, X, candidate="relu"), "candidate is 'relu', but must be one of 'tanh'"),
    "a state too wide": (lambda: GateLab(P, X, state=LSTMState(*np.ones((2, 1, 3)))), r"h has shape \(1, 3\)"),
    "a state too deep": (lambda: GateLab(P, X, state=LSTMState(STATE.h, np.ones((2, 2)))), r"c has shape \(2, 2\)"),
    "half a state": (lambda: GateLab(P, X, state=STATE[:1]), r"state has 1 part.*two: LSTMState\(h, c\)"),
    "NaN in the state": (lambda: GateLab(P, X, state=STATE._replace(c=np.full((1, 2), np.nan))), "c holds 2 NaN"),
    "too few names": (lambda: GateLab(P, X, names=("a", "b")), "names has 2 entries, but x has 3 inputs"),
    "too few dates": (lambda: GateLab(P, X, dates=["2008-10-13"]), "dates has 1 entries, but x has 7 steps"),
    "dates without x": (lambda: GateLab(dates=["2008-10-13"]), "dates would change nothing here"),
    "no names": (lambda: GateLab(P, X, names=()), "names has 0 entries, but x has 3 inputs"),
    "an unknown word": (lambda: GateLab(forget=3), "GateLab knows no forget: see help"),
    "a private trait": (lambda: GateLab(_presets={}), "GateLab knows no _presets"),
    "unknown lens": (lambda: GateLab(show="gates"), "show is 'gates', but must be one of 'cell', 'forget'"),
    "unknown preset": (lambda: GateLab(preset="gru"), "preset is 'gru', but must be one of 'write_once'"),
    "unknown input": (lambda: GateLab(input="sine"), "input is 'sine', but must be one of 'pulse', 'noise', 'adding'"),
    "returns not given": (lambda: GateLab(input="returns"), "input is 'returns', but must be one of"),
    "step 0": (lambda: GateLab(step=0), "step is 0, but should lie between 1 and 100"),
    "step T + 1": (lambda: GateLab(P, X, step=8), "step is 8, but should lie between 1 and 7"),
    "unit H + 1": (lambda: GateLab(P, X, unit=3), "unit is 3, but should lie between 1 and 2"),
    "a bias too large": (lambda: GateLab(input_bias=8.01), r"input_bias is 8\.01, but should lie between -8 and 8"),
    "a bias that is none": (lambda: GateLab(output_bias="open"), "output_bias is 'open', but should be a float"),
    "NaN for a bias": (lambda: GateLab(candidate_bias=np.nan), "candidate_bias is nan, but should lie between"),
    "rho too small": (lambda: GateLab(rho=0.49), r"rho is 0\.49, but should lie between 0\.5 and 2"),
    "scale too large": (lambda: GateLab(input_scale=2.1), r"input_scale is 2\.1, but should lie between 0 and 2"),
    "tied to what": (lambda: GateLab(tied="both"), "tied is 'both', but should be a boolean"),
    "no RNN": (lambda: GateLab(P, X, show="gradient"), "give rnn, RNNParams with the inputs of x"),
    "an RNN too narrow": (lambda: GateLab(P, X, rnn=NARROW), "rnn has 2 inputs and H = 5, but should have the 3 of x"),
    "too narrow for the presets": (lambda: GateLab(rnn=NARROW), "rnn has 2 inputs"),
    "too narrow for the lens": (lambda: GateLab(show="gradient", rnn=NARROW), "should have the 4 of x"),
    "an RNN too large": (
        lambda: GateLab(P, X, rnn=random_params(RNNParams, 3, 33, np.random.default_rng(0))), "H = 33.*H up to 32"
    ),
    "no RNNParams": (lambda: GateLab(P, X, rnn=P), "is a LSTMParams, but RNNParams is expected"),
    "names without x": (lambda: GateLab(names=("a",)), "names would change nothing here"),
    "state and candidate without x": (
        lambda: GateLab(state=STATE, candidate="linear"), "state, candidate would change nothing"
    ),
    "returns beside x": (lambda: GateLab(P, X, returns=RETURNS), "returns would change nothing here"),
    "GARCH beside x": (lambda: GateLab(P, X, garch=(0.1, 0.1, 0.8)), "garch would change nothing here"),
    "returns beside the lens": (lambda: GateLab(show="gradient", returns=RETURNS), "returns would change nothing"),
    "start beside x": (lambda: GateLab(P, X, start=1.0), "start would change nothing here"),
    "a variance below 0": (lambda: GateLab(start=-0.5), r"start is -0\.5, but a variance is 0 or more"),
    "a variance that is none": (lambda: GateLab(start=np.nan), "start holds 1 NaN"),
    "two variances": (lambda: GateLab(start=[1.0, 2.0]), r"start has shape \(2,\), but \(\) is expected"),
    "two GARCH numbers": (lambda: GateLab(garch=(0.1, 0.9)), r"garch has shape \(2,\), but \(3,\) is expected"),
    "α + β at the ends": (lambda: GateLab(garch=(1e-4, 1e-4, 0.9999)), r"α and β should lie in \[0\.0004, 0\.9996\]"),
    "ω > 8α": (lambda: GateLab(garch=(0.81, 0.1, 0.8)), r"\(0\.81, 0\.1, 0\.8\).* ω in \[0, 8α\]"),
    "returns too long": (lambda: GateLab(returns=np.ones(513)), "returns has 513 days, but .* at most 512: cut"),
    "no returns": (lambda: GateLab(returns=[]), "returns is empty"),
    "NaN in the returns": (lambda: GateLab(returns=[1.0, np.nan]), "returns holds 1 NaN"),
    "a table of returns": (lambda: GateLab(returns=np.ones((5, 2))), r"returns has shape \(5, 2\), but \(T,\)"),
    "gains without an RNN": (lambda: GateLab().gains, "open it with show='gradient'"),
    "bidirectional": (lambda: GateLab.from_torch(torch.nn.LSTM(3, 2, bidirectional=True), X), "not bidirectional"),
    "an RNN in PyTorch": (lambda: GateLab.from_torch(torch.nn.RNN(3, 2), X), "is a RNNParams, but LSTMParams"),
    "an RNN Forecaster": (lambda: GateLab.from_torch(Forecaster(3, 2, cell="rnn"), X), "is a RNNParams"),
    "no recurrent module": (lambda: GateLab.from_torch(torch.nn.Linear(3, 2), X), "reads an nn.LSTM"),
    "projections": (lambda: GateLab.from_torch(torch.nn.LSTM(3, 4, proj_size=2), X), "without projections"),
    "a layer not there": (lambda: GateLab.from_torch(torch.nn.LSTM(3, 2), X, layer=1), "has no layer 1"),
    "H = 33 in PyTorch": (lambda: GateLab.from_torch(torch.nn.LSTM(3, 33), X), "not H = 33 and T = 7"),
    "a batch, time first": (lambda: GateLab.from_torch(torch.nn.LSTM(3, 2), np.ones((7, 2, 3))), "x holds 2 sequences"),
    "a batch, batch first": (
        lambda: GateLab.from_torch(torch.nn.LSTM(3, 2, batch_first=True), np.ones((2, 7, 3))), "x holds 2 sequences"
    ),
    "dropout in train mode": (
        lambda: GateLab.from_torch(torch.nn.LSTM(3, 2, 2, dropout=0.5), X, layer=1), r"call lstm\.eval\(\)"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_a_reason(name):
    attempt, reason = REFUSED[name]
    with pytest.raises(ValueError, match=reason):
        attempt()


@pytest.mark.parametrize(
    ("trait", "value"),
    [("forget_bias", 8.5), ("input_bias", "shut"), ("candidate_bias", np.nan), ("output_bias", -np.inf), ("tied", 2),
     ("open_output", None), ("preset", "gru"), ("preset", 3), ("input", "given"), ("show", "gradient"), ("show", "all"),
     ("step", 0), ("step", 101), ("step", "last"), ("unit", 2), ("unit", 0), ("rho", 2.5), ("input_scale", -0.1)],
)  # fmt: skip
def test_a_trait_refuses_what_it_cannot_be_and_stays(trait, value):
    lab = GateLab()
    before = traits(lab)
    with pytest.raises(ValueError, match=f"^{trait} is .*, but "):
        setattr(lab, trait, value)
    assert traits(lab) == before


@pytest.mark.parametrize("trait", [*BIASES, "rho", "input_scale"])
def test_a_slider_reaches_both_its_ends(trait):
    lab = GateLab()
    low, high = {"rho": (0.5, 2), "input_scale": (0, 2)}.get(trait, (-8, 8))
    for end in (low, high):
        setattr(lab, trait, end)
        assert getattr(lab, trait) == end


def test_another_cells_params_are_refused():
    with pytest.raises(ValueError, match="is a RNNParams, but LSTMParams is expected"):
        GateLab(random_params(RNNParams, 3, 2, np.random.default_rng(0)), X)


def test_names_may_be_any_sequence_of_words():
    for names in (["open", "high", "low"], np.array(["open", "high", "low"]), ("open", "high", "low")):
        assert GateLab(P, X, names=names)._inputs["given"]["names"] == ["open", "high", "low"]
    assert GateLab(P, X)._inputs["given"]["names"] == ["input 1", "input 2", "input 3"]


def test_steps_may_have_dates():
    days = np.arange("2008-10-13", "2008-10-20", dtype="datetime64[D]")
    for dates in (days, days.tolist(), [f"{day}T00:00" for day in days]):
        lab = GateLab(P, X, dates=dates, step=2)
        assert lab._inputs["given"]["dates"] == [f"2008-10-{day}" for day in range(13, 20)]
        assert lab.sentence.startswith("Step 2 (2008-10-14), unit 1: ")


def test_a_cell_of_ones_own_can_be_pushed_to_its_ends():
    small = random_params(LSTMParams, 3, 2, np.random.default_rng(0), scale=0.1)
    lab = GateLab(small, X)
    expected = {"remember_all": ("f", 1), "forget_all": ("f", 0), "write_nothing": ("i", 0), "say_nothing": ("o", 0)}
    assert set(lab._presets) == {"given", *expected}
    for preset, (gate, end) in expected.items():
        lab.preset = preset
        assert np.abs(getattr(lab.trace, gate) - end).max() < 0.001
    lab.preset = "given"
    assert_same(lab.trace, walked(small, X))

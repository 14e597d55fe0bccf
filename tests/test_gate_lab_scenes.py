"""gate_lab/scenes.py: do the cells do what their titles say, and are the inputs what they are called?

The cells are driven through GateLab, as a student drives them. The oracles are recursions written out, and arch.
"""

import json
import math

import arch
import numpy as np
import pandas as pd
import pytest
from helpers import error

from lstm_core.cell import LSTMParams, LSTMState
from lstm_core.gate_lab import GateLab, ewma_cell, garch_cell, logit, presets, scenes
from lstm_core.markets import load_prices

PRESETS = presets()
VALUE, MARK, SQUARE = range(3)


def σ(z):
    return 1 / (1 + math.exp(-z))


def with_square(values, marks) -> np.ndarray:
    """An input (T, 3) of values and marks, as the presets read it."""
    values = np.asarray(values, float)
    return np.stack([values, np.broadcast_to(marks, values.shape), values**2], 1)


def run(cell: scenes.Preset, x, state=None):
    """The preset on an input of one's own: its trace, one unit, (T,) each."""
    sliders = dict(zip(("forget_bias", "input_bias", "candidate_bias", "output_bias"), cell.biases, strict=True))
    trace = GateLab(cell.params, x, candidate=cell.candidate, state=state, **sliders).trace
    return type(trace)(*(part[0, :, 0] for part in trace))


@pytest.fixture(scope="module")
def returns() -> pd.Series:
    """Two years of the S&P 500's returns in percent, 2008's crash among them."""
    close = load_prices("SP500")["Close"]["2007-12":"2009-10"]
    return 100 * close.pct_change().dropna()


# --- the cells


def test_titles_and_notes_are_there_and_tell_the_cells_apart():
    assert len({cell.title for cell in PRESETS.values()}) == len(PRESETS)
    assert all(len(cell.note) > 10 for cell in PRESETS.values())


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_reads_every_input_from_python_floats_within_the_sliders(name):
    cell = PRESETS[name]
    assert cell.params.weight_ih.shape[1] == 3
    assert max(map(abs, cell.biases)) <= 8
    assert json.dumps(cell.biases)


def test_calls_are_pure_and_repeat():
    first, second = presets(), presets()
    for one, other in zip(first.values(), second.values(), strict=True):
        for mine, theirs in zip(one.params, other.params, strict=True):
            np.testing.assert_array_equal(mine, theirs)
            mine[...] = 7
            assert not (theirs == 7).any()


@pytest.mark.parametrize("seed", range(4))
def test_write_once_takes_what_is_marked_and_nothing_else(seed):
    rng, marks = np.random.default_rng(seed), np.zeros(41)
    marks[5] = 1
    values = rng.normal(size=41)
    quiet = np.where(marks == 1, values, 0)
    noisy, clean = (
        run(PRESETS["write_once"], with_square(values, marks)),
        run(PRESETS["write_once"], with_square(quiet, marks)),
    )
    assert noisy.i[5] > 0.99
    assert np.delete(noisy.i, 5).max() < 0.003
    assert clean.c[4] == 0
    assert clean.c[5] == pytest.approx(np.tanh(values[5]), rel=0.01)
    assert clean.c[-1] == pytest.approx(clean.c[5] * σ(6) ** 35)  # protected: 8% fade in 35 steps
    assert abs(noisy.c - clean.c).max() < 0.003 * np.abs(np.tanh(values)).sum()


def test_write_once_does_not_write_what_is_only_asked_for():
    trace = run(PRESETS["write_once"], with_square([2.0, 2.0, 2.0], [0, -1, 0]))
    assert trace.i[1] < 1e-7


def test_silent_until_asked_keeps_its_cell_to_itself_until_the_mark_says_so():
    marks = np.zeros(30)
    marks[3], marks[20] = 1, -1
    values = np.zeros(30)
    values[3] = 1.5
    trace = run(PRESETS["silent_until_asked"], with_square(values, marks))
    assert trace.c[3:].min() > 0.8  # it remembers all the while
    assert np.delete(np.abs(trace.h), 20).max() < 0.003
    assert trace.h[20] == pytest.approx(np.tanh(trace.c[20]), rel=0.01)


def test_remember_all_adds_up_whatever_comes():
    values = np.random.default_rng(0).normal(size=50)
    trace = run(PRESETS["remember_all"], with_square(values, 0))
    assert trace.f.min() > 0.999
    assert trace.i.min() > 0.98
    assert error(trace.c, np.cumsum(np.tanh(values))) < 0.05 * np.abs(np.tanh(values)).sum()


def test_forget_all_knows_the_last_step_alone():
    values = np.random.default_rng(0).normal(size=50)
    trace = run(PRESETS["forget_all"], with_square(values, 0))
    assert error(trace.c, σ(4) * np.tanh(values)) < 0.001


@pytest.mark.parametrize("decay", [0.94, 0.97, 0.5])
def test_riskmetrics_is_the_ewma_of_the_squares(decay, returns):
    r = returns.to_numpy()
    variance, expected = np.var(r[:20]), []
    state = LSTMState(np.zeros((1, 1)), np.full((1, 1), variance))
    for r_t in r:
        variance = decay * variance + (1 - decay) * r_t**2
        expected.append(variance)
    trace = run(ewma_cell(decay), with_square(r, 0), state)
    np.testing.assert_allclose(trace.c, expected, rtol=1e-12)
    assert error(trace.f + trace.i, np.ones(len(r))) < 1e-15


def test_the_preset_riskmetrics_has_the_decay_of_1996_and_is_tied():
    lab = GateLab(preset="riskmetrics")
    assert (lab.tied, lab.trace.f[0, 0, 0]) == (True, pytest.approx(0.94, abs=1e-15))
    assert lab.forget_bias == pytest.approx(2.7515, abs=1e-4)


@pytest.mark.parametrize(
    "numbers", [scenes.GARCH, (0.05, 0.08, 0.9), (0.0, 0.1, 0.8), (0.4, 0.05, 0.2), (0.1, 0.3, 0.9)]
)
def test_garch_is_bollerslevs_recursion(numbers, returns):
    (omega, alpha, beta), r = numbers, returns.to_numpy()[:200]
    variance, expected = np.var(r[:20]), []
    state = LSTMState(np.zeros((1, 1)), np.full((1, 1), variance))
    for r_t in r:
        variance = omega + alpha * r_t**2 + beta * variance
        expected.append(variance)
    np.testing.assert_allclose(run(garch_cell(*numbers), with_square(r, 0), state).c, expected, rtol=1e-12)


def test_garch_is_archs_conditional_variance_one_step_later(returns):
    """arch fits (ω, α, β) and says its own σ²_t; the cell, started at σ²_1, has σ²_{t+1} after return t."""
    fitted = arch.arch_model(returns, mean="Zero", vol="GARCH", p=1, q=1).fit(disp="off")
    variance = fitted.conditional_volatility.to_numpy() ** 2
    state = LSTMState(np.zeros((1, 1)), variance[:1, None])
    trace = run(garch_cell(*fitted.params), with_square(returns, 0), state)
    np.testing.assert_allclose(trace.c[:-1], variance[1:], rtol=1e-10)
    forecast = fitted.forecast(horizon=1).variance.to_numpy()[-1, 0]
    assert trace.c[-1] == pytest.approx(forecast, rel=1e-10)


def test_the_lab_carries_a_garch_of_given_numbers_along_given_returns(returns):
    model = dict(garch=(0.05, 0.08, 0.9), preset="garch")
    for start in (0.0, 4.5):
        lab = GateLab(returns=returns[-300:], input="returns", start=start, **model)
        variance = start
        for t, r_t in enumerate(returns[-300:]):
            variance = 0.05 + 0.08 * r_t**2 + 0.9 * variance
            assert lab.trace.c[0, t, 0] == pytest.approx(variance, rel=1e-12)


def test_only_the_variances_start_with_one():
    for name, cell in scenes.presets(start=4.5).items():
        lab = GateLab(preset=name, start=4.5, input="pulse")
        assert (cell.state is not None) == cell.variance
        assert lab._weights[lab._presets[name]["weights"]]["c"][0] == 4.5 * cell.variance


@pytest.mark.parametrize(
    "numbers",
    [(0.1, 0, 0.9), (0.1, 0.1, 1), (0.1, 1.1, 0.5), (-0.01, 0.1, 0.8), (0.81, 0.1, 0.8), (0.1, np.nan, 0.8),
     (np.nan, 0.1, 0.8), (0, 3e-4, 0.9), (0, 0.1, 3e-4), (0, 0.9997, 0.9), (0, 0.1, 0.9997)],
)  # fmt: skip
def test_garch_numbers_that_no_slider_reaches_are_refused(numbers):
    with pytest.raises(ValueError, match=r"\(ω, α, β\) is .* should lie in"):
        garch_cell(*numbers)


@pytest.mark.parametrize("numbers", [(0, 4e-4, 4e-4), (8 * 0.9996, 0.9996, 0.9996)])
def test_garch_numbers_at_the_sliders_ends_can_be_chosen(numbers):
    lab = GateLab(garch=numbers)
    lab.preset = "garch"
    assert lab.trace.i[0, 0, 0] == pytest.approx(numbers[1])
    assert lab.candidate_bias == pytest.approx(numbers[0] / numbers[1])


def test_chronos_units_write_as_much_as_they_forget_and_remember_for_1_to_100_steps():
    lab = GateLab(preset="chrono")
    input, forget, candidate, output = lab.params.bias.reshape(4, 8)
    np.testing.assert_array_equal(input, -forget)
    assert not candidate.any()
    assert not output.any()
    assert forget.min() >= 0
    assert forget.max() <= np.log(99)
    assert np.ptp(np.exp(forget)) > 50  # from short memories to long ones
    assert not lab.params.weight_ih[:, SQUARE].any()
    blank = GateLab(lab.params, np.zeros((1, 3))).trace
    assert error(blank.i + blank.f, np.ones((1, 1, 8))) < 1e-15


# --- the inputs


INPUTS = scenes.inputs([1.0, -3.5, 3.0, 2.9, -4.0])


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_has_a_value_a_mark_and_its_square(name):
    one = INPUTS[name]
    assert one.x.shape == ((5 if name == "returns" else 100), 3)
    assert one.names == ("value", "mark", "value²")
    np.testing.assert_array_equal(one.x[:, SQUARE], one.x[:, VALUE] ** 2)
    assert set(one.x[:, MARK]) <= {-1, 0, 1}


def marked(name: str, mark: int) -> list[int]:
    """The steps, counted from 1, at which an input carries this mark."""
    return (np.flatnonzero(INPUTS[name].x[:, MARK] == mark) + 1).tolist()


def test_one_pulse_is_one_and_it_is_marked_and_asked_for():
    assert np.flatnonzero(INPUTS["pulse"].x[:, VALUE]).tolist() == [9]
    assert (marked("pulse", 1), marked("pulse", -1)) == ([10], [80])


def test_of_the_pulses_in_noise_one_is_marked():
    values = np.abs(INPUTS["noise"].x[:, VALUE])
    assert (np.flatnonzero(values == 1.5) + 1).tolist() == [10, 30, 60]
    assert np.sort(values)[-4] < 1.2  # the noise stays below the pulses
    assert (marked("noise", 1), marked("noise", -1)) == ([10], [80])


def test_the_adding_task_has_two_marked_numbers_and_marks_its_ends():
    """Experiment 4 of Hochreiter & Schmidhuber 1997: values in [−1, 1], the ends marked −1, two others 1."""
    values = INPUTS["adding"].x[:, VALUE]
    assert -1 <= values.min() < -0.9 < 0.9 < values.max() <= 1
    first, second = marked("adding", 1)
    assert 1 <= first <= 10
    assert first < second <= 50
    assert marked("adding", -1) == [1, 100]


def test_write_once_adds_the_two_marked_numbers_up():
    lab = GateLab(preset="write_once", input="adding")
    values = lab.x[0, :, VALUE]
    first, second = (np.tanh(values[step - 1]) * σ(6) for step in marked("adding", 1))
    faded = first * σ(6) ** (99 - 6) + second * σ(6) ** (99 - 37)
    leaked = lab.trace.c[0, -1, 0] - faded
    assert abs(leaked) < 0.0025 * np.abs(np.tanh(values)).sum()
    assert abs(leaked) < 0.1
    assert np.argsort(-np.abs(np.diff(lab.trace.c[0, :, 0])))[:2].tolist() in (
        [5, 36],
        [36, 5],
    )  # the two largest steps


def test_inputs_repeat_and_are_each_calls_own():
    first, second = scenes.inputs(), scenes.inputs()
    assert set(first) == {"pulse", "noise", "adding"}
    for name in first:
        np.testing.assert_array_equal(first[name].x, second[name].x)
        first[name].x[...] = 7
        assert not (second[name].x == 7).any()


# --- returns


def test_large_moves_are_marked_and_the_last_day_is_asked():
    assert INPUTS["returns"].x[:, MARK].tolist() == [0, 1, 1, 0, -1]
    assert INPUTS["returns"].dates == ()


@pytest.mark.parametrize(
    "kind", [list, tuple, np.array, np.float32, pd.Series, lambda r: pd.Series(r, index=list("abc"))]
)
def test_returns_of_any_kind_are_the_same_input(kind):
    lab = GateLab(returns=kind([1.5, -3.25, 0.5]), input="returns")
    assert lab.x[0, :, VALUE].tolist() == [1.5, -3.25, 0.5]
    assert lab._inputs["returns"]["dates"] == []
    assert lab.sentence.startswith("Step 2: ")


def test_a_series_brings_its_dates_along():
    dates = pd.date_range("2008-10-13", periods=3, freq="B")
    for index in (dates, dates.tz_localize("US/Eastern"), dates.to_period("D")):
        lab = GateLab(returns=pd.Series([1.5, 11.58, -0.5], index), input="returns", step=2)
        assert lab._inputs["returns"]["dates"] == ["2008-10-13", "2008-10-14", "2008-10-15"]
        assert lab.sentence.startswith("Step 2 (2008-10-14): ")


def test_512_days_are_drawn_and_513_are_not():
    assert len(GateLab(returns=np.ones(512), input="returns", step=512).x[0]) == 512
    with pytest.raises(ValueError, match="513 days"):
        scenes.inputs(np.ones(513))


def test_the_caller_keeps_their_returns():
    r = np.array([1.0, -4.0, 2.0])
    lab = GateLab(returns=r, input="returns")
    r[:] = 0
    assert lab.x[0, :, VALUE].tolist() == [1.0, -4.0, 2.0]
    lab.x[...] = 7
    assert lab.x[0, :, MARK].tolist() == [0, 1, -1]


# --- logit


@pytest.mark.parametrize("share", [1e-12, 0.06, 0.5, 0.94, 1 - 1e-12])
def test_logit_is_the_bias_of_a_gate_that_stands_there(share):
    assert σ(logit(share)) == pytest.approx(share, rel=1e-12)
    assert type(logit(np.float64(share))) is float


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.1, float("nan")])
def test_a_gate_is_never_quite_shut_nor_open(share):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        logit(share)


def test_a_unit_hears_what_it_is_told_to_and_no_more():
    """Of six one-unit cells every weight that is not 0 is one that its title needs."""
    needed = {
        "write_once": {("i", MARK), ("g", VALUE)}, "remember_all": {("g", VALUE)}, "forget_all": {("g", VALUE)},
        "silent_until_asked": {("i", MARK), ("g", VALUE), ("o", MARK)}, "riskmetrics": {("g", SQUARE)},
        "garch": {("g", SQUARE)},
    }  # fmt: skip
    for name, pairs in needed.items():
        params: LSTMParams = PRESETS[name].params
        heard = {("ifgo"[row], column) for row, column in np.argwhere(params.weight_ih).tolist()}
        assert heard == pairs
        assert not params.weight_hh.any()
        assert not params.bias.any()

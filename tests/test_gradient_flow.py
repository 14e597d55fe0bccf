"""gradient_flow.py: memories counted step by step, and Jacobians by PyTorch, by nudging, and by what they must obey."""

import numpy as np
import pytest
import torch
from helpers import KINDS, LSTM, central_differences, draw, error, few, relative, seeds, stepped, torch_module
from hypothesis import given
from hypothesis import strategies as st

from lstm_core import gradient_flow, sequence
from lstm_core.cell import LSTMState
from lstm_core.gradient_flow import bias_for_half_life, cell_path, gain, half_life, orthogonal_rnn

SIZES = (2, 4, 3, 5)
JACOBIANS = {
    "rnn": gradient_flow.rnn_jacobians,
    "lstm": gradient_flow.lstm_jacobians,
    "gru": gradient_flow.gru_jacobians,
}
every_kind = pytest.mark.parametrize("name", KINDS)


# Half-lives


@pytest.mark.parametrize(("bias", "steps"), [(0, 1.00), (1, 2.21), (2, 5.46), (3, 14.27), (4, 38.2), (5, 103.2)])
def test_half_life_is_the_number_of_steps_until_half_is_left(bias, steps):
    """Counted in hundredths of a step: what stays is multiplied by the forget gate until half of it is gone."""
    forget_gate, left, counted = 1 / (1 + np.e**-bias), 1.0, 0
    while left > 0.5 + 1e-12:
        left *= forget_gate**0.01
        counted += 1
    assert half_life(bias) == pytest.approx(counted / 100, abs=0.01)
    assert half_life(bias) == pytest.approx(steps, abs=0.05 if steps > 30 else 0.005)


@few
@given(st.floats(-5, 30))
def test_half_life_and_bias_undo_each_other(bias):
    assert bias_for_half_life(half_life(bias)) == pytest.approx(bias, abs=1e-9)


def test_half_life_takes_numbers_lists_and_arrays():
    assert np.ndim(half_life(1)) == np.ndim(bias_for_half_life(21)) == 0
    np.testing.assert_array_equal(half_life([0, 1]), [half_life(0), half_life(1)])
    assert bias_for_half_life(np.full((2, 3), 21.0)).shape == (2, 3)


@pytest.mark.parametrize(
    ("function", "value", "message"),
    [
        (bias_for_half_life, 0, "steps is 0, but a half-life is longer than 0 steps"),
        (bias_for_half_life, [21, -1], "steps is -1, but a half-life is longer than 0 steps"),
        (bias_for_half_life, np.nan, "steps holds 1 NaN"),
        (bias_for_half_life, [], "steps is empty"),
        (half_life, np.inf, "forget_bias holds 1 NaN or infinite"),
        (half_life, "long", "forget_bias should be an array of numbers.*long"),
    ],
)
def test_half_lives_of_nonsense_are_refused(function, value, message):
    with pytest.raises(ValueError, match=message):
        function(value)


# Jacobians


def rest_of(problem, kind, n, t):
    """What is left of sequence n after step t (counted from 0): its input, its state then, and the open output gate."""
    trace = kind.forward(*problem[:3])
    output_gate = torch.as_tensor(trace.o[n, t]) if kind is LSTM else None
    return problem.x[n : n + 1, t + 1 :], trace.c[n, t] if kind is LSTM else trace.h[n, t], output_gate


def last_state_in_torch(kind, module, x, state, output_gate):
    """h_T (or C_T) from h_t (or C_t): C_t leaves the cell through h_t = o ⊙ tanh(C_t) as well."""
    if kind is LSTM:
        h_t = output_gate * torch.tanh(state)
        return module(torch.as_tensor(x), (h_t[None, None], state[None, None]))[1][1][0, 0]
    return module(torch.as_tensor(x), state[None, None])[1][0, 0]


@every_kind
@few
@given(seed=seeds)
def test_jacobians_are_torchs(name, seed):
    kind, problem = KINDS[name], draw(KINDS[name], SIZES, seed)
    module = torch_module(kind, problem.params)
    ours = JACOBIANS[name](*problem[:3])
    N, T, _, H = SIZES
    assert ours.shape == (N, T, H, H)
    for n, t in np.ndindex(N, T - 1):
        x, state, output_gate = rest_of(problem, kind, n, t)

        def last(state, x=x, output_gate=output_gate):
            return last_state_in_torch(kind, module, x, state, output_gate)

        theirs = torch.autograd.functional.jacobian(last, torch.as_tensor(state.copy()))
        assert relative(ours[n, t], theirs) < 1e-10
    np.testing.assert_array_equal(ours[:, -1], np.broadcast_to(np.eye(H), (N, H, H)))


@every_kind
def test_jacobians_are_finite_differences_of_the_stepped_cell(name):
    kind, problem = KINDS[name], draw(KINDS[name], SIZES)
    trace, ours = kind.forward(*problem[:3]), JACOBIANS[name](*problem[:3])
    for unit in range(SIZES[-1]):
        state = (trace.c if kind is LSTM else trace.h)[:1, 0].copy()

        def last(unit=unit, state=state):
            begin = LSTMState(trace.o[:1, 0] * np.tanh(state), state) if kind is LSTM else state
            after = stepped(kind, problem.params, problem.x[:1, 1:], begin)
            return float((after.c if kind is LSTM else after.h)[0, -1, unit])

        assert error(ours[0, 0, unit], central_differences(last, state)[0]) < 1e-8


@every_kind
@few
@given(seed=seeds)
def test_state_gradients_are_the_jacobians_times_the_gradient_at_the_end(name, seed):
    kind, problem = KINDS[name], draw(KINDS[name], SIZES, seed)
    N, _, _, H = SIZES
    grad_last, trace = problem.grad_h[:, -1], kind.forward(*problem[:2])
    ours = gradient_flow.state_gradients(*problem[:2], grad_last)
    of_state = grad_last * trace.o[:, -1] * (1 - np.tanh(trace.c[:, -1]) ** 2) if kind is LSTM else grad_last
    theirs = np.einsum("nk,ntkj->ntj", of_state, JACOBIANS[name](*problem[:2]))
    if kind is LSTM:  # a C_t before the last is heard at the end through C_T and, by the output gate, through h_{T−1}
        theirs = np.stack([_nudged(problem, trace, grad_last, t) for t in range(SIZES[1])], axis=1)
    assert ours.shape == (N, SIZES[1], H)
    assert relative(ours, theirs) < (1e-6 if kind is LSTM else 1e-10)


def _nudged(problem, trace, grad_last, t):
    """∂L/∂C_t of L = grad_last · h_T by central differences, each sequence and unit on its own."""
    gradient = np.zeros_like(trace.c[:, 0])
    for n, unit in np.ndindex(*gradient.shape):
        values = []
        for nudge in (1e-5, -1e-5):
            c = trace.c[n : n + 1, t].copy()
            c[0, unit] += nudge
            h = trace.o[n : n + 1, t] * np.tanh(c)
            if t + 1 < trace.c.shape[1]:
                rest = problem.x[n : n + 1, t + 1 :]
                h = sequence.lstm_forward(problem.params, rest, LSTMState(h, c)).h[:, -1]
            values.append(grad_last[n] @ h[0])
        gradient[n, unit] = (values[0] - values[1]) / 2e-5
    return gradient


def test_state_gradients_of_something_else_are_refused():
    with pytest.raises(ValueError, match="params is a list, but RNNParams, LSTMParams or GRUParams are expected"):
        gradient_flow.state_gradients([], np.zeros((1, 2, 3)), np.zeros((1, 4)))
    with pytest.raises(ValueError, match=r"grad_last has shape \(2, 4\), but \(2, 5\) is expected"):
        gradient_flow.state_gradients(*draw(LSTM, SIZES)[:2], np.zeros((2, 4)))


def test_lstm_jacobians_with_a_linear_candidate_follow_it():
    """Without recurrent weights ∂C_T/∂C_t is ∏ f for either candidate; with them the candidate's slope shows."""
    problem = draw(LSTM, SIZES)
    last = sequence.lstm_forward(*problem[:3], candidate="linear")
    ours = gradient_flow.lstm_jacobians(*problem[:3], candidate="linear")
    state = last.c[:1, -2].copy()

    def last_cell():
        begin = LSTMState(last.o[:1, -2] * np.tanh(state), state)
        return float(stepped(LSTM, problem.params, problem.x[:1, -1:], begin, candidate="linear").c.sum())

    assert error(ours[0, -2].sum(axis=0), central_differences(last_cell, state)[0]) < 1e-8


@every_kind
def test_jacobians_of_one_step_are_the_identity_and_none_is_zeros(name):
    kind, problem = KINDS[name], draw(KINDS[name], (3, 1, 4, 2))
    np.testing.assert_array_equal(JACOBIANS[name](*problem[:3]), np.broadcast_to(np.eye(2), (3, 1, 2, 2)))
    problem = draw(kind, SIZES)
    zeros = np.zeros((2, 5))
    begin = LSTMState(zeros, zeros) if kind is LSTM else zeros
    from_none, from_zeros = (JACOBIANS[name](*problem[:2], state) for state in (None, begin))
    np.testing.assert_array_equal(from_none, from_zeros)


@every_kind
def test_bad_input_is_refused(name):
    problem = draw(KINDS[name], SIZES)
    with pytest.raises(ValueError, match=r"x has shape \(4, 3\), but \(N, T, 3\)"):
        JACOBIANS[name](problem.params, problem.x[0])


@few
@given(seeds)
def test_the_cells_own_path_is_the_whole_jacobian_where_h_has_no_route(seed):
    problem = draw(LSTM, SIZES, seed)
    deaf = problem.params._replace(weight_hh=np.zeros_like(problem.params.weight_hh))
    trace = sequence.lstm_forward(deaf, problem.x, problem.state)
    whole = gradient_flow.lstm_jacobians(deaf, problem.x, problem.state)
    np.testing.assert_allclose(cell_path(trace)[..., None] * np.eye(5), whole, rtol=1e-12, atol=1e-15)


def test_the_cells_own_path_is_the_product_of_later_forget_gates():
    trace = sequence.lstm_forward(*draw(LSTM, SIZES)[:3])
    expected = [np.prod(trace.f[:, t + 1 :], axis=1) for t in range(SIZES[1])]
    np.testing.assert_allclose(cell_path(trace), np.stack(expected, axis=1), rtol=1e-14)
    np.testing.assert_array_equal(cell_path(trace)[:, -1], 1)


# Gain


@few
@given(st.integers(1, 6), seeds)
def test_gain_is_the_root_mean_square_stretch_and_at_most_the_spectral_norm(H, seed):
    rng = np.random.default_rng(seed)
    jacobians = rng.normal(size=(2, 3, H, H))
    directions, _ = np.linalg.qr(rng.normal(size=(H, H)))  # any orthonormal set gives the mean over all directions
    stretch = np.linalg.norm(jacobians @ directions, axis=-2)
    np.testing.assert_allclose(gain(jacobians), np.sqrt((stretch**2).mean(axis=-1)), rtol=1e-12)
    assert np.all(gain(jacobians) <= np.linalg.norm(jacobians, ord=2, axis=(-2, -1)) * (1 + 1e-12))
    assert gain(np.eye(H)) == pytest.approx(1)


@pytest.mark.parametrize("power", [-300, -200, 0, 200, 300])
def test_gain_reaches_where_squares_no_longer_do(power):
    scaled = np.stack([10.0**power * np.eye(4), np.zeros((4, 4))])
    np.testing.assert_allclose(gain(scaled), [10.0**power, 0], rtol=1e-12)


# The orthogonal RNN


@pytest.mark.parametrize("rho", [0.5, 1.0, 1.3])
def test_orthogonal_rnn_is_rho_times_orthogonal_and_seeded(rho):
    params, again, other = (orthogonal_rnn(3, 6, rho, 0.5, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_allclose(params.weight_hh @ params.weight_hh.T, rho**2 * np.eye(6), atol=1e-14)
    np.testing.assert_array_equal(params.weight_hh, again.weight_hh)
    np.testing.assert_array_equal(params.weight_ih, again.weight_ih)
    assert error(params.weight_hh, other.weight_hh) > 0.1
    assert not params.bias.any()


def test_orthogonal_rnn_scales_its_inputs():
    wide, narrow = (orthogonal_rnn(300, 20, 1.0, scale, np.random.default_rng(0)).weight_ih for scale in (3.0, 0.5))
    assert np.std(wide) == pytest.approx(3.0, rel=0.05)
    np.testing.assert_allclose(wide, 6 * narrow)


def test_orthogonal_matrices_are_drawn_evenly():
    """Uniform over all orthogonal matrices: entries average 0, also on the diagonal, where LAPACK's signs show."""
    rng = np.random.default_rng(0)
    drawn = np.stack([orthogonal_rnn(1, 2, 1.0, 1.0, rng).weight_hh for _ in range(2000)])
    assert np.abs(drawn.mean(axis=0)).max() < 4 * np.sqrt(0.5 / 2000)


@few
@given(st.floats(0.3, 1.5), st.floats(0, 3), seeds)
def test_no_gradient_of_an_orthogonal_rnn_exceeds_rho_to_the_lag(rho, input_scale, seed):
    rng = np.random.default_rng(seed)
    params = orthogonal_rnn(2, 5, rho, input_scale, rng)
    jacobians = gradient_flow.rnn_jacobians(params, rng.normal(size=(1, 30, 2)))[0]
    bound = rho ** np.arange(29, -1, -1.0)
    assert np.all(np.linalg.norm(jacobians, ord=2, axis=(-2, -1)) <= bound * (1 + 1e-12))
    assert np.all(gain(jacobians) <= bound * (1 + 1e-12))


def test_the_bound_is_reached_where_tanh_has_slope_one():
    params = orthogonal_rnn(2, 5, 0.9, 0.0, np.random.default_rng(0))
    gains = gain(gradient_flow.rnn_jacobians(params, np.ones((1, 30, 2))))[0]
    np.testing.assert_allclose(gains, 0.9 ** np.arange(29, -1, -1.0), rtol=1e-12)

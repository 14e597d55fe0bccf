"""cell.py against PyTorch's cells, and against the article's formulas computed by hand, one number at a time."""

from decimal import Decimal, localcontext
from math import exp, tanh

import numpy as np
import pytest
import torch
from helpers import GRU, KINDS, LSTM, RNN, arrays, cast, draw, error, hundreds, seeds, sizes
from hypothesis import given

from lstm_core import cell
from lstm_core.cell import LSTMParams, LSTMState, RNNParams, sigmoid


def step(kind, problem, **candidate):
    """The cell's step on the first input of a problem."""
    function = {LSTM: cell.lstm_step, GRU: cell.gru_step, RNN: cell.rnn_step}[kind]
    return function(problem.params, problem.x[:, 0], problem.state, **candidate)


@pytest.mark.parametrize("z", np.linspace(-700, 700, 57))
def test_sigmoid_has_nearly_all_the_digits_of_fifty_digit_arithmetic(z):
    with localcontext(prec=50):
        exact = 1 / (1 + (-Decimal(float(z))).exp())
        assert abs(Decimal(float(sigmoid(z))) / exact - 1) < Decimal("2e-13")  # e⁻ᶻ of a z rounded to 53 bits


def test_sigmoid_meets_its_limits_without_a_warning():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_array_equal(sigmoid([-np.inf, -1e308, 0, 1e308, np.inf]), [0, 0, 0.5, 1, 1])


def test_sigmoid_of_float32_stays_float32_and_accurate():
    z = np.linspace(-80, 80, 999, dtype=np.float32)
    assert sigmoid(z).dtype == np.float32
    np.testing.assert_allclose(sigmoid(z), sigmoid(z.astype(float)), rtol=5e-6)


@hundreds
@given(sizes, seeds)
def test_lstm_step_is_torchs(sizes, seed):
    problem = draw(LSTM, sizes, seed)
    state, _ = step(LSTM, problem)
    _, _, D, H = sizes
    theirs = torch.nn.LSTMCell(D, H, dtype=torch.float64)
    biases = (problem.params.bias, np.zeros(4 * H))
    h, c = with_weights(theirs, problem.params[:2], biases)(*as_tensors(problem.x[:, 0], problem.state))
    assert error(state.h, h) < 1e-12
    assert error(state.c, c) < 1e-12


@hundreds
@given(sizes, seeds)
def test_gru_and_rnn_step_are_torchs(sizes, seed):
    _, _, D, H = sizes
    gru, rnn = draw(GRU, sizes, seed), draw(RNN, sizes, seed)
    theirs = with_weights(torch.nn.GRUCell(D, H, dtype=torch.float64), gru.params[:2], gru.params[2:])
    assert error(step(GRU, gru)[0], theirs(*as_tensors(gru.x[:, 0], gru.state))) < 1e-12
    theirs = with_weights(torch.nn.RNNCell(D, H, dtype=torch.float64), rnn.params[:2], (rnn.params.bias, np.zeros(H)))
    assert error(step(RNN, rnn), theirs(*as_tensors(rnn.x[:, 0], rnn.state))) < 1e-12


def with_weights(module, weights, biases):
    for mine, theirs in zip(module.parameters(), (*weights, *biases), strict=True):
        mine.requires_grad_(False).copy_(torch.as_tensor(theirs))
    return module


def as_tensors(x, state):
    return torch.as_tensor(x), cast(tuple(state) if isinstance(state, LSTMState) else state, torch.as_tensor)


@pytest.mark.parametrize("candidate", ["tanh", "linear"])
def test_lstm_step_is_the_article_with_one_matrix_for_h_and_x(candidate):
    """W·[h, x] + b for one number after the other, in Python's own arithmetic."""
    problem = draw(LSTM, (2, 1, 3, 4))
    state, gates = step(LSTM, problem, candidate=candidate)
    H, hx = 4, np.concatenate([problem.state.h, problem.x[:, 0]], axis=1).tolist()
    W = np.hstack([problem.params.weight_hh, problem.params.weight_ih]).tolist()
    squash = tanh if candidate == "tanh" else float
    for n, k in np.ndindex(2, H):
        z_i, z_f, z_g, z_o = (
            sum(w * v for w, v in zip(W[row], hx[n], strict=True)) + float(problem.params.bias[row])
            for row in range(k, 4 * H, H)
        )
        i, f, o = (1 / (1 + exp(-z)) for z in (z_i, z_f, z_o))
        c = f * float(problem.state.c[n, k]) + i * squash(z_g)
        expected = [i, f, squash(z_g), o, c, o * tanh(c)]
        np.testing.assert_allclose([a[n, k] for a in (*gates, state.c, state.h)], expected, rtol=1e-12)


def test_gru_gates_decide_what_is_kept_and_what_is_read():
    """An update gate at 1 keeps h to the bit; at 0, with a shut reset gate, h′ is tanh(W_n·x + b_n + r·c_n) = n."""
    problem = draw(GRU, (2, 1, 3, 4))
    push = np.repeat([0.0, 1000.0, 0.0], 4)  # rows r, z, n
    kept, gates = step(GRU, problem._replace(params=problem.params._replace(bias_hh=push)))
    np.testing.assert_array_equal(kept, problem.state)
    np.testing.assert_array_equal(gates.z, 1)
    push = np.repeat([-1000.0, -1000.0, 0.0], 4)
    params = problem.params._replace(bias_hh=push)
    replaced, gates = step(GRU, problem._replace(params=params))
    from_x = np.tanh(problem.x[:, 0] @ params.weight_ih[8:].T + params.bias_ih[8:])
    np.testing.assert_array_equal(gates.r, 0)
    np.testing.assert_allclose(gates.n, from_x, rtol=1e-12)
    np.testing.assert_array_equal(replaced, gates.n)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_weights_dtype_is_the_results(kind, dtype):
    problem = draw(kind, (2, 1, 3, 4))
    params = cast(problem.params, lambda a: a.astype(dtype))
    assert {a.dtype for a in arrays(step(kind, problem._replace(params=params)))} == {np.dtype(dtype)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_read_only_inputs_are_read_only(kind):
    problem = cast(draw(kind, (2, 1, 3, 4)), np.copy)
    before = cast(problem, np.copy)
    for a in arrays(*problem):
        a.setflags(write=False)
    result = step(kind, problem)
    assert not any(np.shares_memory(a, b) for a in arrays(result) for b in arrays(*problem))
    for a, b in zip(arrays(*problem), arrays(*before), strict=True):
        np.testing.assert_array_equal(a, b)


def in_params(**fields):
    return lambda p: p._replace(params=p.params._replace(**fields))


def in_x(x):
    return lambda p: p._replace(x=x)


BAD = {
    "x too narrow": (in_x(np.ones((2, 1, 2))), r"x has shape \(2, 2\), but \(N, 3\)"),
    "x a vector": (in_x(np.ones((3, 1))), r"x has shape \(3,\), but \(N, 3\)"),
    "x text": (in_x(np.array([[["up", "up", "down"]]])), r"x should be an array of numbers, shape \(N, 3\)"),
    "x with NaN": (in_x(np.array([[[0, 0, 0]], [[0, np.nan, 0]]])), r"x holds 1 NaN .* first at \(1, 1\)"),
    "x empty": (in_x(np.ones((0, 1, 3))), r"x is empty: its shape is \(0, 3\)"),
    "h too long": (
        lambda p: p._replace(state=p.state._replace(h=np.ones((2, 5)))),
        r"h has shape \(2, 5\), but \(2, 4\)",
    ),
    "c of others": (
        lambda p: p._replace(state=p.state._replace(c=np.ones((3, 4)))),
        r"c has shape \(3, 4\), but \(2, 4\)",
    ),
    "weights infinite": (in_params(weight_hh=np.full((16, 4), np.inf)), "weight_hh holds 64 NaN or infinite"),
    "three gates": (in_params(weight_ih=np.ones((12, 3))), r"weight_ih has shape \(12, 3\), but \(16, 3\)"),
    "bias a column": (in_params(bias=np.ones((16, 1))), r"bias has shape \(16, 1\), but \(16,\)"),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_told_what_came_and_what_was_expected(spoil, message):
    with pytest.raises(ValueError, match=message):
        step(LSTM, spoil(draw(LSTM, (2, 1, 3, 4))))


def test_an_unknown_candidate_is_told_the_known_ones():
    with pytest.raises(ValueError, match="candidate is 'relu', but must be one of 'tanh', 'linear'"):
        step(LSTM, draw(LSTM, (2, 1, 3, 4)), candidate="relu")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_random_params_are_seeded_within_their_scale_and_differ_from_row_to_row(kind):
    params, same, other = (cell.random_params(kind.params, 3, 4, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(params, same, strict=True))
    assert not np.array_equal(params.weight_hh, other.weight_hh)
    assert 0.4 < max(np.abs(a).max() for a in params) <= 1 / np.sqrt(4)
    assert len(np.unique(np.concatenate([a.ravel() for a in params]))) == sum(a.size for a in params)
    assert [a.shape for a in params] == [tuple(p.shape) for p in kind.module(3, 4).parameters()][: len(params)]


def test_random_params_take_a_scale_and_refuse_what_is_no_cell():
    wide = cell.random_params(LSTMParams, 3, 4, np.random.default_rng(0), scale=9.0)
    assert 8 < np.abs(wide.weight_ih).max() <= 9
    with pytest.raises(ValueError, match="RNNParams"):
        cell.random_params(LSTMState, 3, 4, np.random.default_rng(0))


@pytest.mark.parametrize("weights", [3.0, "text", None])
def test_weights_that_are_no_matrix_are_refused_by_name(weights):
    with pytest.raises(ValueError, match="weight_ih"):
        cell.rnn_step(RNNParams(weights, np.eye(2), np.zeros(2)), np.ones((1, 1)), np.zeros((1, 2)))


def test_weights_may_be_lists():
    h = cell.rnn_step(RNNParams([[1.0], [0.0]], [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.5]), [[2.0]], [[0.0, 0.0]])
    np.testing.assert_allclose(h, [[tanh(2), tanh(0.5)]], rtol=1e-15)

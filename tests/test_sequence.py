"""sequence.py against PyTorch's modules, autograd, finite differences, and cell.py stepped.

The bars: every state within 1e-12 and every gradient within 1e-10 (relative to the largest entry) in float64.
"""

from itertools import combinations, permutations

import numpy as np
import pytest
from helpers import (
    GRU,
    KINDS,
    LSTM,
    RNN,
    Problem,
    arrays,
    cast,
    central_differences,
    draw,
    error,
    few,
    hundreds,
    many,
    relative,
    seeds,
    sizes,
    stepped,
    torch_loop,
    torch_run,
)
from hypothesis import given
from hypothesis import strategies as st

from lstm_core import sequence
from lstm_core.biases import shift_biases
from lstm_core.cell import LSTMState
from lstm_core.sequence import gru_adjoints, lstm_adjoints, lstm_backward, lstm_forward, rnn_adjoints

SIZES = (2, 3, 4, 5)
EDGES = {"one step": (2, 1, 3, 4), "one sequence": (1, 5, 2, 3), "one input": (4, 3, 1, 2), "one unit": (3, 4, 2, 1)}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
both_candidates = pytest.mark.parametrize("candidate", ["tanh", "linear"])


def run(kind, problem: Problem, **options):
    """Forward and backward: a trace and the gradients."""
    only = {key: value for key, value in options.items() if key == "candidate"}
    trace = kind.forward(problem.params, problem.x, problem.state, **only)
    return trace, kind.backward(problem.params, problem.x, trace, problem.grad_h, problem.state, **options)


def gradient_of_c(problem: Problem):
    """A ∂L/∂C_T to hand in at the end, unlike any other array of the problem."""
    return np.cos(np.arange(problem.state.c.size)).reshape(problem.state.c.shape).astype(problem.x.dtype)


# The same sums as PyTorch


@every_kind
@hundreds
@given(sizes, seeds)
def test_states_are_torchs(kind, sizes, seed):
    problem = draw(kind, sizes, seed)
    trace, theirs = kind.forward(*problem[:3]), torch_run(kind, problem)
    assert error(trace.h, theirs.h) < 1e-12
    ours = (trace.h[:, -1], trace.c[:, -1]) if kind is LSTM else (trace.h[:, -1],)
    assert max(map(error, ours, theirs.last)) < 1e-12


@every_kind
@hundreds
@given(sizes, seeds)
def test_gradients_are_autograds(kind, sizes, seed):
    problem = draw(kind, sizes, seed)
    options = {"grad_c": gradient_of_c(problem)} if kind is LSTM else {}
    _, grads = run(kind, problem, **options)
    theirs = torch_run(kind, problem, **options).grads
    assert {name: relative(ours, theirs[name]) for name, ours in grads._asdict().items()} == pytest.approx(
        dict.fromkeys(grads._fields, 0), abs=1e-10
    )


@many
@given(seeds, *[st.floats(-8, 8)] * 4)
def test_gates_nearly_shut_or_open_keep_the_digits(seed, forget, input, candidate, output):
    """The biases that sliders and chrono initialisation reach."""
    problem = draw(LSTM, (3, 20, 2, 4), seed)
    params = shift_biases(problem.params, forget=forget, input=input, candidate=candidate, output=output)
    problem = problem._replace(params=params)
    trace, grads = run(LSTM, problem)
    theirs = torch_run(LSTM, problem)
    assert relative(trace.h, theirs.h) < 1e-12
    assert max(relative(ours, theirs.grads[name]) for name, ours in grads._asdict().items()) < 1e-10


@pytest.mark.parametrize("sizes", EDGES.values(), ids=EDGES)
@every_kind
def test_without_a_state_it_starts_from_zeros_as_torch_does(kind, sizes):
    problem = draw(kind, sizes)
    zeros = problem._replace(state=cast(problem.state, np.zeros_like))
    trace, grads = run(kind, problem._replace(state=None))
    theirs = torch_run(kind, zeros)
    assert error(trace.h, theirs.h) < 1e-12
    assert max(relative(ours, theirs.grads[name]) for name, ours in grads._asdict().items() if ours.any()) < 1e-10
    for ours, given_zeros in zip(arrays(trace, grads), arrays(*run(kind, zeros)), strict=True):
        np.testing.assert_array_equal(ours, given_zeros)


# The same sums as cell.py


@every_kind
@hundreds
@given(sizes, seeds)
def test_every_gate_is_the_stepped_cells(kind, sizes, seed):
    problem = draw(kind, sizes, seed)
    steps = stepped(kind, *problem[:3])
    assert max(map(error, kind.forward(*problem[:3]), steps)) < 1e-12


@many
@given(sizes, seeds)
def test_a_linear_candidate_is_the_stepped_cells(sizes, seed):
    problem = draw(LSTM, sizes, seed)
    steps = stepped(LSTM, *problem[:3], candidate="linear")
    assert max(map(relative, lstm_forward(*problem[:3], candidate="linear"), steps)) < 1e-12


@every_kind
def test_gradients_are_finite_differences_of_the_stepped_cell(kind):
    problem = draw(kind, SIZES)
    _, grads = run(kind, problem)

    def loss():
        return float((stepped(kind, *problem[:3]).h * problem.grad_h).sum())

    for ours, array in zip(grads, arrays(*problem[:3]), strict=True):
        assert relative(ours, central_differences(loss, array)) < 1e-7


# Every route of the gradient, and the candidate without its tanh


@both_candidates
@many
@given(sizes, seeds)
def test_lstm_adjoints_are_what_a_loop_of_tensors_retains(candidate, sizes, seed):
    problem = draw(LSTM, sizes, seed)
    grad_c = gradient_of_c(problem)
    trace = lstm_forward(*problem[:3], candidate=candidate)
    ours = lstm_adjoints(problem.params, trace, problem.grad_h, problem.state, grad_c, candidate)
    loop = torch_loop(problem, grad_c, candidate)
    for mine, tensors in ((ours.z, loop.z), (ours.h, loop.h), (ours.c, loop.c)):
        assert relative(mine, np.stack([tensor.grad.numpy() for tensor in tensors], axis=1)) < 1e-10
    assert relative(ours.h0, loop.leaves[-2].grad) < 1e-10
    assert relative(ours.c0, loop.leaves[-1].grad) < 1e-10


@pytest.mark.parametrize(("kind", "adjoints_of"), [(RNN, rnn_adjoints), (GRU, gru_adjoints)], ids=["rnn", "gru"])
@few
@given(seeds)
def test_adjoints_of_a_state_are_what_torch_finds_for_all_that_follows_it(kind, adjoints_of, seed):
    problem = draw(kind, SIZES, seed)
    trace = kind.forward(*problem[:3])
    initial = (problem.state,) if kind is GRU else ()
    ours = adjoints_of(problem.params, trace, problem.grad_h, *initial)
    for t in range(problem.x.shape[1] - 1):
        rest = problem._replace(x=problem.x[:, t + 1 :], state=trace.h[:, t], grad_h=problem.grad_h[:, t + 1 :])
        assert relative(ours.h[:, t], problem.grad_h[:, t] + torch_run(kind, rest).grads["h0"]) < 1e-10
    np.testing.assert_array_equal(ours.h[:, -1], problem.grad_h[:, -1])
    theirs, rows = torch_run(kind, problem).grads, problem.params.weight_hh.shape[0]
    assert relative(ours.h0, theirs["h0"]) < 1e-10
    assert relative(ours.z.sum((0, 1))[:rows], theirs["bias_hh"]) < 1e-10


@many
@given(sizes, seeds)
def test_gradients_with_a_linear_candidate_are_autograds(sizes, seed):
    problem = draw(LSTM, sizes, seed)
    grad_c = gradient_of_c(problem)
    _, grads = run(LSTM, problem, grad_c=grad_c, candidate="linear")
    leaves = torch_loop(problem, grad_c, "linear").leaves
    assert max(relative(ours, leaf.grad) for ours, leaf in zip(grads, leaves, strict=True)) < 1e-10


# Cutting a sequence


@every_kind
@few
@given(st.lists(st.integers(1, 4), min_size=3, max_size=3), seeds)
def test_one_long_sequence_is_three_chunks_forward_and_backward(kind, lengths, seed):
    problem = draw(kind, (2, sum(lengths), 3, 4), seed)
    grad_c = {"grad_c": gradient_of_c(problem)} if kind is LSTM else {}
    whole_trace, whole = run(kind, problem, **grad_c)

    starts = np.cumsum(lengths)[:-1]
    chunks, state = [], problem.state
    for x, grad_h in zip(np.split(problem.x, starts, axis=1), np.split(problem.grad_h, starts, axis=1), strict=True):
        chunk = problem._replace(x=x, grad_h=grad_h.copy(), state=state)
        chunks.append((chunk, kind.forward(*chunk[:3])))
        last = chunks[-1][1]
        state = LSTMState(last.h[:, -1], last.c[:, -1]) if kind is LSTM else last.h[:, -1]

    from_later, parts = 0, []
    for chunk, trace in reversed(chunks):
        chunk.grad_h[:, -1] += from_later
        parts.append(kind.backward(chunk.params, chunk.x, trace, chunk.grad_h, chunk.state, **grad_c))
        from_later = parts[-1].h0
        grad_c = {"grad_c": parts[-1].c0} if kind is LSTM else {}

    for field, expected in whole_trace._asdict().items():
        assert error(np.concatenate([getattr(trace, field) for _, trace in chunks], axis=1), expected) < 1e-13
    for field in problem.params._fields:
        assert relative(sum(getattr(part, field) for part in parts), getattr(whole, field)) < 1e-12
    assert relative(np.concatenate([part.x for part in reversed(parts)], axis=1), whole.x) < 1e-12
    to_state = len(problem.params) + 1  # h0, c0 stand behind the parameters and x
    assert max(map(relative, parts[-1][to_state:], whole[to_state:])) < 1e-12


# Dtypes and layouts


@every_kind
def test_float32_stays_float32_and_near_float64(kind):
    double = draw(kind, (5, 30, 4, 7))
    single = cast(double, np.float32)
    trace, grads = run(kind, single)
    assert {a.dtype for a in arrays(trace, grads)} == {np.dtype(np.float32)}
    exact_trace, exact_grads = run(kind, cast(single, np.float64))
    assert max(map(error, trace, exact_trace)) < 2e-5
    assert max(map(relative, grads, exact_grads)) < 1e-4
    theirs = torch_run(kind, single)
    assert theirs.h.dtype == np.float32
    assert error(trace.h, theirs.h) < 2e-5
    assert max(relative(ours, theirs.grads[name]) for name, ours in grads._asdict().items()) < 1e-4


@pytest.mark.parametrize("others", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("weights", [np.float32, np.float64])
@every_kind
def test_the_weights_dtype_is_the_results_whatever_else_comes(kind, weights, others):
    problem = cast(draw(kind, SIZES), lambda a: np.asarray(a, others))
    problem = problem._replace(params=cast(draw(kind, SIZES).params, lambda a: a.astype(weights)))
    assert {a.dtype for a in arrays(*run(kind, problem))} == {np.dtype(weights)}


@every_kind
def test_weights_of_two_precisions_are_read_in_the_finer(kind):
    problem = draw(kind, SIZES)
    mixed = problem.params._replace(weight_ih=problem.params.weight_ih.astype(np.float32))
    assert {a.dtype for a in arrays(*run(kind, problem._replace(params=mixed)))} == {np.dtype(np.float64)}


def strided(a):
    """The same values, every second of a larger array read from its end."""
    wide = np.full([2 * n for n in a.shape], np.nan, a.dtype)
    view = wide[tuple(slice(None, None, -2) for _ in a.shape)]
    view[...] = a
    return view


@pytest.mark.parametrize("lay_out", [np.asfortranarray, strided, np.ndarray.tolist])
@every_kind
def test_the_layout_of_the_inputs_does_not_matter(kind, lay_out):
    problem = draw(kind, SIZES)
    expected = arrays(*run(kind, problem))
    for ours, same in zip(arrays(*run(kind, cast(problem, lay_out))), expected, strict=True):
        np.testing.assert_allclose(ours, same, rtol=1e-13)


# Purity


def overlap(one, other):
    return any(np.shares_memory(a, b) for a in arrays(one) for b in arrays(other))


@pytest.mark.parametrize("sizes", [SIZES, *EDGES.values()], ids=str)
@every_kind
def test_calls_are_pure(kind, sizes):
    """Inputs stay as they were, even read-only; results are their own memory; a later call leaves them alone."""
    problem = cast(draw(kind, sizes), np.copy)
    before = cast(problem, np.copy)
    for a in arrays(*problem):
        a.setflags(write=False)
    options = {"grad_c": gradient_of_c(problem)} if kind is LSTM else {}
    trace, grads = run(kind, problem, **options)
    kept = cast((trace, grads), np.copy)
    trace_again, grads_again = run(kind, problem, **options)
    run(kind, draw(kind, sizes, seed=1))

    for ours, as_it_was in zip(arrays(trace, grads, *problem), arrays(*kept, *before), strict=True):
        np.testing.assert_array_equal(ours, as_it_was)
    for ours, again in zip(arrays(trace, grads), arrays(trace_again, grads_again), strict=True):
        np.testing.assert_array_equal(ours, again)
    inputs = (*problem, *options.values())
    for one, other in combinations([trace, grads, trace_again, grads_again, inputs], 2):
        assert not overlap(one, other)


@every_kind
def test_the_fields_of_a_trace_and_of_gradients_do_not_overlap(kind):
    for record in run(kind, draw(kind, SIZES)):
        assert not any(np.shares_memory(a, b) for a, b in combinations(record, 2))


# Bad input


def in_params(**fields):
    return lambda p: p._replace(params=p.params._replace(**fields))


def in_x(x):
    return lambda p: p._replace(x=x)


def in_grad_h(grad_h):
    return lambda p: p._replace(grad_h=grad_h)


def with_nan(a):
    a = np.array(a)
    a[1, 2] = np.nan
    return a


def state_like(function):
    """The state with its last part (c of the LSTM, h of the others) changed by `function`."""

    def spoil(p):
        if isinstance(p.state, LSTMState):
            return p._replace(state=p.state._replace(c=function(p.state.c)))
        return p._replace(state=function(p.state))

    return spoil


BAD = {  # for sizes N = 2, T = 3, D = 4, H = 5
    "x without batch": (in_x(np.ones((3, 4))), r"x has shape \(3, 4\), but \(N, T, 4\) is expected"),
    "x too wide": (in_x(np.ones((2, 3, 5))), r"x has shape \(2, 3, 5\), but \(N, T, 4\) is expected"),
    "no steps": (in_x(np.ones((2, 0, 4))), r"x is empty: its shape is \(2, 0, 4\)"),
    "no sequences": (in_x(np.ones((0, 3, 4))), r"x is empty: its shape is \(0, 3, 4\)"),
    "x with NaN": (in_x(with_nan(np.ones((2, 3, 4)))), r"x holds 4 NaN .*, the first at \(1, 2, 0\)"),
    "x infinite": (in_x(np.full((2, 3, 4), np.inf)), "x holds 24 NaN or infinite"),
    "x text": (in_x("yesterday"), r"x should be an array of numbers, shape \(N, T, 4\); got .*yesterday"),
    "x None": (in_x(None), r"x has shape \(\), but \(N, T, 4\) is expected"),
    "x ragged": (in_x([[[1.0]], [[1.0, 2.0]]]), "x should be an array of numbers"),
    "weight_ih too short": (in_params(weight_ih=np.ones((7, 4))), r"weight_ih has shape \(7, 4\), but \(\d+, 4\)"),
    "weight_hh not square": (in_params(weight_hh=np.ones((5, 3))), r"weight_[ih]h has shape \(\d+, \d\), but"),
    "weight_hh with NaN": (lambda p: in_params(weight_hh=with_nan(p.params.weight_hh))(p), "weight_hh holds 1 NaN"),
    "weight_hh text": (
        lambda p: in_params(weight_hh=np.full(p.params.weight_hh.shape, "?"))(p),
        r"weight_hh should be an array of numbers, shape \(\d+, 5\)",
    ),
    "weight_ih a number": (in_params(weight_ih=0.5), "weight_ih"),
    "state too long": (state_like(lambda a: np.ones((2, 6))), r"[hc]0 has shape \(2, 6\), but \(2, 5\) is expected"),
    "state with NaN": (state_like(with_nan), r"[hc]0 holds 1 NaN or infinite value\(s\), .* \(1, 2\)"),
    "state text": (state_like(lambda a: "zeros"), r"[hc]0 should be an array of numbers, shape \(2, 5\)"),
    "grad_h of the last step": (in_grad_h(np.ones((2, 5))), r"grad_h has shape \(2, 5\), but \(2, 3, 5\) is expected"),
    "grad_h too short": (in_grad_h(np.ones((2, 2, 5))), r"grad_h has shape \(2, 2, 5\), but \(2, 3, 5\) is expected"),
    "grad_h with NaN": (in_grad_h(with_nan(np.ones((2, 3, 5)))), "grad_h holds 5 NaN"),
    "grad_h text": (in_grad_h("ones"), "grad_h should be an array of numbers"),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD)
@every_kind
def test_bad_input_is_told_what_came_and_what_was_expected(kind, spoil, message):
    with pytest.raises(ValueError, match=message):
        run(kind, spoil(draw(kind, SIZES)))


@pytest.mark.parametrize(
    ("grad_c", "message"),
    [
        (np.ones(2), r"grad_c has shape \(2,\), but \(2, 5\) is expected"),
        (np.ones((5, 2)), r"grad_c has shape \(5, 2\), but \(2, 5\) is expected"),
        (with_nan(np.ones((2, 5))), "grad_c holds 1 NaN"),
    ],
)
def test_a_bad_gradient_of_the_last_cell_is_refused(grad_c, message):
    with pytest.raises(ValueError, match=message):
        run(LSTM, draw(LSTM, SIZES), grad_c=grad_c)


def test_an_unknown_candidate_is_told_the_known_ones_forward_and_backward():
    problem = draw(LSTM, SIZES)
    trace = lstm_forward(*problem[:3])
    refused = pytest.raises(ValueError, match="candidate is 'Tanh', but must be one of 'tanh', 'linear'")
    with refused:
        lstm_forward(*problem[:3], candidate="Tanh")
    with refused:
        lstm_backward(problem.params, problem.x, trace, problem.grad_h, problem.state, candidate="Tanh")
    with refused:
        lstm_adjoints(problem.params, trace, problem.grad_h, problem.state, candidate="Tanh")


@pytest.mark.parametrize(("name", "other"), list(permutations(KINDS, 2)))
def test_another_cells_parameters_are_refused_by_name(name, other):
    with pytest.raises(ValueError, match=KINDS[name].params.__name__):
        KINDS[name].forward(draw(KINDS[other], SIZES).params, np.ones((2, 3, 4)))


def test_an_lstm_wants_both_parts_of_its_state():
    problem = draw(LSTM, SIZES)
    with pytest.raises(ValueError, match="c0"):
        lstm_forward(problem.params, problem.x, (problem.state.h,))


def test_a_trace_of_another_sequence_is_refused():
    problem, longer = draw(GRU, SIZES), draw(GRU, (2, 6, 4, 5))
    trace = sequence.gru_forward(*longer[:3])
    with pytest.raises(ValueError, match=r"trace.*\(2, 6, 5\)|\(2, 3, 5\).*expected"):
        sequence.gru_backward(problem.params, problem.x, trace, longer.grad_h, problem.state)


@both_candidates
def test_a_scalar_lstm_is_a_few_lines_of_arithmetic(candidate):
    """Weights 0, so that the gates are their biases: C_t = f·C_{t−1} + i·C̃ is a geometric series."""
    i, f, o, g = 0.25, 0.5, 0.75, 0.5
    logit = [np.log(p / (1 - p)) for p in (i, f, o)]
    bias = np.array([logit[0], logit[1], np.arctanh(g) if candidate == "tanh" else g, logit[2]])
    params = LSTM.params(np.zeros((4, 1)), np.zeros((4, 1)), bias)
    trace = lstm_forward(params, np.zeros((1, 10, 1)), candidate=candidate)
    expected = i * g * (1 - f ** np.arange(1, 11)) / (1 - f)
    np.testing.assert_allclose(trace.c[0, :, 0], expected, rtol=1e-14)
    np.testing.assert_allclose(trace.h[0, :, 0], o * np.tanh(expected), rtol=1e-14)


def test_an_rnn_that_does_not_squash_is_a_power():
    """With tiny states tanh is the identity, so h_T = wᵀ·h₀ and the gradient by h₀ is wᵀ."""
    params = RNN.params(np.zeros((1, 1)), np.full((1, 1), 0.9), np.zeros(1))
    of_the_last_step = np.eye(9)[8].reshape(1, 9, 1)
    trace, grads = run(RNN, Problem(params, np.zeros((1, 9, 1)), np.full((1, 1), 1e-9), of_the_last_step))
    np.testing.assert_allclose(trace.h[0, :, 0], 1e-9 * 0.9 ** np.arange(1, 10), rtol=1e-14)
    np.testing.assert_allclose(grads.h0, [[0.9**9]], rtol=1e-14)

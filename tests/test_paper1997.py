"""paper1997 against oracles of its own: autograd on the cell written out once more, with the last step's activations
detached; the paper's partials carried forward, by plain loops and by autograd's Jacobians; the paper's weight counts.

Shapes: S trials, T time, D inputs, C cells, R hidden units, K outputs, no two of them equal.
"""

from typing import NamedTuple

import numpy as np
import pytest
import torch
from helpers import arrays, cast, error, few, relative, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_core.paper1997 import (
    NETS,
    Net,
    Trace,
    Weights,
    connections,
    forward,
    gradient,
    initial_weights,
    learn_at_end,
    learn_online,
    weight_count,
)

S, T, RATE = 3, 8, 0.7
VARIANTS = {
    "blocks of two": Net(4, 2, 5, 2, scale=0.8),
    "one cell": Net(2, 1, 1, 4, scale=2.0),
    "biased gates": Net(4, 5, 1, 2, scale=0.9, biased="gates"),
    "biased hidden units": Net(1, 3, 2, 2, scale=0.9, biased="hidden"),
    "no bias": Net(7, 2, 1, 5, scale=1.2, biased="none"),
    "no output gate": Net(4, 2, 3, 1, scale=0.7, output_gate=False),
    "no output gate, no squashing": Net(4, 3, 2, 5, scale=0.4, output_gate=False, h="identity"),
    "logistic g": Net(2, 2, 3, 4, scale=0.9, g="logistic"),
    "as in 2a": NETS["2a"]._replace(inputs=5, outputs=4, blocks=2, size=3, scale=0.9),
    "as in 2a, recurrent": NETS["2a"]._replace(inputs=5, outputs=4, scale=0.9, recurrent=True, biased="all"),
    "direct": Net(5, 2, 2, 7, scale=0.7, direct=True, biased="hidden"),
}
a_few = settings(few, max_examples=5)
every_net = pytest.mark.parametrize("net", VARIANTS.values(), ids=VARIANTS)


class Problem(NamedTuple):
    net: Net
    weights: Weights
    x: np.ndarray  # (S, T, D)
    target: np.ndarray  # (S, T, K)


def draw(net: Net, seed: int = 0, trials: int = S, steps: int = T) -> Problem:
    rng = np.random.default_rng(seed)
    weights = initial_weights(net, trials, rng)
    return Problem(net, weights, rng.normal(size=(trials, steps, net.inputs)), rng.random((trials, steps, net.outputs)))


def symbols(problem: Problem, seed: int = 0) -> Problem:
    return problem._replace(x=np.random.default_rng(seed).integers(0, problem.net.inputs, problem.x.shape[:2]))


# The oracles


def exists(net: Net) -> Weights:
    """Which weights there are, unit by unit, as the paper's Table 10 says it."""
    cells, gates = net.blocks * net.size, net.blocks * (1 + net.output_gate)
    unit = ["cell"] * cells + ["gate"] * gates
    bias = {"all": ("cell", "gate", "out"), "hidden": ("cell", "gate"), "gates": ("gate",), "none": ()}[net.biased]
    hidden = [[True] * net.inputs + [kind in bias] + [net.recurrent] * len(unit) for kind in unit]
    output = [[net.direct] * net.inputs + ["out" in bias] + [True] * cells for _ in range(net.outputs)]
    return Weights(np.array(hidden), np.array(output))


class Step(NamedTuple):
    y: torch.Tensor  # (R,)
    s: torch.Tensor  # (C,)
    output: torch.Tensor  # (K,)
    rest: dict[str, torch.Tensor]  # the fields of Trace


def step(net: Net, hidden, output, x, y, s, new_s=None) -> Step:
    """One step of one trial, each cell looking for its gates. `new_s` takes the place of the state that comes out."""
    z, cells = hidden @ torch.cat([x, torch.ones(1, dtype=x.dtype), y]), net.blocks * net.size
    block = torch.arange(cells) // net.size
    g = 4 * z[:cells].sigmoid() - 2 if net.g == "centred" else z[:cells].sigmoid()
    y_in = z[cells : cells + net.blocks].sigmoid()
    y_out = z[cells + net.blocks :].sigmoid() if net.output_gate else torch.ones(net.blocks, dtype=x.dtype)
    s = s + y_in[block] * g if new_s is None else new_s
    h = 2 * s.sigmoid() - 1 if net.h == "centred" else s
    y_c = y_out[block] * h
    said = (output @ torch.cat([x, torch.ones(1, dtype=x.dtype), y_c])).sigmoid()
    y = torch.cat([y_c, y_in, y_out] if net.output_gate else [y_c, y_in])
    return Step(y, s, said, dict(zip(Trace._fields, (y_in, y_out, g, s, h, y_c, said), strict=True)))


def zeros(net: Net):
    cells = net.blocks * net.size
    return torch.zeros(cells + net.blocks * (1 + net.output_gate)).double(), torch.zeros(cells).double()


def walk(
    problem: Problem, trial: int, length: int = T, truncated: bool = True
) -> tuple[list[torch.Tensor], list[Step]]:
    """One trial step by step: the leaves (hidden, output), and the steps. Truncated: what was last said is given."""
    leaves = [torch.tensor(w[trial], requires_grad=True) for w in problem.weights]
    (y, s), steps = zeros(problem.net), []
    for x_t in torch.as_tensor(problem.x[trial, :length]):
        steps.append(step(problem.net, *leaves, x_t, y.detach() if truncated else y, s))
        y, s = steps[-1][:2]
    return leaves, steps


def autograd(problem: Problem, grad_y, lengths=None, **options) -> Weights:
    """∂/∂w of Σ grad_y ⊙ y over each trial's own length, where there is a weight."""
    grads = []
    for trial in range(len(problem.x)):
        leaves, steps = walk(problem, trial, T if lengths is None else lengths[trial], **options)
        said = torch.stack([step.output for step in steps])
        grads.append(torch.autograd.grad((said * torch.as_tensor(grad_y[trial, : len(said)])).sum(), leaves))
    return Weights(
        *(np.stack(g) * there for g, there in zip(zip(*grads, strict=True), exists(problem.net), strict=True))
    )


def rtrl(problem: Problem, rate, trial: int, length: int = T) -> tuple[Weights, np.ndarray, np.ndarray]:
    """The paper's way for one trial: ∂s/∂w carried along, the weights changed after every step; its Jacobians are
    autograd's. Returns the weights (R, …), the outputs (length, K), and the partials (C, R, D + 1 + R)."""
    net, there = problem.net, [torch.as_tensor(mask) for mask in exists(problem.net)]
    hidden, output = (torch.tensor(w[trial]) for w in problem.weights)
    (y, s), said = zeros(net), []
    partials = torch.zeros(len(s), *hidden.shape).double()
    for t in range(length):
        x_t, target = torch.as_tensor(problem.x[trial, t]), torch.as_tensor(problem.target[trial, t])
        of_hidden = torch.autograd.functional.jacobian(lambda w, now=(x_t, y, s): step(net, w, output, *now).s, hidden)  # noqa: B023
        partials = partials + of_hidden
        now = step(net, hidden, output, x_t, y, s)
        leaves = [a.clone().requires_grad_() for a in (hidden, output, now.s)]
        loss = ((step(net, *leaves[:2], x_t, y, s, leaves[2]).output - target) ** 2).sum() / 2
        by_gates, by_output, by_s = torch.autograd.grad(loss, leaves, allow_unused=True)
        by_hidden = torch.einsum("c,crv->rv", by_s, partials) + (0 if by_gates is None else by_gates)
        hidden = hidden - rate[trial, t] * by_hidden * there[0]
        output = output - rate[trial, t] * by_output * there[1]
        y, s = now[:2]
        said.append(now.output.numpy())
    return Weights(hidden.numpy(), output.numpy()), np.array(said), partials.numpy()


def errors_at(kind: str, problem: Problem) -> np.ndarray:
    """∂L/∂y (S, T, K) at the end only, at every step, or here and there."""
    grad_y = np.cos(np.arange(problem.target.size)).reshape(problem.target.shape)
    if kind == "the end":
        grad_y[:, :-1] = 0
    elif kind == "some steps":
        grad_y[0, ::3] = grad_y[1, 1:] = grad_y[2] = 0
    return grad_y


# The networks


COUNTS = {"1, 4×1": 264, "1, 3×2": 276, "2a": 10_504, "2b": 10_504, "2c": 364, "3": 102, "4": 93, "5": 93, "6a": 156,
          "6b": 308}  # fmt: skip


@pytest.mark.parametrize("experiment", NETS)
def test_weight_counts_are_the_papers(experiment):
    assert weight_count(NETS[experiment]) == COUNTS[experiment]


@pytest.mark.parametrize(("p", "count"), [(50, 364), (100, 664), (200, 1264), (500, 3064), (1000, 6064)])
def test_weight_counts_of_2c_are_those_of_the_papers_table_3(p, count):
    assert weight_count(NETS["2c"]._replace(inputs=p + 4)) == count


def test_the_counts_leave_no_choice_of_connections_and_biases():
    """Of all ways to connect these layers one alone has the paper's count."""
    for experiment, net in NETS.items():
        ways = [net._replace(biased=biased, recurrent=recurrent, direct=direct, input_bias=None, output_bias=None)
                for biased in ("all", "hidden", "gates", "none") for recurrent in (True, False)
                for direct in (True, False)]  # fmt: skip
        assert sum(weight_count(way) == COUNTS[experiment] for way in ways) == 1


@every_net
def test_connections_are_those_of_every_unit(net):
    for ours, theirs in zip(connections(net), exists(net), strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert not ours.flags.writeable


@every_net
def test_what_is_counted_is_what_learns(net):
    problem = draw(net)
    grads = gradient(*problem[:3], forward(*problem[:3]), errors_at("every step", problem))
    for ours, there in zip(grads, exists(net), strict=True):
        np.testing.assert_array_equal(ours != 0, np.broadcast_to(there, ours.shape))


@pytest.mark.parametrize("experiment", NETS)
def test_weights_start_in_their_range_and_the_gates_where_they_are_told(experiment):
    net = NETS[experiment]
    weights, (there, _) = initial_weights(net, 300, np.random.default_rng(1)), exists(net)
    scale = 0.2 if experiment[0] in "12" else 0.1
    cells, D = net.blocks * net.size, net.inputs
    first = {"in": cells, "out": cells + net.blocks}
    for name, bias in (("in", net.input_bias), ("out", net.output_bias)):
        if bias is not None:
            rows = slice(first[name], first[name] + net.blocks)
            assert (weights.hidden[:, rows, D] == bias).all()
            weights.hidden[:, rows, D] = 0
            there[rows, D] = False
    for drawn, mask in zip(weights, (there, exists(net).output), strict=True):
        assert (drawn[:, ~mask] == 0).all()
        drawn = drawn[:, mask]
        assert np.abs(drawn).max() < scale
        assert abs(drawn.std() / (scale / np.sqrt(3)) - 1) < 0.1
        assert len(np.unique(drawn)) == drawn.size


def test_a_trial_starts_the_same_however_many_follow_it():
    few_trials, more = (initial_weights(NETS["6a"], n, np.random.default_rng(5)) for n in (2, 7))
    for ours, theirs in zip(few_trials, more, strict=True):
        np.testing.assert_array_equal(ours, theirs[:2])


# The same sums as autograd's


@every_net
@a_few
@given(seeds)
def test_every_activation_is_the_written_out_cells(net, seed):
    problem = draw(net, seed)
    trace = forward(*problem[:3])
    for trial in range(S):
        _, steps = walk(problem, trial)
        for name, ours in trace._asdict().items():
            assert error(ours[trial], torch.stack([step.rest[name] for step in steps]).detach()) < 1e-12


@pytest.mark.parametrize("errors", ["the end", "every step", "some steps"])
@every_net
@a_few
@given(seeds)
def test_gradients_are_autograds_with_the_last_activations_detached(net, errors, seed):
    problem = draw(net, seed)
    grad_y = errors_at(errors, problem)
    grads = gradient(*problem[:3], forward(*problem[:3]), grad_y)
    assert max(map(error, grads, autograd(problem, grad_y))) < 1e-12


def test_long_memories_keep_their_digits():
    problem = draw(NETS["6a"], trials=2, steps=500)
    grad_y = np.zeros_like(problem.target)
    grad_y[:, -1] = 1
    problem_grads = gradient(*problem[:3], forward(*problem[:3]), grad_y)
    assert max(map(relative, problem_grads, autograd(problem, grad_y, [500, 500]))) < 1e-12


@every_net
def test_truncation_is_what_separates_it_from_the_whole_gradient(net):
    problem = draw(net)
    grad_y = errors_at("every step", problem)
    grads = gradient(*problem[:3], forward(*problem[:3]), grad_y)
    whole = autograd(problem, grad_y, truncated=False)
    assert (error(grads.hidden, whole.hidden) < 1e-12) == (not net.recurrent)
    assert error(grads.output, whole.output) < 1e-12


# Learning at the end of a sequence


@pytest.mark.parametrize("lengths", [None, [8, 1, 5]], ids=["equal lengths", "own lengths"])
@pytest.mark.parametrize("every_step", [False, True], ids=["an error at the end", "errors at every step"])
@every_net
def test_learning_at_the_end_goes_down_autograds_gradient(net, every_step, lengths):
    problem, rate = draw(net), np.array([0.3, 0.7, 1.1])
    ends = np.full(S, T) if lengths is None else np.array(lengths)
    last = np.arange(S), ends - 1
    target = problem.target if every_step else problem.target[last]
    weights, y = learn_at_end(*problem[:3], target, rate, lengths)

    said = np.zeros_like(problem.target)
    for trial, end in enumerate(ends):
        said[trial, :end] = np.array([step.output.detach().numpy() for step in walk(problem, trial, end)[1]])
    assert error(y, said if every_step else said[last]) < 1e-12
    grad_y = said - problem.target
    if not every_step:
        grad_y[np.arange(T) != ends[:, None] - 1] = 0
    theirs = autograd(problem, grad_y, ends)
    for ours, before, grad in zip(weights, problem.weights, theirs, strict=True):
        assert error(ours, before - rate[:, None, None] * grad) < 1e-12


def explicit_rtrl(problem: Problem) -> Weights:
    """∂/∂w of the squared errors, from ∂s/∂w carried forward entry by entry in plain Python: (23) to (28)."""
    net, D, cells = problem.net, problem.net.inputs, problem.net.blocks * problem.net.size
    trace = forward(*problem[:3])
    total = Weights(*(np.zeros_like(w) for w in problem.weights))
    for trial in range(S):
        partial, y = {}, np.zeros(total.hidden.shape[1])
        for t in range(T):
            u = [*problem.x[trial, t], 1.0, *y]
            y_in, y_out, g, _, h, y_c, said = (a[trial, t] for a in trace)
            d_k = (said - problem.target[trial, t]) * said * (1 - said)
            total.output[trial] += np.outer(d_k, [*problem.x[trial, t], 1.0, *y_c])
            for c in range(cells):
                j = c // net.size
                come_in = float(d_k @ problem.weights.output[trial, :, D + 1 + c])
                g_slope = (g[c] + 2) / 4 * (2 - g[c]) if net.g == "centred" else g[c] * (1 - g[c])
                d_s = come_in * y_out[j] * ((1 + h[c]) * (1 - h[c]) / 2 if net.h == "centred" else 1)
                for m, u_m in enumerate(u):
                    own, gate = partial.get((c, m), (0.0, 0.0))
                    own += y_in[j] * g_slope * u_m
                    gate += g[c] * y_in[j] * (1 - y_in[j]) * u_m
                    partial[c, m] = own, gate
                    total.hidden[trial, c, m] += d_s * own
                    total.hidden[trial, cells + j, m] += d_s * gate
                    if net.output_gate:
                        total.hidden[trial, cells + net.blocks + j, m] += (
                            come_in * h[c] * y_out[j] * (1 - y_out[j]) * u_m
                        )
            y = np.concatenate([y_c, y_in, y_out] if net.output_gate else [y_c, y_in])
    return Weights(*(grad * there for grad, there in zip(total, exists(net), strict=True)))


@every_net
def test_the_loop_free_gradient_is_what_partials_carried_forward_give(net):
    problem = draw(net)
    trace = forward(*problem[:3])
    assert max(map(error, gradient(*problem[:3], trace, trace.y - problem.target), explicit_rtrl(problem))) < 1e-12


# Learning at every step


@pytest.mark.parametrize("lengths", [None, [8, 1, 5]], ids=["equal lengths", "own lengths"])
@every_net
def test_online_learning_carries_the_partials_while_the_weights_change(net, lengths):
    problem = draw(net)
    rate = np.random.default_rng(1).random((S, T)) * (np.arange(T) % 3 > 0)
    run = learn_online(*problem, rate, lengths)
    for trial in range(S):
        end = T if lengths is None else lengths[trial]
        weights, said, partials = rtrl(problem, rate, trial, end)
        assert error(run.y[trial, :end], said) < 1e-12
        assert (run.y[trial, end:] == 0).all()
        assert max(error(ours[trial], theirs) for ours, theirs in zip(run.weights, weights, strict=True)) < 1e-12
        if end == T:
            for c in range(net.blocks * net.size):
                gate = net.blocks * net.size + c // net.size
                assert error(run.carry.partials[trial, :, c], partials[c, [c, gate]]) < 1e-12


@pytest.mark.parametrize("rate", [RATE, np.array([0.2, 0.0, 1.5])], ids=["one rate", "a rate for each trial"])
@every_net
def test_with_its_only_error_at_the_end_online_learning_is_learning_at_the_end(net, rate):
    problem, ends = draw(net), np.array([8, 3, 6])
    last = np.arange(S), ends - 1
    only_last = np.broadcast_to(np.reshape(rate, (-1, 1)), (S, T)) * (np.arange(T) == ends[:, None] - 1)
    run = learn_online(*problem, only_last, ends)
    weights, y = learn_at_end(*problem[:3], problem.target[last], rate, ends)
    assert error(run.y[last], y) < 1e-13
    assert max(map(error, run.weights, weights)) < 1e-13


@pytest.mark.parametrize("rate", [RATE, np.array([0.2, 0.0, 1.5])], ids=["one rate", "a rate for each trial"])
def test_online_a_rate_is_that_of_every_step(rate):
    problem = draw(VARIANTS["blocks of two"])
    whole = np.broadcast_to(np.reshape(rate, (-1, 1)), (S, T))
    for ours, same in zip(arrays(learn_online(*problem, rate)), arrays(learn_online(*problem, whole)), strict=True):
        np.testing.assert_array_equal(ours, same)


@every_net
@few
@given(st.lists(st.integers(1, T - 1), max_size=T - 1, unique=True), seeds)
def test_a_sequence_may_come_in_pieces_down_to_single_steps(net, cuts, seed):
    problem = draw(net, seed)
    whole = learn_online(*problem, RATE)
    weights, carry, said = problem.weights, None, []
    for x, target in zip(*(np.split(a, sorted(cuts), axis=1) for a in problem[2:]), strict=True):
        weights, y, carry = learn_online(net, weights, x, target, RATE, carry=carry)
        said.append(y)
    for ours, theirs in zip(arrays(weights, carry), arrays(whole.weights, whole.carry), strict=True):
        assert error(ours, theirs) < 1e-13
    assert error(np.concatenate(said, axis=1), whole.y) < 1e-13


# Trials side by side


def at_end(problem: Problem, lengths=None):
    return learn_at_end(*problem, RATE, lengths), learn_at_end(*problem[:3], problem.target[:, 0], RATE, lengths)


def at_every_step(problem: Problem, lengths=None):
    run = learn_online(*problem, RATE, lengths)
    return run if lengths is None else run[:2]


both_ways = pytest.mark.parametrize("learn", [at_end, at_every_step])


@pytest.mark.parametrize("kind", ["vectors", "symbols"])
@both_ways
@every_net
def test_trials_side_by_side_are_trials_one_by_one(net, learn, kind):
    problem, lengths = draw(net), np.array([5, 8, 1])
    problem = symbols(problem) if kind == "symbols" else problem
    together = arrays(learn(problem, lengths))
    for k in range(S):
        alone = Problem(net, *cast(tuple(problem[1:]), lambda a, k=k: a[k : k + 1]))
        for ours, single in zip(together, arrays(learn(alone, lengths[k : k + 1])), strict=True):
            assert error(ours[k : k + 1], single) < 1e-13


@both_ways
@every_net
def test_what_stands_behind_an_end_changes_nothing(net, learn):
    problem, lengths = draw(net), [5, 8, 1]
    other = problem._replace(x=problem.x.copy(), target=problem.target.copy())
    behind = np.arange(T) >= np.array(lengths)[:, None]
    other.x[behind] = 17.0
    other.target[behind] = -3.0
    targets = [p._replace(target=p.target) for p in (problem, other)]
    whole, same = (arrays(learn_at_end(*p, RATE, lengths) if learn is at_end else learn(p, lengths)) for p in targets)
    for ours, theirs in zip(whole, same, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@both_ways
def test_a_rate_of_zero_leaves_a_trial_as_it_is(learn):
    problem, rate = draw(VARIANTS["direct"]), np.array([0.5, 0, 0.5])
    weights = (learn_at_end if learn is at_end else learn_online)(*problem, rate)[0]
    for ours, before in zip(weights, problem.weights, strict=True):
        changed = (ours != before).any(axis=(1, 2))
        np.testing.assert_array_equal(changed, [True, False, True])


@both_ways
@pytest.mark.parametrize("kind", ["vectors", "symbols"])
def test_only_what_learns_may_change(learn, kind):
    problem = draw(VARIANTS["direct"])
    problem = symbols(problem) if kind == "symbols" else problem
    rng = np.random.default_rng(2)
    learns = Weights(*(rng.random(mask.shape) < 0.5 for mask in connections(problem.net)))
    weights = (learn_at_end if learn is at_end else learn_online)(*problem, RATE, learns=learns)[0]
    for ours, before, may, there in zip(weights, problem.weights, learns, exists(problem.net), strict=True):
        assert (ours == before)[:, ~(may & there)].all()
        assert (ours != before)[:, may & there].any(axis=0).mean() > 0.9


# Symbols


@pytest.mark.parametrize("inputs", [5, 131])
@both_ways
def test_symbols_are_one_hot_vectors(learn, inputs):
    for net in (VARIANTS["direct"], VARIANTS["blocks of two"]):
        problem = symbols(draw(net._replace(inputs=inputs)))
        vectors = problem._replace(x=np.eye(inputs)[problem.x])
        grad_y = errors_at("every step", problem)
        traces = [forward(*p[:3]) for p in (problem, vectors)]
        grads = [gradient(*p[:3], trace, grad_y) for p, trace in zip((problem, vectors), traces, strict=True)]
        ours, theirs = arrays(traces[0], grads[0], learn(problem)), arrays(traces[1], grads[1], learn(vectors))
        assert max(map(error, ours, theirs)) < 1e-13


def test_symbols_may_be_of_any_integer_type():
    problem = symbols(draw(VARIANTS["direct"]))
    expected = arrays(at_end(problem), at_every_step(problem))
    for dtype in (np.uint8, np.int16, np.uint64):
        same = problem._replace(x=problem.x.astype(dtype))
        for ours, theirs in zip(arrays(at_end(same), at_every_step(same)), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


# Purity


@every_net
def test_calls_are_pure(net):
    """Inputs stay as they were, even read-only; results are float64 and their own memory."""
    problem = draw(net)
    carry = learn_online(*problem, RATE).carry
    before = cast((problem.weights, problem.x, problem.target, carry), np.copy)
    given_arrays = arrays(problem.weights, problem.x, problem.target, carry)
    for a in given_arrays:
        a.setflags(write=False)
    trace = forward(*problem[:3])
    results = arrays(trace, gradient(*problem[:3], trace, problem.target), at_end(problem), at_every_step(problem),
                     learn_online(*problem, RATE, carry=carry))  # fmt: skip
    for ours, as_it_was in zip(given_arrays, arrays(*before), strict=True):
        np.testing.assert_array_equal(ours, as_it_was)
    assert {a.dtype for a in results} == {np.dtype(np.float64)}
    assert not any(np.shares_memory(a, b) for a in results for b in given_arrays)


def test_float32_weights_are_read_as_float64():
    problem = draw(VARIANTS["blocks of two"])
    single = problem._replace(weights=cast(problem.weights, lambda a: a.astype(np.float32)))
    exact = problem._replace(weights=cast(single.weights, lambda a: a.astype(np.float64)))
    for ours, theirs in zip(arrays(at_end(single)), arrays(at_end(exact)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


# It learns


def test_a_symbol_is_kept_for_twelve_steps_when_the_only_error_is_at_the_end():
    """2c in little: the first symbol says which output is to be 1; distractors follow, and a trigger."""
    net, rng, trials, lag = NETS["2c"]._replace(inputs=7), np.random.default_rng(3), 4, 12
    weights, wrong = initial_weights(net, trials, rng), []
    for _ in range(600):
        kind = rng.integers(0, 2, trials)
        x = np.column_stack([kind, rng.integers(3, 7, (trials, lag)), np.full(trials, 2)])
        lengths = rng.integers(lag - 1, lag + 3, trials)
        x[np.arange(trials), lengths - 1] = 2
        weights, y = learn_at_end(net, weights, x, np.eye(2)[kind], 1.0, lengths)
        wrong.append(np.abs(y - np.eye(2)[kind]).max(axis=1))
    assert np.max(wrong[:20], axis=0).min() > 0.4
    assert np.max(wrong[-50:]) < 0.2


def test_the_end_of_2a_is_predicted_online():
    """2a with p = 5: (y, a₁ … a₄, y) or (x, a₁ … a₄, x), each next symbol to be predicted, an error at every step."""
    p, trials, rng = 5, 4, np.random.default_rng(4)
    net = NETS["2a"]._replace(inputs=p + 1, outputs=p + 1)
    weights, wrong = initial_weights(net, trials, rng), []
    for _ in range(1500):
        kind = rng.integers(p - 1, p + 1, trials)
        sequence = np.column_stack([kind, np.tile(np.arange(p - 1), (trials, 1)), kind])
        target = np.eye(p + 1)[sequence[:, 1:]]
        weights, y, _ = learn_online(net, weights, sequence[:, :-1], target, 1.0)
        wrong.append(np.abs(y - target)[:, -1].max(axis=1))
    assert np.max(wrong[:50], axis=0).min() > 0.5
    assert np.max(wrong[-50:]) < 0.3


# Bad input


def nan_at(shape, *where):
    a = np.ones(shape)
    a[where] = np.nan
    return a


BAD_NETS = {
    "no cells": ({"blocks": 0}, "net.blocks is 0, but must be a whole number of at least 1"),
    "half an input": ({"inputs": 2.5}, "net.inputs is 2.5, but must be a whole number"),
    "text": ({"outputs": "2"}, "net.outputs is '2', but must be a whole number"),
    "a negative range": ({"scale": -0.1}, r"net.scale is -0.1, but .* make it 0 or more"),
    "no range": ({"scale": np.nan}, "net.scale holds 1 NaN"),
    "unknown biases": ({"biased": "cells"}, "net.biased is 'cells', but must be one of 'all', 'hidden'"),
    "unknown g": ({"g": "tanh"}, "net.g is 'tanh', but must be one of 'centred', 'logistic'"),
    "unknown h": ({"h": "logistic"}, "net.h is 'logistic', but must be one of 'centred', 'identity'"),
    "a bias too many": ({"input_bias": (-1, -2, -3)}, r"net.input_bias has shape \(3,\), but \(2,\) is expected"),
    "a bias of text": ({"output_bias": ("low", "high")}, "net.output_bias should be an array of numbers"),
    "biases without biases": ({"biased": "none", "input_bias": (-1, -2)}, r"net.input_bias is \(-1, -2\), but .* None"),
    "biases without gates": ({"output_gate": False, "output_bias": (-1, -2)}, "net.output_bias is .* leave it None"),
}


@pytest.mark.parametrize(("fields", "message"), BAD_NETS.values(), ids=BAD_NETS)
def test_a_network_that_cannot_be_is_refused(fields, message):
    problem = draw(VARIANTS["blocks of two"]._replace(blocks=2))
    net = problem.net._replace(**fields)
    for call in (lambda: weight_count(net), lambda: initial_weights(net, 1, None), lambda: forward(net, *problem[1:3])):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize("trials", [0, 2.5, None])
def test_trials_are_counted(trials):
    with pytest.raises(ValueError, match=f"trials is {trials}, but must be a whole number of at least 1"):
        initial_weights(NETS["4"], trials, np.random.default_rng())


def test_another_thing_than_a_net_or_weights_is_refused():
    problem = draw(NETS["4"])
    with pytest.raises(ValueError, match=r"net is a str, but a Net is expected, such as NETS\['4'\]"):
        weight_count("4")
    with pytest.raises(ValueError, match="weights is a tuple, but Weights are expected"):
        forward(problem.net, tuple(problem.weights), problem.x)


BAD = {  # for S = 3, T = 8, and D = 4, C = 10, R = 14, K = 2
    "hidden of another net": (
        {"weights": Weights(np.ones((3, 14, 18)), np.ones((3, 2, 15)))},
        r"weights.hidden has shape \(3, 14, 18\), but \(S, 14, 19\) is expected",
    ),
    "output of fewer trials": (
        {"weights": Weights(np.ones((3, 14, 19)), np.ones((2, 2, 15)))},
        r"weights.output has shape \(2, 2, 15\), but \(3, 2, 15\) is expected",
    ),
    "weights with NaN": (
        {"weights": Weights(nan_at((3, 14, 19), 1, 2, 3), np.ones((3, 2, 15)))},
        r"weights.hidden holds 1 NaN .* \(1, 2, 3\)",
    ),
    "x too wide": ({"x": np.ones((3, 8, 5))}, r"x has shape \(3, 8, 5\), but \(3, T, 4\) is expected"),
    "x of more trials": ({"x": np.ones((4, 8, 4))}, r"x has shape \(4, 8, 4\), but \(3, T, 4\) is expected"),
    "x without steps": ({"x": np.ones((3, 0, 4))}, "x is empty"),
    "x with NaN": ({"x": nan_at((3, 8, 4), 2, 1)}, r"x holds 4 NaN .* \(2, 1, 0\)"),
    "x text": ({"x": "abc"}, "x"),
    "symbols that are not whole": (
        {"x": np.ones((3, 8))},
        r"x has shape \(3, 8\) and dtype float64, but \(3, T, 4\) num",
    ),
    "symbols beyond the inputs": ({"x": np.full((3, 8), 4)}, "x has symbols from 4 to 4, but the net's go from 0 to 3"),
    "symbols below 0": ({"x": np.arange(24).reshape(3, 8) % 4 - 1}, "x has symbols from -1 to 2, but"),
    "symbols of fewer trials": ({"x": np.ones((2, 8), int)}, r"x has shape \(2, 8\), but \(3, T\) is expected"),
    "symbols of no steps": ({"x": np.ones((3, 0), int)}, "x is empty"),
}


@pytest.mark.parametrize(("fields", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("call", ["forward", "gradient", "at end", "online"])
def test_bad_input_is_told_what_came_and_what_was_expected(call, fields, message):
    good = draw(VARIANTS["blocks of two"])
    bad = good._replace(**fields)
    calls = {
        "forward": lambda: forward(*bad[:3]),
        "gradient": lambda: gradient(*bad[:3], forward(*good[:3]), good.target),
        "at end": lambda: learn_at_end(*bad, RATE),
        "online": lambda: learn_online(*bad, RATE),
    }
    with pytest.raises(ValueError, match=message):
        calls[call]()


BAD_LEARNING = {
    "a target too few": ({"target": np.ones((3, 7, 2))}, r"target has shape \(3, 7, 2\), but \(3, 8, 2\) is expected"),
    "a target with NaN": ({"target": nan_at((3, 8, 2), 0, 0, 0)}, "target holds 1 NaN"),
    "a rate below 0": ({"rate": -0.1}, "rate is -0.1 at the lowest, but descent needs 0 or more"),
    "rates of two trials": ({"rate": np.ones(2)}, r"rate has shape \(2,\), but \(3,\) is expected"),
    "rates of three axes": ({"rate": np.ones((3, 8, 1))}, r"rate has shape \(3, 8, 1\), but \(3"),
    "no rate": ({"rate": np.nan}, "rate holds 1 NaN"),
    "lengths of two trials": ({"lengths": [8, 8]}, r"lengths has shape \(2,\), but \(3,\) is expected"),
    "lengths of 0": ({"lengths": [8, 0, 8]}, r"lengths is \[8, 0, 8\], but whole numbers of steps from 1 to x's 8"),
    "lengths beyond T": ({"lengths": [8, 9, 8]}, "from 1 to x's 8 are expected"),
    "half a step": ({"lengths": [8, 2.5, 8]}, "whole numbers of steps"),
    "another mask": (
        {"learns": Weights(np.ones((14, 18)), np.ones((2, 15)))},
        r"learns has shapes \[\(14, 18\), \(2, 15\)\], but \[\(14, 19\), \(2, 15\)\] are expected",
    ),
}


@pytest.mark.parametrize(("options", "message"), BAD_LEARNING.values(), ids=BAD_LEARNING)
@pytest.mark.parametrize("learn", [learn_at_end, learn_online])
def test_bad_targets_rates_and_lengths_are_refused(learn, options, message):
    problem = draw(VARIANTS["blocks of two"])
    options = {"target": problem.target, "rate": RATE} | options
    with pytest.raises(ValueError, match=message):
        learn(*problem[:3], **options)


def test_a_target_for_the_end_is_refused_online():
    problem = draw(VARIANTS["blocks of two"])
    with pytest.raises(ValueError, match=r"target has shape \(3, 2\), but \(3, 8, 2\) is expected"):
        learn_online(*problem[:3], problem.target[:, 0], RATE)
    with pytest.raises(ValueError, match=r"target has shape \(3, 3\), but \(3, 2\) is expected"):
        learn_at_end(*problem[:3], np.ones((3, 3)), RATE)


def test_a_rate_for_every_step_is_refused_at_the_end():
    with pytest.raises(ValueError, match=r"rate has shape \(3, 8\), but \(3,\) is expected"):
        learn_at_end(*draw(VARIANTS["blocks of two"]), np.ones((S, T)))


def test_a_carry_of_another_kind_is_refused():
    problem = draw(VARIANTS["blocks of two"])
    carry = learn_online(*problem, RATE).carry
    for bad, message in [
        ((1, 2, 3), "carry is a tuple, but a Carry is expected"),
        (carry._replace(s=np.ones((3, 9))), r"carry.s has shape \(3, 9\), but \(3, 10\) is expected"),
        (carry._replace(y=nan_at((3, 14), 2, 5)), r"carry.y holds 1 NaN .* \(2, 5\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            learn_online(*problem, RATE, carry=bad)


def test_a_gradient_or_a_trace_of_another_sequence_is_refused():
    problem, longer = draw(VARIANTS["blocks of two"]), draw(VARIANTS["blocks of two"], steps=9)
    trace, others = forward(*problem[:3]), forward(*draw(VARIANTS["one cell"]._replace(outputs=2))[:3])
    for bad_trace, grad_y, message in [
        (trace, longer.target, r"grad_y has shape \(3, 9, 2\), but \(3, 8, 2\) is expected"),
        (forward(*longer[:3]), problem.target, r"trace.y has shape \(3, 9, 2\), but \(3, 8, 2\) is expected"),
        (others, problem.target, r"trace.s has shape \(3, 8, 1\), but \(3, 8, 10\) is expected"),
    ]:
        with pytest.raises(ValueError, match=message):
            gradient(*problem[:3], bad_trace, grad_y)

"""variants.py against oracles of its own: other LSTMs that must agree, closed forms, and PyTorch's autograd and cells.

Shapes: N batch, T time, D inputs, H hidden.
"""

import numpy as np
import pytest
import torch
from helpers import GRU, LSTM, arrays, draw, error, hundreds, many, seeds, sizes, stepped
from hypothesis import given

from lstm_core.cell import LSTMParams, LSTMState, random_params
from lstm_core.sequence import LSTMTrace
from lstm_core.variants import EQUATIONS, VARIANTS, Equations, Peepholes, variant_forward, variant_step

OPEN = 40.0  # a bias at which σ is 1 to the last digit
ROWS = dict(zip("ifgo", range(4), strict=True))


def rows(gate: str, H: int) -> slice:
    return slice(ROWS[gate] * H, (ROWS[gate] + 1) * H)


def run(name, problem, params=None, peepholes=None) -> LSTMTrace:
    return variant_forward(name, params or problem.params, problem.x, problem.state, peepholes)


def peepholes_for(problem, seed=1) -> Peepholes:
    return Peepholes(*np.random.default_rng(seed).normal(size=(3, problem.params.weight_hh.shape[1])))


def with_gate(problem, gate, weights, bias) -> LSTMParams:
    """The problem's params, one gate's weights multiplied by a number and its bias replaced."""
    params, H = LSTMParams(*(array.copy() for array in problem.params)), problem.params.weight_hh.shape[1]
    params.weight_ih[rows(gate, H)] *= weights
    params.weight_hh[rows(gate, H)] *= weights
    params.bias[rows(gate, H)] = bias
    return params


def assert_same(ours: LSTMTrace, theirs: LSTMTrace, within: float = 1e-13) -> None:
    for name, mine, other in zip(LSTMTrace._fields, ours, theirs, strict=True):
        assert error(mine, other) <= within * max(1, np.abs(other).max()), name


@hundreds
@given(sizes, seeds)
def test_with_no_line_changed_it_is_the_lstm_to_the_last_bit(sizes, seed):
    problem = draw(LSTM, sizes, seed)
    for ours, theirs in zip(run("LSTM", problem), stepped(LSTM, problem.params, problem.x, problem.state), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@many
@given(sizes, seeds)
def test_coupled_gates_are_an_lstm_whose_forget_gate_is_its_input_gate_with_the_signs_turned(sizes, seed):
    """σ(−z) = 1 − σ(z): no approximation, an identity."""
    problem = draw(LSTM, sizes, seed)
    H = problem.params.weight_hh.shape[1]
    params = LSTMParams(*(array.copy() for array in problem.params))
    for array in params:
        array[rows("f", H)] = -array[rows("i", H)]
    assert_same(run("coupled gates", problem), stepped(LSTM, params, problem.x, problem.state))


@pytest.mark.parametrize(("name", "gate"), [("no input gate", "i"), ("no forget gate", "f"), ("no output gate", "o")])
@many
@given(sizes, seeds)
def test_without_a_gate_it_is_an_lstm_whose_gate_is_held_open(name, gate, sizes, seed):
    problem = draw(LSTM, sizes, seed)
    trace = run(name, problem)
    assert (getattr(trace, gate) == 1).all()
    held = with_gate(problem, gate, 0, OPEN)
    assert_same(trace, stepped(LSTM, held, problem.x, problem.state))


@many
@given(sizes, seeds)
def test_without_the_input_activation_it_is_the_cell_with_a_linear_candidate(sizes, seed):
    problem = draw(LSTM, sizes, seed)
    expected = stepped(LSTM, problem.params, problem.x, problem.state, candidate="linear")
    assert_same(run("no input activation", problem), expected)


@many
@given(sizes, seeds)
def test_without_the_output_activation_h_is_what_the_gate_lets_through_of_the_cell(sizes, seed):
    """torch's LSTMCell makes each C from the h that came before; only the last tanh is ours to take off."""
    problem = draw(LSTM, sizes, seed)
    trace, (_, _, D, H) = run("no output activation", problem), sizes
    np.testing.assert_array_equal(trace.h, trace.o * trace.c)
    theirs = torch.nn.LSTMCell(D, H, dtype=torch.float64)
    for mine, weight in zip(theirs.parameters(), (*problem.params, np.zeros(4 * H)), strict=True):
        mine.requires_grad_(False).copy_(torch.as_tensor(weight))
    h, c = map(torch.as_tensor, problem.state)
    for t in range(problem.x.shape[1]):
        _, c = theirs(torch.as_tensor(problem.x[:, t]), (h, c))
        assert error(trace.c[:, t], c) <= 1e-12 * max(1, float(c.abs().max()))
        h = torch.as_tensor(trace.h[:, t])


@many
@given(sizes, seeds)
def test_peepholes_of_weight_0_see_nothing(sizes, seed):
    problem = draw(LSTM, sizes, seed)
    blind = Peepholes(*np.zeros((3, problem.params.weight_hh.shape[1])))
    assert_same(run("peepholes", problem, peepholes=blind), stepped(LSTM, problem.params, problem.x, problem.state))


@many
@given(sizes, seeds)
def test_peepholes_are_torchs_cell_with_the_cell_state_among_its_inputs(sizes, seed):
    """i and f read C_{t−1} as one input more, o reads C_t: two of torch's cells, one for each."""
    problem = draw(LSTM, sizes, seed)
    _, T, D, H = sizes
    holes = peepholes_for(problem)
    trace = run("peepholes", problem, peepholes=holes)
    sees = np.vstack([np.diag(holes.i), np.diag(holes.f), np.zeros((H, H)), np.diag(holes.o)])
    theirs = torch.nn.LSTMCell(D + H, H, dtype=torch.float64)
    weights = (np.hstack([problem.params.weight_ih, sees]), *problem.params[1:], np.zeros(4 * H))
    for mine, weight in zip(theirs.parameters(), weights, strict=True):
        mine.requires_grad_(False).copy_(torch.as_tensor(weight))
    h, c = map(torch.as_tensor, problem.state)
    for t in range(T):
        x = torch.as_tensor(problem.x[:, t])
        new_c = theirs(torch.cat([x, c], 1), (h, c))[1]
        late = theirs(torch.cat([x, new_c], 1), (h, c))
        opened = late[0] / late[1].tanh()  # o, having seen the new C
        h, c = opened * new_c.tanh(), new_c
        assert error(trace.c[:, t], c) < 1e-12
        assert error(trace.h[:, t], h) < 1e-9  # a division by tanh(C) costs digits where C is near 0


def test_peepholes_let_the_gradient_through_as_autograd_has_it():
    """∂h_T/∂p by finite differences of ours, and by autograd of the equations written down once more."""
    problem = draw(LSTM, (2, 7, 3, 4), seed=5)
    holes = peepholes_for(problem)
    p = [torch.tensor(part, requires_grad=True) for part in holes]
    w_ih, w_hh, bias, x, h, c = map(torch.as_tensor, arrays(problem.params, problem.x, problem.state))
    for x_t in x.swapaxes(0, 1):
        i, f, g, o = (x_t @ w_ih.T + h @ w_hh.T + bias).chunk(4, dim=1)
        i, f = torch.sigmoid(i + p[0] * c), torch.sigmoid(f + p[1] * c)
        c = f * c + i * torch.tanh(g)
        h = torch.sigmoid(o + p[2] * c) * torch.tanh(c)
    expected = torch.autograd.grad(h.sum(), p)
    for k, name in enumerate(Peepholes._fields):
        for unit in range(4):
            moved = []
            for way in (1, -1):
                shifted = [part.copy() for part in holes]
                shifted[k][unit] += way * 1e-5
                moved.append(run("peepholes", problem, peepholes=Peepholes(*shifted)).h[:, -1].sum())
            assert (moved[0] - moved[1]) / 2e-5 == pytest.approx(expected[k][unit].item(), rel=1e-6, abs=1e-9), name


def test_every_variant_changes_one_line_and_peepholes_one_for_each_gate_that_looks():
    changed = {name: {n for n, a, b in zip(Equations._fields, new, EQUATIONS, strict=True) if a is not b}
               for name, new in VARIANTS.items()}  # fmt: skip
    assert changed == {
        "no input gate": {"i"}, "no forget gate": {"f"}, "no output gate": {"o"}, "coupled gates": {"f"},
        "no input activation": {"g"}, "no output activation": {"h"}, "peepholes": {"i", "f", "o"},
    }  # fmt: skip


@many
@given(sizes, seeds)
def test_two_lines_of_ones_own_make_a_gru_whose_reset_gate_stands_open(sizes, seed):
    """i = σ(−z_z) = 1 − z, f = 1 − i = z, and h = C: nothing is hidden."""
    gru = draw(GRU, sizes, seed)
    (_, _, _, H), own = sizes, EQUATIONS._replace(f=lambda s: 1 - s.i, h=lambda s: s.C)
    w_ih, w_hh, b_ih, b_hh = gru.params

    def rearranged(rows):  # i, f, g, o from r, z, n; f and o are not looked at
        return np.concatenate([-rows[H : 2 * H], rows[:H], rows[2 * H :], rows[:H]])

    params = LSTMParams(*map(rearranged, (w_ih, w_hh, b_ih + b_hh)))
    trace = variant_forward(own, params, gru.x, LSTMState(gru.state, gru.state))
    held = gru.params._replace(weight_ih=w_ih.copy(), weight_hh=w_hh.copy(), bias_ih=b_ih.copy(), bias_hh=b_hh.copy())
    held.weight_ih[:H], held.weight_hh[:H], held.bias_ih[:H], held.bias_hh[:H] = 0, 0, OPEN, 0
    expected = stepped(GRU, held, gru.x, gru.state)
    for ours, theirs in ((trace.f, expected.z), (trace.g, expected.n), (trace.c, expected.h), (trace.h, expected.h)):
        assert error(ours, theirs) < 1e-12


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_differs_from_the_lstm_and_says_in_its_trace_how(name):
    problem = draw(LSTM, (2, 6, 3, 4), seed=3)
    holes = peepholes_for(problem) if name == "peepholes" else None
    ours, plain = run(name, problem, peepholes=holes), run("LSTM", problem)
    assert error(ours.h, plain.h) > 0.01
    assert [part.shape for part in ours] == [(2, 6, 4)] * 6


def test_the_first_step_is_variant_step_and_dtypes_stay():
    problem = draw(LSTM, (3, 4, 2, 5), seed=1, dtype=np.float32)
    state, gates = variant_step("coupled gates", problem.params, problem.x[:, 0], problem.state)
    trace = run("coupled gates", problem)
    np.testing.assert_array_equal(trace.h[:, 0], state.h)
    np.testing.assert_array_equal(trace.f[:, 0], gates.f)
    assert {part.dtype for part in trace} == {np.dtype(np.float32)}


P = random_params(LSTMParams, 2, 3, np.random.default_rng(0))
X, STATE, HOLES = np.ones((4, 2)), LSTMState(*np.zeros((2, 4, 3))), Peepholes(*np.ones((3, 3)))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(("no gate", P, X, STATE), "variant is 'no gate', but must be one of 'LSTM', 'no input gate'"),
     (("peepholes", P, X, STATE), r"variant 'peepholes' needs Peepholes\(i, f, o\), H weights each"),
     (("LSTM", P, X, STATE, HOLES), "variant 'LSTM' takes no peepholes: leave them out"),
     (("peepholes", P, X, STATE, HOLES[:2]), r"peepholes has 2 part\(s\), but three are expected"),
     (("peepholes", P, X, STATE, HOLES._replace(f=np.ones(4))), r"peephole f has shape \(4,\), but \(3,\)"),
     (("peepholes", P, X, STATE, HOLES._replace(o=np.full(3, np.nan))), "peephole o holds 3 NaN"),
     (("LSTM", P, np.ones((4, 3)), STATE), r"x has shape \(4, 3\), but \(N, 2\)"),
     (("LSTM", P, X, STATE._replace(c=np.zeros((4, 2)))), r"c has shape \(4, 2\), but \(4, 3\)"),
     (("LSTM", tuple(P), X, STATE), "is a tuple, but LSTMParams is expected")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_a_reason(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        variant_step(*arguments)


def test_a_sequence_is_checked_too():
    with pytest.raises(ValueError, match=r"x has shape \(4, 2\), but \(N, T, 2\) is expected"):
        variant_forward("LSTM", P, X)

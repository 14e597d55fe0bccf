"""brain.plasticity against closed forms: products of matrices, every path of a small lottery, autograd, rotations; and
notebook 13's headline, that Oja's rule finds the first principal component, over ten seeds.

Shapes: S neurons, N samples, D inputs.
"""

from functools import reduce
from itertools import product

import numpy as np
import pytest
import torch
from helpers import error, relative

from lstm_core.brain import Stream, along, compare, delta, draw_stream, hebb, oja

S, N, D, RATE = 3, 40, 5, 0.02
VARIANCES = np.r_[4, 2, np.linspace(1, 0.3, 8)]  # those of notebook 13


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    return rng.normal(size=(S, D)), rng.normal(size=(S, N, D)), rng.normal(size=(S, N))


def test_hebb_on_given_inputs_is_a_product_of_matrices(drawn):
    w, x, _ = drawn
    for s in range(S):
        grown = reduce(lambda product, one: (np.eye(D) + RATE * np.outer(one, one)) @ product, x[s], np.eye(D))
        assert relative(along(hebb, w, x, RATE)[s, -1], grown @ w[s]) < 1e-12


def test_hebb_on_average_grows_by_the_covariance():
    """Every one of 3⁴ sequences of four draws, in equal parts: their mean is (1 + η C)⁴ w, without an approximation."""
    rng = np.random.default_rng(1)
    lots, w = rng.normal(size=(3, D)), rng.normal(size=D)
    paths = np.array([lots[list(drawn)] for drawn in product(range(3), repeat=4)])  # (81, 4, D)
    ends = along(hebb, np.tile(w, (81, 1)), paths, RATE)[:, -1]
    C = lots.T @ lots / 3
    assert error(ends.mean(axis=0), np.linalg.matrix_power(np.eye(D) + RATE * C, 4) @ w) < 1e-13


def test_oja_is_hebb_and_then_unit_length_to_first_order(drawn):
    w, x, _ = drawn
    w = w / np.linalg.norm(w, axis=1, keepdims=True)

    def apart(rate):
        grown = hebb(w, x[:, 0], rate)
        return error(oja(w, x[:, 0], rate), grown / np.linalg.norm(grown, axis=1, keepdims=True))

    assert apart(1e-3) / apart(1e-4) == pytest.approx(100, rel=0.05)  # what is left is of second order


def test_oja_is_a_descent_of_what_is_left_of_the_input(drawn):
    """Autograd's gradient of ½|x − y w|² by w, where y is held."""
    w, x = (torch.tensor(a[0]) for a in drawn[:2])
    w.requires_grad_()
    left = 0.5 * ((x[0] - (w @ x[0]).detach() * w) ** 2).sum()
    (grad,) = torch.autograd.grad(left, w)
    assert error(oja(drawn[0][0], drawn[1][0, 0], RATE), (w - RATE * grad).detach().numpy()) < 1e-14


def test_oja_rests_at_unit_eigenvectors_and_nowhere_else():
    """On inputs ±√(Dλ_k) q_k, whose covariance is Σ λ_k q_k q_kᵀ to the last digit: the mean step is Cw − (w·Cw) w."""
    rng = np.random.default_rng(2)
    q, lam = np.linalg.qr(rng.normal(size=(D, D)))[0].T, np.array([3.0, 2.0, 1.0, 0.5, 0.2])
    lots = np.concatenate([q, -q]) * np.sqrt(D * np.tile(lam, 2))[:, None]
    C = q.T @ np.diag(lam) @ q

    def mean_step(w):
        return np.mean([oja(w, one, 1.0) - w for one in lots], axis=0)

    w = rng.normal(size=D)
    assert error(mean_step(w), C @ w - (w @ C @ w) * w) < 1e-13
    assert max(np.abs(mean_step(one)).max() for one in (*q, *-q)) < 1e-13
    assert np.abs(mean_step(2 * q[0])).max() > 1
    assert (oja(np.zeros(D), lots[0], RATE) == 0).all()


def test_delta_is_the_gradient_of_the_squared_error(drawn):
    w, x, target = (torch.tensor(a) for a in drawn)
    w.requires_grad_()
    loss = 0.5 * ((target[:, 0] - (w * x[:, 0]).sum(-1)) ** 2).sum()
    (grad,) = torch.autograd.grad(loss, w)
    ours = delta(drawn[0], drawn[1][:, 0], RATE, drawn[2][:, 0])
    assert error(ours, (w - RATE * grad).detach().numpy()) < 1e-14


def test_without_an_error_nothing_changes_however_much_is_used(drawn):
    w, x, _ = drawn
    y = np.einsum("sd,snd->sn", w, x)
    assert error(along(delta, w, x, RATE, y), np.repeat(w[:, None], N + 1, axis=1)) < 1e-14
    assert np.abs(along(hebb, w, x, RATE)[:, -1] - w).max() > 0.1


@pytest.mark.parametrize("rule", [hebb, oja, delta])
def test_no_rule_knows_the_axes(drawn, rule):
    """Turn the inputs, and the weights come out turned."""
    w, x, target = drawn
    Q = np.linalg.qr(np.random.default_rng(3).normal(size=(D, D)))[0]
    told = (target,) if rule is delta else ()
    assert error(along(rule, w @ Q, x @ Q, RATE, *told), along(rule, w, x, RATE, *told) @ Q) < 1e-12


def test_neurons_side_by_side_are_as_if_alone(drawn):
    w, x, _ = drawn
    assert (along(oja, w[1], x[1], RATE) == along(oja, w, x, RATE)[1]).all()


def test_a_stream_has_its_variances_and_its_target():
    aim = np.eye(10)[0] * np.sqrt(3) / 2 + np.eye(10)[-1] / 2
    stream = draw_stream(range(3), VARIANCES, 30, samples=60_000)
    along_directions = np.einsum("snd,skd->snk", stream.x, stream.directions)
    assert np.abs(along_directions.var(axis=1) / VARIANCES - 1).max() < 0.04
    assert error(stream.directions @ stream.directions.swapaxes(1, 2), np.tile(np.eye(10), (3, 1, 1))) < 1e-12
    assert error(np.linalg.norm(stream.aim, axis=1), np.ones(3)) < 1e-12
    assert error(np.einsum("skd,sd->sk", stream.directions, stream.aim), [aim] * 3) < 1e-12
    assert error(np.einsum("snd,sd->sn", stream.x, stream.aim), stream.target) < 1e-12
    assert (draw_stream([2], VARIANCES, 30, 60_000).x[0] == stream.x[2]).all()
    shuffled = draw_stream([0], [1.0, 3.0, 2.0])
    assert error(np.einsum("skd,snd->snk", shuffled.directions, shuffled.x).var(axis=1).argsort()[0], [2, 1, 0]) == 0
    assert error(shuffled.aim, shuffled.directions[:, 2]) < 1e-12
    assert error(draw_stream([0], [1.0, 3.0, 2.0], 0).aim, shuffled.directions[:, 0]) < 1e-12


def test_ojas_rule_finds_the_first_principal_component_in_ten_seeds_of_ten():
    """Notebook 13's headline. Hebb's norm is out of hand by then, and only the rule that is told finds the target."""
    stream, w = draw_stream(range(10), VARIANCES), np.random.default_rng(5).normal(size=(10, 10)) * 0.1
    found = compare(stream, w)
    assert found["Oja"].loudest.min() > 0.95
    assert found["Oja"].target.max() < 0.1
    assert np.abs(found["Oja"].length - 1).max() < 0.1
    assert found["Hebb"].length.min() > 1e10
    assert found["delta"].target.min() > 0.999


def test_comparing_is_running_each_rule_from_the_same_start(drawn):
    w, x, target = drawn
    directions = np.linalg.qr(np.random.default_rng(4).normal(size=(S, D, D)))[0]
    found = compare(Stream(x, target, directions, directions[:, 0]), w, 0.01, 0.03)
    for name, end in (("Hebb", along(hebb, w, x, 0.01)), ("Oja", along(oja, w, x, 0.01)),
                      ("delta", along(delta, w, x, 0.03, target))):  # fmt: skip
        for s in range(S):
            w_s = np.array([direction @ end[s, -1] for direction in directions[s]])
            cosines = [abs(end[s, -1] @ d) / np.linalg.norm(w_s) for d in directions[s]]
            assert error(found[name].weights[s], w_s) < 1e-12
            assert error(np.abs(found[name].unit[s]), cosines) < 1e-12
            assert found[name].unit[s, np.argmax(cosines)] > 0
            assert error(found[name].unit[s] * found[name].weights[s].sum(), w_s * found[name].unit[s].sum()) < 1e-12
            assert found[name].loudest[s] == pytest.approx(cosines[0])
            assert found[name].target[s] == pytest.approx(cosines[0])


def test_what_does_not_fit_is_said(drawn):
    w, x, target = drawn
    for wrong, words in (
        ((w[:2], x, RATE), r"w has shape \(2, 5\), but \(3, 5\) is expected"),
        ((w, x * np.nan, RATE), "x holds .* NaN"),
        ((w, x, 0), "rate is 0, but a rule that is to move takes one above 0"),
        ((w, x, RATE, target[:, 1:]), r"target has shape \(3, 39\)"),
        ((1e200 * w, 1e150 * x, RATE), "the weights have left the finite numbers: take a rate below"),
    ):
        with pytest.raises(ValueError, match=words):
            along(hebb, *wrong)
    for variances in ([1.0, 0.0], [1.0]):
        with pytest.raises(ValueError, match="two or more are expected, all above 0"):
            draw_stream([0], variances)

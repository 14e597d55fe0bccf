"""The ensemble against a loop of PyTorch: Forecasters, autograd, nn.utils.clip_grad_norm_ and torch.optim.Adam.

The bars in float64: losses, outputs and gradients within 1e-10 of the largest entry, weights after five steps 1e-9.
"""

import subprocess
import sys
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from helpers import cast, few, relative, seeds
from hypothesis import given
from hypothesis import strategies as st

from lstm_core.ensemble import Ensemble, EnsembleParams, bptt, gradients
from lstm_core.ensemble.adam import clip_rows
from lstm_core.forecaster import Forecaster, stack_params

LR, CLIP = 0.01, 0.3


class Case(NamedTuple):
    S: int
    N: int
    T: int
    D: int
    H: int
    K: int
    loss: str = "mse"
    symbols: bool = False
    every_step: bool = False
    ragged: bool = False


CASES = {
    "last step, ragged": Case(3, 4, 9, 2, 5, 1, ragged=True),
    "last step, all as long, K = 3": Case(3, 4, 9, 2, 5, 3),
    "last step, classes": Case(3, 4, 9, 2, 5, 6, "cross_entropy", ragged=True),
    "last step, classes of symbols": Case(2, 5, 8, 6, 4, 3, "cross_entropy", symbols=True, ragged=True),
    "last step, symbols looked up": Case(2, 5, 8, 80, 4, 3, symbols=True, ragged=True),
    "every step": Case(4, 3, 7, 2, 5, 6, every_step=True, ragged=True),
    "every step, classes of symbols": Case(3, 4, 9, 7, 5, 6, "cross_entropy", True, True, True),
    "every step, classes of symbols looked up": Case(3, 4, 9, 90, 5, 6, "cross_entropy", True, True, True),
    "one network": Case(1, 4, 6, 3, 5, 2, ragged=True),
    "one sequence": Case(3, 1, 6, 4, 5, 2, every_step=True),
    "one sequence of symbols": Case(3, 1, 6, 70, 5, 2, "cross_entropy", True, True),
    "one step": Case(3, 4, 1, 2, 5, 6),
    "one of everything": Case(1, 1, 1, 1, 1, 1),
    "several blocks of unequal size": Case(7, 4, 12, 2, 6, 1, ragged=True),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of at most three of the networks here and chunks of a few steps, so that these tests see several."""
    monkeypatch.setattr(bptt, "BLOCK_NUMBERS", 5 * 6 * 4 * 3)
    monkeypatch.setattr(bptt, "CHUNK_NUMBERS", 6 * 6 * 4 * 3 * 4)


def forecasters(case: Case, dtype=torch.float64, scale=3.0) -> list[Forecaster]:
    """Forecasters of every step, their weights larger than PyTorch's, so that gates leave their middle."""
    models = [Forecaster(case.D, case.H, output_size=case.K, every_step=True, seed=s).to(dtype) for s in range(case.S)]
    for parameter in (parameter for model in models for parameter in model.parameters()):
        parameter.data *= scale
    return models


def params(case: Case, dtype=torch.float64) -> EnsembleParams:
    return stack_params(forecasters(case, dtype))


def draw(case: Case, seed: int = 0, dtype=np.float64) -> dict:
    """The arguments of a step."""
    S, N, T, D, _, K = case[:6]
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(S, N, T, D)).astype(dtype)
    lengths = rng.integers(1, T + 1, (S, N)) if case.ragged else np.full((S, N), T)
    asked = (rng.random((S, N, T)) < 0.6) & (np.arange(T) < lengths[..., None])
    asked[:, 0, 0] = True
    shape = (S, N, T) if case.every_step else (S, N)
    classes, wanted = rng.integers(0, K, shape), rng.normal(size=(*shape, K)).astype(dtype)
    return {
        "given": rng.integers(0, D, (S, N, T)) if case.symbols else values,
        "target": wanted if case.loss == "mse" else classes,
        "lengths": lengths,
        "mask": asked if case.every_step else None,
        "loss": case.loss,
    }


def torch_loss(model: Forecaster, s: int, case: Case, data: dict) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss and the outputs of network s, as one would write them."""
    x, target, lengths = (torch.from_numpy(data[name][s]) for name in ("given", "target", "lengths"))
    y = model(F.one_hot(x, case.D).to(torch.float64) if case.symbols else x)
    if case.every_step:
        mask = torch.from_numpy(data["mask"][s])
        asked, target = y[mask], target[mask]
    else:
        asked = y = y[torch.arange(case.N), lengths - 1]
    loss = F.mse_loss(asked, target) if case.loss == "mse" else F.cross_entropy(asked, target)
    y = y if case.loss == "mse" else y.softmax(-1)
    if case.every_step:
        y = y * (torch.arange(case.T) < lengths[:, None])[..., None]
    return loss, y


def same(ours, theirs, tolerance: float) -> None:
    """Hold every field of two EnsembleParams side by side."""
    errors = {name: relative(a, b) for name, a, b in zip(ours._fields, ours, theirs, strict=True) if np.any(b)}
    assert errors == pytest.approx(dict.fromkeys(errors, 0), abs=tolerance)


# The same sums as PyTorch


@every_case
def test_losses_outputs_and_gradients_are_autograds(case):
    models, data = forecasters(case), draw(case)
    losses, grads, outputs = gradients(stack_params(models), **data)
    for s, model in enumerate(models):
        loss, y = torch_loss(model, s, case, data)
        loss.backward()
        lstm, head = model.recurrent, model.head
        parameters = lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, head.weight, head.bias
        np.testing.assert_allclose(losses[s], loss.item(), rtol=1e-10)
        np.testing.assert_allclose(outputs[s], y.detach(), rtol=0, atol=1e-10)
        ours = EnsembleParams(*(part[s] for part in grads))
        same(ours, EnsembleParams(*(parameter.grad.numpy() for parameter in parameters)), 1e-10)


@pytest.mark.parametrize("clip", [CLIP, None])
@every_case
def test_five_steps_are_those_of_clip_grad_norm_and_adam(case, clip):
    models = forecasters(case)
    optimizers = [torch.optim.Adam(model.parameters(), lr=LR) for model in models]
    ensemble, shortened = Ensemble(stack_params(models), lr=LR, clip=clip), []
    for seed in range(5):
        data = draw(case, seed)
        losses, outputs = ensemble.step(**data)
        for s, (model, optimizer) in enumerate(zip(models, optimizers, strict=True)):
            loss, y = torch_loss(model, s, case, data)
            optimizer.zero_grad()
            loss.backward()
            if clip is not None:
                shortened.append(torch.nn.utils.clip_grad_norm_(model.parameters(), clip).item() > clip)
            optimizer.step()
            assert losses[s] == pytest.approx(loss.item(), rel=1e-8)
            np.testing.assert_allclose(outputs[s], y.detach(), rtol=0, atol=1e-8)
    same(ensemble.params, stack_params(models), 1e-9)
    assert clip is None or any(shortened)


@pytest.mark.parametrize(
    "case", [CASES["last step, ragged"], CASES["every step, classes of symbols looked up"]], ids=str
)
def test_float32_stays_float32_and_near_float64(case):
    single = params(case, torch.float32)
    ensemble, exact = Ensemble(single, lr=LR), Ensemble(cast(single, np.float64), lr=LR)
    for seed in range(5):
        data = draw(case, seed, np.float32)
        losses, outputs = ensemble.step(**data)
        exact_losses, exact_outputs = exact.step(**data)
        assert {a.dtype for a in (losses, outputs, *ensemble.params)} == {np.dtype(np.float32)}
        np.testing.assert_allclose(losses, exact_losses, rtol=1e-4)
        np.testing.assert_allclose(outputs, exact_outputs, atol=1e-4)
    same(ensemble.params, exact.params, 1e-4)
    assert {a.dtype for a in exact.params} == {np.dtype(np.float64)}


@pytest.mark.parametrize(("clip", "norms"), [(1e-3, 1e-3), (1e9, None)])
def test_each_network_is_clipped_by_its_own_norm_and_both_biases_count(clip, norms):
    rows, copies = np.array([[3.0, 4, 0], [0, 0, 7]]), np.array([1.0, 1, 2])
    ours = rows.copy()
    clip_rows(ours, clip, copies)
    expected = rows if norms is None else rows * (clip / (np.array([[5], [7 * 2**0.5]]) + 1e-6))
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


@few
@given(seeds, st.floats(50, 2000))
def test_gates_at_both_ends_give_no_nan_and_no_warning(seed, scale):
    case = CASES["last step, ragged"]
    big = cast(params(case, torch.float32), lambda a: a * np.float32(scale))
    losses, grads, outputs = gradients(big, **draw(case, seed, np.float32))
    assert all(np.isfinite(a).all() for a in (losses, outputs, *grads))


def test_a_network_that_leaves_the_finite_numbers_goes_alone():
    case = CASES["last step, ragged"]
    weights, data = params(case, torch.float32), draw(case, dtype=np.float32)
    lost = weights._replace(weight_ih=but(weights.weight_ih, 1, 3e38), bias=but(weights.bias, 1, -3e38))
    ensemble, others = Ensemble(lost, lr=LR), Ensemble(weights, lr=LR)
    for _ in range(3):
        losses, theirs = ensemble.step(**data)[0], others.step(**data)[0]
        np.testing.assert_array_equal(losses[[0, 2]], theirs[[0, 2]])
    assert np.isnan(losses[1])


@pytest.mark.parametrize("size", [1, 2e4])
def test_probabilities_that_round_to_0_and_1_have_finite_losses(size):
    case = CASES["last step, classes"]
    weights, data = params(case), draw(case)
    weights = weights._replace(head=size * weights.head)
    losses, grads, outputs = gradients(weights, **data)
    np.testing.assert_allclose(outputs.sum(-1), 1, rtol=1e-12)
    assert (outputs.min() == 0) == (size > 1)
    assert all(np.isfinite(a).all() for a in (losses, *grads))


def test_one_hot_targets_are_their_classes():
    for name in ("last step, classes", "every step, classes of symbols"):
        case = CASES[name]
        data = draw(case)
        one_hot = np.eye(case.K)[data["target"]]
        for ours, theirs in zip(
            arrays(gradients(params(case), **data | {"target": one_hot})),
            arrays(gradients(params(case), **data)),
            strict=True,
        ):
            np.testing.assert_array_equal(ours, theirs)


def arrays(result):
    losses, grads, outputs = result
    return [losses, *grads, outputs]


# What must not matter


@every_case
def test_no_bit_of_a_network_depends_on_its_neighbours(case):
    all_of_them, data = params(case, torch.float32), draw(case, dtype=np.float32)
    together = Ensemble(all_of_them, lr=LR, clip=CLIP)
    alone = [Ensemble(EnsembleParams(*(a[s : s + 1] for a in all_of_them)), lr=LR, clip=CLIP) for s in range(case.S)]
    for _ in range(3):
        losses, outputs = together.step(**data)
        for s, ensemble in enumerate(alone):
            one = {name: a[s : s + 1] if isinstance(a, np.ndarray) else a for name, a in data.items()}
            loss, output = ensemble.step(**one)
            np.testing.assert_array_equal(losses[s : s + 1], loss)
            np.testing.assert_array_equal(outputs[s : s + 1], output)
    for ours, theirs in zip(together.params, zip(*(ensemble.params for ensemble in alone), strict=True), strict=True):
        np.testing.assert_array_equal(ours, np.concatenate(theirs))


@pytest.mark.parametrize("name", ["last step, ragged", "every step", "every step, classes of symbols looked up"])
def test_what_stands_behind_the_end_changes_nothing(name):
    case = CASES[name]
    data = draw(case)
    behind = np.arange(case.T) >= data["lengths"][..., None]
    assert behind.any()
    given, target = data["given"].copy(), data["target"].copy()
    given[behind] = case.D - 1 if case.symbols else 1e30
    if case.every_step:
        target[~data["mask"]] = -7  # no class, too
    ours = gradients(params(case), **data | {"given": given, "target": target})
    for a, b in zip(arrays(ours), arrays(gradients(params(case), **data)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_batches_of_changing_shape_leave_nothing_behind():
    """Memory is used again, whatever came before: longer, wider, symbols or values."""
    case = Case(5, 4, 9, 3, 5, 2, ragged=True)
    shapes = [case, case._replace(T=3), case._replace(N=2), case._replace(T=12), case._replace(symbols=True), case]
    ensemble = Ensemble(params(case), lr=LR, clip=CLIP)
    for seed, shape in enumerate(shapes):
        data, fresh = draw(shape, seed), Ensemble(ensemble.params)
        read = data["given"], data["lengths"]
        np.testing.assert_array_equal(ensemble.outputs(*read), fresh.outputs(*read))
        np.testing.assert_array_equal(ensemble.step(**data)[1], fresh.step(**data)[1])


@every_case
def test_outputs_are_those_of_a_step(case, monkeypatch):
    monkeypatch.setattr("lstm_core.ensemble.blocks.SEQUENCES_AT_ONCE", 3)
    data, ensemble = draw(case), Ensemble(params(case))
    outputs = ensemble.outputs(data["given"], data["lengths"], case.every_step, case.loss)
    np.testing.assert_allclose(outputs, ensemble.step(**data)[1], rtol=0, atol=1e-13)
    every = ensemble.outputs(data["given"], data["lengths"], every_step=True)
    last = ensemble.outputs(data["given"], data["lengths"])
    at = np.arange(case.S)[:, None], np.arange(case.N), data["lengths"] - 1
    np.testing.assert_allclose(every[at], last, rtol=0, atol=1e-13)


@pytest.mark.parametrize("rows", [[4, 0, 2], np.array([True, False, True, False, True])], ids=["indices", "mask"])
def test_those_that_are_kept_go_on_as_if_nothing_had_happened(rows):
    case = Case(5, 4, 9, 3, 5, 2, ragged=True)
    ensemble, whole = (Ensemble(params(case), lr=LR, clip=CLIP) for _ in range(2))
    for seed in range(3):
        ensemble.step(**draw(case, seed))
        whole.step(**draw(case, seed))
    ensemble.keep(rows)
    assert len(ensemble) == 3
    for seed in range(3, 6):
        data = draw(case, seed)
        kept = {name: a[rows] if isinstance(a, np.ndarray) else a for name, a in data.items()}
        for ours, theirs in zip(ensemble.step(**kept), whole.step(**data), strict=True):
            np.testing.assert_array_equal(ours, theirs[rows])
    for ours, theirs in zip(ensemble.params, whole.params, strict=True):
        np.testing.assert_array_equal(ours, theirs[rows])


# Purity


@every_case
def test_calls_are_pure(case):
    """Inputs stay as they were, even read-only; results are their own memory; later calls leave them alone."""
    weights, data = params(case), draw(case)
    inputs = [*weights, *(a for a in data.values() if isinstance(a, np.ndarray))]
    before = [a.copy() for a in inputs]
    for a in inputs:
        a.setflags(write=False)
    results = [arrays(gradients(weights, **data)), arrays(gradients(weights, **data))]
    ensemble = Ensemble(weights, lr=LR)
    results += [list(ensemble.params), list(ensemble.step(**data)), [ensemble.outputs(data["given"], data["lengths"])]]
    results += [list(ensemble.params)]
    kept = [[a.copy() for a in result] for result in results]
    ensemble.step(**draw(case, 1))
    ensemble.outputs(draw(case, 1)["given"])
    for result, copy in zip([*results, inputs], [*kept, before], strict=True):
        for ours, as_it_was in zip(result, copy, strict=True):
            np.testing.assert_array_equal(ours, as_it_was)
    for ours, again in zip(*results[:2], strict=True):
        np.testing.assert_array_equal(ours, again)
    for one, other in combinations([*results, inputs], 2):
        assert not any(np.shares_memory(a, b) for a in one for b in other)


def test_importing_it_leaves_torch_and_pandas_out():
    code = (
        "import sys, lstm_core.ensemble; print(*(name for name in ('torch', 'pandas', 'scipy') if name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


# Learning


def test_they_learn_to_name_the_first_of_eight_inputs():
    S, N, T = 3, 16, 8
    rng = np.random.default_rng(0)
    ensemble = Ensemble(stack_params([Forecaster(1, 8, seed=s, forget_bias=2.0) for s in range(S)]), lr=0.02)
    for _ in range(400):
        x = rng.choice([-1.0, 1.0], (S, N, T, 1))
        losses, _ = ensemble.step(x, x[:, :, 0])
    assert losses.max() < 0.05


# Bad input: S = 2, N = 3, T = 4, D = 5, H = 6, K = 7

BAD_CASE = Case(2, 3, 4, 5, 6, 7)
ONES, WANTED = np.ones((2, 3, 4, 5)), np.zeros((2, 3, 7))
EVERY, MASK = np.zeros((2, 3, 4, 7)), np.ones((2, 3, 4), bool)


def with_nan(a):
    a = a.copy()
    a[1, 2, 0] = np.nan
    return a


def but(a, at, value):
    a = a.copy()
    a[at] = value
    return a


BAD = {
    "given of three networks": ({"given": np.ones((3, 3, 4, 5))}, r"given has shape \(3, 3, 4, 5\), but \(2, N"),
    "given too wide": ({"given": np.ones((2, 3, 4, 6))}, r"given has shape \(2, 3, 4, 6\), but \(2, N, T, 5\)"),
    "given without sequences": ({"given": np.ones((2, 0, 4, 5))}, "given is empty"),
    "given with NaN": ({"given": with_nan(ONES)}, r"given holds 5 NaN .* the first at \(1, 2, 0, 0\)"),
    "given text": ({"given": "yesterday"}, "given should be an array of numbers"),
    "values for symbols": ({"given": np.ones((2, 3, 4))}, r"given is float64 of shape \(2, 3, 4\), but values"),
    "symbols too high": ({"given": np.full((2, 3, 4), 5)}, r"given is 5 at \(0, 0, 0\), but must be .* at most 4"),
    "symbols below 0": ({"given": np.full((2, 3, 4), -1)}, "given is -1 at .* at least 0"),
    "symbols of three networks": ({"given": np.ones((3, 3, 4), int)}, r"given is int64 of shape \(3, 3, 4\)"),
    "no symbols": ({"given": np.ones((2, 3, 0), int)}, "given is empty"),
    "lengths of one network": ({"lengths": np.ones(3, int)}, r"lengths is int64 of shape \(3,\), .*\(2, 3\)"),
    "lengths with halves": ({"lengths": np.full((2, 3), 1.5)}, "lengths is float64"),
    "length 0": ({"lengths": but(np.full((2, 3), 4), (1, 1), 0)}, r"lengths is 0 at \(1, 1\), .* at least 1"),
    "length past T": ({"lengths": np.full((2, 3), 5)}, r"lengths is 5 at \(0, 0\), .* at most 4"),
    "target of every step": ({"target": EVERY}, r"target has shape \(2, 3, 4, 7\), but \(2, 3, 7\)"),
    "target with NaN": ({"target": with_nan(WANTED)}, "target holds 1 NaN"),
    "target of the last step": ({"mask": MASK}, r"target has shape \(2, 3, 7\), but \(2, 3, 4, 7\)"),
    "classes for mse": ({"target": np.zeros((2, 3), int)}, r"target has shape \(2, 3\), but \(2, 3, 7\)"),
    "class too high": (
        {"target": np.full((2, 3), 7), "loss": "cross_entropy"}, r"target is 7 at \(0, 0\), .* at most 6",
    ),
    "classes of another shape": (
        {"target": np.zeros((2, 4), int), "loss": "cross_entropy"}, r"target is int64 of shape \(2, 4\), .*\(2, 3\)",
    ),
    "class too high at a step that counts": (
        {"target": but(np.zeros((2, 3, 4), int), (1, 2, 3), 9), "loss": "cross_entropy", "mask": MASK},
        r"target is 9 at \(1, 2, 3\)",
    ),
    "no class": ({"loss": "cross_entropy"}, r"target is .* at \(0, 0\), but must be one-hot"),
    "half a class": (
        {"target": np.full((2, 3, 7), 1 / 7), "loss": "cross_entropy"}, r"at \(0, 0\), but must be one-hot",
    ),
    "mask of numbers": ({"mask": MASK.astype(int), "target": EVERY}, "mask is int64"),
    "mask of one network": ({"mask": MASK[0], "target": EVERY}, r"mask is bool of shape \(3, 4\), .*\(2, 3, 4\)"),
    "empty mask": ({"mask": but(MASK, 1, False), "target": EVERY}, "mask leaves network 1 no target"),
    "mask behind the end": (
        {"mask": MASK, "target": EVERY, "lengths": but(np.full((2, 3), 4), (1, 2), 3)},
        r"mask is True at \(1, 2, 3\), behind",
    ),
    "unknown loss": ({"loss": "hinge"}, "loss is 'hinge', but must be one of 'mse', 'cross_entropy'"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_a_reason_and_changes_nothing(changed, message):
    ensemble = Ensemble(params(BAD_CASE))
    before = ensemble.params
    with pytest.raises(ValueError, match=message):
        ensemble.step(**{"given": ONES, "target": WANTED} | changed)
    for ours, as_it_was in zip(ensemble.params, before, strict=True):
        np.testing.assert_array_equal(ours, as_it_was)
    fresh = Ensemble(before)
    ensemble.step(ONES, WANTED)
    fresh.step(ONES, WANTED)
    for ours, theirs in zip(ensemble.params, fresh.params, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    if set(changed) <= {"given", "lengths"}:
        with pytest.raises(ValueError, match=message):
            ensemble.outputs(**{"given": ONES} | changed)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda p: tuple(p), {}, "params is a tuple, but should be EnsembleParams"),
        (lambda p: p._replace(weight_ih=p.weight_ih[:1]), {}, r"weight_ih has shape \(1, 24, 5\), but \(2, 24, 5\)"),
        (
            lambda p: p._replace(weight_hh=np.ones((2, 24, 5))),
            {},
            r"weight_ih has shape \(2, 24, 5\), but \(2, 20, 5\)",
        ),
        (lambda p: p._replace(bias=np.ones((2, 6))), {}, r"bias has shape \(2, 6\), but \(2, 24\)"),
        (lambda p: p._replace(head=np.ones((2, 7))), {}, r"head has shape \(2, 7\), but"),
        (lambda p: p._replace(head_bias=np.ones((2, 6))), {}, r"head_bias has shape \(2, 6\), but \(2, 7\)"),
        (lambda p: p._replace(head=with_nan(p.head)), {}, "head holds 1 NaN"),
        (lambda p: EnsembleParams(*(a[:0] for a in p)), {}, "weight_ih is empty"),
        (lambda p: p, {"lr": 0}, "lr is 0, but must be above 0"),
        (lambda p: p, {"lr": float("nan")}, "lr is nan"),
        (lambda p: p, {"clip": -1.0}, "clip is -1.0, but must be above 0 and finite, or None"),
    ],
)
def test_an_ensemble_that_cannot_be_says_why(change, options, message):
    with pytest.raises(ValueError, match=message):
        Ensemble(change(params(BAD_CASE)), **options)


@pytest.mark.parametrize("rows", [[], [2], [-3], [False, False], [True], [[0, 1]], 0, [0.5], "all"], ids=str)
def test_rows_that_are_not_there_cannot_be_kept(rows):
    ensemble = Ensemble(params(BAD_CASE))
    with pytest.raises(ValueError, match=r"rows is .*, but must be one or more indices below 2, or a mask"):
        ensemble.keep(rows)
    assert len(ensemble) == 2


def test_outputs_of_an_unknown_loss_are_refused():
    with pytest.raises(ValueError, match="loss is 'hinge'"):
        Ensemble(params(BAD_CASE)).outputs(ONES, loss="hinge")

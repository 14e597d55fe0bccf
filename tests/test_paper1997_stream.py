"""paper1997.stream: the compiled loops against `learn_online`, `learn_at_end` and `forward`, for every kind of net.

Shapes: N sequences, T time, D inputs, K outputs.
"""

import numpy as np
import pytest
from test_paper1997 import VARIANTS

from lstm_core.paper1997 import (
    NETS,
    Net,
    Weights,
    connections,
    forward,
    initial_weights,
    learn_at_end,
    learn_online,
)
from lstm_core.paper1997.stream import WHEN, answer, learn_stream, one_trial
from lstm_core.tasks import TASKS, Batch

N, T, RATE = 6, 9, 0.8
every_net = pytest.mark.parametrize("net", VARIANTS.values(), ids=VARIANTS)
both = pytest.mark.parametrize("when", WHEN)
ERRORS = ("at the end", "at every step", "at some steps")
TASK_OF = {"1, 4×1": "1", "1, 3×2": "1", "3": "3a"}  # else a net's own name


def start(net: Net, seed: int = 1) -> Weights:
    """Weights of one trial, S = 1."""
    return initial_weights(net, 1, np.random.default_rng(seed))


def batch_for(net: Net, errors: str, symbols: bool = False, seed: int = 0) -> Batch:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, T, N, endpoint=True)
    within = np.arange(T) < lengths[:, None]
    mask = {"at the end": np.arange(T) == lengths[:, None] - 1, "at every step": within,
            "at some steps": within & (rng.random((N, T)) < 0.6)}[errors]  # fmt: skip
    given = rng.integers(net.inputs, size=(N, T)) if symbols else rng.normal(size=(N, T, net.inputs)).astype("f4")
    wanted = rng.integers(net.outputs, size=(N, T)) if symbols else rng.random((N, T, net.outputs)).astype("f4")
    return Batch(given, wanted * (mask if symbols else mask[..., None]), mask, lengths, net.inputs, net.outputs)


def in_numpy(net: Net, weights: Weights, batch: Batch, when: str, learns=None) -> Weights:
    """The batch's sequences one after the other by the NumPy functions."""
    for n in range(len(batch.lengths)):
        one = batch.take([n])
        if when == "step":
            rate = RATE * one.mask
            weights = learn_online(net, weights, one.given, one.target, rate, one.lengths, learns=learns).weights
        else:
            assert one.mask.sum() in (1, one.lengths[0])
            target = one.target if one.mask.sum() > 1 else one.target[one.mask]
            weights, _ = learn_at_end(net, weights, one.given, target, RATE, one.lengths, learns)
    return weights


def same(one: Weights, trials: Weights) -> bool:
    return all(np.allclose(a, b[0], rtol=0, atol=1e-12) for a, b in zip(one, trials, strict=True))


@pytest.mark.parametrize("symbols", [False, True], ids=["numbers", "symbols"])
@pytest.mark.parametrize("errors", ERRORS)
@every_net
def test_online_it_is_learn_online(net, errors, symbols):
    batch, weights = batch_for(net, errors, symbols), start(net)
    learnt, _ = learn_stream(net, one_trial(weights, 0), batch, RATE)
    assert same(learnt, in_numpy(net, weights, batch, "step"))
    assert not same(learnt, weights)


@pytest.mark.parametrize("errors", ERRORS[:2])
@every_net
def test_by_sequence_it_is_learn_at_end(net, errors):
    batch, weights = batch_for(net, errors), start(net)
    if errors == "at every step":
        batch = batch._replace(lengths=np.full(N, T), mask=np.ones((N, T), bool))
    learnt, _ = learn_stream(net, one_trial(weights, 0), batch, RATE, "sequence")
    assert same(learnt, in_numpy(net, weights, batch, "sequence"))


@both
@pytest.mark.parametrize("name", NETS)
def test_on_the_papers_tasks_and_nets_both_halves_learn_the_same(name, when):
    net, task = NETS[name], TASKS[TASK_OF.get(name, name)]()
    batch, weights = task.batch(4, np.random.default_rng(3)), start(net)
    learnt, _ = learn_stream(net, one_trial(weights, 0), batch, RATE, when)
    assert same(learnt, in_numpy(net, weights, batch, when))


@pytest.mark.parametrize("errors", ERRORS)
@every_net
def test_an_answer_is_what_the_net_says_and_changes_nothing(net, errors):
    batch, weights = batch_for(net, errors), start(net)
    one = one_trial(weights, 0)
    said = answer(net, one, batch)
    for n in range(N):
        y = forward(net, weights, batch.given[n : n + 1].astype(float)).y[0] * batch.mask[n, :, None]
        expected = y if errors != "at the end" else y[batch.last[n]]
        np.testing.assert_allclose(said[n], expected, rtol=0, atol=1e-12)
    assert same(one, weights)


@both
def test_what_it_says_is_from_before_it_learns(when):
    net = VARIANTS["blocks of two"]
    batch, one = batch_for(net, "at the end"), one_trial(start(net), 0)
    _, said = learn_stream(net, one, batch, RATE, when)
    for n in range(N):
        np.testing.assert_allclose(said[n], answer(net, one, batch.take([n]))[0], atol=1e-12)
        one, _ = learn_stream(net, one, batch.take([n]), RATE, when)


@both
@every_net
def test_only_what_learns_changes(net, when):
    rng = np.random.default_rng(4)
    learns = Weights(*(mask & (rng.random(mask.shape) < 0.5) for mask in connections(net)))
    batch, weights = batch_for(net, "at the end"), start(net)
    learnt, _ = learn_stream(net, one_trial(weights, 0), batch, RATE, when, learns)
    assert same(learnt, in_numpy(net, weights, batch, when, learns))
    for after, before, may in zip(learnt, one_trial(weights, 0), learns, strict=True):
        assert np.array_equal(after[~may], before[~may])


@both
def test_what_stands_behind_the_end_changes_nothing(when):
    net = VARIANTS["direct"]
    batch, one = batch_for(net, "at every step"), one_trial(start(net), 0)
    other = batch._replace(given=np.where(batch.steps[..., None], batch.given, 7).astype("f4"))
    assert all(
        np.array_equal(a, b)
        for a, b in zip(learn_stream(net, one, batch, RATE, when)[0], learn_stream(net, one, other, RATE, when)[0],
                        strict=True)
    )  # fmt: skip


def test_calls_are_pure():
    net = VARIANTS["direct"]
    batch, one = batch_for(net, "at every step"), one_trial(start(net), 0)
    before = [a.copy() for a in (*one, *batch[:4])]
    learn_stream(net, one, batch, RATE)
    answer(net, one, batch)
    assert all(np.array_equal(a, b) for a, b in zip(before, (*one, *batch[:4]), strict=True))


def test_one_trial_is_a_copy_of_one():
    weights = initial_weights(NETS["4"], 3, np.random.default_rng(0))
    one = one_trial(weights, 2)
    one.hidden[:] = 0
    assert weights.hidden[2].any()
    with pytest.raises(ValueError, match="k is 3, but must be a whole number of at least 0 and at most 2"):
        one_trial(weights, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(weights=np.zeros(3)), "weights is a ndarray, but one network's Weights are expected: one_trial"),
        (dict(weights=start(NETS["4"])), r"weights.hidden has shape \(1, 8, 11\), but \(8, 11\) is expected"),
        (dict(batch=TASKS["6a"]().batch(2, np.random.default_rng(0))), r"batch is \(8, 4\), but one of 2 inputs and 1"),
        (dict(batch=[1]), "batch is list, but one of 2 inputs and 1 outputs is expected"),
        (dict(rate=-0.1), "rate is -0.1, but descent needs 0 or more"),
        (dict(rate=np.nan), "rate holds 1 NaN"),
        (dict(when="later"), "when is 'later', but must be one of 'step', 'sequence'"),
        (dict(learns=Weights(np.ones((2, 2)), np.ones((2, 2)))), "learns has shapes"),
    ],
)
def test_bad_input_is_refused_in_words(change, message):
    batch = TASKS["4"]().batch(2, np.random.default_rng(0))
    good = dict(net=NETS["4"], weights=one_trial(start(NETS["4"]), 0), batch=batch, rate=0.5)
    with pytest.raises(ValueError, match=message):
        learn_stream(**good | change)

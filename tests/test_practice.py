"""practice: one net at a time and many at once learn the same; a training can be left and taken up again."""

import itertools

import numpy as np
import pytest
import torch

from lstm_core.forecaster import stack_params
from lstm_core.practice import answer, learn, learn_many, new_net
from lstm_core.tasks import TASKS, adding, temporal_order_6a

SMALL = {"4": dict(T=20), "2c": dict(q=4, p=3), "2a": dict(p=5), "1": {}, "6a": {}, "3a": dict(T=20)}
pull = itertools.islice


def trained(task, seeds, pulls, **biases):
    nets = [new_net(task, 7, seed=seed, **biases) for seed in seeds]
    return nets, list(pull(learn_many(task, stack_params(nets), seeds), pulls))


@pytest.mark.parametrize("experiment", SMALL)
def test_many_at_once_learn_what_each_learns_alone(experiment):
    task, seeds = TASKS[experiment](**SMALL[experiment]), [3, 4, 9]
    nets, steps = trained(task, seeds, 12, forget_bias=2.0)
    fresh = task.batch(5, np.random.default_rng(0))
    for k, (seed, net) in enumerate(zip(seeds, nets, strict=True)):
        alone = list(pull(learn(task, net, seed=seed), 12))
        together = [step[k][0] for step in steps]
        np.testing.assert_allclose([p.loss for p in together], [p.loss for p in alone], rtol=2e-3)
        assert [p.sequences for p in together] == [p.sequences for p in alone] == list(range(20, 260, 20))
        said, expected = steps[-1][k][1].answer(fresh), answer(task, net, fresh)
        where = fresh.mask if task.every_step else np.s_[:]
        np.testing.assert_allclose(said[where], expected[where], atol=2e-3)


def test_a_network_does_not_depend_on_its_neighbours():
    task = adding(20)
    _, three = trained(task, [0, 1, 2], 5)
    _, one = trained(task, [1], 5)
    assert [step[1][0] for step in three] == [step[0][0] for step in one]


def test_adding_is_learnt_with_a_long_memory_and_a_shut_input_gate():
    task = adding(20)
    nets = [new_net(task, 16, seed=seed, chrono=20) for seed in range(3)]
    fresh, right = task.batch(200, np.random.default_rng(99)), {}
    for step in learn_many(task, stack_params(nets), [0, 1, 2]):
        assert next(iter(step.values()))[0].sequences <= 40_000
        for k, (progress, one) in step.items():
            if progress.solved:
                right[k] = np.mean(task.errors(one.answer(fresh), fresh) < task.threshold)
    assert set(right) == {0, 1, 2}
    assert min(right.values()) > 0.97


def test_a_solved_network_leaves_and_the_others_go_on():
    task = adding(20)
    nets = [new_net(task, 16, seed=seed, chrono=20) for seed in range(2)]
    counts = [set(step) for step in learn_many(task, stack_params(nets), [0, 1])]
    first = next(k for k, there in enumerate(counts) if there != {0, 1})
    assert all(there == counts[first] for there in counts[first:])
    assert len(counts[first]) == 1


def test_a_training_that_is_left_goes_on_to_the_bit():
    task = temporal_order_6a()
    straight, paused = ([], [])
    for losses, pauses in ((straight, ()), (paused, (3, 7))):
        training = learn(task, new_net(task, 6, seed=1), seed=1)
        for k, progress in enumerate(pull(training, 10)):
            losses.append(progress.loss)
            if k in pauses:  # whoever pulls may do other things, with torch too
                torch.rand(5)
                torch.set_num_threads(2)
    assert straight == paused


def test_the_number_of_threads_is_put_back():
    torch.set_num_threads(2)
    next(learn(adding(20), new_net(adding(20), 4)))
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_cell_lowers_its_loss(cell):
    task = adding(20)
    losses = [p.loss for p in pull(learn(task, new_net(task, 8, cell), lr=0.003), 60)]
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:5])


def test_a_network_that_leaves_the_finite_numbers_is_out_and_the_others_go_on():
    task = adding(20)
    nets = [new_net(task, 4, seed=seed) for seed in range(2)]
    params = stack_params(nets)
    params.head[0] = 1e38
    steps = list(pull(learn_many(task, params, [0, 1]), 4))
    assert not np.isfinite(steps[0][0][0].loss)
    assert not steps[0][0][0].solved
    assert [set(step) for step in steps] == [{0, 1}, {1}, {1}, {1}]
    assert all(np.isfinite(step[1][0].loss) for step in steps)


def test_bad_input_is_refused_in_words():
    task = adding(20)
    with pytest.raises(ValueError, match="net reads 8 and says 4 numbers, but adding problem, T = 20 has 2 inputs and"):
        next(learn(task, new_net(temporal_order_6a(), 4)))
    with pytest.raises(ValueError, match="batch_size is 0, but must be a whole number of at least 1"):
        next(learn(task, new_net(task, 4), batch_size=0))
    with pytest.raises(ValueError, match="seeds has 2 entries, but params has 1 networks: one each"):
        next(learn_many(task, stack_params([new_net(task, 4)]), [0, 1]))

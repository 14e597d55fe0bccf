"""brain.hopfield and brain.episodes against direct sums, the energy, an exact binomial law and a search of all cases;
and notebook 13's headline, that recall falls between 10 and 14 patterns, over ten seeds.

Shapes: B networks, P patterns, N units.
"""

from itertools import product

import numpy as np
import pytest
from helpers import error

from lstm_core.brain import (
    WORD,
    crosstalk,
    draw_episodes,
    energy,
    flip,
    learn_to_store,
    look_up,
    one_shot,
    recall,
    recall_many,
    store,
)

B, P, N = 4, 3, 30


def patterns(seed: int = 0, count: int = P, units: int = N) -> np.ndarray:
    return np.random.default_rng(seed).choice([-1.0, 1.0], (B, count, units))


def test_weights_are_a_direct_sum():
    x = patterns()
    W = store(x)
    for b, i, j in np.ndindex(B, N, N):
        assert W[b, i, j] == (sum(x[b, mu, i] * x[b, mu, j] for mu in range(P)) if i != j else 0)
    assert (store(x[0]) == W[0]).all()


def test_energy_is_a_direct_sum_and_no_update_raises_it():
    x, rng = patterns(1, count=12), np.random.default_rng(2)
    W = store(x)
    for b in range(B):
        state = flip(x[b, 0], 10, rng)
        by_hand = -0.5 * sum(W[b, i, j] * state[i] * state[j] for i in range(N) for j in range(N))
        assert energy(W[b], state) == pytest.approx(by_hand, abs=1e-9)
        energies = [by_hand]
        for i in np.tile(np.arange(N), 6):
            state = recall(W[b], state, rng, held=np.arange(N) != i, sweeps=1)
            energies.append(float(energy(W[b], state)))
        assert max(np.diff(energies)) <= 0
        assert energies[-1] < energies[0]


def test_where_it_ends_no_unit_disagrees_with_its_sum():
    x = patterns(3, count=9)
    W, rng = store(x), np.random.default_rng(0)
    found = recall(W, flip(x[:, 0], 9, rng), rng)
    assert (np.einsum("bij,bj->bi", W, found) * found >= 0).all()
    assert (np.abs(found) == 1).all()


def test_one_pattern_is_a_fixed_point_and_so_is_its_opposite():
    W, rng = store(WORD[None]), np.random.default_rng(0)
    for sign in (1, -1):
        assert (recall(W, sign * WORD, rng) == sign * WORD).all()
        assert (recall(W, flip(sign * WORD, 49, rng), rng) == sign * WORD).all()


def test_at_low_load_all_that_is_stored_comes_back():
    x, rng = np.random.default_rng(4).choice([-1.0, 1.0], (3, 100)), np.random.default_rng(0)
    assert (recall(store(np.stack([x] * 3)), flip(x, 20, rng), rng) == x).all()


def test_held_units_keep_the_cue_and_silent_ones_are_filled_in():
    x, rng = patterns(5, count=1), np.random.default_rng(0)
    held = np.arange(N) < 10
    cue = np.where(held, x[:, 0], 0)
    assert (recall(store(x), cue, rng, held) == x[:, 0]).all()
    assert (recall(store(x), -cue, rng, held) == -x[:, 0]).all()
    assert (recall(np.zeros((N, N)), cue[0], rng) == cue[0]).all()  # a sum of 0 moves nothing


def test_flip_turns_that_many():
    x = patterns(6)
    turned = flip(x, 7, np.random.default_rng(0))
    assert ((turned != x).sum(axis=-1) == 7).all()
    assert np.mean(flip(np.ones((4000, N)), 7, np.random.default_rng(0)) < 0, axis=0) == pytest.approx(7 / N, abs=0.03)
    assert (flip(x, 0, np.random.default_rng(0)) == x).all()


def test_crosstalk_is_what_every_case_says():
    """All 2⁸ pairs of patterns of four units: how often a unit of the first would turn."""
    turns = []
    for signs in product([-1.0, 1.0], repeat=8):
        x = np.reshape(signs, (2, 4))
        turns += list(np.einsum("ij,j->i", store(x), x[0]) * x[0] < 0)
    assert crosstalk(2, units=4) == np.mean(turns) == 0.0  # three coins cannot fall below −3
    turns = []
    for signs in product([-1.0, 1.0], repeat=9):
        x = np.reshape(signs, (3, 3))
        turns += list(np.einsum("ij,j->i", store(x), x[0]) * x[0] < 0)
    assert crosstalk(3, units=3) == np.mean(turns) > 0


def test_crosstalk_agrees_with_a_sample():
    x = np.random.default_rng(7).choice([-1.0, 1.0], (400, 20, 100))
    turned = np.mean(np.einsum("bij,bj->bi", store(x), x[:, 0]) * x[:, 0] < 0)
    assert turned == pytest.approx(crosstalk(20), abs=4 * np.sqrt(0.01 / 40_000))
    assert crosstalk(1) == 0


def test_recall_falls_between_10_and_14_patterns():
    """Notebook 13's headline: 100 units, 20 of 100 bits flipped; ten seeds, all units right."""
    whole = {load: [(recall_many(load, np.random.default_rng([seed, load])) == 1).mean() for seed in range(10)]
             for load in (5, 10, 14, 20)}  # fmt: skip
    assert min(whole[5]) > 0.95
    assert min(whole[10]) > max(whole[14]) > min(whole[14]) > max(whole[20])
    assert np.mean(whole[10]) - np.mean(whole[14]) > 0.2


# --- episodes


def test_an_episode_asks_for_the_rest_of_one_of_its_patterns():
    drawn = draw_episodes(200, 4, np.random.default_rng(0))
    whole = np.concatenate([drawn.cue[:, :6], drawn.target], axis=1)
    assert (drawn.cue[:, 6:] == 0).all()
    where = (drawn.shown == whole[:, None]).all(axis=2)
    assert where.any(axis=1).all()
    assert set(where.argmax(axis=1)) == {0, 1, 2, 3}
    given = drawn.given
    assert given.shape == (200, 5, 13)
    assert (given[:, :4, :12] == drawn.shown).all()
    assert (given[:, 4, :12] == drawn.cue).all()
    assert (given[:, :, 12] == [0, 0, 0, 0, 1]).all()
    assert drawn.right(drawn.target) == 1
    assert drawn.right(-0.1 * drawn.target) == 0
    assert drawn.right(0 * drawn.target) == 0.5


def test_one_shot_is_right_where_there_is_one_pattern_and_guesses_nothing_else():
    drawn = draw_episodes(50, 1, np.random.default_rng(0))
    assert drawn.right(one_shot(drawn, np.random.default_rng(1))) == 1


def test_the_best_memory_is_right_as_often_as_a_table_is():
    """A table that keeps all patterns, and takes the majority of those that fit; ties count half."""
    rng = np.random.default_rng(8)
    for load, known in ((2, 2), (5, 1), (9, 3)):
        drawn = draw_episodes(40_000, load, rng, bits=known + 1, known=known)
        fits = (drawn.shown[:, :, :known] == drawn.cue[:, None, :known]).all(axis=2)
        answers = (drawn.shown[:, :, known:] * fits[:, :, None]).sum(axis=1)
        assert drawn.right(answers) == pytest.approx(look_up(load, known), abs=0.01)
    assert look_up(1) == 1
    assert look_up(2, 1) == pytest.approx(0.5 + 0.5 * 0.75)


def test_an_lstm_learns_to_hold_a_pattern():
    *_, (_, nets) = learn_to_store([0], 1, 150, hidden=24, lr=0.01)
    drawn = draw_episodes(500, 1, np.random.default_rng(9))
    assert drawn.right(nets.outputs(drawn.given[None].astype("f4"))[0]) > 0.9


def test_networks_side_by_side_train_as_if_alone():
    together = [losses for losses, _ in learn_to_store([3, 4], 2, 5, hidden=8)]
    alone = [losses for losses, _ in learn_to_store([4], 2, 5, hidden=8)]
    assert error(np.array(together)[:, 1:], np.array(alone)) == 0


def test_what_does_not_fit_is_said():
    with pytest.raises(ValueError, match="patterns should hold \\+1 and −1 only"):
        store(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"weights has shape \(30, 30\), but \(B, N, N\) is expected"):
        recall(store(patterns()[0]), patterns()[:, 0], np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"cue has shape \(29,\), but \(30,\) is expected"):
        recall(store(patterns()[0]), np.ones(29), np.random.default_rng(0))
    with pytest.raises(ValueError, match="count is 31, but"):
        flip(np.ones(30), 31, np.random.default_rng(0))
    with pytest.raises(ValueError, match="load is 0"):
        recall_many(0, np.random.default_rng(0))
    for wrong, words in (((0, 5), "load is 0"), ((1, 0), "minibatches is 0")):
        with pytest.raises(ValueError, match=words):
            next(learn_to_store([0], *wrong))
    with pytest.raises(ValueError, match="known is 12"):
        draw_episodes(1, 1, np.random.default_rng(0), known=12)

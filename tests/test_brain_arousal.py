"""brain.arousal: the world turns as often as it says, Bayes' tracker is the sum over all histories, no arousal is no
change to the bit; and the claim of notebook 13: the best arousal rises with the hazard rate, recorded and here."""

from itertools import product

import numpy as np
import pytest

from lstm_core.brain import (
    aroused,
    bayes_tracker,
    best_arousal,
    new_net,
    says,
    switching_world,
    trace,
    tracking_error,
    train_trackers,
)
from lstm_core.studies import load
from lstm_core.studies.brain_gates import worlds
from lstm_core.studies.gate_rows import error_curves, saved, tracking_table


def test_a_world_turns_at_its_hazard_rate_and_is_seen_through_unit_noise():
    world = switching_world(500, 200, 0.15, np.random.default_rng(1))
    turned = world.mean[:, 1:] != world.mean[:, :-1]
    assert turned.mean() == pytest.approx(0.15, abs=3 * np.sqrt(0.15 * 0.85 / turned.size))
    noise = world.x[..., 0] - world.mean
    assert (noise.mean(), noise.std()) == (pytest.approx(0, abs=0.02), pytest.approx(1, abs=0.02))
    assert world.mean[:, 0].mean() == pytest.approx(0, abs=0.15)


def test_a_higher_hazard_turns_wherever_a_lower_one_does_under_the_same_noise():
    calm, wild, still, restless = (switching_world(9, 50, h, np.random.default_rng(1)) for h in (0.05, 0.3, 0, 1))
    turns = [np.diff(world.mean) != 0 for world in (calm, wild, still, restless)]
    assert (turns[0] <= turns[1]).all()
    assert turns[0].sum() < turns[1].sum()
    assert not turns[2].any()
    assert turns[3].all()
    np.testing.assert_allclose(calm.x[..., 0] - calm.mean, wild.x[..., 0] - wild.mean, atol=1e-12)
    each = switching_world(2, 50, np.array([0.0, 1.0]), np.random.default_rng(1)).mean
    assert (np.abs(np.diff(each)).sum(1) == [0, 98]).all()


@pytest.mark.parametrize("hazard", [-0.1, 1.1, np.nan])
def test_a_hazard_is_a_probability(hazard):
    with pytest.raises(ValueError, match="hazard"):
        switching_world(2, 5, hazard, np.random.default_rng(0))


def over_all_histories(x, hazard):
    """E[mean_T | x] by summing over every path of the mean: prior × likelihood."""
    paths = np.array(list(product([-1, 1], repeat=len(x))))
    turns = (np.diff(paths) != 0).sum(1)
    prior = 0.5 * hazard**turns * (1 - hazard) ** (len(x) - 1 - turns)
    posterior = prior * np.exp(-((x - paths) ** 2).sum(1) / 2)
    return posterior @ paths[:, -1] / posterior.sum()


@pytest.mark.parametrize("hazard", [0.01, 0.15, 0.5])
def test_bayes_tracker_sums_over_all_histories(hazard):
    x = switching_world(3, 8, 0.2, np.random.default_rng(2)).x
    found = bayes_tracker(x, hazard)
    for row, guess in zip(x[..., 0], found, strict=True):
        assert guess[[0, 4, 7]] == pytest.approx([over_all_histories(row[: t + 1], hazard) for t in (0, 4, 7)])


def test_no_arousal_leaves_every_bit_and_arousal_moves_two_logits():
    net, x = new_net(1, 4, 3), np.random.default_rng(0).normal(size=(5, 1, 1))
    np.testing.assert_array_equal(says(aroused(net, 0.0), x), says(net, x))
    before, after = trace(net, x), trace(aroused(net, 1.5), x)

    def logit(gate):
        return np.log(gate / (1 - gate))

    np.testing.assert_allclose(logit(after.i) - logit(before.i), 1.5)
    np.testing.assert_allclose(logit(after.f) - logit(before.f), -1.5)
    np.testing.assert_array_equal(after.o, before.o)
    np.testing.assert_array_equal(after.g, before.g)


def test_errors_count_from_step_twenty_on():
    world = switching_world(4, 30, 0.1, np.random.default_rng(0))
    guess = world.mean.copy()
    guess[:, :20] = 100
    assert tracking_error(guess, world) == 0
    assert tracking_error(np.zeros((4, 30)), world) == 1


def test_the_best_arousal_is_the_lowest_point_of_the_curve():
    net, world = new_net(1, 4, 3), switching_world(20, 60, 0.1, np.random.default_rng(0))
    steps = (-2.0, 0.5, 3.0)
    errors = [tracking_error(says(aroused(net, a), world.x), world) for a in steps]
    assert best_arousal(net, world, steps) == steps[int(np.argmin(errors))]


def test_in_every_recorded_seed_the_best_arousal_rises_with_the_hazard_rate():
    trials = load("brain_gates")["tracking"]["trials"]
    assert len(trials) >= 10
    for trial in trials:
        best = [trial["worlds"][h]["best"] for h in ("0.01", "0.04", "0.15")]
        assert best[0] < best[1] < best[2], trial["trial"]


def test_recorded_errors_are_u_shaped_and_nobody_beats_bayes():
    rows = load("brain_gates")
    for errors, _ in error_curves(rows).values():
        curve = errors.mean(0)
        lowest = curve.argmin()
        assert (np.diff(curve[: lowest + 1]) < 0).all()
        assert (np.diff(curve[lowest:]) > 0).all()
    for trial in rows["tracking"]["trials"]:
        for world in trial["worlds"].values():
            assert world["bayes"] < min(*world["errors"], world["retrained"], world["mixed"])


def test_arousal_pays_where_the_world_is_not_the_one_it_was_trained_in_and_retraining_pays_more():
    rows = load("brain_gates")
    over_calm, over_retrained = saved(rows), saved(rows, "retrained")
    for hazard in (0.01, 0.15):
        assert over_calm.loc[hazard, "mean"] > over_calm.loc[hazard, "half"] > 0
        assert over_retrained.loc[hazard, "mean"] < -over_retrained.loc[hazard, "half"] < 0
    assert abs(over_calm.loc[0.04, "mean"]) < 0.01


def test_the_table_has_a_line_a_world():
    table = tracking_table(load("brain_gates"))
    assert list(table.index) == [0.01, 0.04, 0.15]
    assert all(" ± " in cell for cell in table.to_numpy().ravel())


def test_one_seed_again():
    """Trained here at hazard 0.04, it is best aroused the more, the more often the world turns."""
    (net,) = train_trackers([0], [0.04])
    recorded = load("brain_gates")["tracking"]["trials"][0]["worlds"]
    best = [best_arousal(net, worlds(hazard)[0]) for hazard in (0.01, 0.04, 0.15)]
    assert best[0] < best[1] < best[2]
    assert best == pytest.approx([recorded[h]["best"] for h in ("0.01", "0.04", "0.15")], abs=0.5)

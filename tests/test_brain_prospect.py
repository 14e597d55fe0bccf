"""brain.prospect: the die of Tversky & Kahneman 1992 written out, expected value as the special case, dominance kept by
cumulative weights and broken by separable ones."""

import numpy as np
import pytest

from lstm_core.brain import TK1992, Prospect, certainty_equivalent, decision_weights, prospect_value
from lstm_core.brain.prospect import separable_value, value, weight

PLAIN = Prospect(1, 1, 1, 1, 1)
SIXTH = np.full(6, 1 / 6)


def w_plus(p):
    return p**0.61 / (p**0.61 + (1 - p) ** 0.61) ** (1 / 0.61)


def w_minus(p):
    return p**0.69 / (p**0.69 + (1 - p) ** 0.69) ** (1 / 0.69)


def test_the_die_of_1992():
    """Even, and one receives as many dollars; odd, and one pays as many. Their formula, term by term."""
    V = (
        2**0.88 * (w_plus(1 / 2) - w_plus(1 / 3))
        + 4**0.88 * (w_plus(1 / 3) - w_plus(1 / 6))
        + 6**0.88 * w_plus(1 / 6)
        - 2.25 * 5**0.88 * w_minus(1 / 6)
        - 2.25 * 3**0.88 * (w_minus(1 / 3) - w_minus(1 / 6))
        - 2.25 * 1**0.88 * (w_minus(1 / 2) - w_minus(1 / 3))
    )
    assert prospect_value([-1, 2, -3, 4, -5, 6], SIXTH) == pytest.approx(V)
    assert V < 0 < prospect_value([-1, 2, -3, 4, -5, 6], SIXTH, PLAIN)


def test_the_defaults_are_the_medians_of_1992():
    assert TK1992 == (0.88, 0.88, 2.25, 0.61, 0.69)


def test_straight_probabilities_and_values_make_it_expected_value():
    rng = np.random.default_rng(0)
    x, p = rng.normal(size=7), rng.dirichlet(np.ones(7))
    np.testing.assert_allclose(decision_weights(x, p, PLAIN), p)
    assert decision_weights(x, p, Prospect(gamma=1, delta=1)).sum() == pytest.approx(1)
    assert prospect_value(x, p, PLAIN) == pytest.approx(p @ x)
    assert certainty_equivalent(x, p, PLAIN) == pytest.approx(p @ x)


def test_weights_of_gains_alone_sum_to_one_and_those_of_both_do_not():
    assert decision_weights([1, 2, 3], [0.2, 0.5, 0.3]).sum() == pytest.approx(1)
    assert decision_weights([-1, -2, -3], [0.2, 0.5, 0.3]).sum() == pytest.approx(1)
    assert decision_weights([-1, 1], [0.5, 0.5]).sum() == pytest.approx(w_plus(0.5) + w_minus(0.5))


def test_order_and_pieces_do_not_matter():
    x, p = [3.0, -2.0, 1.0], [0.2, 0.5, 0.3]
    V = prospect_value(x, p)
    assert prospect_value(x[::-1], p[::-1]) == pytest.approx(V)
    assert prospect_value([3, 3, -2, -2, 1], [0.05, 0.15, 0.4, 0.1, 0.3]) == pytest.approx(V)


def test_small_probabilities_are_inflated_and_large_ones_deflated():
    p = np.linspace(0, 1, 201)
    for curvature in (0.61, 0.69):
        w = weight(p, curvature)
        assert (w[0], w[-1]) == (0, pytest.approx(1))
        assert (np.diff(w) > 0).all()
        assert (w[1:60] > p[1:60]).all()
        assert (w[100:-1] < p[100:-1]).all()
    np.testing.assert_allclose(weight(p, 1), p)


def test_losses_loom_larger():
    x = np.array([0.5, 1, 20])
    np.testing.assert_allclose(-value(-x) / value(x), 2.25)
    assert value(0) == 0


def test_the_fourfold_pattern():
    """Averse to likely gains and unlikely losses, drawn to unlikely gains and likely losses: the abstract of 1992."""
    for chance, sign in ((0.9, -1), (0.05, 1)):
        expected = 100 * chance
        assert sign * (certainty_equivalent([0, 100], [1 - chance, chance]) - expected) > 1
        assert sign * (certainty_equivalent([0, -100], [1 - chance, chance]) + expected) < -1


@pytest.mark.parametrize("x", [40.0, -40.0])
def test_a_sure_thing_is_worth_itself(x):
    assert certainty_equivalent([x], [1.0]) == pytest.approx(x)


def test_cumulative_weights_never_prefer_what_is_worse_in_every_case():
    rng = np.random.default_rng(1)
    for _ in range(200):
        n = rng.integers(2, 9)
        better, p = rng.normal(size=n) * 10, rng.dirichlet(np.ones(n))
        worse = better - rng.exponential(size=n) * rng.integers(0, 2, n)
        assert prospect_value(worse, p) <= prospect_value(better, p) + 1e-12


def test_separable_weights_do():
    """Ten chances of a tenth, none above 10, against a sure 10: the pieces' weights sum to 1.86."""
    pieces, tenth = 10 - 0.01 * np.arange(10), np.full(10, 0.1)
    assert separable_value(pieces, tenth) > 1.8 * separable_value([10], [1])
    assert prospect_value(pieces, tenth) < prospect_value([10], [1])
    assert separable_value([0, 50], [0.3, 0.7]) == pytest.approx(prospect_value([0, 50], [0.3, 0.7]))  # one gain: alike


@pytest.mark.parametrize("p", [[0.5, 0.6], [1.5, -0.5], [0.5, 0.2]])
def test_probabilities_are_probabilities(p):
    with pytest.raises(ValueError, match="sum to"):
        decision_weights([1, 2], p)


@pytest.mark.parametrize("curvature", [0.2, 1.1, np.nan])
def test_a_weight_rises_with_the_probability(curvature):
    with pytest.raises(ValueError, match=r"curvature.*0\.28 and 1"):
        weight(0.5, curvature)

"""biases.py: each bias reaches its own gate, as seen from that gate, and chrono initialisation is its paper's."""

import numpy as np
import pytest
from helpers import LSTM, draw

from lstm_core.biases import chrono_bias, gate_bias, shift_biases
from lstm_core.cell import LSTMParams, LSTMState, lstm_step

GATES = {"input": "i", "forget": "f", "candidate": "g", "output": "o"}
H = 3


def gates_of(bias):
    """The gates of a cell that has nothing but this bias."""
    params = LSTMParams(np.zeros((4 * H, 1)), np.zeros((4 * H, H)), bias)
    _, gates = lstm_step(params, np.zeros((1, 1)), LSTMState(np.zeros((1, H)), np.zeros((1, H))))
    return gates


@pytest.mark.parametrize("value", [2.0, [1.0, -2.0, 0.5]])
@pytest.mark.parametrize("name", GATES)
def test_a_bias_moves_its_own_gate_and_no_other(name, value):
    bias = gate_bias(H, **{name: value})
    assert bias.shape == (4 * H,)
    assert bias.dtype == np.float64
    moved, still = gates_of(bias), gates_of(np.zeros(4 * H))
    expected = np.tanh(value) if name == "candidate" else 1 / (1 + np.exp(-np.asarray(value)))
    np.testing.assert_allclose(getattr(moved, GATES[name])[0], np.broadcast_to(expected, H), rtol=1e-14)
    for other in set(GATES.values()) - {GATES[name]}:
        np.testing.assert_array_equal(getattr(moved, other), getattr(still, other))


@pytest.mark.parametrize(
    ("size", "bias", "message"),
    [
        (0, {}, "hidden_size is 0, but must be at least 1"),
        (H, {"forget": [1, 2]}, r"forget bias has shape \(2,\), but \(3,\) is expected"),
        (H, {"output": np.nan}, "output bias holds 1 NaN"),
        (H, {"input": "shut"}, "input bias should be an array of numbers.*shut"),
    ],
)
def test_biases_that_make_no_sense_are_refused(size, bias, message):
    with pytest.raises(ValueError, match=message):
        gate_bias(size, **bias)


def test_chrono_keeps_its_range_and_the_input_gate_is_what_the_forget_gate_leaves():
    longest_lag, hidden = 200, 4000
    i, f, g, o = np.split(chrono_bias(hidden, longest_lag, np.random.default_rng(0)), 4)
    np.testing.assert_array_equal(i, -f)
    assert not g.any()
    assert not o.any()
    lags = np.exp(f)  # uniform over [1, T − 1]: its ends, its mean and its variance
    width = longest_lag - 2
    assert lags.min() == pytest.approx(1, abs=0.5)
    assert lags.max() == pytest.approx(longest_lag - 1, abs=0.5)
    assert lags.min() >= 1
    assert lags.max() <= longest_lag - 1
    assert lags.mean() == pytest.approx(longest_lag / 2, abs=4 * width / np.sqrt(12 * hidden))
    assert lags.var() == pytest.approx(width**2 / 12, rel=0.05)


def test_chrono_of_the_shortest_lag_is_no_bias():
    np.testing.assert_array_equal(chrono_bias(H, 2, np.random.default_rng(0)), 0)


def test_chrono_is_seeded():
    first, again, other = (chrono_bias(H, 50, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("hidden", "lag", "message"),
    [
        (H, 1, "longest_lag is 1 steps, but chrono initialisation needs at least 2"),
        (H, np.nan, "longest_lag is nan"),
        (H, np.inf, "longest_lag is inf"),
        (0, 50, "hidden_size is 0, but must be at least 1"),
    ],
)
def test_chrono_refuses_what_it_cannot_spread(hidden, lag, message):
    with pytest.raises(ValueError, match=message):
        chrono_bias(hidden, lag, np.random.default_rng(0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shifted_biases_are_added_to_a_copy(dtype):
    params = draw(LSTM, (1, 1, 2, H), dtype=dtype).params
    before = params.bias.copy()
    shifted = shift_biases(params, forget=2.0, output=[-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(params.bias, before)
    np.testing.assert_allclose(shifted.bias - before, [0] * H + [2] * H + [0] * H + [-1, 0, 1], rtol=1e-5, atol=1e-6)
    assert shifted.bias.dtype == dtype
    assert shifted.weight_ih is params.weight_ih
    assert shifted.weight_hh is params.weight_hh

"""brain.small_nets: a net is torch's LSTM with a head; a held gate is a cell without one; training leaves it held."""

import numpy as np
import pytest
import torch

from lstm_core.brain import hold_output, new_net, says, trace, train
from lstm_core.cell import sigmoid

X = np.random.default_rng(0).normal(size=(4, 9, 3))


def without_output_gate(net, x):
    """The cell written out once more, with h = tanh(C)."""
    (W, U, b), H = net.lstm, len(net.head)
    h = c = np.zeros((len(x), H))
    answers = []
    for x_t in x.swapaxes(0, 1):
        z = x_t @ W.T + h @ U.T + b
        c = sigmoid(z[:, H : 2 * H]) * c + sigmoid(z[:, :H]) * np.tanh(z[:, 2 * H : 3 * H])
        h = np.tanh(c)
        answers.append(h @ net.head + net.head_bias)
    return np.stack(answers, 1)


def test_a_net_says_what_torchs_lstm_and_a_linear_layer_say():
    net = new_net(3, 5, 7, forget_bias=1.0)._replace(head_bias=0.3)
    lstm = torch.nn.LSTM(3, 5, batch_first=True, dtype=torch.float64)
    for name, value in zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0"), net.lstm, strict=True):
        getattr(lstm, name).data = torch.tensor(value)
    lstm.bias_hh_l0.data.zero_()
    with torch.no_grad():
        h = lstm(torch.tensor(X))[0].numpy()
    np.testing.assert_allclose(says(net, X), h @ net.head + 0.3, atol=1e-12)


def test_an_open_gate_is_no_gate_exactly():
    held = hold_output(new_net(3, 5, 7), 1.0)
    found = trace(held, X)
    assert (found.o == 1).all()
    np.testing.assert_array_equal(found.h, np.tanh(found.c))
    np.testing.assert_allclose(says(held, X), without_output_gate(new_net(3, 5, 7), X), atol=1e-14)


@pytest.mark.parametrize("o", [0.0, 0.1, 0.5, 0.93])
def test_a_gate_is_held_where_it_is_held_and_nothing_else_of_the_net_moves(o):
    net = new_net(3, 5, 7)
    held = hold_output(net, o)
    np.testing.assert_allclose(trace(held, X).o, o, atol=1e-15)
    for before, after in zip(net.lstm, held.lstm, strict=True):
        np.testing.assert_array_equal(before[:15], after[:15])
    assert (net.lstm.bias[15:] != held.lstm.bias[15:]).all()  # a copy: the net keeps its own


@pytest.mark.parametrize("o", [-0.1, 1.1, np.nan, [0.5, 0.5]])
def test_a_gate_is_held_between_shut_and_open_only(o):
    with pytest.raises(ValueError, match="o "):
        hold_output(new_net(3, 1, 0), o)


def stream(seed):
    rng = np.random.default_rng(seed)

    def draw():
        x = rng.normal(size=(16, 6, 3))
        return x, x[..., 0]  # to say what was heard last

    return draw


def test_nets_trained_side_by_side_are_those_trained_alone_and_learn():
    nets = [new_net(3, 4, seed) for seed in (0, 1)]
    both = train(nets, [stream(0), stream(1)], 60, lr=0.03)
    (alone,) = train(nets[1:], [stream(1)], 60, lr=0.03)
    for one, other in zip((*both[1].lstm, both[1].head), (*alone.lstm, alone.head), strict=True):
        np.testing.assert_array_equal(one, other)
    x, wanted = stream(9)()
    errors = [np.mean((says(net, x) - wanted) ** 2) for net in (nets[1], alone)]
    assert errors[1] < 0.5 * errors[0]


def test_training_does_not_move_a_gate_that_is_held_open():
    net = new_net(3, 4, 0, output_gate=False)
    (after,) = train([net], [stream(0)], 5, lr=0.03)
    assert (trace(after, X).o == 1).all()
    assert (after.lstm.bias[:12] != net.lstm.bias[:12]).all()


def test_every_net_needs_a_stream_of_its_own():
    with pytest.raises(ValueError, match="1 streams, but nets has 2"):
        train([new_net(3, 1, 0)] * 2, [stream(0)], 1, lr=0.01)

"""field: each layer against its naive formula, step by step; gradients against finite differences; the past of a causal
layer stays as it is; and all five readers have as many weights."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lstm_core.field import MLSTM, READERS, SLSTM, Transformer, new_reader, positions, weights
from lstm_core.practice import answer, learn
from lstm_core.tasks import adding

N, T, D, H = 2, 9, 3, 4
KINDS = {"slstm": SLSTM, "mlstm": MLSTM, "transformer": Transformer}


@pytest.fixture
def x():
    return torch.randn(N, T, D, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def layer(kind, **more):
    torch.manual_seed(1)
    return KINDS[kind](D, H, **more).double()


@torch.no_grad()
def naive_slstm(net, x, far=0.0):
    """c / n with exp(ĩ) as it stands; `far` is added to ĩ."""
    h = c = n = torch.zeros(len(x), H, dtype=x.dtype)
    hs = []
    for x_t in x.unbind(1):
        i, f, g, o = (net.read(x_t) + net.mix(h)).chunk(4, -1)
        i, f, g, o = torch.exp(i + far), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c, n = f * c + i * g, f * n + i
        h = o * c / n
        hs.append(h)
    return torch.stack(hs, 1)


@torch.no_grad()
def naive_mlstm(net, x):
    """The paper's recurrence: a matrix C, a step at a time."""
    x = F.silu(net.embed(x))
    C, n, hs = torch.zeros(len(x), H, H, dtype=x.dtype), torch.zeros(len(x), H, dtype=x.dtype), []
    for x_t in x.unbind(1):
        q, k, v, o = net.qkvo(x_t).chunk(4, -1)
        i, f = net.gates(x_t).split(1, -1)
        i, f, k = torch.exp(i), torch.sigmoid(f), k / math.sqrt(H)
        C = f[..., None] * C + i[..., None] * torch.einsum("na,nb->nab", v, k)
        n = f * n + i * k
        below = torch.clamp((n * q).sum(-1, keepdim=True).abs(), min=1)
        hs.append(torch.sigmoid(o) * torch.einsum("nab,nb->na", C, q) / below)
    return torch.stack(hs, 1)


@pytest.mark.parametrize("chrono", [None, 50])
def test_the_stabilised_slstm_is_the_naive_one(x, chrono):
    net = layer("slstm", chrono=chrono)
    torch.testing.assert_close(net(x)[0], naive_slstm(net, x), rtol=0, atol=1e-12)


@torch.no_grad()
def test_a_shift_of_the_slstms_input_bias_changes_nothing(x):
    """c and n grow by the same factor; the naive formula overflows, the stabilised one does not notice."""
    net = layer("slstm")
    before = net(x)[0]
    net.read.bias[:H] += 1000
    torch.testing.assert_close(net(x)[0], before, rtol=0, atol=1e-10)
    assert naive_slstm(net, x).isnan().any()


@pytest.mark.parametrize("stretch", [1, 30])  # at 30 the normaliser's max(|n·q|, 1) takes either side
def test_all_steps_of_the_mlstm_at_once_are_its_recurrence(x, stretch):
    net = layer("mlstm", chrono=50)
    net.gates.weight.data *= stretch
    torch.testing.assert_close(net(x)[0], naive_mlstm(net, x), rtol=0, atol=1e-12)


@torch.no_grad()
def test_the_mlstm_stays_finite_where_its_naive_formula_overflows(x):
    net = layer("mlstm")
    net.gates.bias[0] += 1000
    assert naive_mlstm(net, x).isnan().any()
    assert net(x)[0].abs().max() < 100


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind, x):
    net = layer(kind)
    names, values = zip(*net.named_parameters(), strict=True)
    run = lambda x, *values: torch.func.functional_call(net, dict(zip(names, values, strict=True)), x)[0]  # noqa: E731
    whole = kind != "transformer"  # its layers are PyTorch's: a random direction of every gradient will do
    assert torch.autograd.gradcheck(run, (x[:1, :4].requires_grad_(), *values), fast_mode=not whole)


@torch.no_grad()
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_future_leaves_the_past_as_it_is(kind, x):
    net, other = layer(kind), x.clone()
    other[:, 5:] += 1
    before, after = net(x)[0], net(other)[0]
    torch.testing.assert_close(after[:, :5], before[:, :5], rtol=0, atol=1e-14)
    assert (after[:, 5:] != before[:, 5:]).all(-1).all()


@torch.no_grad()
def test_attention_has_no_order_of_its_own(x, monkeypatch):
    """Without positions the last step hears the same, whatever the order of those before it; in one layer, that is: in
    two, what an earlier step has heard of depends on it."""
    swapped = x[:, [3, 1, 0, 2, *range(4, T)]]
    with_positions, net = layer("transformer", layers=1), layer("transformer", layers=1)
    assert not torch.allclose(with_positions(x)[0][:, -1], with_positions(swapped)[0][:, -1])
    monkeypatch.setattr("lstm_core.field.positions", lambda T, H: torch.zeros(T, H))
    torch.testing.assert_close(net(x)[0][:, -1], net(swapped)[0][:, -1], rtol=0, atol=1e-14)


def test_positions_are_sines_and_cosines():
    table = positions(50, 6).numpy()
    for k in range(3):
        angle = np.arange(50) / 10_000 ** (2 * k / 6)
        np.testing.assert_allclose(table[:, 2 * k], np.sin(angle), atol=1e-6)
        np.testing.assert_allclose(table[:, 2 * k + 1], np.cos(angle), atol=1e-6)


def test_the_five_have_as_many_weights_to_three_per_cent():
    counts = {kind: weights(new_reader(kind, 2, 1, 100)) for kind in READERS}
    assert counts["lstm"] == 4 * 32 * (2 + 32 + 1) + 32 + 1  # one bias a gate
    assert counts["gru"] == 3 * 37 * (2 + 37 + 1) + 37 + 37 + 1  # and one more inside the candidate's product
    assert max(counts.values()) / min(counts.values()) < 1.03


@pytest.mark.parametrize("kind", READERS)
def test_practice_trains_each_of_them_the_same_way_for_the_same_seed(kind):
    task = adding(20)
    runs = [learn(task, new_reader(kind, 2, 1, 20, seed=3), seed=3) for _ in range(2)]
    losses = [[next(run).loss for _ in range(3)] for run in runs]
    assert losses[0] == losses[1]
    batch = task.batch(4, np.random.default_rng(0))
    assert answer(task, new_reader(kind, 2, 1, 20), batch).shape == (4, 1)


def test_forget_gates_start_where_chrono_says():
    reads = new_reader("slstm", 2, 1, 100, seed=5).recurrent.read.bias.detach()
    lstm = new_reader("lstm", 2, 1, 100, seed=5).recurrent.bias_ih_l0.detach()
    torch.testing.assert_close(reads[32:64], lstm[32:64])
    assert new_reader("mlstm", 2, 1, 100).recurrent.gates.bias[1].item() == pytest.approx(math.log(99))


def test_unknown_readers_and_sizes_are_refused():
    with pytest.raises(ValueError, match="kind is 'mamba', but must be one of 'lstm', 'gru'"):
        new_reader("mamba", 2, 1, 100)
    with pytest.raises(ValueError, match="hidden_size is 0, but must be a whole number of at least 1"):
        SLSTM(2, 0)

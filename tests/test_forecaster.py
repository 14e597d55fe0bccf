"""forecaster.py against PyTorch itself: nn.LSTMCell stepped by hand, nn.LSTM's own output, and its own first draw."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lstm_core import forecaster
from lstm_core.cell import LSTMState, gru_step, lstm_step, rnn_step
from lstm_core.ensemble import EnsembleParams
from lstm_core.forecaster import Forecaster, load_params, params_from_torch, stack_params, trace_gates
from lstm_core.sequence import LSTMTrace

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])


LAYOUTS = {"batch first": lambda a: a, "time first": lambda a: a.transpose(0, 1), "unbatched": lambda a: a[0]}


def randn(seed, *shape, dtype=torch.float64, device="cpu"):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(device, dtype)


def build(kind, *sizes, seed=1, scale=0.8, dtype=torch.float64, **options):
    """Build a module with weights of its own generator, large enough to bring the gates near both ends."""
    module = kind(*sizes, dtype=dtype, **options)
    with torch.no_grad():
        for k, weight in enumerate(module.parameters()):
            weight.copy_(scale * randn(1000 * seed + k, *weight.shape))
    return module


@torch.no_grad()
def step_cells(lstm, x, h0, c0):
    """Trace an nn.LSTM over x (N, T, D) the slow way: gates from their equations, states from nn.LSTMCell."""
    traces, directions = [], 1 + lstm.bidirectional
    for k, (w_ih, w_hh, *biases) in enumerate(lstm.all_weights):
        if k and k % directions == 0:
            x = torch.cat([trace.h for trace in traces[-directions:]], -1)
        cell = nn.LSTMCell(w_ih.shape[1], w_hh.shape[1], bias=bool(biases)).to(x)
        for mine, theirs in zip(cell.parameters(), (w_ih, w_hh, *biases), strict=True):
            mine.copy_(theirs)
        h, c = h0[k], c0[k]
        steps = {}
        for t in range(x.shape[1])[:: -1 if k % directions else 1]:
            z = x[:, t] @ w_ih.T + h @ w_hh.T + sum(biases)
            i, f, g, o = z.chunk(4, 1)
            h, c = cell(x[:, t], (h, c))
            steps[t] = (i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid(), c, h)
        parts = zip(*(steps[t] for t in sorted(steps)), strict=True)
        traces.append(LSTMTrace(*(torch.stack(part, 1) for part in parts)))
    return traces


def largest_difference(ours, theirs):
    assert [part.shape for trace in ours for part in trace] == [part.shape for trace in theirs for part in trace]
    pairs = (zip(mine, its, strict=True) for mine, its in zip(ours, theirs, strict=True))
    return max((a - b).abs().max().item() for pair in pairs for a, b in pair)


@pytest.mark.parametrize("device", DEVICES)
@settings(max_examples=150, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 17), min_size=4, max_size=4, unique=True),
    layers=st.integers(1, 3),
    layout=st.sampled_from(sorted(LAYOUTS)),
    options=st.fixed_dictionaries({"bidirectional": st.booleans(), "bias": st.booleans()}),
    with_state=st.booleans(),
    seed=st.integers(0, 99),
)
def test_every_gate_of_any_lstm_is_a_cells(device, sizes, layers, layout, options, with_state, seed):
    N, T, D, H = sizes
    N = 1 if layout == "unbatched" else N
    lstm = build(nn.LSTM, D, H, layers, seed=seed, batch_first=layout != "time first", **options).to(device)
    x = randn(seed, N, T, D, device=device)
    h0, c0 = randn(seed + 1, 2, layers * (1 + lstm.bidirectional), N, H, device=device) * with_state
    as_module = LAYOUTS[layout]
    state = tuple(part[:, 0] if layout == "unbatched" else part for part in (h0, c0))

    traces = trace_gates(lstm, as_module(x), state if with_state else None)

    expected = [LSTMTrace(*map(as_module, trace)) for trace in step_cells(lstm, x, h0, c0)]
    assert largest_difference(traces, expected) <= 1e-12
    output, (h_n, c_n) = lstm(as_module(x), state)
    top = torch.cat([trace.h for trace in traces[-(1 + lstm.bidirectional) :]], -1)
    assert top.shape == output.shape
    time = 1 if layout == "batch first" else 0
    ends = [-1 if k % (1 + lstm.bidirectional) == 0 else 0 for k in range(len(traces))]
    for name, last in (("h", h_n), ("c", c_n)):
        ours = torch.stack([getattr(trace, name).select(time, end) for trace, end in zip(traces, ends, strict=True)])
        torch.testing.assert_close(ours, last, rtol=0, atol=1e-12)
    torch.testing.assert_close(top, output, rtol=0, atol=1e-12)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("numpy_batch", [1, 100], ids=["stepped in NumPy", "kernel replayed"])
@pytest.mark.parametrize(("N", "T", "D", "H"), [(1, 64, 2, 8), (3, 70, 4, 5), (9, 33, 2, 7)])
def test_both_ways_agree_in_float32_too(monkeypatch, device, numpy_batch, N, T, D, H):
    monkeypatch.setattr(forecaster, "NUMPY_BATCH", numpy_batch)
    lstm = build(nn.LSTM, D, H, 2, bidirectional=True, batch_first=True, dtype=torch.float32).to(device)
    x = randn(7, N, T, D, dtype=torch.float32, device=device)
    zeros = x.new_zeros(4, N, H)
    assert largest_difference(trace_gates(lstm, x), step_cells(lstm, x, zeros, zeros)) <= 1e-5


@pytest.mark.parametrize("numpy_batch", [1, 100])
@pytest.mark.parametrize("forget_bias", [-8, 8])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_gates_held_shut_or_open_for_512_steps(monkeypatch, numpy_batch, forget_bias, dtype, tolerance):
    monkeypatch.setattr(forecaster, "NUMPY_BATCH", numpy_batch)
    lstm = build(nn.LSTM, 2, 5, scale=0.3, batch_first=True, dtype=dtype)
    lstm.bias_ih_l0.data[5:10] += forget_bias
    x, zeros = randn(3, 1, 512, 2, dtype=dtype), torch.zeros(1, 1, 5, dtype=dtype)
    (ours,), (theirs,) = trace_gates(lstm, x), step_cells(lstm, x, zeros, zeros)
    for mine, its in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, its, rtol=tolerance, atol=tolerance)


@given(T=st.integers(1, 50), N=st.integers(1, 3), seed=st.integers(0, 99), kind=st.sampled_from(["tensor", "array"]))
def test_the_walk_in_two_strides_is_the_walk_step_by_step(T, N, seed, kind):
    f, ig, c0 = randn(seed, N, T, 4).sigmoid(), randn(seed + 1, N, T, 4), randn(seed + 2, N, 4)
    expected, c = ig.clone(), c0
    for t in range(T):
        c = expected[:, t] = f[:, t] * c + ig[:, t]
    parts = (f, ig, c0) if kind == "tensor" else (f.numpy(), ig.numpy(), c0.numpy())
    forecaster._walk_cells(*parts)
    torch.testing.assert_close(ig, expected, rtol=0, atol=1e-13)


def test_a_trace_builds_no_graph_and_leaves_the_module_and_earlier_traces_alone():
    lstm = build(nn.LSTM, 3, 4, 2, dropout=0.5, batch_first=True).eval()
    before = {name: weight.clone() for name, weight in lstm.state_dict().items()}
    x, other = randn(1, 2, 6, 3).requires_grad_(), randn(2, 2, 6, 3)
    first = trace_gates(lstm, x)
    kept = [part.clone() for part in first[0]]
    trace_gates(lstm, other)
    assert all(torch.equal(part, copy) for part, copy in zip(first[0], kept, strict=True))
    assert not any(part.requires_grad for trace in first for part in trace)
    assert not lstm.training
    assert all(torch.equal(weight, before[name]) for name, weight in lstm.state_dict().items())
    lstm.train()
    with pytest.raises(ValueError, match=r"lstm\.eval\(\)"):
        trace_gates(lstm, x)
    assert lstm.training


def lstm(**options):
    return build(nn.LSTM, 3, 4, batch_first=True, **options)


@pytest.mark.parametrize(
    ("module", "x", "state", "message"),
    [
        (lstm(proj_size=2), randn(1, 2, 5, 3), None, "proj_size is 2"),
        (nn.GRU(3, 4), randn(1, 2, 5, 3), None, "an nn.LSTM, not a GRU"),
        (Forecaster(3, 4), randn(1, 2, 5, 3), None, r"\.recurrent"),
        (lstm(), nn.utils.rnn.pack_sequence([randn(1, 5, 3)]), None, "packed"),
        (lstm(), randn(1, 2, 5, 3).numpy(), None, "not a ndarray"),
        (lstm(), randn(1, 2, 5, 4), None, r"\(N, T, 3\).*\(2, 5, 4\)"),
        (lstm(), randn(1, 5), None, r"\(N, T, 3\).*\(5,\)"),
        (lstm(), randn(1, 2, 0, 3), None, "not empty"),
        (lstm(), randn(1, 2, 5, 3, dtype=torch.float32), None, "float64 tensor.*float32"),
        (lstm(dtype=torch.bfloat16), randn(1, 2, 5, 3, dtype=torch.bfloat16), None, "bfloat16"),
        (lstm(), torch.full((2, 5, 3), torch.nan, dtype=torch.float64), None, "30 NaN"),
        (lstm(), randn(1, 2, 5, 3), (randn(1, 1, 2, 4), randn(1, 2, 4)), "c_0 should be .*(1, 2, 4)"),
        (lstm(), randn(1, 2, 5, 3), (randn(1, 1, 2, 4),), "1 part"),
    ],
)
def test_what_cannot_be_traced_is_refused_with_a_reason(module, x, state, message):
    with pytest.raises(ValueError, match=message):
        trace_gates(module, x, state)


def test_huge_but_finite_inputs_are_traced():
    assert trace_gates(lstm(dtype=torch.float32), torch.full((1, 4, 3), 3e38))[0].h.isfinite().all()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_parameters_copied_from_torch_give_torchs_states(kind, dtype, bias):
    module = build(kind, 3, 4, 2, bidirectional=True, batch_first=True, bias=bias, dtype=dtype)
    x = randn(5, 2, 6, 8)  # what layer 1 reads: 2 · 4 features
    reference = build(kind, 8, 4, batch_first=True, bias=bias, dtype=dtype)
    with torch.no_grad():
        for ours, theirs in zip(reference.parameters(), module.all_weights[3], strict=True):
            ours.copy_(theirs)
    params = params_from_torch(module, 1, reverse=True)
    assert {part.dtype for part in params} == {x.to(dtype).numpy().dtype}
    h = np.zeros((2, 4))
    state = LSTMState(h, h)
    for x_t in x.transpose(0, 1).numpy():
        if kind is nn.LSTM:
            state, _ = lstm_step(params, x_t, state)
        else:
            h = rnn_step(params, x_t, h) if kind is nn.RNN else gru_step(params, x_t, h)[0]
    ours = state.h if kind is nn.LSTM else h
    expected = reference(x.to(dtype))[0][:, -1].detach().double().numpy()
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12 if dtype == torch.float64 else 1e-6)


def test_copied_parameters_do_not_follow_training():
    model = Forecaster(2, 3, "gru")
    params = params_from_torch(model)
    kept = [part.copy() for part in params]
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(1)
    for part, copy in zip(params, kept, strict=True):
        np.testing.assert_array_equal(part, copy)


@pytest.mark.parametrize(
    ("module", "layer", "reverse", "message"),
    [
        (nn.Linear(2, 2), 0, False, "not Linear"),
        (nn.RNN(2, 2, nonlinearity="relu"), 0, False, "tanh nn.RNN"),
        (nn.LSTM(2, 3, proj_size=1), 0, False, "projections"),
        (nn.LSTM(2, 3), 1, False, "no layer 1"),
        (nn.LSTM(2, 3), -1, False, "no layer -1"),
        (nn.LSTM(2, 3), 0, True, "no layer 0 reverse"),
        (nn.LSTM(2, 3, dtype=torch.bfloat16), 0, False, "bfloat16"),
    ],
)
def test_what_has_no_parameters_to_copy_is_refused(module, layer, reverse, message):
    with pytest.raises(ValueError, match=message):
        params_from_torch(module, layer, reverse=reverse)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_weights_are_stacked_and_loaded_without_a_seam(dtype):
    models = [Forecaster(2, 3, output_size=4, forget_bias=seed, seed=seed).to(dtype) for seed in range(3)]
    stacked = stack_params(models)
    shapes = [(3, 12, 2), (3, 12, 3), (3, 12), (3, 4, 3), (3, 4)]
    assert [part.shape for part in stacked] == shapes
    assert {part.dtype for part in stacked} == {torch.zeros(0, dtype=dtype).numpy().dtype}
    kept, x = [part.copy() for part in stacked], randn(5, 6, 7, 2, dtype=dtype)
    for k, model in enumerate(models):
        other = Forecaster(2, 3, output_size=4, seed=9).to(dtype)
        assert load_params(other, stacked, k) is other
        for again, part in zip(stack_params([other]), stacked, strict=True):
            np.testing.assert_array_equal(again, part[k : k + 1])
        torch.testing.assert_close(other(x), model(x))
        with torch.no_grad():
            for weight in (*model.parameters(), *other.parameters()):
                weight.add_(1)
    for part, copy in zip(stacked, kept, strict=True):
        np.testing.assert_array_equal(part, copy)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([], "forecasters is empty"),
        ([Forecaster(2, 3), Forecaster(2, 3, "gru")], r"forecasters\[1\] is Forecaster.*one layer of lstm"),
        ([Forecaster(2, 3, num_layers=2)], r"forecasters\[0\] is .*one layer of lstm"),
        ([nn.LSTM(2, 3)], r"forecasters\[0\] is LSTM\(2, 3\), but a Forecaster"),
        (
            [Forecaster(2, 3), Forecaster(2, 3), Forecaster(2, 4)],
            r"forecasters\[2\] has weights .*\(16, 2\).*\(12, 2\)",
        ),
        ([Forecaster(2, 3), Forecaster(2, 3).double()], r"forecasters\[1\] .*float64.*the first .*float32"),
    ],
)
def test_what_is_no_ensemble_is_not_stacked(models, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        stack_params(models)


@pytest.mark.parametrize(
    ("model", "k", "message"),
    [
        (Forecaster(2, 3), 2, "k is 2, but must be a whole number of at least 0 and at most 1"),
        (Forecaster(2, 3), -1, "k is -1"),
        (Forecaster(2, 4), 0, r"forecaster has weights .*\(16, 2\).* but params .*\(2, 12, 2\)"),
        (Forecaster(2, 3, "rnn"), 0, "forecaster is .*one layer of lstm"),
    ],
)
def test_weights_that_do_not_fit_are_not_loaded(model, k, message):
    params = stack_params([Forecaster(2, 3), Forecaster(2, 3, seed=1)])
    assert isinstance(params, EnsembleParams)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    with pytest.raises(ValueError, match=f"(?s){message}"):
        load_params(model, params, k)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize(("cell", "kind"), [("rnn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_a_forecaster_starts_as_pytorch_would_and_leaves_the_generators_alone(cell, kind):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    model = Forecaster(3, 5, cell, output_size=2, num_layers=2, seed=11)
    again, other = Forecaster(3, 5, cell, output_size=2, num_layers=2, seed=11), Forecaster(3, 5, cell, seed=12)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
    with torch.random.fork_rng():
        torch.manual_seed(11)
        plain = nn.ModuleList([kind(3, 5, 2, batch_first=True), nn.Linear(5, 2)])
    for twin in (plain, again):
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), twin.parameters(), strict=True))
    assert not torch.equal(model.recurrent.weight_ih_l0, other.recurrent.weight_ih_l0)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_step_has_the_forecast_of_the_window_that_ends_there(cell):
    last = Forecaster(3, 5, cell, output_size=2, num_layers=2, seed=4)
    every = Forecaster(3, 5, cell, output_size=2, num_layers=2, every_step=True, seed=4)
    x = randn(7, 4, 6, 3, dtype=torch.float32)
    forecasts = every(x)
    assert forecasts.shape == (4, 6, 2)
    for t in range(6):
        torch.testing.assert_close(forecasts[:, t], last(x[:, : t + 1]))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_forecast_is_read_from_the_last_step(cell):
    model, x = Forecaster(3, 5, cell, output_size=2, num_layers=2), randn(1, 4, 7, 3, dtype=torch.float32)
    h, _ = model.recurrent(x)
    torch.testing.assert_close(model(x), h[:, -1] @ model.head.weight.T + model.head.bias)
    assert model(x).shape == (4, 2)


def bias_sums(model, layer):
    return np.sum([getattr(model.recurrent, f"bias_{part}_l{layer}").detach().numpy() for part in ("ih", "hh")], axis=0)


@pytest.mark.parametrize(
    ("cell", "options", "gates"),
    [
        ("lstm", {"forget_bias": 3.0}, {1: 3.0}),
        ("lstm", {"input_bias": -2.0}, {0: -2.0}),
        ("lstm", {"forget_bias": 1.0, "input_bias": 0.0}, {0: 0.0, 1: 1.0}),
        ("gru", {"forget_bias": 2.5}, {1: 2.5}),
    ],
)
def test_gate_biases_are_set_in_every_layer_and_nothing_else_is(cell, options, gates):
    model, plain = Forecaster(2, 4, cell, num_layers=2, **options), Forecaster(2, 4, cell, num_layers=2)
    for layer in range(2):
        expected = bias_sums(plain, layer).reshape(-1, 4)
        for gate, value in gates.items():
            expected[gate] = value
        np.testing.assert_array_equal(bias_sums(model, layer), expected.ravel())
    for (name, ours), theirs in zip(model.named_parameters(), plain.parameters(), strict=True):
        assert "bias_" in name or torch.equal(ours, theirs)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_chrono_spreads_memories_up_to_the_longest_lag(cell):
    model, plain = Forecaster(1, 400, cell, num_layers=2, chrono=100), Forecaster(1, 400, cell, num_layers=2)
    for layer in range(2):
        ours, theirs = bias_sums(model, layer).reshape(-1, 400), bias_sums(plain, layer).reshape(-1, 400)
        lags = np.exp(ours[1])
        assert lags.min() >= 1
        assert 95 < lags.max() <= 99 * (1 + 1e-6)
        assert 45 < lags.mean() < 55
        np.testing.assert_array_equal(ours[0], -ours[1] if cell == "lstm" else theirs[0])
        np.testing.assert_array_equal(ours[2:], theirs[2:])
    assert not np.array_equal(bias_sums(model, 0), bias_sums(model, 1))
    np.testing.assert_array_equal(bias_sums(Forecaster(1, 400, cell, chrono=100), 0), bias_sums(model, 0))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((3, 4, "transformer"), {}, "'rnn', 'lstm', 'gru'"),
        ((0, 4), {}, "input_size is 0"),
        ((3, -1), {}, "hidden_size is -1"),
        ((3, 2.5), {}, "hidden_size is 2.5"),
        ((3, 4), {"output_size": 0}, "output_size is 0"),
        ((3, 4), {"num_layers": 0}, "num_layers is 0"),
        ((3, 4, "rnn"), {"forget_bias": 1.0}, "no such gate"),
        ((3, 4, "rnn"), {"chrono": 10}, "no such gate"),
        ((3, 4, "gru"), {"input_bias": 1.0}, "no such gate"),
        ((3, 4), {"chrono": 10, "forget_bias": 1.0}, "not both"),
        ((3, 4), {"chrono": 1}, "at least 2"),
        ((3, 4), {"forget_bias": float("nan")}, "forget_bias is nan"),
    ],
)
def test_a_forecaster_that_cannot_be_built_says_why(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        Forecaster(*arguments, **options)


@pytest.mark.parametrize("shape", [(5, 3), (2, 5, 4), (2, 0, 3), (0, 5, 3)])
def test_a_window_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"\(N, T, 3\) is expected"):
        Forecaster(3, 4)(torch.zeros(shape))

"""training.py: against a loop written out by hand, and cut short in every way that a lecture knows."""

import io
import itertools
import math
import os
import pickle
import re
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
import torch
from jupyter_client.manager import start_new_kernel
from torch import nn

from lstm_core import training
from lstm_core.forecaster import Forecaster
from lstm_core.training import History, fit, load_checkpoint, mse, save_checkpoint

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])


class Dropped(Forecaster):
    """A Forecaster that draws random numbers while it trains."""

    def forward(self, x):
        return super().forward(nn.functional.dropout(x, 0.3, self.training))


class Slope(nn.Module):
    """One weight w, from 0, that predicts w·x: its losses can be worked out in the head."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.w * x[:, 0, :1]


def rows(n, seed=0):
    """n windows (n, 5, 2) and what to predict of them, (n, 1)."""
    x = torch.randn(n, 5, 2, generator=torch.Generator().manual_seed(seed))
    return x, x[:, -3:].mean((1, 2))[:, None]


def weights(model):
    return {name: part.clone() for name, part in model.state_dict().items()}


def same(model, other):
    ours, theirs = (m.state_dict() if isinstance(m, nn.Module) else m for m in (model, other))
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def constant(target, n=8):
    return torch.ones(n, 1, 1), torch.full((n, 1), float(target))


@pytest.mark.parametrize("device", DEVICES)
def test_it_learns_where_the_model_is(device):
    model = Forecaster(2, 8).to(device)
    history = fit(model, rows(256), rows(64, 1), epochs=30, lr=0.01, progress=False)
    assert len(history.train_loss) == len(history.valid_loss) == 30
    assert history.valid_loss[-1] < history.valid_loss[0] / 5
    assert history.stopped == "finished"
    assert next(model.parameters()).device.type == device
    assert not model.training


@pytest.mark.parametrize("clip", [None, 0.05])
@pytest.mark.parametrize(("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_it_is_the_loop_that_one_writes_by_hand(name, kind, clip):
    x, y = rows(50)
    ours, theirs = Forecaster(2, 4).double(), Forecaster(2, 4).double()
    options = {"lr": 0.01, "weight_decay": 0.1, "clip": clip, "progress": False}
    history = fit(ours, (x, y), epochs=8, optimizer=name, batch_size=50, **options)
    solver, losses = kind(theirs.parameters(), lr=0.01, weight_decay=0.1), []
    for _ in range(8):
        solver.zero_grad()
        loss = (theirs(x.double()) - y.double()).pow(2).mean()
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(theirs.parameters(), clip)
        solver.step()
        losses.append(loss.item())
    assert history.train_loss == pytest.approx(losses, rel=1e-9)
    for mine, its in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-9, atol=1e-12)


def test_every_row_is_used_once_an_epoch_in_an_order_of_its_own():
    seen = []

    def loss(prediction, target):
        seen.append(target[:, 0].tolist())
        return mse(prediction, target)

    numbered = torch.zeros(10, 1, 1), torch.arange(10.0)[:, None]
    fit(Slope(), numbered, epochs=3, batch_size=4, loss=loss, progress=False)
    batches = seen[1:]  # the first call checks shapes
    assert [len(batch) for batch in batches] == [4, 4, 2] * 3
    epochs = [list(itertools.chain(*batches[k : k + 3])) for k in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, range(10)]}) == 4


def test_a_run_repeats_to_the_bit_whatever_the_generators_did_before():
    runs = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        before = torch.get_rng_state()
        model = Dropped(2, 6)
        history = fit(model, rows(100), rows(30, 1), epochs=4, lr=0.01, batch_size=16, progress=False)
        runs.append((history.train_loss, history.valid_loss, weights(model)))
        assert torch.equal(torch.get_rng_state(), before)
    assert runs[0][:2] == runs[1][:2]
    assert same(runs[0][2], runs[1][2])
    other = Dropped(2, 6)
    fit(other, rows(100), rows(30, 1), epochs=4, lr=0.01, batch_size=16, seed=1, progress=False)
    assert not same(other, runs[0][2])


def test_every_batch_drops_out_anew_and_every_seed_differently():
    draws = []

    def loss(prediction, target):
        draws.append(torch.rand(()).item())
        return mse(prediction, target)

    for seed in (0, 1):
        fit(Slope(), constant(1), epochs=3, batch_size=4, seed=seed, loss=loss, progress=False)
    del draws[::7]  # the calls that check shapes
    assert len(set(draws)) == len(draws) == 12


def test_validation_is_in_eval_mode_without_gradients_and_in_parts_where_large(monkeypatch):
    modes = []

    def loss(prediction, target):
        modes.append((model.training, torch.is_grad_enabled(), len(target)))
        return mse(prediction, target)

    model = Dropped(2, 4)
    whole = fit(model, rows(8), rows(20, 1), epochs=1, loss=loss, progress=False)
    assert modes[2:] == [(True, True, 8), (False, False, 20)]
    monkeypatch.setattr(training, "ROWS_AT_ONCE", 7)
    model = Dropped(2, 4)
    parts = fit(model, rows(8), rows(20, 1), epochs=1, loss=loss, progress=False)
    assert [n for *_, n in modes[-3:]] == [7, 7, 6]
    assert parts.valid_loss == pytest.approx(whole.valid_loss, rel=1e-5)


def test_early_stopping_comes_back_to_the_best_weights():
    model = Slope()  # it walks towards 10 and passes 2 on its way
    history = fit(model, constant(10), constant(2), epochs=100, lr=0.3, patience=3, clip=None, progress=False)
    assert history.stopped == "early"
    assert len(history.valid_loss) == history.best_epoch + 3 < 100
    assert history.valid_loss[history.best_epoch - 1] == min(history.valid_loss)
    assert (model.w.item() - 2) ** 2 == pytest.approx(min(history.valid_loss), rel=1e-6)
    on = fit(model, constant(10), constant(2), epochs=5, lr=0.3, patience=3, clip=None, progress=False, resume=history)
    assert on == history
    assert (model.w.item() - 2) ** 2 == pytest.approx(min(history.valid_loss), rel=1e-6)


def test_without_patience_too_the_best_weights_stay():
    model = Slope()
    history = fit(model, constant(10), constant(2), epochs=20, lr=0.3, clip=None, progress=False)
    assert (history.stopped, len(history.train_loss)) == ("finished", 20)
    assert (model.w.item() - 2) ** 2 == pytest.approx(min(history.valid_loss), rel=1e-6)
    assert model.w.item() < 3


OPTIONS = {"lr": 0.02, "batch_size": 16, "seed": 3, "progress": False}


def interrupting(after):
    """The mse, which presses Ctrl-C at call number `after`."""
    calls = iter(range(10**9))

    def loss(prediction, target):
        if next(calls) == after:
            raise KeyboardInterrupt
        return mse(prediction, target)

    return loss


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
@pytest.mark.parametrize("with_valid", [True, False])
def test_four_epochs_and_six_more_are_ten(device, with_valid, optimizer):
    data = {"train": rows(50), "valid": rows(20, 1) if with_valid else None}
    whole, parts = Dropped(2, 5).to(device), Dropped(2, 5).to(device)
    expected = fit(whole, **data, epochs=10, optimizer=optimizer, **OPTIONS)
    first = fit(parts, **data, epochs=4, optimizer=optimizer, **OPTIONS)
    for _ in range(2):  # a History can be resumed more than once
        assert fit(parts, **data, epochs=6, optimizer=optimizer, **OPTIONS, resume=first) == expected
        assert same(parts, whole)


@pytest.mark.parametrize("with_valid", [True, False])
@pytest.mark.parametrize("after", range(2, 19))
def test_an_interrupt_at_any_batch_loses_nothing_for_good(with_valid, after):
    data = {"train": rows(50), "valid": rows(20, 1) if with_valid else None}
    whole, cut = Dropped(2, 5), Dropped(2, 5)
    expected = fit(whole, **data, epochs=6, **OPTIONS)
    history = fit(cut, **data, epochs=6, **OPTIONS, loss=interrupting(after))
    done = len(history.train_loss)
    assert history.stopped == "interrupted"
    assert not cut.training
    assert (history.train_loss, history.valid_loss) == (expected.train_loss[:done], expected.valid_loss[:done])
    if with_valid and done:
        assert fit(Slope(), constant(1), epochs=1, progress=False)  # other work in between does no harm
        assert training._evaluate(cut, *data["valid"], mse) == min(history.valid_loss)
    assert fit(cut, **data, epochs=6 - done, **OPTIONS, resume=history) == expected
    assert same(cut, whole)


def test_an_interrupt_without_validation_keeps_the_latest_step():
    model, start = Dropped(2, 5), weights(Dropped(2, 5))
    history = fit(model, rows(50), epochs=6, **OPTIONS, loss=interrupting(3))
    assert (history.stopped, history.train_loss) == ("interrupted", [])
    assert not same(model, start)
    assert same(history.state["weights"], start)


@pytest.mark.parametrize("line", range(1, 400, 19))
def test_an_interrupt_at_any_line_is_resumed_to_the_bit(line):
    """Ctrl-C waits for no batch to end: press it on one line after another of the training's first epochs."""
    data = {"train": rows(20), "valid": rows(20, 1)}
    whole, cut = Dropped(2, 5), Dropped(2, 5)
    expected = fit(whole, **data, epochs=9, **OPTIONS)
    lines, running = iter(range(1, 10**9)), False

    def trace(frame, event, _):
        nonlocal running
        running = running or frame.f_code is training._train_epoch.__code__
        if event == "line" and running and next(lines) == line:
            raise KeyboardInterrupt
        return trace if frame.f_code.co_filename == training.__file__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        history = fit(cut, **data, epochs=9, **OPTIONS)
    finally:
        sys.settrace(before)
    assert history.stopped == "interrupted"
    assert fit(cut, **data, epochs=9 - len(history.train_loss), **OPTIONS, resume=history) == expected
    assert same(cut, whole)


SCRIPT = """
    import signal, sys, threading
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore Ctrl+C
    sys.path.insert(0, {tests!r})
    from test_training import Dropped, OPTIONS, fit, load_checkpoint, mse, rows, same
    data = {{"train": rows(50), "valid": rows(20, 1)}}
    model, whole = Dropped(2, 5), Dropped(2, 5)
"""


def python(code, **arguments):
    code = textwrap.dedent(SCRIPT + code).format(tests=os.path.dirname(__file__), **arguments)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_a_real_ctrl_c_ends_training_and_not_the_program():
    result = python(
        """
    started, calls = threading.Event(), iter(range(10**9))

    def loss(prediction, target):
        if next(calls) == 20:
            started.set()
        return mse(prediction, target)

    threading.Thread(target=lambda: started.wait() and signal.raise_signal(signal.SIGINT)).start()
    history = fit(model, **data, epochs=10**6, loss=loss, **OPTIONS)
    done = len(history.train_loss)
    resumed = fit(model, **data, epochs=3, **OPTIONS, resume=history)
    print(history.stopped, done > 0, resumed == fit(whole, **data, epochs=done + 3, **OPTIONS), same(model, whole))
        """
    )
    assert result.stdout == "interrupted True True True\n", result.stderr


def test_a_checkpoint_goes_on_to_the_bit_in_another_process(tmp_path):
    data = {"train": rows(50), "valid": rows(20, 1)}
    model, whole = Dropped(2, 5), Dropped(2, 5)
    history = fit(model, **data, epochs=4, **OPTIONS)
    path = tmp_path / "it's a checkpoint.pt"
    save_checkpoint(path, model, history)
    expected = fit(whole, **data, epochs=10, **OPTIONS)
    save_checkpoint(tmp_path / "expected.pt", whole, expected)
    result = python(
        """
    expected = load_checkpoint({expected!r}, whole)
    history = load_checkpoint({path!r}, model)
    print(history, fit(model, **data, epochs=6, **OPTIONS, resume=history) == expected, same(model, whole))
        """,
        path=str(path),
        expected=str(tmp_path / "expected.pt"),
    )
    assert result.stdout == f"{history!r} True True\n", result.stderr
    loaded = Dropped(2, 5, seed=9)
    assert load_checkpoint(path, loaded) == history
    assert same(loaded, model)


@pytest.mark.parametrize(("module", "name"), [(torch, "save"), (os, "replace")])
def test_a_checkpoint_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch, module, name):
    path, model = tmp_path / "model.pt", Slope()
    save_checkpoint(path, model, fit(model, constant(1), epochs=1, progress=False))
    before = path.read_bytes()

    def full_disk(_, file):
        if name == "save":
            file.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(module, name, full_disk)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(path, model, History())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("exploded",)


def test_what_is_no_checkpoint_is_refused_and_the_model_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, other = Forecaster(2, 3), Forecaster(2, 4)
    save_checkpoint("good.pt", other, fit(other, rows(9), epochs=1, progress=False))
    good, start = (tmp_path / "good.pt").read_bytes(), weights(model)
    (tmp_path / "cut.pt").write_bytes(good[: len(good) // 2])
    (tmp_path / "text.pt").write_text("epoch,loss\n1,0.5\n")
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "bomb.pt").write_bytes(pickle.dumps(Bomb()))
    torch.save(model.state_dict(), "weights.pt")
    with pytest.raises(FileNotFoundError, match="there is no checkpoint missing"):
        load_checkpoint("missing.pt", model)
    for name, message in {
        "cut.pt": "cut short",
        "text.pt": "no file of save_checkpoint",
        "empty.pt": "cut short",
        "bomb.pt": "no file of save_checkpoint",
        "weights.pt": "not of save_checkpoint",
        "good.pt": r"recurrent.weight_ih_l0 is \(16, 2\) there, \(12, 2\) here",
    }.items():
        with pytest.raises(ValueError, match=message):
            load_checkpoint(name, model)
    assert same(model, start)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("number", [math.nan, math.inf])
@pytest.mark.parametrize("valid", [None, constant(2)], ids=["the latest", "the best"])
def test_a_loss_that_is_no_number_stops_with_good_weights_back(valid, number):
    model, calls = Slope(), iter(range(100))
    data, options = {"train": constant(10), "valid": valid}, {"lr": 0.3, "clip": None, "progress": False}
    good = Slope()
    fit(good, **data, epochs=20, **options)
    last = 21 if valid is None else 42  # the loss's calls in 20 epochs, and the first ones, which check shapes
    with pytest.raises(FloatingPointError, match=r"epoch 21 at lr=0\.3.*smaller lr"):
        fit(model, **data, epochs=30, **options, loss=lambda p, y: mse(p, y) * (number if next(calls) >= last else 1))
    assert same(model, good)


def test_weights_that_are_no_numbers_are_noticed_in_the_epoch_that_spoilt_them():
    model = Slope()  # √w has the slope ∞ at w = 0: the loss is finite, the step is not
    with pytest.raises(FloatingPointError, match="epoch 1 "):
        fit(model, constant(1), epochs=1, loss=lambda p, y: p.sqrt().sum(), progress=False)
    assert model.w.item() == 0


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(("hidden", "batch_size", "expected"), [(8, 64, 1), (128, 256, 2)])
@pytest.mark.parametrize("error", [None, KeyboardInterrupt, ZeroDivisionError])
def test_threads_suit_the_size_and_come_back(hidden, batch_size, expected, error):
    seen = []

    def loss(prediction, target):
        seen.append(torch.get_num_threads())
        if error and len(seen) == 2:
            raise error
        return mse(prediction, target)

    try:
        fit(Forecaster(2, hidden), rows(9), epochs=1, batch_size=batch_size, loss=loss, progress=False)
    except ZeroDivisionError:
        assert error is ZeroDivisionError
    assert seen == [expected, expected]
    assert torch.get_num_threads() == 2


def test_arrays_of_many_kinds_are_data():
    x, y = rows(20)
    expected = fit(Forecaster(2, 3), (x, y), epochs=2, progress=False)
    frame = pd.DataFrame(y.numpy())
    frozen = np.flip(np.flip(x.numpy().astype(np.float64)))
    frozen.flags.writeable = False
    for pair in [(frozen, frame), (x.numpy(), frame.to_numpy()), [x.tolist(), y.double()]]:
        assert fit(Forecaster(2, 3), pair, epochs=2, progress=False) == expected
    labels, model = (y[:, 0] > 0).long(), Forecaster(2, 3, output_size=2)
    history = fit(model, (x, labels), epochs=20, lr=0.05, loss=nn.functional.cross_entropy, progress=False)
    assert history.train_loss[-1] < history.train_loss[0]
    assert fit(Forecaster(2, 3), (x, y > 0), epochs=1, progress=False).train_loss  # the mse counts True as 1


def bad(array, value=math.nan):
    array = array.clone()
    array.view(-1)[7] = value
    return array


X, Y = rows(20)


def trained(model, valid=None):
    return fit(model, (X, Y), valid, epochs=1, progress=False)


@pytest.mark.parametrize(
    ("train", "options", "message"),
    [
        (X, {}, "pair"),
        ((X, Y[:-1]), {}, "20 rows of x and 19 of y"),
        ((X[:0], Y[:0]), {}, "0 rows"),
        ((bad(X), Y), {}, r"train x holds 1 NaN or infinite value\(s\), the first at \(0, 3, 1\)"),
        ((X, bad(Y, math.inf)), {}, r"train y holds 1 .* \(7, 0\)"),
        ((X, Y), {"valid": (X, bad(Y))}, "valid y holds 1"),
        ((X, Y[:, 0]), {}, r"train's y is \('N',\), but the model predicts \('N', 1\)"),
        ((X, Y[:, 0]), {"loss": nn.functional.huber_loss}, "broadcast"),
        ((X, Y.expand(-1, 2)), {}, "broadcast"),
        ((X, Y), {"valid": (X, Y[:, 0])}, "valid's y"),
        ((X[:, :, :1], Y), {}, r"\(N, T, 2\) is expected"),
        ((X, Y), {"loss": lambda p, y: (p - y) ** 2}, r"one number, not a tensor of shape \(20, 1\)"),
        ((X, Y), {"epochs": 0}, "epochs is 0"),
        ((X, Y), {"batch_size": 0}, "batch_size is 0"),
        ((X, Y), {"lr": -1.0}, "lr is -1.0"),
        ((X, Y), {"lr": math.nan}, "lr is nan"),
        ((X, Y), {"seed": -1}, "seed is -1"),
        ((X, Y), {"clip": 0}, "clip is 0"),
        ((X, Y), {"patience": 3}, "patience is 3, but must be at least 1, with valid"),
        ((X, Y), {"patience": 0, "valid": (X, Y)}, "patience is 0"),
        ((X, Y), {"optimizer": "sgd"}, "'adam', 'adamw'"),
        ((X, Y), {"resume": History()}, "resume should be a History from fit"),
        ((X, Y), {"resume": "model.pt"}, "'model.pt'"),
        ((X, Y), {"resume": trained(Forecaster(2, 5))}, r"resume is of another model: .*\(20, 2\)"),
        ((X, Y), {"resume": trained(Forecaster(2, 3), (X, Y))}, "with valid"),
    ],
)
def test_what_cannot_be_right_is_refused_before_training(train, options, message):
    model = Forecaster(2, 3)
    start = weights(model)
    with pytest.raises(ValueError, match=message):
        fit(model, train, **{"epochs": 1, "progress": False} | options)
    assert same(model, start)


def test_a_history_in_one_line():
    history = fit(Slope(), constant(0), epochs=2, progress=False)
    assert repr(history) == "History: 2 epochs, last training loss 0, finished"
    assert repr(History()) == "History: 0 epochs, finished"
    history = History([3.0, 2.0, 2.5], [1.0, 0.0123456, 0.5], "early")
    assert repr(history) == "History: 3 epochs, best validation loss 0.0123 at epoch 2, stopped early"
    assert history.best_epoch == 2


def test_a_history_draws_itself():
    ax = History([3.0, 2.0, 2.5], [1.0, 0.5, 0.7]).plot()
    train, valid = ax.get_lines()[:2]
    assert train.get_ydata().tolist() == [3.0, 2.0, 2.5]
    assert valid.get_ydata().tolist() == [1.0, 0.5, 0.7]
    assert train.get_xdata().tolist() == [1, 2, 3]
    assert History([3.0, 2.0]).plot(ax) is ax


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("loss", [mse, interrupting(3)], ids=["finished", "interrupted"])
def test_a_terminal_gets_one_line_that_goes_again(monkeypatch, loss):
    monkeypatch.setattr(sys, "stderr", Terminal())
    fit(Slope(), constant(1), epochs=5, loss=loss)
    lines = sys.stderr.getvalue().split("\r")
    assert "0/5" in lines[1]
    assert "\n" not in sys.stderr.getvalue()
    assert lines[-2].strip() == lines[-1] == ""


@pytest.mark.parametrize("epochs", [1, 7, 10, 43])
def test_a_log_gets_ten_plain_lines_at_most(capsys, epochs):
    fit(Slope(), constant(1), constant(1), epochs=epochs)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == min(epochs, 10)
    assert all(re.fullmatch(r"epoch \d+/\d+: train [\d.e-]+, valid [\d.e-]+", line) for line in lines)
    assert lines[-1].startswith(f"epoch {epochs}/{epochs}: ")


def test_no_progress_is_silence(capsys):
    fit(Slope(), constant(1), epochs=3, progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    setup = """
        import torch
        from lstm_core.forecaster import Forecaster
        from lstm_core.training import fit
        x = torch.zeros(64, 5, 2)
    """
    client.execute_interactive(textwrap.dedent(setup), timeout=120)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def outputs(client, epochs, somebody_there, watch=lambda message: None):
    """What a front end gets to save while `fit` runs in a kernel: (message type, data or text)."""
    messages = []

    def keep(message):
        watch(message)
        if message["msg_type"] in ("display_data", "update_display_data", "stream", "error", "execute_result"):
            content = message["content"]
            messages.append((message["msg_type"], content.get("data", content.get("text"))))

    code = f"print('before'); print(fit(Forecaster(2, 3), (x, x[:, 0, :1]), epochs={epochs}).stopped)"
    client.execute_interactive(code, allow_stdin=somebody_there, output_hook=keep, timeout=120)
    return messages


def test_a_notebook_shows_a_bar_and_saves_nothing_of_it(kernel):
    (before, bar, gone, after) = outputs(kernel[1], 3, somebody_there=True)
    assert (before, after) == (("stream", "before\n"), ("stream", "finished\n"))
    assert bar[0] == "display_data"
    assert "application/vnd.jupyter.widget-view+json" in bar[1]
    assert gone == ("update_display_data", {})


def test_a_kernel_interrupted_under_the_bar_keeps_what_was_learnt(kernel):
    manager, client = kernel
    drawn = iter(range(10**9))

    def stop_button(message):
        if message["msg_type"] == "comm_msg" and next(drawn) == 30:
            manager.interrupt_kernel()

    (_, bar, gone, after) = outputs(client, 10**6, somebody_there=True, watch=stop_button)
    assert (bar[0], gone, after) == ("display_data", ("update_display_data", {}), ("stream", "interrupted\n"))


def test_a_notebook_run_as_a_batch_job_has_no_bar(kernel):
    kinds, texts = zip(*outputs(kernel[1], 3, somebody_there=False), strict=True)
    assert set(kinds) == {"stream"}
    assert "".join(texts) == "before\nfinished\n"

"""Training beside other libraries: Keras on torch, darts, neuralforecast.

They live in an environment of their own, `.benchmarks/peers`, made once; the race is run there, all in one process.
Each trains an LSTM and a linear head for as many steps, on batches of the same shape, with Adam, clipping and
validation. What a library adds around that is what is timed: darts and neuralforecast cut the windows themselves.
"""

import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

__all__ = ["section"]

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".benchmarks" / "peers"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LIBRARIES = ["keras==3.15.1", "u8darts[torch]==0.41.0", "neuralforecast==3.2.2"]
QUIET = {"accelerator": "cpu"} | dict.fromkeys(
    ["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"], False
)


def section(seconds: float) -> str:
    """Make the environment if it is not there, and race in it."""
    _install()
    with tempfile.TemporaryDirectory() as folder:  # some of them write logs and settings where they stand
        environ = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "KERAS_BACKEND": "torch", "KERAS_HOME": folder}
        command = [str(PYTHON), "-m", "benchmarks.peers", str(seconds)]
        options = {"cwd": folder, "env": os.environ | environ, "capture_output": True, "encoding": "utf-8"}
        done = subprocess.run(command, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"the peers' race broke off: {done.stderr.strip()[-1000:]}")
    return done.stdout[done.stdout.index("Training beside") :].rstrip()


def _install() -> None:
    """Let pip fetch the pinned libraries, and torch by the project's own pin, unless they are there."""
    torch = next(line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch=="))
    wanted, stamp, index = [torch, *LIBRARIES], HOME / "installed.txt", os.environ.get("TORCH_INDEX")
    if stamp.exists() and stamp.read_text().split() == wanted:
        return
    print(f"Installing {', '.join(wanted)} into {HOME}: some minutes, 2 to 3 GB.\n", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *wanted]
    subprocess.run([*pip, *(["--extra-index-url", index] if index else [])], check=True)
    stamp.write_text("\n".join(wanted))


def in_keras(task) -> tuple[int, int]:
    """Train, and return how many weights the model has and how many steps it took; `task` is benchmarks.training."""
    import keras

    model = keras.Sequential([keras.Input((task.T, task.D)), keras.layers.LSTM(task.H), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(task.LR, global_clipnorm=task.CLIP), "mse")
    (x, y), valid = ((x.numpy(), y.numpy()) for x, y in task.data())
    model.fit(x, y, batch_size=task.BATCH, epochs=task.EPOCHS, validation_data=valid, verbose=0)
    return model.count_params(), int(model.optimizer.iterations)


def in_darts(task) -> tuple[int, int]:
    from darts import TimeSeries
    from darts.models import BlockRNNModel

    model = BlockRNNModel(
        task.T, 1, model="LSTM", hidden_dim=task.H, batch_size=task.BATCH, n_epochs=task.EPOCHS,
        optimizer_kwargs={"lr": task.LR}, pl_trainer_kwargs=QUIET | {"gradient_clip_val": task.CLIP},
    )  # fmt: skip
    (y, x), valid = ([TimeSeries.from_values(part) for part in (rows[:, :1], rows[:, 1:])] for rows in _series(task))
    model.fit(y, past_covariates=x, val_series=valid[0], val_past_covariates=valid[1], verbose=False)
    return sum(weight.numel() for weight in model.model.parameters()), model.trainer.global_step


def in_neuralforecast(task) -> tuple[int, int]:
    import numpy as np
    import pandas as pd
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    rows = np.concatenate(_series(task))[: -task.T]
    names = ["y", *(f"x{k}" for k in range(1, task.D))]
    model = LSTM(
        1, task.T, encoder_n_layers=1, encoder_hidden_size=task.H, decoder_layers=1, hist_exog_list=names[1:],
        max_steps=task.EPOCHS * task.STEPS, val_check_steps=task.STEPS, windows_batch_size=task.BATCH,
        learning_rate=task.LR, num_lr_decays=0, scaler_type="identity", gradient_clip_val=task.CLIP, **QUIET,
    )  # fmt: skip
    library = NeuralForecast([model], freq=1)
    frame = pd.DataFrame(rows, columns=names).assign(unique_id="one", ds=np.arange(len(rows)))
    library.fit(frame, val_size=task.ROWS // 4)
    return sum(weight.numel() for weight in model.parameters()), len(library.models[0].train_trajectories)


def _series(task) -> list:
    """Two series (N + T, D), out of which as many windows can be cut as the others train and validate on."""
    import numpy as np

    rng = np.random.default_rng(0)
    return [rng.standard_normal((N + task.T, task.D), np.float32) for N in (task.ROWS, task.ROWS // 4)]


def _race(seconds: float) -> str:
    """Inside the environment: the plain loop and `fit` once more, and every library, in turns."""
    import torch

    from benchmarks import timing, training

    torch.set_num_threads(1)
    libraries = {"keras": in_keras, "darts": in_darts, "neuralforecast": in_neuralforecast}
    peers = {f"{name} {version(name)}": (lambda run=run: run(training)) for name, run in libraries.items()}
    remarks = {}
    for name, run in peers.items():
        weights, steps = run()
        remarks[name] = f"{weights:,} weights, {steps} steps"
    times = timing.race(training.contenders() | peers, 8 * seconds, fewest=5)
    title = f"Training beside other libraries, as above, torch {torch.__version__}"
    return f"{title}\n\n{training.fit_table(times, remarks)}"


if __name__ == "__main__":
    print(_race(float(sys.argv[1])))

"""Run the races: `python -m benchmarks [section …] [--quick] [--kernels own] [--write]`.

NumPy reads how many threads it may use, and which kernels, when it is imported; so this starts a second Python, whose
environment says one thread and AVX2 kernels, and races there.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADING = """# Benchmarks, as last run

`python -m benchmarks --write` printed and saved this; `make bench` prints it anew. A ratio is time ÷ time.
"""
SECTIONS = ["forward", "backward32", "backward64", "rnn", "gru", "trace", "cells", "field", "fit", "ensemble"]
SECTIONS += ["longlag", "startup"]
SLOW = ["deck", "sliders", "peers"]  # these take minutes
SECTIONS += SLOW
MARK = "LSTM_CORE_BENCHMARKS"  # in the second Python's environment
PINNED = {MARK: "1", "PYTHONUTF8": "1"}
PINNED |= dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"], "1")
SECONDS = 6  # of process time for a race


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="lstm_core beside others, as ratios.")
    parser.add_argument("section", nargs="*", help=f"some of {', '.join(SECTIONS)}; by default all")
    parser.add_argument("--quick", action="store_true", help=f"a rough minute; {', '.join(SLOW)} only if named")
    parser.add_argument("--kernels", choices=["haswell", "own"], default="haswell", help="OpenBLAS's: AVX2, or its own")
    parser.add_argument("--write", action="store_true", help=f"save what is printed as benchmarks/{RESULTS.name}")
    options = parser.parse_args()
    if unknown := set(options.section) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}: choose among {', '.join(SECTIONS)}")
    if options.write and (options.section or options.quick):
        parser.error("--write saves a whole run: leave the sections and --quick out")
    if MARK not in os.environ:
        return _start_again(options.kernels)
    sections = options.section or [name for name in SECTIONS if not (options.quick and name in SLOW)]
    text, complete = _race(sections, SECONDS / 8 if options.quick else SECONDS)
    if options.write and complete:
        RESULTS.write_text(f"{HEADING}\n```text\n{text.rstrip()}\n```\n", encoding="utf-8")
    return 0 if complete else 1


def _start_again(kernels: str) -> int:
    environ = os.environ | PINNED | {"OPENBLAS_CORETYPE": "Haswell"}
    if kernels == "own" or platform.machine().lower() not in ("x86_64", "amd64"):
        del environ["OPENBLAS_CORETYPE"]
    return subprocess.run([sys.executable, "-m", "benchmarks", *sys.argv[1:]], env=environ, check=False).returncode


def _race(sections: list[str], seconds: float) -> tuple[str, bool]:
    """Print every section as soon as it is there; return all that was printed, and whether all could be measured."""
    import torch

    torch.set_num_threads(1)
    run = _runners()
    printed, failed, start = [_say(_versions())], [], time.perf_counter()
    for name in sections:
        try:
            printed.append(_say(run[name](seconds)))
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:  # no network, say: the others still count
            printed.append(_say(f"{name} could not be measured: {error}"))
            failed.append(name)
    text = "\n".join(printed)
    met, missed, minutes = text.count(" met"), text.count(" NOT MET"), (time.perf_counter() - start) / 60
    not_measured = f", not measured: {', '.join(failed)}" * bool(failed)
    return text + "\n" + _say(f"{met} of {met + missed} bars met{not_measured}; {minutes:.1f} minutes"), not failed


def _runners() -> dict[str, Callable[[float], str]]:
    """What runs each section, given the seconds that a race may take."""
    from benchmarks import cells, deck, ensemble, long_lag, peers, recurrent, sliders, startup, training

    run = {**recurrent.SECTIONS, **cells.SECTIONS, "fit": training.section}
    run |= {"ensemble": ensemble.section, "longlag": long_lag.section, "startup": startup.section}
    return run | {"deck": deck.section, "sliders": sliders.section, "peers": peers.section}


def _say(text: str) -> str:
    print(text, end="\n\n", flush=True)
    return text + "\n"


def _versions() -> str:
    import numpy as np
    import torch
    from threadpoolctl import threadpool_info

    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]
    kernels = [f"{b['internal_api']} {b['version']} on {b['architecture']} kernels" for b in blas] or ["its own BLAS"]
    simd = np.show_config("dicts")["SIMD Extensions"].get("found") or ["no more than its baseline"]
    cpuinfo = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.split(":")[1].strip() for line in cpuinfo.splitlines() if line.startswith("model name")]
    return (
        f"lstm_core beside others: ratios of process time, one thread, {datetime.date.today()}\n"
        f"{(names or [platform.processor()])[0]}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}\n"
        f"NumPy {np.__version__} with {kernels[0]}, {simd[-1]} in its own loops\n"
        f"torch {torch.__version__} as it comes, on {torch.backends.cpu.get_cpu_capability()}\n"
        "Each ratio: the median over turns, and in brackets the range from 10 to 90 % of the turns."
    )


if __name__ == "__main__":
    sys.exit(main())

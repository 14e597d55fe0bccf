"""Compute what is missing or stale: python -m lstm_core.studies [STUDY …] [--key TEXT] [--jobs N] [--list]

On a Dask cluster: --cluster tcp://scheduler:8786 (extra `cluster`), where every worker has lstm_core installed. Trials
of the market studies then run on its workers; rows are written here.
"""

import argparse
import os
import sys
import time
from contextlib import contextmanager

from joblib import Parallel, delayed, parallel_config

from lstm_core.progress import progress
from lstm_core.studies.record import STUDIES, complaints, compute, open_study

os.environ.setdefault("OMP_NUM_THREADS", "1")


def main() -> None:
    """Compute the rows, one line each, `jobs` at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", nargs="*", help=f"{', '.join(STUDIES)}; all, if none is named")
    parser.add_argument("--key", default="", help="only rows whose key contains this")
    parser.add_argument("--jobs", type=int, default=1, help="rows computed at a time, a process each; -1: all cores")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler: its workers compute the trials")
    parser.add_argument("--list", action="store_true", help="say what is missing or stale, and compute nothing")
    arguments = parser.parse_args()
    wanted = []
    if unknown := set(arguments.study) - set(STUDIES):
        parser.error(f"there is no study {', '.join(sorted(unknown))}; there are {', '.join(STUDIES)}")
    for name in arguments.study or STUDIES:
        study = open_study(name)
        wanted += [(name, key) for key in study.settings if arguments.key in key and complaints(study, key)]
        print(f"{name}: {len(study.settings)} rows, {sum(n == name for n, _ in wanted)} to compute", flush=True)
    if arguments.list:
        for name, key in wanted:
            print(f"  {name}: {key} {' and '.join(complaints(open_study(name), key))}")
        return
    with _cluster(arguments.cluster):
        # On a cluster one row after another, since it is a row's trials that spread; on one machine rows side by side.
        if arguments.cluster or arguments.jobs == 1:
            lines = (_compute(name, key) for name, key in wanted)
        else:
            rows = (delayed(_compute)(name, key) for name, key in wanted)
            lines = Parallel(arguments.jobs, return_as="generator_unordered")(rows)
        for line in lines:
            print(line, flush=True)
    print("make results: all rows are there and up to date.")


@contextmanager
def _cluster(address: str | None):
    if address is None:
        yield
        return
    try:
        from dask.distributed import Client
    except ImportError as error:
        sys.exit(f'--cluster needs Dask ({error}): pip install "lstm-core[cluster]"')
    with Client(address, timeout=30), parallel_config("dask"):
        yield


def _compute(name: str, key: str) -> str:
    began, study, trials = time.perf_counter(), open_study(name), []
    with progress(study.settings[key]["trials"], unit="trial") as advance:
        for row in compute(study, key):
            trials = row["trials"]
            advance(key)
    seconds = f"{time.perf_counter() - began:.0f} s"
    if "solved" not in trials[0]:
        return f"{name}: {key}: {len(trials)} trials; {seconds}"
    solved = [trial["sequences"] for trial in trials if trial["solved"]]
    mean = f", mean {sum(solved) / len(solved):,.0f} sequences" if solved else ""
    return f"{name}: {key}: {len(solved)}/{len(trials)} solved{mean}; {seconds}"


if __name__ == "__main__":
    sys.exit(main())

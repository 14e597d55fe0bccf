"""Compute what is missing or stale: python -m lstm_core.studies [STUDY …] [--key TEXT] [--jobs N] [--list]

Broken off at any moment (Ctrl+C, a power cut), the same command goes on with the trials that were cut short. --jobs -1
takes all cores: trials side by side where a study can spread them, else rows side by side. On a Dask cluster (extra
`cluster`): --cluster tcp://scheduler:8786, where the scheduler and the workers have this very lstm_core, and a worker
one thread (`dask worker tcp://scheduler:8786 --nthreads 1 --nworkers 8`). Rows are written here, wherever trials run.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator

from joblib import Parallel, delayed, parallel_config

from lstm_core.progress import progress
from lstm_core.studies.cluster import ClusterError, check_workers, connected
from lstm_core.studies.record import STUDIES, RowBusy, RowError, complaints, compute, open_study, to_do

os.environ.setdefault("OMP_NUM_THREADS", "1")

Row = tuple[str, str]  # study, key


def main() -> None:
    """Compute the rows, one line each; exit status 1 if a row could not be finished, 130 after Ctrl+C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", nargs="*", help=f"{', '.join(STUDIES)}; all, if none is named")
    parser.add_argument("--key", default="", help="only rows whose key contains this")
    parser.add_argument("--jobs", type=int, default=1, help="trials or rows at a time, a process each; -1: all cores")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler: its workers compute the trials")
    parser.add_argument("--list", action="store_true", help="say what is missing or stale, and compute nothing")
    arguments = parser.parse_args()
    wanted: list[Row] = []
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
    unfinished = 0
    try:
        lines = _on_cluster(wanted, arguments.cluster) if arguments.cluster else _here(wanted, arguments.jobs)
        for line, finished in lines:
            print(line, flush=True)
            unfinished += not finished
    except KeyboardInterrupt:
        print("make results: interrupted; what was finished is kept, and the same command goes on.", file=sys.stderr)
        sys.exit(130)
    except ClusterError as error:
        sys.exit(f"make results: {error}")
    if unfinished:
        sys.exit(f"make results: {unfinished} of {len(wanted)} rows are not finished: see above, and run it again.")
    print("make results: all rows are there and up to date.")


def _here(wanted: list[Row], jobs: int) -> Iterator[tuple[str, bool]]:
    """On this machine: trials side by side where a study spreads them, the rows of the others side by side."""
    apart = [row for row in wanted if jobs != 1 and not open_study(row[0]).spreads]
    yield from Parallel(jobs, return_as="generator_unordered")(delayed(_row)(*row, shown=False) for row in apart)
    with parallel_config(n_jobs=jobs):
        yield from (_row(*row) for row in wanted if row not in apart)


def _on_cluster(wanted: list[Row], address: str) -> Iterator[tuple[str, bool]]:
    with connected(address) as client:
        for name, key in wanted:
            study, advice = open_study(name), f"{name} does not spread its trials: they are computed here"
            if study.spreads:
                advice = check_workers(client, study.run.__module__)
            if advice:
                print(f"{name}: {key}: {advice}", file=sys.stderr, flush=True)
            yield _row(name, key)


def _row(name: str, key: str, shown: bool = True) -> tuple[str, bool]:
    """Compute what a row lacks; what to say of it, and whether it is finished."""
    began, study, trials = time.perf_counter(), open_study(name), []
    try:
        with progress(len(to_do(study, key)), shown, unit="trial") as advance:
            for row in compute(study, key):
                trials = row["trials"]
                advance(key)
    except (RowBusy, RowError) as error:
        notes = getattr(error.__cause__, "__notes__", [])
        return "\n".join([*notes, str(error)]), False
    return f"{name}: {key}: {_results(trials)}; {time.perf_counter() - began:.0f} s", True


def _results(trials: list[dict]) -> str:
    if not all("solved" in trial for trial in trials):
        return f"{len(trials)} trials"
    solved = [trial["sequences"] for trial in trials if trial["solved"]]
    mean = f", mean {sum(solved) / len(solved):,.0f} sequences" if solved else ""
    return f"{len(solved)}/{len(trials)} solved{mean}"


if __name__ == "__main__":
    sys.exit(main())

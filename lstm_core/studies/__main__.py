"""Compute what is missing or stale: python -m lstm_core.studies [STUDY …] [--key TEXT] [--jobs N] [--list]"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from lstm_core.studies.record import STUDIES, complaints, compute, open_study

os.environ.setdefault("OMP_NUM_THREADS", "1")


def main() -> None:
    """Compute the rows, one line each, `jobs` at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="*", help=f"{', '.join(STUDIES)}; all, if none is named")
    parser.add_argument("--key", default="", help="only rows whose key contains this")
    parser.add_argument("--jobs", type=int, default=1, help="rows computed at a time, a process each")
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
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for line in pool.map(_compute, *zip(*wanted, strict=True)) if wanted else ():
            print(line, flush=True)
    print("make results: all rows are there and up to date.")


def _compute(name: str, key: str) -> str:
    began, trials = time.perf_counter(), []
    for row in compute(open_study(name), key):
        trials = row["trials"]
    solved = [trial["sequences"] for trial in trials if trial["solved"]]
    mean = f", mean {sum(solved) / len(solved):,.0f} sequences" if solved else ""
    return f"{name}: {key}: {len(solved)}/{len(trials)} solved{mean}; {time.perf_counter() - began:.0f} s"


if __name__ == "__main__":
    sys.exit(main())

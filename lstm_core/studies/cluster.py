"""A Dask cluster under a study: connected to, and asked first whether its workers would compute the same.

The extra `cluster` brings Dask. Rows are stamped by the process that writes them, so a worker with other code or other
packages would leave numbers under a name that is not theirs: it is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from joblib import parallel_config

from lstm_core.studies.fingerprint import code_hash, sources, versions

__all__ = ["ClusterError", "check_workers", "connected", "fingerprint"]

TIME_LIMIT = 30  # seconds to wait for the scheduler, and for a first worker


class ClusterError(ValueError):
    """A cluster that is not there, or that would compute something else."""


@contextmanager
def connected(address: str) -> Iterator:
    """Let what is inside run its joblib jobs on the cluster of this scheduler ("tcp://host:8786"); yields the client.

    Raises ClusterError without Dask, and if no scheduler answers there or no worker comes.
    """
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ClusterError(f'a cluster needs Dask ({error}): pip install "lstm-core[cluster]"') from None
    try:
        client = Client(address, timeout=TIME_LIMIT)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address} ({error}): start `dask scheduler`") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=TIME_LIMIT)
        except TimeoutError:
            raise ClusterError(f"the scheduler at {address} has no worker: start `dask worker {address}`") from None
        with parallel_config("dask"):
            yield client


def check_workers(client, module: str) -> str:
    """Raise ClusterError if a worker would compute the studies of `module` by other code or packages than are here.

    Returns advice on what makes the cluster slower than it need be, or "".
    """
    here = fingerprint(module) | {"changed": None}
    try:
        answers = client.run(fingerprint, module, on_error="return")
    except Exception as error:  # whatever a lost connection raises
        raise ClusterError(f"the cluster does not answer any more ({error!r})") from None
    for worker, there in answers.items():
        if isinstance(there, Exception):
            raise ClusterError(f"worker {worker} cannot tell its code ({there!r}): install this very lstm_core there")
        if there["changed"]:
            raise ClusterError(f"worker {worker} began before {there['changed']} was changed: restart it")
        for name in here:
            if there[name] != here[name]:
                raise ClusterError(f"worker {worker} has {name} {there[name]}, here it is {here[name]}: make them one")
    crowded = [worker for worker, threads in client.nthreads().items() if threads > 1]
    advice = f"{', '.join(crowded)}: a process runs one trial at a time; --nthreads 1 --nworkers N keeps N cores busy"
    return advice if crowded else ""


def fingerprint(module: str) -> dict:
    """What this process would compute a study of `module` by: the hash of its "code", versions, and which of its files
    was "changed" since the process began, which may have read it before (None if none was)."""
    import psutil

    began = psutil.Process().create_time()
    changed = [str(path) for path in sources(module).values() if path.stat().st_mtime > began]
    return {"code": code_hash(module), **versions(), "changed": changed[0] if changed else None}

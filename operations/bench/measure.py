"""Measures the CPU time of a piece of work, in this process and in the database server."""

import gc
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from django.db import connection

NANOSECONDS: Final = 1_000_000_000
_BACKENDS: Final = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND backend_type IN ('client backend', 'parallel worker')
"""


class BackendEndedError(RuntimeError):
    """A backend ended while it was measured, so its CPU time is lost."""


@dataclass(slots=True)
class Meter:
    """Adds up the spans that it is entered for; what happens between them is not counted.

    `server_seconds` covers the backends of this database alone. Work that PostgreSQL shares
    between databases (checkpointer, WAL writer, autovacuum) cannot be attributed.
    """

    client_seconds: float = 0.0
    server_seconds: float = 0.0
    wall_seconds: float = 0.0
    _client_start: float = 0.0
    _wall_start: float = 0.0
    _backends: dict[int, int] = field(default_factory=dict)

    def __enter__(self) -> Self:
        gc.collect()
        self._backends = {pid: _cpu_nanoseconds(pid) for pid in _backend_pids()}
        self._client_start = _client_cpu_seconds()
        self._wall_start = time.perf_counter()
        return self

    def __exit__(self, *exception: object) -> None:
        self.wall_seconds += time.perf_counter() - self._wall_start
        self.client_seconds += _client_cpu_seconds() - self._client_start
        spent = sum(_cpu_nanoseconds(pid) - start for pid, start in self._backends.items())
        appeared = set(_backend_pids()) - set(self._backends)
        spent += sum(_cpu_nanoseconds(pid) for pid in appeared)
        self.server_seconds += spent / NANOSECONDS


def can_see_the_server() -> bool:
    """Tell whether the CPU time of the database server shows on this machine."""
    return all(_schedstat(pid).exists() for pid in _backend_pids())


def peak_memory_mb() -> float:
    """Read the largest resident memory that this process ever had.

    `ru_maxrss` would start from the memory of the process that started this one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _client_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _backend_pids() -> list[int]:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BACKENDS)
        return [row[0] for row in cursor.fetchall()]


def _schedstat(pid: int) -> Path:
    return Path(f"/proc/{pid}/schedstat")


def _cpu_nanoseconds(pid: int) -> int:
    """Read user and system time together; /proc/PID/stat counts it in ticks of 10 ms only."""
    try:
        return int(_schedstat(pid).read_text().split()[0])
    except FileNotFoundError:
        raise BackendEndedError(f"the backend {pid} ended while it was measured") from None

"""Throughput by wrk, a load generator that this project did not write."""

import re
import resource
import shutil
import subprocess
from dataclasses import dataclass

RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
FAILED = re.compile(r"(?:Socket errors|Non-2xx).*")


@dataclass(frozen=True)
class Measured:
    """Requests per second, and what wrk says of failures."""

    rate: float
    failures: str
    busy: float
    """CPU time of wrk as a share of its core. Close to 1, the client was the bottleneck."""


def require() -> None:
    """Exits with one sentence where wrk is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("error: wrk is missing: install the package wrk of your distribution.")


def measure(port: int, path: str, *, seconds: int, connections: int = 64) -> Measured:
    """Sends requests from this process's core for some seconds.

    Raises RuntimeError if the output of wrk has no rate.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"]
    before = _children_cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30)
    found = RATE.search(done.stdout)
    if not found:
        raise RuntimeError(f"wrk printed no rate: {done.stdout}{done.stderr}")
    busy = (_children_cpu_seconds() - before) / seconds
    return Measured(float(found[1]), ", ".join(FAILED.findall(done.stdout)), busy)


def _children_cpu_seconds() -> float:
    """CPU time of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

"""What the benchmark scripts share. Importing it makes the project and its tests importable."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("OMP_NUM_THREADS", "1")

#: a child process that wants more memory is ended
LIMIT_BYTES = 8 * 2**30


class Usage(NamedTuple):
    """Wall-clock seconds, CPU seconds and peak memory of a process."""

    seconds: float
    cpu_seconds: float
    megabytes: float

    def cells(self) -> str:
        return f"{self.seconds:.1f} | {self.cpu_seconds:.1f} | {self.megabytes:.0f}"


def in_child(work: Callable[[], object]) -> Usage:
    """Run `work` in a process of its own. Exits if that fails."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
        work()
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"the process ended with status {status}")
    seconds = time.perf_counter() - start
    return Usage(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def usage_table(what: str, rows: Iterable[tuple[str, Usage]]) -> list[str]:
    """Lines of Markdown."""
    return [
        f"| {what} | seconds | CPU seconds | MB |",
        "|---|---|---|---|",
        *(f"| {name} | {usage.cells()} |" for name, usage in rows),
    ]


def publish(text: str, out: Path | None) -> None:
    """Print a result, and write it to a file if one is given."""
    sys.stdout.write(text.rstrip("\n") + "\n")
    if out:
        out.write_text(text.rstrip("\n") + "\n", encoding="utf-8")

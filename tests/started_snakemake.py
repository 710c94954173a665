"""The snakemake command in its own process, forked from one that has imported it.

A start takes a second instead of five: Snakemake, its plug-ins and the library are imported once.
"""

import atexit
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

_IMPORTED = ("snakemake.cli", "snakemake_executor_plugin_slurm", "modellab.workflow.benchmark")
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([*_IMPORTED, __name__])


class StartedSnakemake:
    """A command at work, leader of its process group, with what it prints in a file."""

    def __init__(self, arguments: list[str], folder: Path, environment: dict[str, str]):
        self._output = tempfile.NamedTemporaryFile()  # noqa: SIM115
        self._process = _FORKS.Process(
            target=_snakemake, args=(arguments, folder, environment, self._output.name)
        )
        self._process.start()

    def poll(self) -> int | None:
        """The exit code; None while the command is at work."""
        return self._process.exitcode

    def signal(self, number: int, group: bool = True) -> None:
        pid = self._process.pid
        while group and self.poll() is None and os.getpgid(pid) != pid:
            time.sleep(0.001)  # until its first step makes it the leader
        (os.killpg if group else os.kill)(pid, number)

    def finish(self, timeout: float | None = None) -> tuple[int, str]:
        """Wait for the end: the exit code, and the output."""
        try:
            self._process.join(timeout)
            if self.poll() is None:
                raise TimeoutError(self._text())
        except BaseException:
            self.signal(signal.SIGKILL)
            raise
        return self._process.exitcode, self._text()

    def _text(self) -> str:
        return Path(self._output.name).read_text()


def _snakemake(arguments: list[str], folder: Path, environment: dict[str, str], out: str) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    written = os.open(out, os.O_WRONLY | os.O_APPEND)
    os.dup2(written, 1)
    os.dup2(written, 2)
    sys.path[:0] = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.argv = ["snakemake", *arguments]
    from snakemake.cli import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out

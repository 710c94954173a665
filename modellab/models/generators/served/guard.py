"""The guard of a server: a process between a job and the server, so that none outlives the job.

Run as a program. It starts the server and waits. When it is asked to end, when the job has ended in
whatever way, or when the server has, it ends the server and everything that the server started.
Descriptors that it inherits (the lease of a GPU) stay open until the last of them is gone.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from types import FrameType

import psutil

#: seconds between two checks of the job and the server
LOOK_SECONDS = 0.1
#: seconds that a server has to end: after its job, after a job that was killed
GRACE_SECONDS, ORPHAN_GRACE_SECONDS = 20.0, 2.0
#: of prctl(2): the signal when the parent ends; orphaned descendants become our children
_PDEATHSIG, _CHILD_SUBREAPER = 1, 36
#: exit codes above this encode a signal, as in a shell
_SIGNALLED = 128


class Ending:
    """Whether the guard was asked to end."""

    def __init__(self) -> None:
        self.to_end = False
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.to_end = True


def watch(job: int, descriptors: list[int], command: list[str]) -> int:
    """The exit code of the server, as in a shell."""
    ending = Ending()
    _prctl(_CHILD_SUBREAPER, 1)
    if os.getppid() != job:
        return 1
    try:
        server = subprocess.Popen(  # noqa: S603 - a list, which no shell reads
            command,
            stdin=subprocess.DEVNULL,
            pass_fds=descriptors,
            process_group=0,
            # if this guard is killed, its server ends too
            preexec_fn=lambda: _prctl(_PDEATHSIG, signal.SIGKILL),
        )
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127
    while server.poll() is None and not ending.to_end and os.getppid() == job:
        time.sleep(LOOK_SECONDS)
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(GRACE_SECONDS if os.getppid() == job else ORPHAN_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
    _end_all()
    code = server.wait()
    return code if code >= 0 else _SIGNALLED - code


def _end_all() -> None:
    """End all descendants of this process, also those in other sessions."""
    while below := psutil.Process().children(recursive=True):
        for process in below:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        # also reaps them
        psutil.wait_procs(below, timeout=1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    _, _job, _descriptors, *_command = sys.argv
    sys.exit(watch(int(_job), [int(one) for one in _descriptors.split(",") if one], _command))

"""A server while it runs: started behind its guard, ready, and ended with all its processes."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from modellab.core.errors import InputError
from modellab.models.generators.openai.local_server import get, listed
from modellab.models.generators.served import guard
from modellab.models.generators.served.engines import HOST

log = logging.getLogger(__name__)

#: seconds between two checks of a server that starts
LOOK_SECONDS = 0.2
#: number of ports to try, as another program may take a free one first
PORTS_TRIED = 3
#: lines of a server's log in a message, and characters of each
LAST_LINES, LINE_LENGTH = 3, 300
#: not passed on to a server, which has its own modules
_PYTHON_VARIABLES = ("PYTHONPATH", "PYTHONHOME")
_PORT_TAKEN = re.compile(r"address already in use|couldn't bind|EADDRINUSE", re.IGNORECASE)
#: patterns of a log, with advice
_CAUSES = (
    (
        re.compile(r"CUDA out of memory|OutOfMemoryError|failed to allocate|No available memory"),
        "the GPU's memory does not suffice: more gpus, smaller weights or a shorter context",
    ),
    (
        re.compile(r"unrecognized arguments|invalid argument|no such option", re.IGNORECASE),
        "the server does not know an argument: see args",
    ),
    (
        re.compile(r"gated repo|401 Client Error|403 Client Error"),
        "the hub gives the model to members only: log in by `hf auth login`",
    ),
    (
        re.compile(r"max_model_len|max seq len|KV cache is needed"),
        "the context does not fit: set max-model-len in args",
    ),
    (
        re.compile(r"does not recognize this architecture|unknown model architecture"),
        "this version of the server does not know the model's architecture",
    ),
)


@dataclass
class StartedServer:
    """A started server behind its guard. `command` is its command line; `log` is its file."""

    guarded: subprocess.Popen[bytes]
    port: int
    command: Sequence[str]
    log: Path
    start_seconds: float = 0.0

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def ended(self) -> str | None:
        """How the server ended, with the last lines of its log; None while it runs."""
        code = self.guarded.poll()
        if code is None:
            return None
        number = -code if code < 0 else code - 128
        known = number in set(signal.Signals)
        how = f"by {signal.Signals(number).name}" if known else f"exit code {code}"
        return f"the server ended ({how}); {last_words(self.log)}"

    def wait_until_ready(self, name: str | None, seconds: float) -> None:
        """Wait until it is healthy and lists the model of that name.

        Without a name, the process that listens is enough. Raises InputError where the server
        ends, or is not ready in time.
        """
        start = time.monotonic()
        while not self._is_ready(name):
            if ended := self.ended():
                raise InputError(ended)
            if time.monotonic() - start > seconds:
                raise InputError(
                    f"the server was not ready within start_timeout_seconds of {seconds:g}; "
                    f"{last_words(self.log)}"
                )
            time.sleep(LOOK_SECONDS)
        self.start_seconds = time.monotonic() - start

    def stop(self) -> None:
        """End it with all its processes, and wait until they are gone."""
        if self.guarded.poll() is None:
            self.guarded.terminate()
        self.guarded.wait()

    def _is_ready(self, name: str | None) -> bool:
        health = get(f"{self.address}/health")
        if health is None or health.status_code != httpx.codes.OK or self.ended() is not None:
            return False
        if name is not None:
            return name in listed(get(f"{self.address}/v1/models"))
        # whether the port belongs to our server
        for process in psutil.Process(self.guarded.pid).children(recursive=True):
            with suppress(psutil.Error):
                for connection in process.net_connections("tcp"):
                    listens = connection.status == psutil.CONN_LISTEN
                    if listens and connection.laddr.port == self.port:
                        return True
        return False


@contextmanager
def running(
    command: Callable[[int], Sequence[str]],
    *,
    name: str | None,
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    log_file: Path,
    start_timeout_seconds: float,
) -> Iterator[StartedServer]:
    """A ready server for the length of the block.

    Args:
        command: its command line, by the port that it is to listen at.
        name: of the model, as the server lists it; None where it cannot be chosen.
        environment: variables beside those of this process.
        descriptors: files that stay open until its last process has ended, such as a lease's.
        log_file: takes what the server prints.
        start_timeout_seconds: the longest wait until it is ready.

    Raises:
        InputError: it does not start, or is not ready in time.
    """
    for tries_left in reversed(range(PORTS_TRIED)):
        server = _start(command, environment, descriptors, log_file)
        try:
            server.wait_until_ready(name, start_timeout_seconds)
        except BaseException as error:
            server.stop()
            if isinstance(error, InputError) and tries_left and _PORT_TAKEN.search(_tail(log_file)):
                log.info("port %d was taken by another program: trying another", server.port)
                continue
            raise
        break
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def last_words(log_file: Path) -> str:
    """Advice, where the log has a known error, and the log's last lines."""
    text = _tail(log_file)
    helps = next((f"{cause}; " for pattern, cause in _CAUSES if pattern.search(text)), "")
    lines = [line.strip()[:LINE_LENGTH] for line in text.splitlines() if line.strip()]
    said = " | ".join(lines[-LAST_LINES:]) or "it printed nothing"
    return f"{helps}last lines of {log_file}: {said}"


def _start(
    command: Callable[[int], Sequence[str]],
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    log_file: Path,
) -> StartedServer:
    port = free_port()
    listed, line = ",".join(map(str, descriptors)), command(port)
    whole = [sys.executable, "-P", guard.__file__, str(os.getpid()), listed, *line]
    log_file.parent.mkdir(parents=True, exist_ok=True)
    inherited = {k: v for k, v in os.environ.items() if k not in _PYTHON_VARIABLES}
    with log_file.open("wb") as output:
        guarded = subprocess.Popen(  # noqa: S603 - a list, which no shell reads
            whole,
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=descriptors,
            # Ctrl-C goes to the job, which then ends the server
            start_new_session=True,
        )
    return StartedServer(guarded, port, line, log_file)


def _tail(log_file: Path) -> str:
    try:
        text = log_file.read_bytes()[-20_000:].decode(errors="replace")
    except FileNotFoundError:
        return ""
    # colours of a terminal
    return re.sub(r"\x1b\[[0-9;]*m", "", text)

"""The log of a job."""

import errno
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.progress import PROGRESS, ProgressHandler, folder_of_run
from modellab.core.secrets import scrub

#: the last line of a failed job's log begins with this
FAILED = "failed: "
#: exit codes of a shell: no such program; ended by SIGKILL or SIGTERM
NOT_FOUND = 127
KILLED = (137, 143)
#: exit code and reason after Ctrl-C
INTERRUPTED = 130
_INTERRUPTED = "stopped by Ctrl-C; finished work is kept, run again to continue"

#: the disk is full or read-only, which is no error of the program
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

log = logging.getLogger("modellab.job")


@contextmanager
def job_log(path: str | Path) -> Iterator[None]:
    """Log the block to `path`; a failure ends the process with status 1.

    The last line of a failed job's log is the reason, for the summary of the run; for anything but
    an InputError, the traceback is above it.
    """
    handlers = _handlers(Path(path))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in handlers:
        root.addHandler(handler)
    try:
        yield
    except KeyboardInterrupt:
        log.error("%s%s", FAILED, _INTERRUPTED)
        sys.exit(INTERRUPTED)
    except InputError as error:
        log.error("%s%s", FAILED, error)
        sys.exit(1)
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in _DISK_ERRORS
        log.error("%s", error, exc_info=not full)
        log.error("%s%s: %s", FAILED, type(error).__name__, " ".join(str(error).split()))
        sys.exit(1)
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def beside_log(ending: str) -> Path | None:
    """A file beside the log of the running job, with another ending; None outside a job."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _JobFile):
            return Path(handler.baseFilename).with_suffix(ending)
    return None


def failure_reason(path: Path) -> str | None:
    """The reason in the last line of a failed job's log; None where there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    last = lines[-1] if lines else ""
    return last.split(FAILED, 1)[1] if FAILED in last else None


def ended_without_reason(path: Path, status: int | None = None) -> str:
    """The message for a failed job without a reason in its log.

    `status` is the exit code of its process, None if unknown.
    """
    if status == NOT_FOUND:
        return "its program was not found (exit code 127); see the lines above"
    if status == INTERRUPTED:
        return _INTERRUPTED
    if status is not None and status not in KILLED:
        return f"ended with exit code {status}; see the lines above"
    if status is None and path.exists() and not path.read_bytes():
        return "ended before it started; see the log of the run"
    return "killed from outside (out of memory?)"


class _WithoutSecrets(logging.Formatter):
    """Messages and tracebacks of all libraries, without the keys of this process."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class _JobFile(logging.FileHandler):
    """The handler of a job's log, as opposed to those of libraries.

    Lines that cannot be written go to the terminal, as the reason of a failure may be among them.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - of logging
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        sys.stderr.write(f"{self.baseFilename}: {error.strerror}: {self.format(record)}\n")

    def close(self) -> None:
        with suppress(OSError):
            super().close()


def _handlers(path: Path) -> list[logging.Handler]:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _JobFile(path, mode="w", encoding="utf-8")
    file.setLevel(logging.INFO)
    file.setFormatter(_WithoutSecrets("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    folder = folder_of_run()
    terminal = ProgressHandler(folder, path) if folder else logging.StreamHandler(sys.stderr)
    terminal.setFormatter(_WithoutSecrets("%(levelname)s: %(message)s"))
    terminal.addFilter(
        lambda record: (
            record.name == PROGRESS
            or (record.name.startswith("modellab") and record.levelno >= logging.WARNING)
        )
    )
    return [file, terminal]

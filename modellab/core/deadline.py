"""A time limit for a block of work, kept on this machine without any scheduler's help."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from modellab.core.errors import InputError


class _Passed(BaseException):
    """Nobody who catches the errors of one request catches this."""


@contextmanager
def deadline(seconds: float | None, message: str) -> Iterator[None]:
    """End the block after `seconds` with InputError(message); null: never.

    Everything that the block holds is closed on the way out. In the main thread only; code that
    does not come back to Python (one step on a device) is ended when it does.
    """
    if seconds is None:
        yield
        return
    passed = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal passed
        passed = True
        raise _Passed

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except _Passed:
        raise InputError(message) from None
    except BaseException as error:
        # Libraries that are stopped within an import make another error of it.
        if passed:
            raise InputError(message) from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

"""Settings of every job that asks a model, and the limits in which it runs: GPUs and time."""

import signal
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from modellab.core.errors import InputError
from modellab.models.gpu import gpus_wanted, lease
from modellab.models.protocol import ModelOptions


@dataclass(frozen=True, kw_only=True)
class AskingJob:
    """The settings of every job that asks a model.

    Attributes:
        journal: The file that keeps every answer; the retry round and run history lie beside it.
        seed: None where nothing is random.
        timeout_seconds: None or 0 for no limit.
        round: The number of the retry round.
        keep_failed: The job may end with failed rows where the model is stopped.
        slots_per_gpu: The number of such jobs that share a GPU. None leaves GPUs to the caller.
    """

    journal: Path
    seed: int | None
    timeout_seconds: float | None = None
    round: int = 0
    keep_failed: bool = False
    slots_per_gpu: int | None = None


@contextmanager
def limited(job: AskingJob, key: str, what: str, models: Iterable[ModelOptions]) -> Iterator[None]:
    """A block that holds the GPUs of a job's models, and from then on ends in time.

    Enter it before torch is imported, which looks for GPUs only once. `key` is where the config
    sets the limit.

    Raises:
        InputError: The time is up, or there are fewer GPUs than the models need.
    """
    message = (
        f"{key}: stopped after its timeout_minutes of {(job.timeout_seconds or 0) / 60:g}; every "
        f"answer so far is kept in {job.journal}: run the same command again to go on"
    )
    slots = job.slots_per_gpu
    gpus: AbstractContextManager[object] = nullcontext()
    if slots is not None:
        gpus = lease(gpus_needed(models), job=what, slots_per_gpu=slots)
    with gpus, deadline(job.timeout_seconds, message):
        yield


class _TimeIsUp(BaseException):
    """A BaseException, so that handlers of failed requests do not catch it."""


@contextmanager
def deadline(seconds: float | None, message: str) -> Iterator[None]:
    """A time limit: InputError(message) in the block after `seconds`; None or 0: no limit.

    In the main thread only. Native code is interrupted when it returns to Python.
    """
    if not seconds:
        yield
        return
    passed = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal passed
        passed = True
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except _TimeIsUp:
        raise InputError(message) from None
    except BaseException as error:
        # an interrupted import may raise another error
        if passed:
            raise InputError(message) from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def gpus_needed(models: Iterable[ModelOptions]) -> int:
    """The number of GPUs for models that are loaded one after the other."""
    return max(gpus_wanted(model.gpu_need(), model.gpu_optional()) for model in models)

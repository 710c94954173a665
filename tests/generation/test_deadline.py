import signal
import time

import pytest

from modellab.core.errors import InputError
from modellab.generation.asking_job import deadline


def test_the_time_limit_ends_work_and_closes_resources():
    closed = []
    start = time.monotonic()
    with pytest.raises(InputError, match="too late"), deadline(0.1, "too late"):
        try:
            time.sleep(30)
        finally:
            closed.append(True)
    assert 0.1 <= time.monotonic() - start < 5
    assert closed == [True]


def test_catching_the_errors_of_a_request_does_not_keep_it_going():
    asked = 0
    with pytest.raises(InputError), deadline(0.1, "too late"):
        for _ in range(1000):
            asked += 1
            try:
                time.sleep(0.05)
            except Exception:  # noqa: BLE001
                continue
    assert asked < 1000


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_work_that_is_done_in_time_leaves_nothing_behind(seconds):
    before = signal.getsignal(signal.SIGALRM)
    with deadline(seconds, "too late"):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_other_errors_are_unchanged():
    with pytest.raises(KeyError), deadline(60.0, "too late"):
        raise KeyError
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_error_that_a_library_makes_of_it_is_still_the_limits():
    """As an import does that is stopped half-way."""
    with pytest.raises(InputError, match="too late"), deadline(0.1, "too late"):
        try:
            time.sleep(30)
        except BaseException as error:
            raise ImportError("half of it is there") from error

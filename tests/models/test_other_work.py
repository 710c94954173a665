"""What else the machine did: processor time of others, and what it says of a measured time."""

import time

import pytest

from modellab.models.metering import CpuTimes, OtherWork


def watched(*spans):
    """Spans of (seconds, processor seconds of the machine, of this job)."""
    found = OtherWork()
    for seconds, machine, own in spans:
        found.add(CpuTimes(100.0, 50.0, 7.0), CpuTimes(100.0 + seconds, 50.0 + machine, 7.0 + own))
    return found


def test_a_job_that_keeps_two_cores_busy_is_alone():
    found = watched((10.0, 21.0, 20.0))
    assert found.cores == pytest.approx(0.1)
    assert found.alone is True


def test_another_job_beside_it_is_told():
    found = watched((10.0, 20.0, 10.0))
    assert found.cores == pytest.approx(1.0)
    assert found.alone is False


def test_several_rounds_add_up():
    found = watched((1.0, 1.0, 1.0), (3.0, 6.0, 4.0))
    assert (found.watched_seconds, found.cpu_seconds) == (4.0, 2.0)
    assert found.cores == 0.5


def test_of_a_moment_nothing_can_be_said():
    assert watched((0.5, 1.0, 0.0)).alone is None
    assert OtherWork().alone is None
    assert OtherWork().cores is None


def test_rounding_of_the_system_is_no_negative_work():
    assert watched((10.0, 1.0, 1.05)).cpu_seconds == 0.0


def test_a_second_process_on_the_gpu_is_told_however_short():
    assert OtherWork(gpu_processes=1).alone is False
    assert OtherWork(10.0, 0.0, gpu_processes=0).alone is True


def test_own_work_is_not_that_of_others():
    found = OtherWork()
    with found.watched():
        begun = time.process_time()
        while time.process_time() - begun < 0.3:
            pass
    rest = OtherWork()
    with rest.watched():
        time.sleep(0.01)
    assert found.watched_seconds >= 0.3
    # on an idle machine about 0; on a busy one, at most all cores but the one that we had
    import psutil

    cores = psutil.cpu_count() or 1
    assert found.cpu_seconds <= found.watched_seconds * cores - 0.25

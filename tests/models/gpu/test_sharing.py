"""Several processes want the same GPUs."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from modellab.models.gpu.leasing import status
from modellab.models.gpu.locks import share_taken

SCRIPT = Path(__file__).with_name("lease_process.py")
CHILD_KEEPS = """
import subprocess, sys
from modellab.models.gpu import lease
with lease(1, job="server") as held:
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        pass_fds=held.fds if sys.argv[1] == "pass" else (),
        close_fds=sys.argv[1] != "inherit",
        stdout=subprocess.DEVNULL,
    )
    print(child.pid, flush=True)
"""


def seconds_until_gpus(job):
    start = time.monotonic()
    gpus = job.gpus()
    return time.monotonic() - start, gpus


@pytest.mark.slow
def test_a_gpu_is_used_by_one_process_at_a_time(machine, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    env = {**os.environ, "MARKS": str(marks)}
    jobs = [
        subprocess.Popen([sys.executable, str(SCRIPT), "--rounds", str(seed), "6"], env=env)
        for seed in range(8)
    ]
    # claims of two GPUs name them in any order: none waits for another for ever
    assert [job.wait(30) for job in jobs] == [0] * 8
    assert list(marks.iterdir()) == []


def test_two_jobs_get_two_gpus_and_the_third_waits(machine):
    first, second = machine.start(1, "a"), machine.start(1, "b")
    assert sorted(first.gpus() + second.gpus()) == ["fake0", "fake1"]
    third = machine.start(1, "c")
    machine.wait_for_queue("c")
    second.end()
    assert len(third.gpus()) == 1


def test_all_gpus_or_none(machine):
    one = machine.start(1, "one")
    one.gpus()
    both = machine.start(2, "both")
    machine.wait_for_queue("both")
    assert [share_taken(machine.folder, gpu) for gpu in ("fake0", "fake1")] == [1, 0]
    one.end()
    assert both.gpus() == ["fake0", "fake1"]


@pytest.mark.slow
def test_a_stream_of_small_claims_does_not_overtake_a_large_one(machine):
    a, b = machine.start(1, "a"), machine.start(1, "b")
    a.gpus(), b.gpus()
    large = machine.start(2, "large")
    machine.wait_for_queue("large")
    small = machine.start(1, "small")
    machine.wait_for_queue("large", "small")
    a.end()
    late = machine.start(1, "late")
    machine.wait_for_queue("large", "small", "late")
    machine.stays("large", "small", "late")  # though one GPU is free
    b.end()
    assert large.gpus() == ["fake0", "fake1"]
    machine.stays("small", "late")
    large.end()
    assert {*small.gpus(), *late.gpus()} == {"fake0", "fake1"}


def test_a_claim_that_wants_other_gpus_goes_on(machine):
    machine.start(1, "a").gpus()
    machine.start(2, "large")
    machine.wait_for_queue("large")
    assert machine.start(1, "other", MODELLAB_GPUS="fake0,fake2").gpus() == ["fake2"]


def test_a_killed_holder_frees_its_gpus_at_once(machine):
    holder = machine.start(2, "holder")
    holder.gpus()
    waiter = machine.start(2, "waiter")
    machine.wait_for_queue("waiter")
    holder.kill()
    seconds, gpus = seconds_until_gpus(waiter)
    assert gpus == ["fake0", "fake1"]
    assert seconds < 1


def test_a_killed_waiter_loses_its_place_at_once(machine):
    machine.start(1, "holder").gpus()
    large = machine.start(2, "large")
    machine.wait_for_queue("large")
    small = machine.start(1, "small")
    machine.wait_for_queue("large", "small")
    large.kill()
    seconds, gpus = seconds_until_gpus(small)
    assert gpus == ["fake1"]
    assert seconds < 1
    # the last to leave the queue leaves its file for the next to clear away
    assert machine.waiting() == []
    assert list(machine.folder.glob("*.ticket")) == []


@pytest.mark.parametrize(
    "mode, left", [("drop", []), ("pass", ["server"]), ("inherit", ["server"])]
)
def test_a_child_with_the_descriptors_keeps_the_gpu(machine, mode, left):
    with subprocess.Popen(
        [sys.executable, "-c", CHILD_KEEPS, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        assert parent.wait() == 0
        held = [slot for slot in status().slots if slot.holder]
        assert [slot.holder.job for slot in held] == left
        assert all(slot.orphaned for slot in held)
        parent.stdin.close()
        psutil.wait_procs([child], timeout=5)
    assert machine.start(2, "next").gpus() == ["fake0", "fake1"]


def test_small_jobs_share_a_gpu_and_spread_over_the_gpus(machine):
    jobs = [machine.start(1, f"small{number}", slots_per_gpu=2) for number in range(4)]
    assert sorted(gpu for job in jobs for gpu in job.gpus()) == ["fake0"] * 2 + ["fake1"] * 2
    machine.start(1, "fifth", slots_per_gpu=2)
    machine.wait_for_queue("fifth")


def test_a_job_that_does_not_share_is_alone_on_its_gpu(machine):
    halves = [machine.start(1, f"half{number}", slots_per_gpu=2) for number in range(2)]
    assert {gpu for job in halves for gpu in job.gpus()} == {"fake0", "fake1"}
    whole = machine.start(1, "whole")
    machine.wait_for_queue("whole")
    halves[1].end()
    [gpu] = whole.gpus()
    third = machine.start(1, "third", slots_per_gpu=3)
    assert third.gpus() != [gpu]


def test_two_claims_of_slots_take_different_gpus(machine):
    first, second = (machine.start(2, name, slots_per_gpu=2) for name in ("a", "b"))
    assert first.gpus() == second.gpus() == ["fake0", "fake1"]


def test_files_of_dead_processes_are_no_obstacle(machine):
    machine.start(2, "first").gpus()
    machine.start(1, "second")
    machine.wait_for_queue("second")
    for job in machine.jobs:
        job.kill()
    (machine.folder / "fake0.0.slot").write_text("what a crash left")
    (machine.folder / "000000000007.ticket").write_text("")
    assert machine.start(2, "third").gpus() == ["fake0", "fake1"]


def test_an_unreadable_holder_counts_for_the_whole_gpu(machine):
    machine.start(1, "a", slots_per_gpu=4).gpus()
    (machine.folder / "fake0.0.slot").write_text("?")
    assert machine.start(1, "b", slots_per_gpu=4).gpus() == ["fake1"]

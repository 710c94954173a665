"""One process: what a lease sets and refuses."""

import logging
import os
import re
import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from filelock import lock_descriptor

from modellab.core.errors import InputError
from modellab.models.gpu import Pace, lease


def visible():
    return os.environ.get("CUDA_VISIBLE_DEVICES")


@contextmanager
def without_roots_rights():
    """Root may write everywhere: be somebody else for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def refused(n, **options):
    with pytest.raises(InputError) as caught, lease(n, job="job", **options):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_gpus_are_visible_in_the_block_only(machine, monkeypatch):
    with lease(1, job="job") as held:
        assert held.devices == ("fake0",)
        assert visible() == "fake0"
    assert visible() is None
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "fake7")
    with pytest.raises(ZeroDivisionError), lease(2, job="job"):
        assert visible() == "fake0,fake1"
        raise ZeroDivisionError
    assert visible() == "fake7"


def test_the_gpus_are_free_after_the_block(machine):
    for _ in range(3):
        with lease(2, job="job") as held:
            pass
    for descriptor in held.fds:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


def test_cleaners_of_temporary_files_leave_a_used_folder_alone(machine):
    def cleaner_may_go_on():
        descriptor = os.open(machine.folder, os.O_RDONLY)
        try:
            return lock_descriptor(descriptor, blocking=False)
        finally:
            os.close(descriptor)

    with lease(1, job="job"):
        assert not cleaner_may_go_on()
    assert cleaner_may_go_on()


def test_no_gpu_hides_all_and_locks_nothing(machine):
    with lease(0, job="job") as held:
        assert (held.devices, held.fds, visible()) == ((), (), "")
    assert not machine.folder.exists()


def test_more_than_the_pool_is_refused(machine, monkeypatch):
    assert refused(3) == ("job: needs 3 GPUs, but the pool has 2: fake0, fake1 (MODELLAB_GPUS)")
    monkeypatch.setenv("MODELLAB_GPUS", "")
    assert "needs 1 GPU, but the pool has none (MODELLAB_GPUS)" in refused(1)


@pytest.mark.parametrize("n, slots", [(-1, 1), (1, 0)])
def test_impossible_numbers_are_a_mistake_in_the_code(machine, n, slots):
    with pytest.raises(ValueError, match="lease of"), lease(n, job="job", slots_per_gpu=slots):
        pass


def test_the_pool_is_the_argument_then_modellab_then_cuda(machine, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "fake5,fake6")
    with lease(1, job="job", pool=["fake8"]) as held:
        assert held.devices == ("fake8",)
    with lease(1, job="job") as held:
        assert held.devices == ("fake0",)
    monkeypatch.delenv("MODELLAB_GPUS")
    with lease(2, job="job") as held:
        assert held.devices == ("fake5", "fake6")


@pytest.mark.parametrize("value", ["", "-1", "NoDevFiles", "-1,fake0"])
def test_no_visible_gpu_is_an_empty_pool(machine, monkeypatch, value):
    monkeypatch.delenv("MODELLAB_GPUS")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    assert "the pool has none (CUDA_VISIBLE_DEVICES)" in refused(1)


def test_slurms_choice_is_kept_and_not_locked(machine, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    with lease(1, job="a", pool=["fake1"]) as first, lease(2, job="b") as second:
        assert first.devices == second.devices == ("2", "3")
        assert visible() == "2,3"
    with lease(0, job="c"):
        assert visible() == ""
    assert not machine.folder.exists()
    assert refused(3) == "job: needs 3 GPUs, but SLURM gave 2 (CUDA_VISIBLE_DEVICES='2,3')"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert refused(1) == "job: needs 1 GPU, but SLURM gave 0 (no CUDA_VISIBLE_DEVICES)"


def test_a_lease_within_a_lease_does_not_wait_for_itself(machine, monkeypatch):
    with lease(1, job="outer"):
        with lease(1, job="inner") as inner:
            assert inner.devices == ("fake1",)
        assert "already holds fake0" in refused(2)
        monkeypatch.delenv("MODELLAB_GPUS")
        assert "already holds fake0" in refused(1)


def test_a_started_cuda_is_a_mistake_in_the_code(machine, monkeypatch):
    torch = SimpleNamespace(cuda=SimpleNamespace(is_initialized=lambda: True))
    monkeypatch.setitem(sys.modules, "torch", torch)
    with pytest.raises(RuntimeError, match="before"), lease(1, job="job"):
        pass


def test_waiting_is_logged_at_the_start_and_then_rarely(machine, caplog):
    caplog.set_level(logging.INFO)
    holder = machine.start(2, "long job")
    holder.gpus()
    end = threading.Timer(0.5, holder.end)
    end.start()
    with lease(1, job="job", pace=Pace(poll_seconds=0.01, log_every_seconds=0.3)):
        pass
    end.join()
    waits = [line for line in caplog.messages if "waiting for 1 of 2 GPUs" in line]
    assert 1 <= len(waits) <= 2
    assert f"fake0: long job (pid {holder.process.pid}, since 20" in waits[0]
    assert re.search(r"got fake[01] after", caplog.messages[-1])  # either is given back first


def test_an_unwritable_folder_is_an_error(machine, monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for folder, reason in ((file, "File exists"), (file / "locks", "Not a directory")):
        monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(folder))
        assert refused(1).startswith(f"GPU lock folder {folder}: {reason}; make it writable")


def test_a_folder_without_permission_is_an_error(tmp_path):
    folder = tmp_path / "locks"
    folder.mkdir(mode=0o500)
    with without_roots_rights():
        assert "Permission denied; make it writable" in refused(1, pool=["fake0"], folder=folder)


def test_a_folder_of_others_is_refused(machine, monkeypatch, tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    assert "others may write in it" in refused(1, folder=folder)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert "belongs to another user" in refused(1, folder=folder)


def test_the_folder_is_the_users_own_and_the_same_for_all_jobs(monkeypatch):
    from modellab.models.gpu import locks

    monkeypatch.delenv("MODELLAB_GPU_FOLDER", raising=False)
    monkeypatch.setattr(locks.Path, "mkdir", lambda path, **options: made.append((path, options)))
    monkeypatch.setattr(
        locks.Path, "lstat", lambda path: SimpleNamespace(st_uid=os.getuid(), st_mode=0o700)
    )
    made = []
    for tmpdir in ("/a", "/b"):
        monkeypatch.setenv("TMPDIR", tmpdir)
        locks.shared_folder()
    assert made[0] == made[1]
    assert made[0][0].name == f"modellab-gpus-{os.getuid()}"
    assert made[0][1]["mode"] == 0o700

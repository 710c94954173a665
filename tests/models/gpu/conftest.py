import os
import selectors
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modellab.models.gpu.leasing import status

SCRIPT = Path(__file__).with_name("lease_process.py")
PATIENCE = 10.0


class Job:
    """A process that holds or waits for GPUs."""

    def __init__(self, *args, **env):
        self.name = args[1]
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *args],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def gpus(self):
        """The GPUs it got, waiting until it has them."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(PATIENCE), f"{self.name} got no GPU"
        return self.process.stdout.readline().strip().split(",")

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


class Machine:
    """A machine with made-up GPUs, and the jobs on it."""

    def __init__(self, folder):
        self.folder = folder
        self.jobs = []

    def start(self, n, name, slots_per_gpu=1, **env):
        job = Job(str(n), name, str(slots_per_gpu), **env)
        self.jobs.append(job)
        return job

    def waiting(self):
        return [claim.job for claim in status().waiting]

    def wait_for_queue(self, *names):
        """Until exactly these jobs wait, in this order."""
        end = time.monotonic() + PATIENCE
        while self.waiting() != list(names):
            assert time.monotonic() < end, f"waiting: {self.waiting()}, not {names}"
            time.sleep(0.01)

    def stays(self, *names, seconds=0.3):
        """Nothing happens to the queue for many polls."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.waiting() == list(names)
            time.sleep(0.02)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("CUDA_VISIBLE_DEVICES", "MODELLAB_GPUS", "SLURM_JOB_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELLAB_GPUS", "fake0,fake1")
    monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    machine = Machine(tmp_path / "locks")
    yield machine
    for job in machine.jobs:
        job.kill()
        job.process.stdin.close()
        job.process.stdout.close()

import subprocess
import sys

import pytest
import torch
from cases import each

from modellab.models.generators.transformers import memory
from modellab.models.generators.transformers.memory import GB, DeviceMemory, is_out_of_memory


@each(
    "error",
    [
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("MPS backend out of memory (MPS allocated: 17 GB)"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
)
def test_what_says_that_memory_ran_out(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes do not match"), ValueError("out of memory")]
)
def test_what_does_not(error):
    assert not is_out_of_memory(error)


def test_a_real_failure_of_the_allocator():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**62, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)


def test_the_limit_of_a_process_without_cuda():
    watched = DeviceMemory("cpu", limit_gb=0.05)
    watched.check()
    held = torch.ones(int(0.1 * GB), dtype=torch.uint8)
    with pytest.raises(MemoryError, match=r"vram_limit_gb of 0\.05"):
        watched.check()
    assert watched.free_bytes() < 0
    del held
    watched.release()
    watched.check()


def test_the_last_of_the_systems_memory_is_not_taken(monkeypatch):
    monkeypatch.setattr(memory, "SPARED_SHARE", 1.0)
    with pytest.raises(MemoryError, match="of system memory are left"):
        DeviceMemory("cpu").check()


def test_a_reading_without_a_gpu_has_no_gpu_numbers():
    reading = DeviceMemory("cpu").reading("start")
    assert reading["at"] == "start"
    assert reading["allocated_mb"] is reading["peak_mb"] is reading["reserved_mb"] is None
    assert reading["rss_mb"] > 0 and reading["available_system_mb"] > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="settings of glibc")
def test_tensors_are_made_of_pages_that_the_process_has():
    """Without the settings each of these tensors would be mapped and filled by the kernel."""
    script = """
import resource, torch
from modellab.models.generators.transformers.memory import keep_freed_pages
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        torch.ones(64 * 2**20, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
usual = faults()
keep_freed_pages()
faults()
print(faults() < usual / 10)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr

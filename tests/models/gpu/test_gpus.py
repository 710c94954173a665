"""The GPUs of a driver: real ids, however they are numbered."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from modellab.core.errors import InputError
from modellab.models.gpu import gpus_wanted, lease, numbered_devices
from modellab.models.gpu.devices import ask_driver, find_pool

GPUS = {"GPU-aa11": "NVIDIA H200", "GPU-aa22": "NVIDIA H200", "GPU-bb33": "NVIDIA L4"}


@pytest.fixture
def driver(monkeypatch):
    """A stand-in for the NVIDIA driver: three GPUs."""
    state = SimpleNamespace(works=True, lost=())

    class NVMLError(Exception):
        pass

    class NotSupportedError(NVMLError):
        pass

    def init():
        if not state.works:
            raise NVMLError("Driver Not Loaded")

    def handle(index):
        if index in state.lost:
            raise NVMLError("GPU is lost")
        return list(GPUS)[index]

    def memory(handle):
        if handle == "GPU-bb33":
            raise NotSupportedError
        return SimpleNamespace(total=141 * 2**30)

    module = ModuleType("pynvml")
    module.NVMLError, module.NVMLError_NotSupported = NVMLError, NotSupportedError
    module.nvmlInit, module.nvmlShutdown = init, lambda: None
    module.nvmlDeviceGetCount = lambda: len(GPUS)
    module.nvmlDeviceGetHandleByIndex = handle
    module.nvmlDeviceGetUUID = str
    module.nvmlDeviceGetName = GPUS.__getitem__
    module.nvmlDeviceGetMemoryInfo = memory
    monkeypatch.setitem(sys.modules, "pynvml", module)
    return state


def test_all_gpus_by_uuid(driver):
    assert find_pool().gpus == tuple(GPUS)


def test_other_names_of_a_gpu_lead_to_its_uuid(driver, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2, GPU-aa1")
    assert find_pool().gpus == ("GPU-bb33", "GPU-aa11")
    assert find_pool([1, "MIG-77"]).gpus == ("GPU-aa22", "MIG-77")


def test_processes_that_number_gpus_differently_lock_the_same_gpu(driver, machine, monkeypatch):
    monkeypatch.delenv("MODELLAB_GPUS")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    with lease(1, job="a"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-aa22,GPU-bb33")
        with lease(1, job="b") as held:
            assert held.devices == ("GPU-bb33",)


@pytest.mark.parametrize("name", ["7", "GPU-x", "GPU-aa", "card"])
def test_a_gpu_that_is_not_there_is_named(driver, monkeypatch, name):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", f"0,{name}")
    with pytest.raises(
        InputError, match=f"CUDA_VISIBLE_DEVICES: no GPU {name} in this machine"
    ) as e:
        find_pool()
    assert "there are: 0 (GPU-aa11), 1 (GPU-aa22), 2 (GPU-bb33)" in str(e.value)


def test_a_gpu_named_twice_is_refused(driver, monkeypatch):
    monkeypatch.setenv("MODELLAB_GPUS", "0,GPU-aa11")
    with pytest.raises(InputError, match="MODELLAB_GPUS: names one GPU twice: GPU-aa11"):
        find_pool()


def test_made_up_gpus_are_not_asked_for(driver, monkeypatch):
    monkeypatch.setenv("MODELLAB_GPUS", "fake0,fake1")
    assert find_pool().gpus == ("fake0", "fake1")


def test_without_a_driver_names_stay_and_the_machine_has_no_gpus(driver, monkeypatch):
    driver.works = False
    assert find_pool().gpus == ()
    assert "no NVIDIA driver answers: Driver Not Loaded" in find_pool().source
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert find_pool().gpus == ("0", "1")


def test_a_lost_gpu_is_left_out_with_a_warning(driver, caplog):
    driver.lost = (1,)
    assert find_pool().gpus == ("GPU-aa11", "GPU-bb33")
    assert "GPU 1 does not answer and is left out: GPU is lost" in caplog.text


def test_memory_is_reported_where_the_gpu_has_its_own(driver):
    assert [gpu.memory_bytes for gpu in ask_driver().gpus] == [141 * 2**30] * 2 + [None]


def test_names_that_are_no_file_names_are_locked_too(machine):
    name = "fake/../GPU:1"
    with lease(1, job="job", pool=[name]) as held:
        assert held.devices == (name,)
    assert [path.name for path in machine.folder.glob("*.slot")] == ["fake%2F..%2FGPU%3A1.0.slot"]


def test_programs_that_know_no_uuid_get_the_drivers_numbers(driver, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-bb33,GPU-aa11")
    assert numbered_devices() == {
        "CUDA_VISIBLE_DEVICES": "2,0",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    }


@pytest.mark.parametrize("visible", ["", "fake0", "MIG-77", "GPU-aa11,GPU-gone", "0"])
def test_what_has_no_number_stays_as_it_is(driver, monkeypatch, visible):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert numbered_devices() == {}


@pytest.fixture
def env(monkeypatch):
    for name in ("SLURM_JOB_ID", "CUDA_VISIBLE_DEVICES", "MODELLAB_GPUS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("pool", "need", "optional", "wanted"),
    [
        ("fake0,fake1", 1, True, 1),
        ("fake0", 2, False, 2),
        ("", 1, True, 0),
        ("", 1, False, 1),
        ("fake0", 0, True, 0),
    ],
)
def test_a_job_that_needs_no_gpu_takes_none_without_gpus(env, pool, need, optional, wanted):
    env.setenv("MODELLAB_GPUS", pool)
    assert gpus_wanted(need, optional) == wanted


def test_in_a_slurm_job_only_what_slurm_gave_counts(env):
    env.setenv("SLURM_JOB_ID", "7")
    env.setenv("MODELLAB_GPUS", "fake0")
    assert gpus_wanted(1, optional=True) == 0
    env.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert gpus_wanted(1, optional=True) == 1

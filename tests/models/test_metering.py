import sys
import time
from types import ModuleType, SimpleNamespace

import pytest

from modellab.models.metering import CpuTimes, OtherWork, energy_used, measured_energy, trapezoid
from modellab.reporting.page.numbers import energy_cell


@pytest.fixture
def driver(monkeypatch):
    """A stand-in for the NVIDIA driver: two GPUs with a counter and a constant power."""
    state = SimpleNamespace(millijoules=0, has_counter=True, watts=100)

    class NVMLError(Exception):
        pass

    def counter(device):
        if not state.has_counter:
            raise NVMLError
        return state.millijoules

    module = ModuleType("pynvml")
    module.NVMLError = NVMLError
    module.nvmlInit = lambda: None
    module.nvmlDeviceGetCount = lambda: 2
    module.nvmlDeviceGetHandleByIndex = lambda index: index
    module.nvmlDeviceGetHandleByUUID = lambda uuid: uuid
    module.nvmlDeviceGetTotalEnergyConsumption = counter
    module.nvmlDeviceGetPowerUsage = lambda device: state.watts * 1000
    monkeypatch.setitem(sys.modules, "pynvml", module)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return state


def test_the_counter_of_every_visible_gpu(driver):
    with measured_energy() as energy:
        driver.millijoules = 3_600_000
    assert energy.watt_hours == pytest.approx(2.0)
    assert energy.method == "nvml_counter"


def test_hidden_gpus_do_not_count(driver, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    with measured_energy() as energy:
        driver.millijoules = 3_600_000
    assert energy.watt_hours == pytest.approx(1.0)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with measured_energy() as energy:
        pass
    assert energy.method is None


def test_power_is_sampled_where_there_is_no_counter(driver):
    import time

    driver.has_counter = False
    start = time.monotonic()
    with measured_energy() as energy:
        time.sleep(1.2)
    longest = (time.monotonic() - start) * 200 / 3600
    assert energy.method == "power_sampling"
    assert 0 < energy.watt_hours <= longest


def test_trapezoid_by_hand():
    # one hour at 100 W, then half an hour falling from 100 W to 0
    assert trapezoid([(0, 100), (3600, 100), (5400, 0)]) == pytest.approx(125)
    assert trapezoid([(0, 100)]) == 0


def test_no_driver_no_energy():
    with measured_energy() as energy:
        pass
    if energy.method is None:
        assert energy.watt_hours is None


def metered(watt_hours, generated):
    return {"energy": {"watt_hours": watt_hours, "method": "nvml_counter"}, "generated": generated}


def test_energy_is_that_of_all_runs_that_made_the_answers():
    """100 answers took 50 Wh; two new questions later 1.2 Wh."""
    run = {**metered(1.2, 2), "runs": [metered(50.0, 100), metered(1.2, 2)]}
    used = energy_used(run)
    assert used.watt_hours == pytest.approx(51.2)
    assert (used.metered, used.runs, used.generated, used.complete) == (2, 2, 102, True)
    # a run that took all answers from the journal used no energy
    assert energy_used({**metered(None, 0), "runs": run["runs"]}) == used


def test_a_run_without_a_meter_makes_it_a_lower_bound():
    used = energy_used({"runs": [metered(50.0, 100), {"ended": False}]})
    assert (used.watt_hours, used.complete) == (50.0, False)
    assert energy_cell(used).text == "\u2265 50.00 Wh"
    assert energy_used({"runs": [{"ended": False}]}) is None
    assert energy_used({"runs": []}) is None
    assert energy_cell(None).value is None


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


def test_another_job_beside_it_is_recorded():
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


def test_a_second_process_on_the_gpu_is_recorded_however_short():
    assert OtherWork(gpu_processes=1).alone is False
    assert OtherWork(10.0, 0.0, gpu_processes=0).alone is True


def test_own_work_is_not_that_of_others():
    found = OtherWork()
    with found.watched():
        start = time.process_time()
        while time.process_time() - start < 0.3:
            pass
    rest = OtherWork()
    with rest.watched():
        time.sleep(0.01)
    assert found.watched_seconds >= 0.3
    # on an idle machine about 0; on a busy one, at most all cores but the one that we had
    import psutil

    cores = psutil.cpu_count() or 1
    assert found.cpu_seconds <= found.watched_seconds * cores - 0.25

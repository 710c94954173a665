import sys
from types import ModuleType, SimpleNamespace

import pytest

from modellab.models.metering import energy_used, measured_energy, trapezoid
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
    # a run that took all answers from the journal has no energy of its own
    assert energy_used({**metered(None, 0), "runs": run["runs"]}) == used


def test_a_run_without_a_meter_makes_it_at_least_so_much():
    used = energy_used({"runs": [metered(50.0, 100), {"ended": False}]})
    assert (used.watt_hours, used.complete) == (50.0, False)
    assert energy_cell(used).text == "\u2265 50.00 Wh"
    assert energy_used({"runs": [{"ended": False}]}) is None
    assert energy_used({"runs": []}) is None
    assert energy_cell(None).value is None

"""The simulation behind the intervals, with few settings and a fixed seed."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PATH = Path(__file__).parents[3] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def rates(module, setting, simulations=1500):
    return {r.component: r for r in module.run(setting, simulations, 7)}


@pytest.mark.parametrize(("n", "blank"), [(30, 0), (30, 1), (100, 5), (282, 16)])
@pytest.mark.parametrize("accuracy", [0.5, 0.95])
def test_intervals_hold_the_truth(coverage, n, blank, accuracy):
    setting = coverage.Setting("interval", n, blank, accuracy, 0.9 if accuracy > 0.5 else 0.5)
    found = rates(coverage, setting)
    # three standard errors of the simulation below the target of 0.93
    assert found["overall"].rate > 0.91
    assert all(one.rate > 0.89 for one in found.values())


def test_the_former_method_does_not(coverage):
    setting = coverage.Setting("interval", 30, 1, 0.95, 0.9, method="before")
    assert rates(coverage, setting, 600)["overall"].rate < 0.88


@pytest.mark.parametrize(("n", "blank", "alike"), [(30, 1, 0.0), (41, 2, 0.9), (100, 5, 0.5)])
def test_equal_systems_are_rarely_called_different(coverage, n, blank, alike):
    setting = coverage.Setting("pair", n, blank, 0.8, 0.5, alike=alike)
    assert all(one.rate < 0.07 for one in rates(coverage, setting, 1000).values())


def test_the_stated_difference_is_found(coverage):
    setting = coverage.Setting("power", 100, 0, 0.8, 0.9, alike=0.5)
    assert rates(coverage, setting)["value_accuracy"].rate > 0.77


def test_the_set_holds_the_best(coverage):
    setting = coverage.Setting("best", 60, 2, 0.8, 0.9, alike=0.5, systems=4)
    assert rates(coverage, setting, 300)["overall"].rate > 0.93

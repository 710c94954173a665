import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Metric
from modellab.evaluation.diagnostics.question_set import question_set_metrics


def metrics(*degrees):
    angles = np.radians(np.array(degrees, dtype=float))
    return question_set_metrics(np.c_[np.cos(angles), np.sin(angles)].astype(np.float32))


def test_by_hand():
    """East, north, nearly east again: the third was asked before, and follows a right angle."""
    found = metrics(0, 90, 10)
    assert found["cache_hit_rate"] == Metric(pytest.approx(1 / 3), 3)
    expected = (0 + np.cos(np.radians(80))) / 2
    assert found["context_preservation"] == Metric(pytest.approx(expected, abs=1e-6), 2)


def test_only_earlier_questions_are_in_the_cache():
    assert metrics(0, 0)["cache_hit_rate"].value == 0.5
    assert metrics(0, 90)["cache_hit_rate"].value == 0


@pytest.mark.parametrize("rows", [[], [[1, 0]], [[1, 0], [0, 0]]])
def test_fewer_than_two_questions_have_no_value(rows):
    found = question_set_metrics(np.array(rows, dtype=np.float32).reshape(len(rows), 2))
    assert {metric.value for metric in found.values()} == {None}


@given(st.lists(st.floats(0, 360), min_size=2, max_size=9))
def test_bounds(degrees):
    found = metrics(*degrees)
    assert 0 <= found["cache_hit_rate"].value < 1
    assert -1 - 1e-6 <= found["context_preservation"].value <= 1 + 1e-6

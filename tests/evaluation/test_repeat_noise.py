from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Metric, RepeatNoise
from modellab.evaluation.score import repeat_noise


def noise(*values):
    return repeat_noise([{"overall": Metric(value, 3)} for value in values])["overall"]


def test_by_hand():
    found = noise(0.5, 0.7, 0.6)
    assert found == RepeatNoise(pytest.approx(0.1), pytest.approx(0.2), 3)
    assert noise(0.0, 1.0).sd == pytest.approx(sqrt(0.5))


def test_one_repeat_has_no_noise():
    assert noise(0.5) == RepeatNoise(None, None, 1)
    assert repeat_noise([]) == {}


def test_repeats_without_a_value_are_not_zero():
    assert noise(0.5, None, 0.5) == RepeatNoise(0.0, 0.0, 2)
    assert noise(0.5, None) == RepeatNoise(None, None, 1)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.randoms())
def test_bounds_and_order(values, random):
    found = noise(*values)
    assert 0 <= found.sd <= found.range + 1e-12 <= 1 + 1e-12
    mixed = list(values)
    random.shuffle(mixed)
    assert noise(*mixed).sd == pytest.approx(found.sd)
    assert noise(*mixed).range == found.range


@given(st.floats(0, 1), st.integers(2, 6))
def test_equal_scores_have_none(value, repeats):
    assert noise(*[value] * repeats) == RepeatNoise(0.0, 0.0, repeats)

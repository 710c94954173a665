"""The expected calibration error, by hand."""

import pytest

from modellab.evaluation.calibration import Bin, bins_of, expected_calibration_error


def test_by_hand():
    pairs = [(0.92, True), (0.98, False), (0.3, True), (0.35, True)]
    assert bins_of(pairs) == [
        Bin(pytest.approx(0.325), 1.0, 2),
        Bin(pytest.approx(0.95), 0.5, 2),
    ]
    assert expected_calibration_error(pairs) == pytest.approx((0.675 * 2 + 0.45 * 2) / 4)


def test_a_system_that_is_right_as_often_as_it_says_has_none():
    pairs = [(0.75, True)] * 3 + [(0.75, False)]
    assert expected_calibration_error(pairs) == 0.0


def test_certainty_is_in_the_last_bin():
    assert bins_of([(1.0, True), (0.9, True)]) == [Bin(0.95, 1.0, 2)]


def test_nothing_is_known_of_no_answer():
    assert expected_calibration_error([]) is None

"""The expected calibration error, by hand."""

import pytest

from modellab.evaluation.calibration import bins_of, expected_calibration_error


def test_by_hand():
    bins = bins_of([0.92, 0.98, 0.3, 0.35], [True, False, True, True])
    assert bins["confidence"].tolist() == pytest.approx([0.325, 0.95])
    assert bins["accuracy"].tolist() == [1.0, 0.5]
    assert bins["count"].tolist() == [2, 2]
    assert expected_calibration_error(bins) == pytest.approx((0.675 * 2 + 0.45 * 2) / 4)


def test_a_system_that_is_right_as_often_as_it_says_has_none():
    assert expected_calibration_error(bins_of([0.75] * 4, [True, True, True, False])) == 0.0


def test_certainty_is_in_the_last_bin():
    assert bins_of([1.0, 0.9], [True, True]).to_numpy().tolist() == [[0.95, 1.0, 2.0]]


def test_nothing_is_known_of_no_answer():
    assert expected_calibration_error(bins_of([], [])) is None

import numpy as np
import pytest
from scipy.stats import t

from modellab.core.intervals.means import jackknife_ends

VALUES = [0.1, 0.4, 0.35, 0.8, 0.9, 0.2, 0.5]


def mean(items):
    return sum(VALUES[item] for item in items) / len(items) if items else None


def test_of_a_mean_it_is_students_interval():
    names = [f"q{n}" for n in range(7)]
    low, high = jackknife_ends(names, mean, (0.0, 1.0), 0.95)
    reach = t.ppf(0.975, 6) * np.std(VALUES, ddof=1) / np.sqrt(7)
    assert (low, high) == pytest.approx((np.mean(VALUES) - reach, np.mean(VALUES) + reach))


def test_items_of_one_question_are_left_out_together():
    alone = jackknife_ends([f"q{n}" for n in range(7)], mean, (0.0, 1.0), 0.95)
    together = jackknife_ends(["a", "a", "b", "c", "c", "b", "d"], mean, (0.0, 1.0), 0.95)
    assert together != alone


def test_there_may_be_none():
    assert jackknife_ends(["a", "b"], mean, (0.0, 1.0), 0.95) is None
    assert jackknife_ends(["a", "b", "c"], lambda _: 0.5, (0.0, 1.0), 0.95) is None
    assert jackknife_ends(["a", "b", "c"], lambda _: None, (0.0, 1.0), 0.95) is None

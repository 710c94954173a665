import numpy as np
import pytest
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

from modellab.core.intervals.means import jackknife_ends, mean_ends, share_ends


def test_a_scale_may_go_below_0():
    """Scores of -0.2, -0.15, -0.1 and -0.12 on a scale from -1 to 1."""
    low, high = mean_ends([-0.2, -0.15, -0.1, -0.12], [1] * 4, (-1.0, 1.0), 0.95)
    assert low < -0.1425 < high
    assert low >= -1 and high < 0.7


def test_a_question_counts_once_however_often_it_was_asked():
    once = mean_ends([1.0, 0.0, 1.0], [1, 1, 1], (0.0, 1.0), 0.95)
    assert mean_ends([3.0, 0.0, 3.0], [3, 3, 3], (0.0, 1.0), 0.95) == pytest.approx(once)
    assert mean_ends([], [], (0.0, 1.0), 0.95) is None
    assert mean_ends([0.0], [0], (0.0, 1.0), 0.95) is None


def test_a_share_is_wilsons_with_students_t():
    found = share_ends(8, 10, 0.95)
    alpha = 2 * norm.sf(t.isf(0.025, 10))
    assert found == pytest.approx(proportion_confint(8, 10, alpha=alpha, method="wilson"))
    assert share_ends(0, 0, 0.95) is None


VALUES = [0.1, 0.4, 0.35, 0.8, 0.9, 0.2, 0.5]


def mean(items):
    return sum(VALUES[item] for item in items) / len(items) if items else None


def test_the_jackknife_of_a_mean_is_students_interval():
    names = [f"q{n}" for n in range(7)]
    low, high = jackknife_ends(names, mean, (0.0, 1.0), 0.95)
    reach = t.ppf(0.975, 6) * np.std(VALUES, ddof=1) / np.sqrt(7)
    assert (low, high) == pytest.approx((np.mean(VALUES) - reach, np.mean(VALUES) + reach))


def test_items_of_one_question_are_left_out_together():
    alone = jackknife_ends([f"q{n}" for n in range(7)], mean, (0.0, 1.0), 0.95)
    together = jackknife_ends(["a", "a", "b", "c", "c", "b", "d"], mean, (0.0, 1.0), 0.95)
    assert together != alone


def test_the_jackknife_may_be_undefined():
    assert jackknife_ends(["a", "b"], mean, (0.0, 1.0), 0.95) is None
    assert jackknife_ends(["a", "b", "c"], lambda _: 0.5, (0.0, 1.0), 0.95) is None
    assert jackknife_ends(["a", "b", "c"], lambda _: None, (0.0, 1.0), 0.95) is None

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

from modellab.core.intervals import score_method
from modellab.core.intervals.score_method import (
    Differences,
    Means,
    difference_interval,
    mean_interval,
    p_values,
    supposed_variance,
)


@pytest.fixture
def normal(monkeypatch):
    """The normal distribution's critical values, as the published formulas have them."""
    monkeypatch.setattr(
        score_method, "critical", lambda tail, n: np.asarray(norm.isf(tail) + 0 * np.asarray(n))
    )


def marks(weight, values):
    values = np.asarray(values, dtype=float)
    return Means(*(np.asarray(x) for x in (weight, len(values), values.mean(), values.var())))


def paired(weight, values):
    one = np.asarray(values, dtype=float)
    numbers = (
        weight,
        len(one),
        np.maximum(one, 0).mean(),
        np.maximum(-one, 0).mean(),
        (one**2).mean(),
    )
    return Differences(*(np.array([float(x)]) for x in numbers))


def table(gains, losses, ties):
    return [1.0] * gains + [-1.0] * losses + [0.0] * ties


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (3, 8), (30, 30), (281, 282), (5, 100)])
def test_shares_have_wilsons_interval(normal, right, n):
    found = mean_interval([marks(1.0, [1.0] * right + [0.0] * (n - right))], 0.95)
    assert [float(end) for end in found] == pytest.approx(
        proportion_confint(right, n, method="wilson"), abs=1e-12
    )


def test_marks_between_have_narrower_ones():
    wide = mean_interval([marks(1.0, [0.0, 1.0] * 20)], 0.95)
    narrow = mean_interval([marks(1.0, [0.4, 0.6] * 20)], 0.95)
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]
    alike = mean_interval([marks(1.0, [0.5] * 40)], 0.95)
    assert 0.4 < alike[0] < 0.5 < alike[1] < 0.6


def test_no_difference_at_all_says_that_there_are_few(normal):
    """z^2 / (n + z^2), as Tango's interval has it."""
    low, high = difference_interval([paired(1.0, [0.0] * 30)], 0.95)
    reach = norm.isf(0.025) ** 2 / (30 + norm.isf(0.025) ** 2)
    assert (float(low[0]), float(high[0])) == pytest.approx((-reach, reach))


def test_paired_shares_have_tangos_interval(normal):
    """An end is where his score, found by brute force, is 1.96."""
    gains, losses, ties = 9, 3, 88
    low, high = difference_interval([paired(1.0, table(gains, losses, ties))], 0.95)
    for end in (float(low[0]), float(high[0])):
        assert tango(gains, losses, gains + losses + ties, end) == pytest.approx(
            norm.isf(0.025), abs=1e-4
        )


def tango(gains, losses, n, difference):
    """|score| by brute force: the most likely probability of a loss on a fine grid."""
    q = np.linspace(1e-9, (1 - abs(difference)) / 2, 2_000_001)
    loss, gain = (q, q + difference) if difference > 0 else (q - difference, q)
    with np.errstate(invalid="ignore", divide="ignore"):
        likely = (
            gains * np.log(gain)
            + losses * np.log(loss)
            + (n - gains - losses) * np.log(1 - gain - loss)
        )
    best = np.nanargmax(likely)
    variance = gain[best] + loss[best] - difference**2
    return abs((gains - losses) / n - difference) / np.sqrt(variance / n)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 60), st.floats(-0.9, 0.9))
def test_the_supposed_variance_is_possible(gains, losses, ties, difference):
    if gains + losses + ties == 0:
        return
    one = paired(1.0, table(gains, losses, ties))
    found = float(supposed_variance(one, np.array([difference]))[0])
    assert abs(difference) - difference**2 - 1e-9 <= found <= 1 - difference**2 + 1e-9


def test_supposing_none_the_squares_are_the_variance():
    values = [0.5, 1.0, -0.25, 0.0, 0.0, 0.75]
    steps = np.sum(values) / np.sqrt(np.sum(np.square(values)))
    assert float(p_values([paired(1.0, values)])[0]) == pytest.approx(2 * t.sf(steps, 6))


NUMBERS = st.lists(st.sampled_from([-1.0, -0.5, -0.1, 0.0, 0.0, 0.0, 0.1, 0.5, 1.0]), min_size=1)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(NUMBERS, NUMBERS, st.floats(0.05, 1.0), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_interval_and_p_value_are_one(first, second, weight, level):
    strata = [paired(1.0, first), paired(weight, second)]
    for part in (strata, strata[:1]):
        whole = sum(float(s.weight[0] * s.mean[0]) for s in part)
        low, high = (float(end[0]) for end in difference_interval(part, level))
        p = float(p_values(part)[0])
        assert low <= whole <= high and low < high
        if abs(p - (1 - level)) > 1e-6:
            assert (low > 1e-9 or high < -1e-9) == (p < 1 - level)


@settings(max_examples=40, deadline=None)
@given(NUMBERS)
def test_turned_round_it_is_the_same(values):
    low, high = difference_interval([paired(1.0, values)], 0.9)
    other_low, other_high = difference_interval([paired(1.0, [-v for v in values])], 0.9)
    assert (float(low[0]), float(high[0])) == pytest.approx(
        (-float(other_high[0]), -float(other_low[0])), abs=1e-9
    )


def test_strata_add_by_the_squares_of_their_distances():
    one, two = marks(0.9, [1.0] * 27 + [0.0] * 3), marks(0.1, [1.0, 0.0])
    (low1, high1), (low2, high2) = (
        mean_interval([s._replace(weight=np.asarray(1.0))], 0.95) for s in (one, two)
    )
    low, high = mean_interval([one, two], 0.95)
    mean = 0.9 * 0.9 + 0.1 * 0.5
    assert float(low) == pytest.approx(mean - np.hypot(0.9 * (0.9 - low1), 0.1 * (0.5 - low2)))
    assert float(high) == pytest.approx(mean + np.hypot(0.9 * (high1 - 0.9), 0.1 * (high2 - 0.5)))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from modellab.statistics.comparing import holm, mcnemar_exact
from modellab.statistics.intervals import interval, wilson

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(P_VALUES)
def test_holm_is_that_of_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_holm_by_hand():
    # 0.01 * 3; 0.02 * 2 is below that of the one before it times 1; 0.03 * 1
    assert holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_that_of_statsmodels(only_a, only_b):
    theirs = mcnemar([[5, only_a], [only_b, 5]], exact=True).pvalue
    assert mcnemar_exact(only_a, only_b) == pytest.approx(min(1.0, theirs))


@given(st.integers(1, 500), st.data())
def test_wilson_is_that_of_statsmodels(n, data):
    count = data.draw(st.integers(0, n))
    theirs = proportion_confint(count, n, alpha=0.05, method="wilson")
    assert wilson(count / n, n, 0.95) == pytest.approx(theirs, abs=1e-9)


def test_an_interval_is_the_middle_of_the_resamples():
    drawn = np.append(np.arange(1001) / 1000, np.nan)
    found = interval(0.5, drawn, units=9, share=True, confidence=0.9)
    assert found == (pytest.approx(0.05), pytest.approx(0.95), "bootstrap_percentile", "")


def test_where_all_are_alike_resampling_sees_no_doubt():
    same = np.ones(100)
    found = interval(1.0, same, 2, share=True, confidence=0.95)
    assert found == (*wilson(1.0, 2, 0.95), "wilson", "")
    assert interval(1.0, same, 2, share=True, confidence=0.95).low < 0.4
    constant = interval(0.7, same * 0.7, 2, share=True, confidence=0.95)
    assert constant == (None, None, "", "all units alike")
    assert interval(None, same, 2, share=True, confidence=0.95).reason == "no value"
    assert interval(0.5, np.full(9, np.nan), 2, True, 0.95).reason == "no value"

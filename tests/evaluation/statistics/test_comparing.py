import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from modellab.evaluation.statistics.comparing import mcnemar_exact


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_a_sign_test_of_the_questions_that_differ(only_a, only_b):
    theirs = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert mcnemar_exact(only_a, only_b) == pytest.approx(theirs)

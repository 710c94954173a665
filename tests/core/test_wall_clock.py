"""Shares of the wall clock: by hand, and always as much together as the clock went."""

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.wall_clock import RequestSpan, shares


def test_one_after_the_other_each_has_its_own_time():
    assert shares([RequestSpan("a", 1.0, 1.0), RequestSpan("b", 2.0, 3.0)]) == {"a": 1.0, "b": 2.0}


def test_answers_that_overlap_share_each_moment():
    """b runs from 1 to 2 beside a (0 to 3): a has 1 + 1/2 + 1, b has 1/2."""
    assert shares([RequestSpan("b", 1.0, 2.0), RequestSpan("a", 3.0, 3.0)]) == {"b": 0.5, "a": 2.5}


def test_a_batch_is_shared_by_its_rows():
    assert shares([RequestSpan(key, 4.0, 4.0) for key in "abcd"]) == dict.fromkeys("abcd", 1.0)


def test_what_takes_three_times_as_long_has_more_of_a_full_lane():
    """Two lanes, one with answers of 1 s, the other with one of 3 s."""
    spans = [
        RequestSpan("a", 1.0, 1.0),
        RequestSpan("b", 1.0, 2.0),
        RequestSpan("c", 1.0, 3.0),
        RequestSpan("long", 3.0, 3.0),
    ]
    found = shares(spans)
    assert found["long"] == pytest.approx(1.5)
    assert found["a"] == found["b"] == found["c"] == pytest.approx(0.5)


def test_idle_moments_are_shared_by_all():
    """Nothing is under way from 1 to 3: a rate limit."""
    assert shares([RequestSpan("a", 1.0, 1.0), RequestSpan("b", 1.0, 4.0)]) == {"a": 2.0, "b": 2.0}


def test_a_failure_without_a_latency_has_a_part_only_in_idle_moments():
    assert shares([RequestSpan("lost", None, 1.0), RequestSpan("a", 2.0, 2.0)]) == {
        "lost": 0.0,
        "a": 2.0,
    }


def test_what_was_not_timed_has_no_share():
    assert shares([]) == shares([RequestSpan("a", None, 1.0)]) == {}


def test_a_latency_longer_than_the_clock_begins_with_it():
    assert shares([RequestSpan("a", 9.0, 2.0)]) == {"a": 2.0}


def test_a_request_that_was_made_twice_has_both():
    assert shares([RequestSpan("a", 1.0, 1.0), RequestSpan("a", 1.0, 2.0)]) == {"a": 2.0}


@given(
    st.lists(
        st.tuples(st.none() | st.floats(0, 50), st.floats(0.01, 100)), min_size=1, max_size=40
    ).filter(lambda spans: any(seconds is not None for seconds, _ in spans))
)
def test_the_shares_add_up_to_the_clock(spans):
    found = shares([RequestSpan(str(n), seconds, end) for n, (seconds, end) in enumerate(spans)])
    assert fsum(found.values()) == pytest.approx(max(end for _, end in spans))
    assert min(found.values()) >= 0

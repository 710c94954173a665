import pytest
from hypothesis import given
from hypothesis import strategies as st
from retrieval_samples import chunks_of

from modellab.evaluation.query_log.utilisation import gini, utilisation
from modellab.retrieval.protocol import Hit

CHUNKS = chunks_of(*"abcd", documents=["x", "x", "y", "z"])


def found(*rows):
    return [[Hit(row, 1.0) for row in hits] for hits in rows]


def test_what_is_used():
    figures, uses = utilisation(found([1, 0], [1], [], [1, 2]), CHUNKS, top_k=2)
    assert (figures.questions, figures.nothing_found, figures.top_k) == (4, 1, 2)
    assert (figures.total_chunks, figures.used_chunks, figures.unused_chunks) == (4, 3, 1)
    assert (figures.rate, figures.documents, figures.used_documents) == (0.75, 3, 2)
    # uses are 3, 1, 1, 0: the most used chunk has 3 of 5
    assert figures.top_share_of_uses == pytest.approx(3 / 5)
    assert figures.gini == pytest.approx(2 * (1 * 0 + 2 * 1 + 3 * 1 + 4 * 3) / (4 * 5) - 5 / 4)
    assert [(use.chunk_id, use.uses, use.first_places) for use in uses] == [
        ("x#1", 3, 3), ("x#0", 1, 0), ("y#2", 1, 0), ("z#3", 0, 0),
    ]  # fmt: skip


def test_nothing_is_found():
    figures, _ = utilisation(found([], []), CHUNKS, top_k=2)
    assert (figures.rate, figures.gini, figures.top_share_of_uses) == (0, None, None)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_gini_is_bounded_and_does_not_know_the_order(counts):
    value = gini(counts)
    if not any(counts):
        assert value is None
        return
    assert -1e-9 <= value <= 1 - 1 / len(counts) + 1e-9
    assert value == pytest.approx(gini(counts[::-1]))
    assert gini([7] * len(counts)) == pytest.approx(0)

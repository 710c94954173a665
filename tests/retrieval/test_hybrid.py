import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from retrieval_samples import Scripted, ask, chunks_of

from modellab.retrieval.hybrid import HybridOptions, fuse
from modellab.retrieval.protocol import Hit, RetrievalInput

RANKINGS = st.lists(st.permutations(range(6)), min_size=2, max_size=4)


def hits(*rows):
    return [Hit(row, 9.0) for row in rows]


def test_fusion_by_hand():
    # Row 0: 1st and 3rd; row 1: 2nd and 1st; row 2: 3rd only; row 3: 2nd only.
    fused = fuse([hits(0, 1, 2), hits(1, 3, 0)], rrf_k=60)
    assert fused == [
        Hit(1, pytest.approx(1 / 62 + 1 / 61)),
        Hit(0, pytest.approx(1 / 61 + 1 / 63)),
        Hit(3, pytest.approx(1 / 62)),
        Hit(2, pytest.approx(1 / 63)),
    ]


@given(RANKINGS)
def test_the_order_of_rankings_does_not_matter(rankings):
    lists = [hits(*rows) for rows in rankings]
    assert fuse(lists, 60) == fuse(lists[::-1], 60)


def test_ties_go_by_the_order_of_chunks():
    assert [hit.row for hit in fuse([hits(5, 2), hits(2, 5)], 60)] == [2, 5]
    assert fuse([[], []], 60) == []


def test_contexts():
    searchers = {"a": Scripted({"?": [0, 1, 2]}), "b": Scripted({"?": [1, 3, 0]})}
    options = HybridOptions(kind="hybrid", of=["a", "b"], top_k=2, depth=3)
    given = RetrievalInput("h", [ask("q")], chunks_of(*"wxyz"), searchers=searchers)
    (context,) = options.retrieve(given)
    assert (context.question_id, context.retriever) == ("q", "h")
    assert [(p.rank, p.text) for p in context.passages] == [(1, "x"), (2, "w")]
    assert [searcher.asked for searcher in searchers.values()] == [[3], [3]]
    assert options.searches() == ("a", "b")
    assert not options.indexed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": ["a"]}, "at least 2 items"),
        ({"of": ["a", "b", "a"]}, "'a' is a duplicate"),
        ({"of": ["a", "b"], "top_k": 9, "depth": 8}, r"depth \(8\) must be at least top_k \(9\)"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValidationError, match=message):
        HybridOptions(kind="hybrid", **options)

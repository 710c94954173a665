from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from retrieval_samples import ask, chunks_of, context_of

from modellab.core.records import Context
from modellab.retrieval.post_processing import PostProcessingOptions
from modellab.retrieval.protocol import Hit, RetrievalInput, passages

CHUNKS = chunks_of(*"abcdefgh", documents=["x"] * 5 + ["y"] * 3)


def refine(rows, scores=None, chunks=CHUNKS, **more):
    scores = scores or [1 / rank for rank in range(1, len(rows) + 1)]
    hits = [Hit(row, score) for row, score in zip(rows, scores, strict=True)]
    context = Context("q", "bm25", passages(chunks, hits), shown=2)
    options = PostProcessingOptions(kind="post_processing", of="bm25", **more)
    given = RetrievalInput("fine", [ask("q")], chunks, contexts={"bm25": [context]})
    (found,) = options.retrieve(given)
    assert (found.question_id, found.retriever) == ("q", "fine")
    assert [passage.rank for passage in found.passages] == list(range(1, len(found.passages) + 1))
    return found


def texts(context):
    return "".join(passage.text for passage in context.passages)


def test_a_threshold_leaves_the_weak_out():
    assert texts(refine([0, 1, 2], [0.9, 0.5, 0.4], threshold=0.5)) == "ab"
    assert texts(refine([0, 1], [0.2, 0.1], threshold=0.5)) == ""


def test_one_passage_of_each_document():
    assert texts(refine([5, 6, 0, 7, 1], deduplicate="document")) == "fa"


def test_the_same_words_only_once():
    chunks = chunks_of("One  word.", "other", "one WORD.")
    found = refine([2, 1, 0], chunks=chunks, deduplicate="text")
    assert [passage.text for passage in found.passages] == ["one WORD.", "other"]


def test_neighbours_come_along_in_the_order_of_the_document():
    found = refine([2, 5], neighbours=1)
    assert texts(found) == "bcdfg"
    assert [passage.score for passage in found.passages] == [1, 1, 1, 0.5, 0.5]
    assert found.shown == 5
    # of another document, or found itself: not as a neighbour
    assert texts(refine([4, 3], neighbours=1)) == "ecd"


def test_what_is_shown_is_counted_with_its_neighbours():
    found = refine([1, 4, 6], neighbours=1, top_k=1, extra_k=2)
    assert (texts(found), found.shown) == ("abcdefgh"[0:3] + "de" + "fgh", 3)
    assert refine([1, 4, 6], top_k=2).shown == 2


@given(
    st.lists(st.integers(0, 7), unique=True),
    st.integers(0, 3),
    st.integers(1, 4),
    st.integers(0, 3),
)
def test_no_duplicates_and_shown_passages_come_first(rows, neighbours, top_k, extra_k):
    more = {"neighbours": neighbours, "top_k": top_k}
    wide = refine(rows, extra_k=extra_k, **more)
    assert len({passage.chunk_id for passage in wide.passages}) == len(wide.passages)
    assert set(rows[:top_k]) <= {
        row for row, chunk in enumerate(CHUNKS) if chunk.text in texts(wide)[: wide.shown]
    }


def test_contexts_without_passages_stay_so():
    empty = replace(context_of("q"), passages=())
    options = PostProcessingOptions(kind="post_processing", of="bm25", neighbours=2)
    given = RetrievalInput("f", [ask("q")], CHUNKS, contexts={"bm25": [empty]})
    (found,) = options.retrieve(given)
    assert (found.passages, found.shown) == ((), 0)

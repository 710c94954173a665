"""A ranking is the context's own search, only deeper."""

import pytest
from retrieval_samples import Scripted, ask, chunks_of

from modellab.retrieval.bm25 import Bm25Options
from modellab.retrieval.hybrid import HybridOptions
from modellab.retrieval.none import NoneOptions
from modellab.retrieval.oracle import OracleOptions
from modellab.retrieval.post_processing import PostProcessingOptions
from modellab.retrieval.protocol import Members
from modellab.retrieval.rankings import RANKING_DEPTH, rankings_of
from modellab.retrieval.shuffled import ShuffledOptions

CHUNKS = chunks_of(*(f"text {row}" for row in range(120)))
QUESTION = ask("q", "?", references=["d3"])
MEMBERS = Members(
    {"bm25": Scripted({"?": range(120)}), "other": Scripted({"?": range(119, -1, -1)})}
)
BM25 = Bm25Options(kind="bm25", top_k=2, extra_k=3)
HYBRID = HybridOptions(kind="hybrid", of=["bm25", "other"], top_k=2, depth=20)


@pytest.mark.parametrize(("options", "depth"), [(BM25, RANKING_DEPTH), (HYBRID, 20)])
def test_a_ranking_begins_with_the_context(options, depth):
    [context] = options.retrieve("bm25", [QUESTION], CHUNKS, MEMBERS, 0)
    deeper = options.at_depth(RANKING_DEPTH)
    [ranking] = rankings_of(deeper.retrieve("bm25", [QUESTION], CHUNKS, MEMBERS, 0), deeper.top_k)
    assert len(ranking.chunks) == depth
    assert not ranking.complete
    shown = tuple(passage.chunk_id for passage in context.passages)
    assert ranking.chunks[: len(shown)] == shown


def test_a_corpus_that_ends_before_the_depth_is_known_whole():
    members = Members({"bm25": Scripted({"?": range(7)})})
    deeper = BM25.at_depth(RANKING_DEPTH)
    [ranking] = rankings_of(deeper.retrieve("bm25", [QUESTION], CHUNKS, members, 0), deeper.top_k)
    assert len(ranking.chunks) == 7
    assert ranking.complete


def test_an_oracle_is_as_deep_as_it_is():
    options = OracleOptions(kind="oracle")
    assert options.at_depth(RANKING_DEPTH) == options
    [ranking] = rankings_of(options.retrieve("oracle", [QUESTION], CHUNKS, Members(), 0), None)
    assert ranking.documents == ("d3",)
    assert ranking.complete


def test_refining_starts_from_what_was_found_and_can_have_no_more():
    [context] = BM25.retrieve("bm25", [QUESTION], CHUNKS, MEMBERS, 0)
    deeper = PostProcessingOptions(kind="post_processing", of="bm25", top_k=1).at_depth(
        RANKING_DEPTH
    )
    members = Members(contexts={"bm25": [context]})
    found = deeper.retrieve("refined", [QUESTION], CHUNKS, members, 0)
    [ranking] = rankings_of(found, deeper.top_k)
    assert len(ranking.chunks) == len(context.passages) == 5
    assert ranking.complete


def test_what_a_score_with_a_retriever_stands_for():
    assert BM25.role == HYBRID.role == "retrieved"
    assert OracleOptions(kind="oracle").role == "oracle"
    assert NoneOptions(kind="none").role == "none"
    assert ShuffledOptions(kind="shuffled", of="bm25").role == "shuffled"

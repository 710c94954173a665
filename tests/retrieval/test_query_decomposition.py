import logging

import pytest
from retrieval_samples import Scripted, ask, chunks_of

from modellab.core.errors import InputError
from modellab.core.records import Plan, PlanStatus
from modellab.retrieval.protocol import Members
from modellab.retrieval.query_decomposition import QueryDecompositionOptions

CHUNKS = chunks_of(*"abcdef")
FOUND = {"q?": [0, 1, 2], "one": [3, 0, 4], "two": [5, 3, 1]}


def planned(**options):
    return QueryDecompositionOptions(kind="query_decomposition", of="bm25", model="m", **options)


def plan(*queries, status=PlanStatus.PLANNED):
    return Plan("q", "p", status, queries, 0, "raw", "key")


def found(options, made):
    members = Members({"bm25": Scripted(FOUND)}, plans={"q": made})
    (context,) = options.retrieve("p", [ask("q", text="q?")], CHUNKS, members, 0)
    return context


def ids(context):
    return "".join(passage.text for passage in context.passages)


def test_the_first_of_each_query_then_the_second_and_no_chunk_twice():
    context = found(planned(top_k=4, extra_k=1), plan("one", "two"))
    assert ids(context) == "adfbc"
    assert [passage.rank for passage in context.passages] == [1, 2, 3, 4, 5]
    assert (context.shown, context.plan) == (4, "planned")


def test_without_the_question_only_its_queries_are_searched():
    assert ids(found(planned(keep_question=False, top_k=9), plan("two", "two", "one"))) == "fdabe"


def test_each_query_finds_so_many():
    assert ids(found(planned(per_query=1, top_k=9), plan("one", "two"))) == "adf"


def test_fused_what_several_queries_find_comes_first():
    context = found(planned(merge="fuse", top_k=2), plan("one", "two"))
    assert ids(context) == "ad"
    assert context.passages[0].score == pytest.approx(1 / 61 + 1 / 62)


@pytest.mark.parametrize("status", [PlanStatus.UNPARSED, PlanStatus.FAILED])
def test_without_a_plan_the_question_is_searched_and_says_so(status, caplog):
    with caplog.at_level(logging.WARNING):
        context = found(planned(keep_question=False, top_k=9), plan(status=status))
    assert (ids(context), context.plan) == ("abc", status.value)
    assert f"1 of 1 questions have no plan (1 {status.value})" in caplog.text


def test_a_question_that_was_never_planned():
    members = Members({"bm25": Scripted(FOUND)})
    with pytest.raises(InputError, match="plans of 'p' lack question 'q'; make them anew"):
        planned().retrieve("p", [ask("q", text="q?")], CHUNKS, members, 0)


def test_deeper_keeps_the_queries():
    deeper = planned(top_k=1, extra_k=1).at_depth(100)
    assert ids(found(deeper, plan("one", "two"))) == "adfbce"

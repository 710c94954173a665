import logging

import pytest
from retrieval_samples import Scripted, ask, chunks_of

from modellab.core.errors import InputError
from modellab.core.records import Plan, PlanStatus
from modellab.retrieval.protocol import RetrievalInput
from modellab.retrieval.query_decomposition import QueryDecompositionOptions

CHUNKS = chunks_of(*"abcdef")
FOUND = {"q?": [0, 1, 2], "one": [3, 0, 4], "two": [5, 3, 1]}


def planned(**options):
    return QueryDecompositionOptions(kind="query_decomposition", of="bm25", model="m", **options)


def plan(*queries, status=PlanStatus.PLANNED):
    return Plan("q", "p", status, queries, 0, "raw", "key")


def inputs(plans):
    searchers = {"bm25": Scripted(FOUND)}
    return RetrievalInput("p", [ask("q", text="q?")], CHUNKS, searchers=searchers, plans=plans)


def found(options, made):
    (context,) = options.retrieve(inputs({"q": made}))
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


def test_the_number_of_chunks_per_query():
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
    with pytest.raises(InputError, match="plans of 'p' lack question 'q'; make them again"):
        planned().retrieve(inputs({}))


def test_deeper_keeps_the_queries():
    deeper = planned(top_k=1, extra_k=1).at_depth(100)
    assert ids(found(deeper, plan("one", "two"))) == "adfbce"

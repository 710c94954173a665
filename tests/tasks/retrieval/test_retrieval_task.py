from math import log2

import pytest

from modellab.core.records import Prediction, Question, Status
from modellab.tasks import default_scorer, parse_task
from modellab.tasks.scorer import Material

QUESTION = Question("q", "?", {}, {}, ("a", "b"), grades={"a": 3, "b": 1})


def scored(question, found, task="retrieval"):
    made = parse_task(task)
    parsed = made.parse(found)
    scorer = default_scorer("retrieval").make(made, Material((), ()))
    row = scorer.score(question, Prediction("q", "bm25", 1, parsed.status, parsed.answer, "", ""))
    return row, scorer


def test_a_ranking_is_marked_by_its_grades():
    row, scorer = scored(QUESTION, '{"documents": ["b", "x", "b", "a"], "chunks": []}')
    wanted = (1 + 3 / log2(4)) / (3 + 1 / log2(3))
    assert row.marks["ndcg@10"] == pytest.approx(wanted)
    assert row.outcome is None
    assert scorer.summarize({"q": QUESTION}, [row])["overall"].value == pytest.approx(wanted)


def test_an_unjudged_question_has_no_marks():
    question = Question("q", "?", {}, {}, ())
    row, scorer = scored(question, '{"documents": ["b"]}')
    assert set(row.marks.values()) == {None}
    assert scorer.summarize({"q": question}, [row])["overall"].value is None


def test_chunks_may_be_ranked():
    question = Question("q", "?", {}, {}, ("a",), relevant_chunks=("a#2",))
    found = '{"documents": ["a", "a"], "chunks": ["a#1", "a#2"]}'
    assert scored(question, found)[0].marks["mrr"] == 1.0
    by_chunk = {"kind": "retrieval", "level": "chunk"}
    assert scored(question, found, by_chunk)[0].marks["mrr"] == 0.5


def test_what_is_no_ranking_is_unparsed():
    assert parse_task("retrieval").parse("14").status is Status.UNPARSED

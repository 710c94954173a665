from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Metric, Question
from modellab.tasks.retrieval.ranking_metrics import (
    METRICS,
    Ranked,
    by_chunk,
    by_document,
    marks,
    means,
)


def ranked(found, relevant, name="q", complete=True):
    return Ranked(name, tuple(found), dict.fromkeys(relevant, 1), complete)


def mark(found, relevant, **more):
    return marks([ranked(found, relevant, **more)])["q"]


def test_by_hand():
    found = mark("xaybz", "abc")
    assert found["hit_rate@1"] == 0
    assert found["hit_rate@3"] == 1
    assert found["precision@3"] == pytest.approx(1 / 3)
    assert found["precision@5"] == pytest.approx(2 / 5)
    assert found["precision@10"] == pytest.approx(2 / 10)
    assert found["recall@1"] == 0
    assert found["recall@5"] == pytest.approx(2 / 3)
    assert found["mrr"] == 1 / 2
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert found["ndcg@5"] == pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal)


def test_several_chunks_of_one_document_are_one_document():
    """Counting each chunk as a gain against an ideal of documents makes an nDCG above 1."""
    assert mark("aaab", "a") == mark("ab", "a")
    assert mark("aaab", "a")["ndcg@10"] == 1.0
    assert mark("aab", "b")["mrr"] == 1 / 2


def test_a_relevant_item_after_the_tenth_is_not_seen():
    found = mark([f"x{n}" for n in range(10)] + ["a"], "a")
    assert found["mrr"] == found["recall@10"] == found["ndcg@10"] == 0


def test_nothing_found_is_zero_and_nothing_known_is_empty():
    assert set(mark("", "a").values()) == {0.0}
    cut = mark("xya", "b", complete=False)
    assert cut["recall@3"] == 0
    assert cut["recall@5"] is None
    assert cut["mrr"] is None


def test_a_metric_that_is_unknown_for_one_question_has_no_value():
    questions = [
        ranked("abcdefghijk", "a", "q1", complete=False),
        ranked("xyz", "z", "q2", complete=False),
    ]
    found = means(marks(questions).values())
    assert found["recall@3"] == Metric(1.0, 2)
    assert found["recall@5"] == Metric(None, 0, n_failed=1)


def test_unjudged_questions_are_left_out():
    found = marks([ranked("ab", "a", "q1"), ranked("ab", "", "q2")])
    assert set(found) == {"q1"}
    assert means(found.values())["hit_rate@1"] == Metric(1.0, 1)
    assert means(marks([ranked("ab", "")]).values())["hit_rate@1"] == Metric(None, 0)


def test_equal_ranks_are_not_broken_by_id():
    """Only the order decides, not the names of ids."""
    assert mark("zab", "z")["mrr"] == 1.0
    assert mark("abz", "z")["mrr"] == pytest.approx(1 / 3)


ITEMS = st.sampled_from([f"d{n}" for n in range(14)])
QUESTIONS = st.lists(
    st.tuples(st.lists(ITEMS, max_size=25), st.sets(ITEMS, min_size=1, max_size=6)), max_size=6
)


def questions_of(pairs):
    return [ranked(found, rel, f"q{n}") for n, (found, rel) in enumerate(pairs)]


@given(QUESTIONS)
def test_nothing_is_below_0_or_above_1(pairs):
    for found in marks(questions_of(pairs)).values():
        assert list(found) == list(METRICS)
        assert all(0 <= value <= 1 for value in found.values())


@given(QUESTIONS, st.randoms())
def test_the_order_of_questions_does_not_matter(pairs, random):
    questions = questions_of(pairs)
    other = list(questions)
    random.shuffle(other)
    assert means(marks(questions).values()) == means(marks(other).values())


@given(st.lists(ITEMS, min_size=1, max_size=10, unique=True))
def test_only_relevant_documents_count(items):
    found = mark(items, items)
    for name in ("hit_rate@10", "recall@10", "mrr", "ndcg@5", "ndcg@10", "precision@1"):
        assert found[name] == pytest.approx(1.0)


@given(st.lists(ITEMS, max_size=25), st.sets(ITEMS, min_size=1))
def test_deeper_finds_no_less(items, relevant):
    found = mark(items, relevant)
    for name in ("hit_rate", "recall"):
        values = [found[f"{name}@{k}"] for k in (1, 3, 5, 10)]
        assert values == sorted(values)


def graded(found, **grades):
    return marks([Ranked("q", tuple(found), grades, complete=True)])["q"]


def test_grades_are_gains():
    """By hand: the documents of grade 1 and 3 at ranks 1 and 3, of grades 3, 1 and 0."""
    found = graded("bxa", a=3, b=1, x=0)
    ideal = 3 / log2(2) + 1 / log2(3)
    assert found["ndcg@5"] == pytest.approx((1 / log2(2) + 3 / log2(4)) / ideal)
    assert found["hit_rate@1"] == 1
    assert found["recall@3"] == 1
    assert found["precision@3"] == pytest.approx(2 / 3)


def test_a_question_without_a_relevant_document_is_judged_as_trec_eval_does():
    assert set(graded("ab", a=0).values()) == {0.0}


def test_a_judged_question_keeps_its_grades():
    question = Question(
        *("q", "?", {}, {}, ("d1", "d2")),
        relevant_chunks=("d1#1",),
        grades={"d1": 2, "d1#1": 2, "d3": 0},
    )
    assert by_document(question, ["d3"]).grades == {"d1": 2, "d2": 1, "d3": 0}
    assert by_chunk(question, ["d1#1"]).grades == {"d1#1": 2}

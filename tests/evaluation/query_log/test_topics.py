import numpy as np
import pytest
from retrieval_samples import chunks_of

from modellab.evaluation.query_log.table import Asked
from modellab.evaluation.query_log.topics import find_topics
from modellab.retrieval.protocol import Hit

CHUNKS = chunks_of(*"abc", documents=["x", "x", "y"])
ASKED = [
    Asked("water for cooling", score=4.0),
    Asked("cooling water use", score=2.0),
    Asked("water water water"),
    Asked("grid power price"),
    Asked("power of the grid"),
    Asked("???"),
]
VECTORS = np.array([[1, 0], [1, 0.1], [1, 0.4], [0, 1], [0.1, 1], [0, 0]], dtype=np.float32)
FOUND = [[Hit(0, 1.0), Hit(1, 0.5)], [Hit(0, 1.0)], [], [Hit(2, 1.0)], [Hit(2, 1.0)], []]


def topics(most=2, seed=0, terms=2, samples=2):
    return find_topics(ASKED, VECTORS, FOUND, CHUNKS, most, terms, samples, seed)


def test_near_questions_are_one_topic():
    told = topics()
    assert (told.questions, told.without_vector) == (5, 1)
    first, second = told.topics
    assert (first.topic, first.questions, first.share) == (1, 3, 0.6)
    assert (first.unique_chunks, first.unique_documents, first.nothing_found) == (2, 1, 1)
    assert (second.unique_chunks, second.unique_documents) == (1, 1)
    assert told.mean_chunks_per_topic == 1.5
    assert first.mean_score == 3.0
    assert second.mean_score is None


def test_topics_are_told_by_words_and_near_questions():
    first, second = topics().topics
    assert first.terms == ("water", "cooling")
    assert second.terms == ("grid", "power")
    assert first.samples == ("cooling water use", "water for cooling")


def test_no_more_topics_than_vectors():
    assert len(topics(most=20).topics) == 5
    assert [topic.questions for topic in topics(most=1).topics] == [5]


@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_gives_the_same(seed):
    assert topics(seed=seed) == topics(seed=seed)


def test_no_vectors_no_topics():
    told = find_topics(ASKED[-1:], VECTORS[-1:], FOUND[-1:], CHUNKS, 3, 2, 2, 0)
    assert (told.topics, told.without_vector, told.mean_chunks_per_topic) == ((), 1, None)

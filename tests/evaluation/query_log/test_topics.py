import numpy as np
import pandas as pd
import pytest
from retrieval_samples import chunks_of

from modellab.evaluation.query_log.options import QueryLogOptions
from modellab.evaluation.query_log.topics import find_topics
from modellab.retrieval.protocol import Hit

CHUNKS = chunks_of(*"abc", documents=["x", "x", "y"])
QUERIES = pd.DataFrame(
    [
        ("water for cooling", 4.0),
        ("cooling water use", 2.0),
        ("water water water", None),
        ("grid power price", None),
        ("power of the grid", None),
        ("???", None),
    ],
    columns=["text", "score"],
)
VECTORS = np.array([[1, 0], [1, 0.1], [1, 0.4], [0, 1], [0.1, 1], [0, 0]], dtype=np.float32)
FOUND = [[Hit(0, 1.0), Hit(1, 0.5)], [Hit(0, 1.0)], [], [Hit(2, 1.0)], [Hit(2, 1.0)], []]


def topics(most=2, seed=0, known=slice(None)):
    options = QueryLogOptions(
        corpus="c", questions="q.csv", retriever="r", embedder="e", topics=most, terms=2, samples=2
    )
    return find_topics(
        QUERIES[known].reset_index(drop=True), VECTORS[known], FOUND[known], CHUNKS, options, seed
    )


def test_near_questions_are_one_topic():
    columns = ["topic", "questions", "share", "unique_chunks", "unique_documents", "nothing_found"]
    assert topics()[columns].to_numpy().tolist() == [[1, 3, 0.6, 2, 1, 1], [2, 2, 0.4, 1, 1, 0]]
    assert topics()["mean_score"].tolist() == [3.0, None]


def test_topics_are_described_by_terms_and_the_nearest_questions():
    found = topics()
    assert found["terms"].tolist() == [("water", "cooling"), ("grid", "power")]
    assert found["samples"][0] == ("cooling water use", "water for cooling")


def test_no_more_topics_than_vectors():
    assert len(topics(most=20)) == 5
    assert topics(most=1)["questions"].tolist() == [5]


@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_gives_the_same(seed):
    assert topics(seed=seed).equals(topics(seed=seed))


def test_no_vectors_no_topics():
    assert topics(known=slice(-1, None)).empty

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from retrieval_samples import chunks_of

from modellab.core.text.languages import UNSURE, language_of
from modellab.evaluation.query_log.usage import (
    chunk_uses,
    domain,
    frequent_terms,
    gini,
    terms_in,
    utilisation,
)
from modellab.retrieval.protocol import Hit


def log(*rows):
    return pd.DataFrame(rows, columns=["text", "answer", "score"]).astype({"score": float})


ASKED = log(
    ("How do I enrol for the summer school?", "By form.", 5.0),
    ("how do I  enrol for the summer school?", "", 1.0),
    ("Wo melde ich mich zur Sommerschule der Universität an?", "", None),
    ("Где подать документы для поступления в университет?", "Здесь.", 5.0),
)


def test_a_profile():
    found = domain(ASKED, empty_rows=2, has_answers=True)
    assert (found["questions"], found["empty_rows"], found["repeated"]) == (4, 2, 1)
    assert (found["answered"], found["unanswered"], found["answered_rate"]) == (2, 2, 0.5)
    assert (found["scored"], found["mean_score"]) == (3, pytest.approx(11 / 3))
    assert found["score_distribution"] == {"1": 1, "5": 2}
    assert (found["mean_words"], found["median_words"]) == (8, 8)
    assert found["mean_characters"] == pytest.approx((37 + 38 + 54 + 51) / 4)
    assert found["languages"] == {"en": 2, "de": 1, "ru": 1}
    assert found["terms"]["enrol"] == 2
    assert found["terms_of_answered"]["enrol"] == found["terms_of_unanswered"]["enrol"] == 1


def test_without_answers_there_are_no_figures_of_them():
    found = domain(ASKED[:1], 0, has_answers=False)
    assert (found["answered"], found["answered_rate"], found["terms_of_unanswered"]) == (
        None,
        None,
        {},
    )


def test_terms():
    assert terms_in("桥长3米") == {"桥长"}
    assert terms_in("The 2024 PUE of a data-centre is 1.2") == {"the", "pue", "data", "centre"}
    assert frequent_terms(["bbb aaa aaa", "aaa"], 1) == {"aaa": 2}


@pytest.mark.parametrize("text", ["", "GPT-3?", "12345 67890 12345", "OK"])
def test_a_language_that_is_unclear(text):
    assert language_of(text) == UNSURE


def test_scores_that_look_alike_are_counted_apart():
    scores = (0.12345678, 0.12345679, 0.12345679, 5, 1e16)
    found = domain(log(*(("Why?", "", score) for score in scores)), 0, has_answers=False)
    assert found["score_distribution"] == {"0.12345678": 1, "0.12345679": 2, "5": 1, "1e+16": 1}


CHUNKS = chunks_of(*"abcd", documents=["x", "x", "y", "z"])


def found(*rows):
    return [[Hit(row, 1.0) for row in hits] for hits in rows]


def test_what_is_used():
    hits = found([1, 0], [1], [], [1, 2])
    uses = chunk_uses(hits, CHUNKS)
    figures = utilisation(hits, uses, top_k=2)
    assert (figures["questions"], figures["nothing_found"], figures["top_k"]) == (4, 1, 2)
    assert (figures["total_chunks"], figures["used_chunks"], figures["unused_chunks"]) == (4, 3, 1)
    assert (figures["rate"], figures["documents"], figures["used_documents"]) == (0.75, 3, 2)
    # uses are 3, 1, 1, 0: the most used chunk has 3 of 5
    assert figures["top_share_of_uses"] == pytest.approx(3 / 5)
    assert figures["gini"] == pytest.approx(2 * (1 * 0 + 2 * 1 + 3 * 1 + 4 * 3) / (4 * 5) - 5 / 4)
    assert uses[["chunk_id", "uses", "first_places"]].to_numpy().tolist() == [
        ["x#1", 3, 3],
        ["x#0", 1, 0],
        ["y#2", 1, 0],
        ["z#3", 0, 0],
    ]


def test_nothing_is_found():
    figures = utilisation([[], []], chunk_uses([[], []], CHUNKS), top_k=2)
    assert (figures["rate"], figures["gini"], figures["top_share_of_uses"]) == (0, None, None)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_gini_is_bounded_and_does_not_know_the_order(counts):
    value = gini(counts)
    if not any(counts):
        assert value is None
        return
    assert -1e-9 <= value <= 1 - 1 / len(counts) + 1e-9
    assert value == pytest.approx(gini(counts[::-1]))
    assert gini([7] * len(counts)) == pytest.approx(0)

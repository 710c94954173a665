import pytest

from modellab.core.text.languages import UNSURE, language_of
from modellab.evaluation.query_log.domain import domain, frequent_terms, terms_in
from modellab.evaluation.query_log.table import Asked

ASKED = [
    Asked("How do I enrol for the summer school?", "By form.", 5.0),
    Asked("how do I  enrol for the summer school?", "", 1.0),
    Asked("Wo melde ich mich zur Sommerschule der Universität an?", "", None),
    Asked("Где подать документы для поступления в университет?", "Здесь.", 5.0),
]


def test_a_profile():
    told = domain(ASKED, empty_rows=2, has_answers=True)
    assert (told.questions, told.empty_rows, told.repeated) == (4, 2, 1)
    assert (told.answered, told.unanswered, told.answered_rate) == (2, 2, 0.5)
    assert (told.scored, told.mean_score) == (3, pytest.approx(11 / 3))
    assert told.score_distribution == {"1": 1, "5": 2}
    assert (told.mean_words, told.median_words) == (8, 8)
    assert told.mean_characters == pytest.approx((37 + 38 + 54 + 51) / 4)
    assert told.languages == {"en": 2, "de": 1, "ru": 1}
    assert told.terms["enrol"] == 2
    assert told.terms_of_answered["enrol"] == told.terms_of_unanswered["enrol"] == 1


def test_without_answers_nothing_is_said_of_them():
    told = domain(ASKED[:1], 0, has_answers=False)
    assert (told.answered, told.answered_rate, told.terms_of_unanswered) == (None, None, {})


def test_terms():
    assert terms_in("桥长3米") == {"桥长"}
    assert terms_in("The 2024 PUE of a data-centre is 1.2") == {"the", "pue", "data", "centre"}
    assert frequent_terms([Asked("bbb aaa aaa"), Asked("aaa")], 1) == {"aaa": 2}


@pytest.mark.parametrize("text", ["", "GPT-3?", "12345 67890 12345", "OK"])
def test_a_language_that_cannot_be_told(text):
    assert language_of(text) == UNSURE


def test_scores_that_look_alike_are_counted_apart():
    scores = (0.12345678, 0.12345679, 0.12345679, 5, 1e16)
    told = domain([Asked("Why?", "", score) for score in scores], 0, has_answers=False)
    assert told.score_distribution == {"0.12345678": 1, "0.12345679": 2, "5": 1, "1e+16": 1}

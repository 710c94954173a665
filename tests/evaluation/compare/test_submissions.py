from __future__ import annotations

import pytest

from modellab.core.errors import InputError
from modellab.core.records import Prediction, Status
from modellab.evaluation.compare.submissions import COLUMNS, submission_rows, write_submissions


def answer(question, retriever="bm25", repeat=1, status=Status.ANSWERED, **fields):
    return Prediction(question, retriever, repeat, status, fields, None, "")


def test_the_file_by_hand(questions, tmp_path):
    answers = [
        answer("q1", answer='The "suite"', answer_value="=ML", ref_id="", explanation="a,\nb"),
        answer("q1", repeat=2, answer_value="second"),
        answer("q1", retriever="oracle", answer_value="other"),
        answer("q2", status=Status.FAILED),
    ]
    write_submissions(tmp_path / "s", questions, answers, ["answer_value"])
    blank = ",".join(['"is_blank"'] * 7)
    assert (tmp_path / "s" / "bm25.csv").read_text() == (
        ",".join(f'"{name}"' for name in COLUMNS)
        + "\n"
        + f'"q2","How much, in MWh?",{blank}\n'
        + '"q1","Which suite?","The ""suite""","=ML","is_blank","","is_blank","is_blank","a,\nb"\n'
        + f'"q3","Nobody knows?",{blank}\n'
    )


def test_a_task_without_an_answer_value_has_its_fields_of_answered_questions(questions, tmp_path):
    answers = [answer("q1", label="=bad"), answer("q2", status=Status.FAILED)]
    write_submissions(tmp_path / "s", questions, answers, ["label"])
    text = (tmp_path / "s" / "bm25.csv").read_text()
    assert text == '"id","question","label"\n"q1","Which suite?","=bad"\n'


def test_citations_are_unchanged(questions):
    rows = submission_rows(questions, [answer("q1", ref_id="['B2', \"a1\"]")], "bm25")
    assert rows[1]["ref_id"] == "['B2', \"a1\"]"


def test_an_abstention_keeps_its_fields(questions):
    given = answer("q3", status=Status.ABSTAINED, answer_value="is_blank", explanation="not there")
    row = submission_rows(questions, [given], "bm25")[2]
    assert (row["answer_value"], row["explanation"]) == ("is_blank", "not there")


@pytest.mark.parametrize("status", [Status.FAILED, Status.UNPARSED, Status.MISSING])
def test_no_answer_is_blank_whatever_the_row_holds(status, questions):
    given = answer("q1", status=status, answer_value="half", ref_id="x")
    row = submission_rows(questions, [given], "bm25")[1]
    assert set(row.values()) == {"q1", "Which suite?", "is_blank"}


def test_two_first_answers_are_an_error(questions):
    with pytest.raises(InputError, match="'q1' is answered twice"):
        submission_rows(questions, [answer("q1"), answer("q1")], "bm25")

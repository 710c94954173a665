"""Rows of submissions meet questions by ids as programs change them, or by texts."""

import logging

import pytest
from submission_samples import ANSWER, answers, asked, written
from wattbot_samples import question

from modellab.core.errors import InputError
from modellab.models.submission_files import read_submission
from modellab.models.submission_matching import match, require_some


def test_results_of_ragas_meet_questions_by_their_texts(tmp_path, caplog):
    path = tmp_path / "r.csv"
    path.write_text('user_input,response,reference\n"When  was it?",In 1998.,1998\n')
    with caplog.at_level(logging.INFO):
        assert answers(path, "When was it?", "Why?") == {"q1": ["In 1998."], "q2": []}
    assert "answer from 'response'" in caplog.text


def test_numbers_of_another_program_are_no_ids(tmp_path):
    path = written(tmp_path / "a.jsonl", {"id": 0, "question": "When?", "prediction": "1998"})
    assert answers(path, "When?") == {"q1": ["1998"]}


def test_questions_with_choices_are_matched_without_them(tmp_path):
    path = written(tmp_path / "a.jsonl", {"question": "Which?", "answer": "B"})
    listed = "Which?\nA. Rome\nB. Paris"
    assert answers(path, listed, "Why?") == {"q1": ["B"], "q2": []}
    # not if several questions have the same text above other choices
    assert answers(path, listed, "Which?\nA. x\nB. y") == {"q1": [], "q2": []}
    with pytest.raises(InputError, match=r"texts of rows: 'Which\?'; ids of questions: 'q1', 'q2'"):
        require_some(asked("Why?", "How?"), read_submission(path, ANSWER))


def test_ids_that_mean_other_questions(tmp_path):
    rows = [{"id": "q2", "question": "When?", "answer": "1998"}, {"id": "q1", "answer": "x"}]
    path = written(tmp_path / "a.jsonl", *[{"question": "Why?", **row} for row in rows])
    assert answers(path, "When?", "Why?") == {"q1": ["1998"], "q2": ["x"]}
    path = written(tmp_path / "a.jsonl", *[{"id": n, "answer": "x"} for n in range(3)])
    numbered = [question("5", name=str(n)) for n in (1, 2, 3)]
    with pytest.raises(InputError, match="ids count from 0, those of the questions from 1"):
        match(numbered, read_submission(path, ANSWER))
    assert match(numbered[:2], read_submission(path, ANSWER)).extra == ("0",)


def test_ids_as_pandas_writes_them_beside_an_empty_one(tmp_path, caplog):
    path = tmp_path / "a.csv"
    path.write_text("id,answer\n1.0,x\n 2,y\n3,z\n3.0,other\n")
    numbered = [question("5", name=str(n)) for n in (1, 2, 3)]
    matched = match(numbered, read_submission(path, ANSWER))
    found = {name: [row.cells["answer"] for row in rows] for name, rows in matched.rows.items()}
    assert found == {"1": ["x"], "2": ["y"], "3": ["z"]}
    assert matched.extra == ("3.0",)
    assert "2 ids such as '1.0' read as '1'" in caplog.text


def test_ids_as_spreadsheets_change_them(tmp_path):
    path = tmp_path / "a.csv"
    asked = [question("5", name=name) for name in ("007", "b", "B", "08")]
    path.write_text("id,answer\n7,x\nB,z\n8,u\n08,v\n")
    found = match(asked, read_submission(path, ANSWER)).rows
    answered = {name: [row.cells["answer"] for row in rows] for name, rows in found.items()}
    assert answered == {"007": ["x"], "b": [], "B": ["z"], "08": ["v"]}
    path.write_text("id,answer\n6,x\n7,x\n9,x\n10,x\n")  # of other questions
    with pytest.raises(InputError, match="no row is of one of the 4"):
        require_some(asked, read_submission(path, ANSWER))

from __future__ import annotations

from dataclasses import replace

import pytest
from scored import ScoredModel, dataset

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.frames import write_frame
from modellab.core.records import Question
from modellab.evaluation.compare.matrix import matrix_table

OWN = ("Value", "Ref", "ValCorrect", "RefScore", "NACorrect", "Outcome")


def cells(row, model):
    return tuple(row[f"{model}_{column}"] for column in OWN)


def test_columns_are_in_the_documented_order(questions, qwen, submission):
    assert list(matrix_table(dataset(questions, [qwen, submission]))) == [
        *("id", "question", "GT_Value", "GT_Ref", "GT_Explanation", "answer_unit"),
        *("Quote", "Table", "Math", "is_NA"),
        *(f"qwen@bm25_{column}" for column in OWN),
        *(f"qwen@oracle_{column}" for column in OWN),
        *(f"team-v2-test_{column}" for column in OWN),
    ]


def test_the_file_by_hand(questions, qwen, submission, tmp_path):
    table = matrix_table(dataset(questions, [qwen, submission]))
    write_frame(tmp_path / "matrix.csv", table)
    first, second, third = read_csv(tmp_path / "matrix.csv").rows
    assert [row["id"] for row in (first, second, third)] == ["q2", "q1", "q3"]
    assert first["GT_Value"] == "4.3"
    assert first["GT_Ref"] == "['a1']"
    assert first["GT_Explanation"] == "Table 3"
    assert [row["answer_unit"] for row in (first, second, third)] == ["MWh", "is_blank", "lbs"]
    flags = [[row[f] for f in ("Quote", "Table", "Math", "is_NA")] for row in (first, second)]
    assert flags == [["0", "1", "1", "0"], ["1", "0", "0", "0"]]
    # a formula is made harmless, a negative number is left alone
    assert cells(first, "qwen@bm25") == ("'=1+1", "[]", "False", "", "", "wrong")
    assert cells(first, "qwen@oracle") == (
        "-4.3",
        '["a1"]',
        "True",
        "0.3333333333333333",
        "",
        "right",
    )
    assert cells(first, "team-v2-test") == ("",) * 6
    assert cells(second, "qwen@oracle") == ("",) * 6
    assert cells(second, "team-v2-test") == ("x", "b2", "False", "", "", "wrong")
    # a failure has no value but was counted; a missing row has nothing
    assert cells(third, "qwen@bm25") == ("", "", "False", "", "False", "failed")
    assert cells(third, "qwen@oracle") == ("is_blank", "", "", "", "True", "right")
    assert cells(third, "team-v2-test") == ("",) * 6


def test_no_flags_where_the_data_set_has_none(questions, qwen):
    plain = [replace(q, tags=("easy",), truth={"answer_value": "1"}) for q in questions]
    assert "Quote" not in matrix_table(dataset(plain, [qwen]))


def test_two_models_of_one_name_are_an_error(questions, qwen):
    with pytest.raises(InputError, match="two models have the name 'qwen@bm25'"):
        dataset(questions, [qwen, qwen])


def test_all_right_answers_of_a_question_are_in_one_cell(questions, qwen, build):
    several = [replace(questions[0], other_answers=("4,3", "=4.3")), *questions[1:]]
    assert matrix_table(dataset(several, [qwen]))["GT_Value"][0] == "4.3 | 4,3 | =4.3"
    asked = [
        Question("q1", "When?", {}, {"answer": "March 1931"}, (), other_answers=("=1931", "1931")),
        Question("q2", "Who?", {}, {"answer": "Ada"}, ()),
    ]
    model = ScoredModel(build.scores("m", build.summary("none", 0.0), task="open_qa"), ())
    table = matrix_table(dataset(asked, [model]))
    assert table["GT_answer"][0] == "March 1931"
    assert table["GT_other_answers"].tolist() == ["=1931 | 1931", ""]


def test_another_task_has_its_fields_and_scores_by_name(build):
    asked = [Question("q1", "A text.", {"answer": "Yes."}, {"label": "bad"}, (), tags=("short",))]
    row = {"question_id": "q1", "retriever": "none", "repeat": "1", "status": "answered"}
    cells = {**row, "outcome": "wrong", "label": "good", "correct": "0.0"}
    record = build.scores(
        "m", build.summary("none", 0.0), task="label", example_scores=("correct",)
    )
    table = matrix_table(dataset(asked, [ScoredModel(record, (cells,))]))
    assert table.to_dict("records") == [
        {
            "id": "q1",
            "question": "A text.",
            "answer": "Yes.",
            "GT_label": "bad",
            "short": 1,
            "m@none_status": "answered",
            "m@none_outcome": "wrong",
            "m@none_label": "good",
            "m@none_correct": 0.0,
        }
    ]

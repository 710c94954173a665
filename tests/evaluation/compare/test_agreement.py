"""Three systems on four questions, by hand."""

from __future__ import annotations

import pytest

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.records import Question
from modellab.evaluation.compare.agreement import (
    agreement_rows,
    difficulty_rows,
    win_rows,
    write_agreement,
)
from modellab.evaluation.compare.errors import error_rows, write_wrong_questions
from modellab.evaluation.compare.marks import marks_of
from modellab.evaluation.compare.matrix_long import write_long_matrix
from modellab.evaluation.compare.score_files import ScoredModel
from modellab.tasks import canonical_answer

#: by system: answers and marks of q1 to q4; None where there is no answer
ANSWERS = {
    "a": [("1", 1), ("x", 0), ("2B", 1), ("is_blank", 0)],
    "b": [("1.0", 1), ("y", 0), ("3", 0), ("N/A", 0)],
    "c": [("2", 0), ("x", 0), ("2000000000", 1), (None, 0)],
}


@pytest.fixture
def questions():
    return [
        Question(f"q{n}", f"=Question {n}", {}, {"answer_value": "1"}, (), ("Table",))
        for n in range(1, 5)
    ]


@pytest.fixture
def models(build):
    return [model(build, name) for name in ANSWERS]


def model(build, name, control=False, **changes):
    rows = tuple(
        build.row(
            f"q{place}",
            "external",
            status="failed" if value is None else "answered",
            answer_value=value or "",
            value_correct=f"{mark}.0",
        )
        for place, (value, mark) in enumerate(ANSWERS[name], start=1)
    )
    record = build.scores(
        name, build.summary("external", 0.5, control=control), correct="value_correct", **changes
    )
    return ScoredModel(record, rows)


@pytest.fixture
def marks(questions, models):
    return marks_of(questions, models, canonical_answer("wattbot"))


def test_agreement_of_pairs_and_of_all(marks):
    found = {
        (row["kind"], row["system_a"], row["system_b"]): (row["agreement"], row["n"])
        for row in agreement_rows(marks)
    }
    assert found == {
        ("answers", "a", "b"): (2 / 4, 4),  # 1 and 1.0, is_blank and N/A
        ("answers", "a", "c"): (2 / 3, 3),  # x, 2B; c has no answer to q4
        ("answers", "b", "c"): (0 / 3, 3),
        ("answers", "", ""): (0 / 3, 3),
        ("correctness", "a", "b"): (3 / 4, 4),
        ("correctness", "a", "c"): (3 / 4, 4),
        ("correctness", "b", "c"): (2 / 4, 4),
        ("correctness", "", ""): (2 / 4, 4),
    }


def test_the_hardest_questions_come_first(questions, marks):
    rows = difficulty_rows(questions, marks)
    assert [(row["question_id"], row["wrong"], row["pattern"]) for row in rows] == [
        ("q2", 3, "unanimous_error"),
        ("q4", 3, "unanimous_error"),
        ("q1", 1, "unique_error"),
        ("q3", 1, "unique_error"),
    ]
    assert rows[1]["no_answer"] == 1
    assert rows[2]["wrong_only"] == "c"
    assert rows[3]["wrong_only"] == "b"


def test_unique_wins(questions, build):
    alone = [model(build, "b"), model(build, "c")]
    marks = marks_of(questions, alone, canonical_answer("wattbot"))
    rows = {
        row["system"]: (row["unique_wins"], row["won_ids"]) for row in win_rows(questions, marks)
    }
    assert rows == {"b": (1, "q1"), "c": (1, "q3")}


def test_an_ensemble_takes_no_win_from_its_members(questions, build):
    voted = [("1", 1), ("x", 0), ("2B", 1), ("5", 1)]
    ANSWERS["voted"] = voted
    try:
        jury = model(build, "voted", llm_provider="ensemble")
    finally:
        del ANSWERS["voted"]
    both = [model(build, "b"), model(build, "c"), jury]
    marks = marks_of(questions, both, canonical_answer("wattbot"))
    rows = {row["system"]: (row["won_ids"], row["lost_ids"]) for row in win_rows(questions, marks)}
    # q1 and q3 stay with b and c; on q4 the others are wrong, and nobody else is right
    assert rows == {"b": ("q1", "q3"), "c": ("q3", "q1"), "voted": ("q4", "")}


def test_a_control_wins_nothing_and_takes_no_win(questions, build, tmp_path):
    """Without c, which is right on q3 beside a, q3 is a's alone."""
    mixed = [model(build, "a"), model(build, "b"), model(build, "c", control=True)]
    marks = marks_of(questions, mixed, canonical_answer("wattbot"))
    assert [row["model"] for row in error_rows(questions, marks)] == ["a", "b", "c"]
    assert [row["control"] for row in error_rows(questions, marks)] == [False, False, True]
    paths = [tmp_path / f"{name}.csv" for name in ("agreement", "difficulty", "wins")]
    write_agreement(questions, marks, *paths)
    agreement, difficulty, wins = (read_csv(path).rows for path in paths)
    assert {(row["system"], row["won_ids"]) for row in wins} == {("a", "q3"), ("b", "")}
    assert {row["systems"] for row in difficulty} == {"2"}
    # pairs with it stay; what all systems agree on is asked of contenders
    assert ("a", "c") in {(row["system_a"], row["system_b"]) for row in agreement}
    [every] = [row for row in agreement if row["kind"] == "answers" and not row["system_a"]]
    assert every["n"] == "4"


def test_one_system_alone_has_no_wins(questions, build):
    marks = marks_of(questions, [model(build, "a")], canonical_answer("wattbot"))
    assert win_rows(questions, marks) == []
    assert agreement_rows(marks) == []


def test_errors_are_counted_and_named(questions, marks):
    found = [tuple(row.values()) for row in error_rows(questions, marks)]
    assert found == [
        ("a", 2, 2, 0, 0, 0, 0, 4, 0.5, "q2;q4", False),
        # ties stay in the order of the config
        ("b", 1, 3, 0, 0, 0, 0, 4, 0.25, "q2;q3;q4", False),
        ("c", 1, 2, 0, 0, 1, 0, 4, 0.25, "q1;q2;q4", False),
    ]


def test_wrong_questions_of_each_model(questions, models, tmp_path):
    write_wrong_questions(tmp_path / "wrong", questions, models)
    table = read_csv(tmp_path / "wrong" / "b.csv")
    assert [row["id"] for row in table.rows] == ["q2", "q3", "q4"]
    assert table.rows[0]["question"] == "'=Question 2"
    assert table.rows[0]["Model_answer_value"] == "y"
    assert table.rows[0]["GT_answer_value"] == "1"


def test_the_long_matrix_has_all_rows(models, tmp_path):
    write_long_matrix(tmp_path / "long.csv", iter(models))
    table = read_csv(tmp_path / "long.csv")
    assert table.columns[:6] == ("question_id", "system", "model", "retriever", "repeat", "status")
    assert len(table.rows) == 3 * 4
    assert table.rows[5]["answer_value"] == "y"


def test_a_missing_row_is_left_out_of_an_inner_join(questions, build):
    rows = (build.row("q1", "external", status="missing", value_correct="0.0"),)
    record = build.scores(
        "d", build.summary("external", 0.5), correct="value_correct", missing="ignore"
    )
    marks = marks_of(questions, [ScoredModel(record, rows)], canonical_answer("wattbot"))
    assert (marks.correct == -1).all()


def test_a_question_that_the_dataset_lacks_is_an_error(questions, build):
    record = build.scores("d", build.summary("external", 0.5), correct="value_correct")
    stray = ScoredModel(record, (build.row("q9", "external"),))
    with pytest.raises(InputError, match="scores of d: question 'q9' is not in the data set"):
        marks_of(questions, [stray], canonical_answer("wattbot"))


def test_a_task_without_right_and_wrong_has_empty_tables(questions, build, tmp_path):
    record = build.scores("d", build.summary("external", 0.5))
    marks = marks_of(
        questions,
        [ScoredModel(record, (build.row("q1", "external"),))],
        canonical_answer("wattbot"),
    )
    paths = [tmp_path / name for name in ("agreement.csv", "difficulty.csv", "wins.csv")]
    write_agreement(questions, marks, *paths)
    assert {row["share_wrong"] for row in read_csv(paths[1]).rows} == {""}
    assert error_rows(questions, marks)[0]["accuracy"] is None


def test_abstentions_and_inventions_are_counted_where_answers_have_no_outcome(questions, build):
    """Nothing is called right from a mark on; what an outcome says is in `errors.csv` all the same."""
    outcomes = ("", "declined", "hallucinated", "right")
    rows = tuple(
        {**build.row(question.id, "external"), "outcome": outcome}
        for question, outcome in zip(questions, outcomes, strict=True)
    )
    record = build.scores("d", build.summary("external", 0.5))
    marks = marks_of(questions, [ScoredModel(record, rows)], canonical_answer("wattbot"))
    [found] = error_rows(questions, marks)
    assert (found["right"], found["declined"], found["hallucinated"]) == (1, 1, 1)
    assert (found["total"], found["accuracy"], found["error_ids"]) == (3, None, "q2;q3")
    assert [row["kind"] for row in agreement_rows(marks)] == ["answers"] * len(
        agreement_rows(marks)
    )
    assert {row["won_ids"] for row in win_rows(questions, marks)} <= {""}

"""Three systems on four questions, by hand."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import pytest
from scored import ScoredModel, dataset

from modellab.core.io.csv_file import write_csv
from modellab.core.io.frames import read_frame, write_frame
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.records import Question
from modellab.evaluation.compare.agreement import (
    NONE,
    agreement_table,
    correct_grid,
    difficulty_table,
    wins_table,
    write_agreement,
)
from modellab.evaluation.compare.errors import errors_table, write_errors
from modellab.evaluation.frame import read_dataset
from modellab.tasks import canonical_answer

CANONICAL = canonical_answer("wattbot")

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
def scores(questions, models):
    return dataset(questions, models)


@pytest.fixture
def files(tmp_path, questions, models):
    """The files of the models, as the scoring stage writes them."""
    write_rows(tmp_path / "questions.jsonl", questions)
    for one in models:
        write_json(tmp_path / f"{one.scores.name}.json", asdict(one.scores))
        write_csv(tmp_path / f"{one.scores.name}.csv", list(one.rows[0]), one.rows)
    names = [one.scores.name for one in models]
    return {
        "questions": tmp_path / "questions.jsonl",
        "summaries": [tmp_path / f"{name}.json" for name in names],
        "rows": [tmp_path / f"{name}.csv" for name in names],
    }


def test_agreement_of_pairs_and_of_all(scores):
    found = {
        (row["kind"], row["system_a"], row["system_b"]): (row["agreement"], row["n"])
        for row in rows_of(agreement_table(scores, CANONICAL))
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


def test_the_hardest_questions_come_first(scores):
    rows = rows_of(difficulty_table(scores))
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
    table = wins_table(dataset(questions, alone))
    rows = {row["system"]: (row["unique_wins"], row["won_ids"]) for row in rows_of(table)}
    assert rows == {"b": (1, "q1"), "c": (1, "q3")}


def test_an_ensemble_takes_no_win_from_its_members(questions, build):
    voted = [("1", 1), ("x", 0), ("2B", 1), ("5", 1)]
    ANSWERS["voted"] = voted
    try:
        jury = model(build, "voted", llm_provider="ensemble")
    finally:
        del ANSWERS["voted"]
    both = [model(build, "b"), model(build, "c"), jury]
    table = wins_table(dataset(questions, both))
    rows = {row["system"]: (row["won_ids"], row["lost_ids"]) for row in rows_of(table)}
    # q1 and q3 stay with b and c; on q4 the others are wrong, and nobody else is right
    assert rows == {"b": ("q1", "q3"), "c": ("q3", "q1"), "voted": ("q4", "")}


def test_a_control_wins_nothing_and_takes_no_win(questions, build):
    """Without c, which is right on q3 beside a, q3 is a's alone."""
    scores = dataset(
        questions, [model(build, "a"), model(build, "b"), model(build, "c", control=True)]
    )
    errors = errors_table(scores)
    assert errors["model"].tolist() == ["a", "b", "c"]
    assert errors["control"].tolist() == [False, False, True]
    wins = wins_table(scores)
    assert dict(zip(wins["system"], wins["won_ids"], strict=True)) == {"a": "q3", "b": ""}
    assert set(difficulty_table(scores)["systems"]) == {2}
    agreement = rows_of(agreement_table(scores, CANONICAL))
    # pairs with it stay; what all systems agree on is asked of contenders
    assert ("a", "c") in {(row["system_a"], row["system_b"]) for row in agreement}
    [every] = [row for row in agreement if row["kind"] == "answers" and not row["system_a"]]
    assert every["n"] == 4


def test_one_system_alone_has_no_wins(questions, build):
    scores = dataset(questions, [model(build, "a")])
    assert wins_table(scores).empty
    assert agreement_table(scores, CANONICAL).empty


def test_errors_are_counted_and_named(scores):
    found = list(errors_table(scores).itertuples(index=False, name=None))
    assert found == [
        ("a", 2, 2, 0, 0, 0, 0, 4, 0.5, "q2;q4", False),
        # ties stay in the order of the config
        ("b", 1, 3, 0, 0, 0, 0, 4, 0.25, "q2;q3;q4", False),
        ("c", 1, 2, 0, 0, 1, 0, 4, 0.25, "q1;q2;q4", False),
    ]


def test_wrong_questions_of_each_model(scores, tmp_path):
    write_errors(scores, table=tmp_path / "errors.csv", folder=tmp_path / "wrong")
    table = read_frame(tmp_path / "wrong" / "b.csv")
    assert table["id"].tolist() == ["q2", "q3", "q4"]
    first = table.iloc[0]
    assert first["question"] == "'=Question 2"
    assert (first["Model_answer_value"], first["GT_answer_value"]) == ("y", "1")
    assert (first["system"], first["outcome"]) == ("b", "wrong")


def test_the_long_matrix_has_all_rows(files, tmp_path):
    write_frame(tmp_path / "long.csv", read_dataset(*files.values()).rows)
    table = read_frame(tmp_path / "long.csv")
    assert list(table)[:6] == ["question_id", "system", "model", "retriever", "repeat", "status"]
    assert len(table) == 3 * 4
    assert table["answer_value"][5] == "y"


def test_tables_are_written_together(scores, tmp_path):
    out = {name: tmp_path / f"{name}.csv" for name in ("agreement", "difficulty", "wins")}
    write_agreement(scores, kind="wattbot", **out)
    assert (len(read_frame(out["agreement"])), len(read_frame(out["difficulty"]))) == (8, 4)
    assert read_frame(out["wins"])["system"].tolist() == ["a", "b", "c"]


def test_a_missing_row_is_left_out_where_it_is_ignored(questions, build):
    rows = (build.row("q1", "external", status="missing", value_correct="0.0"),)
    record = build.scores(
        "d", build.summary("external", 0.5), correct="value_correct", missing="ignore"
    )
    assert (correct_grid(dataset(questions, [ScoredModel(record, rows)])) == NONE).all()


def test_a_task_without_right_and_wrong_has_empty_tables(questions, build):
    record = build.scores("d", build.summary("external", 0.5))
    scores = dataset(questions, [ScoredModel(record, (build.row("q1", "external"),))])
    assert difficulty_table(scores)["share_wrong"].isna().all()
    assert errors_table(scores)["accuracy"].isna().all()
    assert wins_table(scores).empty


def test_abstentions_and_inventions_are_counted_where_answers_have_no_outcome(questions, build):
    """No score makes an answer right; what an outcome says is in `errors.csv` all the same."""
    outcomes = ("", "declined", "hallucinated", "right")
    rows = tuple(
        {**build.row(question.id, "external"), "outcome": outcome}
        for question, outcome in zip(questions, outcomes, strict=True)
    )
    record = build.scores("d", build.summary("external", 0.5))
    scores = dataset(questions, [ScoredModel(record, rows)])
    [found] = rows_of(errors_table(scores))
    assert (found["right"], found["declined"], found["hallucinated"]) == (1, 1, 1)
    assert (found["total"], found["error_ids"]) == (3, "q2;q3")
    assert pd.isna(found["accuracy"])
    assert set(agreement_table(scores, CANONICAL)["kind"]) <= {"answers"}


def rows_of(table):
    return table.to_dict("records")

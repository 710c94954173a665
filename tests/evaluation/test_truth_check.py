"""True answers put to their own scorer."""

import logging

import pytest

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Question
from modellab.evaluation.truth_check import checked_truths, warning_of, write_truth_check
from modellab.questions import parse_format
from modellab.tasks import default_scorer, parse_scorer, parse_task


def wattbot(*values):
    truths = ({"answer_value": value, "answer_unit": "is_blank", "ref_id": "a"} for value in values)
    found = [Question(f"q{n}", "x", {}, truth, ()) for n, truth in enumerate(truths)]
    return [parse_task("wattbot").prepared(one) for one in found]


def remarks_of(questions, task, scorer):
    found = checked_truths(questions, task, scorer)
    return [(row.question_id, str(row.remark), row.truth, row.note) for row in found]


def test_truths_that_the_published_rules_cannot_read_are_named():
    questions = wattbot("5", "1,438", "Yes", "80-90", "is_blank", "Ostrau")
    task, rules = parse_task("wattbot"), parse_scorer("v3")
    assert remarks_of(questions, task, rules) == [
        ("q1", "marked wrong", "1,438", "by v3"),
        ("q2", "marked wrong", "Yes", "by v3"),
        ("q3", "marked wrong", "80-90", "by v3"),
    ]
    text = warning_of(list(checked_truths(questions, task, rules)), rules)
    assert "the scorer v3 would mark 3 true answers as wrong" in text
    assert "q1 ('1,438'), q2 ('Yes'), q3 ('80-90')" in text
    newest = parse_scorer("v4")
    assert remarks_of(questions, task, newest) == [
        ("q1", "ambiguous", "1,438", "1,438 is read as 1438")
    ]
    assert warning_of(list(checked_truths(questions, task, newest)), newest) is None


def test_an_abstention_as_the_truth_of_an_answerable_question():
    question = Question("q", "x", {}, {"answer": "n/a"}, ())
    task, rules = parse_task("open_qa"), default_scorer("open_qa")
    assert remarks_of([question], task, rules) == [("q", "marked wrong", "n/a", "by texts")]
    assert remarks_of([task.prepared(question)], task, rules) == []


def test_a_truth_that_is_read_as_json():
    question = Question("q", "x", {}, {"answer": '{"answer": "5"}'}, ())
    task = parse_task("open_qa")
    [row] = remarks_of([question], task, default_scorer("open_qa"))
    assert row[1] == "marked wrong"


@pytest.mark.parametrize("answer", ["The grid of Ostrau.", "5", "C", "No one knows it well"])
def test_texts_are_right_without_their_embedder(answer):
    question = Question("q", "x", {}, {"answer": answer}, ())
    rules = parse_scorer(
        {"kind": "texts", "embedder": {"kind": "litellm", "model": "none/none"},
         "overall": "semantic_similarity"}
    )  # fmt: skip
    assert remarks_of([question], parse_task("open_qa"), rules) == []


def test_labels_and_those_without(tmp_path):
    task = parse_task({"kind": "label", "labels": ["good", "bad"], "spellings": {"bad": ["poor"]},
                       "tags": ["a b"], "label_key": "verdict"})  # fmt: skip
    rules = default_scorer("label")
    truths = ({"label": "poor", "tags": '["A B"]'}, {"label": "Good"}, {})
    questions = [Question(str(n), "text", {}, truth, ()) for n, truth in enumerate(truths)]
    assert remarks_of(questions, task, rules) == []


def test_records(tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "properties": {"n": {"type": "number"}}}')
    task = parse_task({"kind": "extract", "record": str(schema)})
    question = Question("q", "text", {}, {"record": '{"n": 5.0}'}, ())
    assert remarks_of([question], task, default_scorer("extract")) == []


def test_the_file_and_the_warning(tmp_path, caplog):
    path, rules = tmp_path / "questions.jsonl", (parse_task("wattbot"), parse_scorer("v3"))
    write_rows(path, wattbot("True", "12", "Ostrau"))
    with caplog.at_level(logging.WARNING):
        write_truth_check("plant", path, *rules, tmp_path / "out.csv")
    assert "plant: the scorer v3 would mark 1 true answers as wrong" in caplog.text
    [row] = read_csv(tmp_path / "out.csv").rows
    assert row == {"question_id": "q0", "remark": "marked wrong", "truth": "True", "note": "by v3"}


def test_a_whole_column_in_every_notation_is_right(tmp_path):
    """Whatever a truth looks like, an answer that repeats it is right under the newest rules."""
    path = tmp_path / "q.csv"
    values = ["2.5B", "~5", "from 80 to 90", "1/3", "Under Armour", '"[3,7]"', "nan", '"A, B"',
              "\u22125", "5%", '"1,5"', "007", "1.234.567", "$29.00", "[]", "{b; a}"]  # fmt: skip
    rows = "".join(f"q{n},Question {n}?,{value},is_blank,a\n" for n, value in enumerate(values))
    path.write_text("id,question,answer_value,answer_unit,ref_id\n" + rows)
    questions = [parse_task("wattbot").prepared(one) for one in parse_format("wattbot").read(path)]
    assert [
        r
        for r in remarks_of(questions, parse_task("wattbot"), parse_scorer("v4"))
        if "wrong" in r[1]
    ] == []

import json

import pytest

from modellab.core.errors import InputError
from modellab.core.metric import undescribed
from modellab.core.records import NO_ANSWER, Prediction, Question, Status
from modellab.evaluation.metrics import families
from modellab.tasks import default_scorer, parse_scorer, parse_task
from modellab.tasks.scorer import Material

SCHEMA = {
    "type": "object",
    "properties": {
        "lab": {"type": "string"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
                "required": ["name"],
            },
        },
    },
    "required": ["lab"],
}
WANTED = {"lab": "North", "tests": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}


@pytest.fixture
def task(tmp_path):
    path = tmp_path / "lab.schema.json"
    path.write_text(json.dumps(SCHEMA))
    return parse_task({"kind": "extract", "record": str(path)})


@pytest.fixture
def scorer(task):
    options = parse_scorer(
        {"kind": "fields", "items": {"tests": {"name": "name", "value": "value"}}}
    )
    return options.make(task, Material((), ()))


def question(record=WANTED):
    return Question("d1", "text", {}, {"record": json.dumps(record)}, ())


def answer(record, status=Status.ANSWERED):
    fields = (
        {} if status in NO_ANSWER else {"record": json.dumps(record), "entries": "0", "fields": "0"}
    )
    return Prediction("d1", "none", 1, status, fields, None, "key")


def test_the_right_record_has_the_best_marks(scorer):
    marks = scorer.score(question(), answer(WANTED)).marks
    worst_is_one = {"missing_share", "invented_share", "wrong_typed_share"}
    assert marks == {name: float(name not in worst_is_one) for name in scorer.marks}


def test_marks_by_hand(scorer):
    predicted = {"lab": "South", "tests": [{"name": "A", "value": 1}, {"name": "C", "value": "3"}]}
    marks = scorer.score(question(), answer(predicted)).marks
    assert marks == {
        "name_precision": 1 / 2,
        "name_recall": 1 / 2,
        "name_f1": 1 / 2,
        "value_precision": 1 / 3,
        "value_recall": 1 / 3,
        "value_f1": 1 / 3,
        "value_accuracy": 1 / 2,
        "missing_share": 2 / 5,
        "invented_share": 2 / 5,
        "wrong_typed_share": 1 / 5,
        "schema_valid": 0.0,
        "exact": 0.0,
        "field_f1": 2 * 2 / 10,
    }


@pytest.mark.parametrize("status", sorted(NO_ANSWER))
def test_a_row_without_an_answer_has_no_share_that_is_right(scorer, status):
    marks = scorer.score(question(), answer(None, status)).marks
    left_out = {"invented_share": None, "wrong_typed_share": None}
    assert marks == {**dict.fromkeys(scorer.marks, 0.0), "missing_share": 1.0, **left_out}


def test_an_abstention_gives_nothing_so_it_has_no_precision(scorer):
    marks = scorer.score(question(), answer({}, Status.ABSTAINED)).marks
    assert (marks["value_precision"], marks["value_recall"], marks["field_f1"]) == (None, 0.0, 0.0)


def test_an_abstention_is_right_where_nothing_is_wanted(scorer):
    row = scorer.score(question({"lab": None, "tests": []}), answer({}, Status.ABSTAINED))
    assert (row.marks["exact"], row.marks["field_f1"], row.marks["value_recall"]) == (
        1.0,
        1.0,
        None,
    )


def test_a_summary_has_the_number_of_records_of_each_mean(scorer):
    rows = [
        scorer.score(question(), answer(WANTED)),
        scorer.score(question(), answer({}, Status.ABSTAINED)),
        scorer.score(question(), answer(None, Status.UNPARSED)),
        scorer.score(question(), answer(None, Status.FAILED)),
    ]
    summary = scorer.summarize({"d1": question()}, rows)
    assert list(summary) == list(scorer.components)
    counts = {name: (m.value, m.n_scored, m.n_failed) for name, m in summary.items()}
    assert counts["value_precision"] == (1 / 3, 3, 2)
    assert counts["value_recall"] == (1 / 4, 4, 2)
    assert counts["invented_share"] == (0.0, 1, 2)
    assert counts["overall"] == (1 / 4, 4, 2)


def test_every_mark_and_component_is_described(scorer):
    assert undescribed([*scorer.components, *scorer.marks], families()) == []


def test_the_default_scorer_compares_records_without_names(task):
    scorer = default_scorer("extract").make(task, Material((), ()))
    assert scorer.score(question(), answer(WANTED)).marks["exact"] == 1.0


def test_the_scorer_refuses_another_task():
    with pytest.raises(InputError, match="for the task 'extract'"):
        default_scorer("extract").make(parse_task("wattbot"), Material((), ()))

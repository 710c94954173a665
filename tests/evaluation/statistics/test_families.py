"""The sums of each task give what its scorer gives."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Question, RowScore, Status
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.label.scorer import LabelScorer
from modellab.tasks.scorer import additive_of
from modellab.tasks.wattbot.published import VERSIONS

LABELS = parse_task({"kind": "label", "labels": ["good", "bad", "odd"], "tags": ["x", "y"]})
POSITIVE = parse_task({"kind": "label", "labels": ["good", "bad"], "positive": "bad"})
STATUS = st.sampled_from(list(Status))


def frame(questions, cells):
    rows = pd.DataFrame(cells)
    return rows.assign(question_id=pd.Categorical(rows["question_id"], list(questions)))


def same(additive, questions, cells, summary):
    sums = additive.parts(list(questions.values()), frame(questions, cells)).sum(axis=0)
    for name, value in additive.combine(sums).items():
        expected = summary[name].value if summary[name].n_scored else None
        assert float(value) == pytest.approx(
            math.nan if expected is None else expected, nan_ok=True
        ), name


@pytest.mark.parametrize("task", [LABELS, POSITIVE], ids=["labels", "positive"])
@given(data=st.data())
def test_labels(task, data):
    scorer = LabelScorer(task, "f1")
    label = st.sampled_from(task.labels)
    tags = st.sampled_from(["[]", '["x"]', '["x", "y"]'])
    questions, rows = {}, []
    for n in range(data.draw(st.integers(1, 8))):
        truth = {"label": data.draw(st.one_of(label, st.just(""))), "tags": data.draw(tags)}
        questions[f"q{n}"] = Question(f"q{n}", "text", {}, truth, ())
        answer = {"label": data.draw(label), "tags": data.draw(tags)}
        rows.append(RowScore(f"q{n}", "none", 1, data.draw(STATUS), answer, {}))
    cells = [
        {"question_id": r.question_id, "retriever": "none", "status": r.status.value, **r.answer}
        for r in rows
    ]
    additive = additive_of(parse_scorer("labels"), task, cells[0])
    same(additive, questions, cells, scorer.summarize(questions, rows))


@pytest.mark.parametrize("version", sorted(VERSIONS))
@given(data=st.data())
def test_wattbot(version, data):
    mark = st.sampled_from([0.0, 0.5, 1.0])
    questions, rows = {}, []
    for n in range(data.draw(st.integers(1, 8))):
        truth = {"answer_value": data.draw(st.sampled_from(["1", "is_blank"])), "ref_id": "a"}
        questions[f"q{n}"] = Question(f"q{n}", "?", {}, truth, ())
        names = ("value_correct", "unit_correct", "ref_score", "na_correct", "weighted")
        marks = {name: data.draw(mark) for name in names}
        rows.append(RowScore(f"q{n}", "bm25", 1, Status.ANSWERED, {}, marks))
    cells = [{"question_id": row.question_id, **row.marks} for row in rows]
    additive = additive_of(parse_scorer(version), parse_task("wattbot"), cells[0])
    same(additive, questions, cells, VERSIONS[version].summarize(questions, rows))


def test_means_leave_rows_without_the_mark_aside():
    task = parse_task("open_qa")
    cells = pd.DataFrame({"token_f1": [0.5, math.nan], "exact_match": [1.0, 0.0]})
    additive = additive_of(
        parse_scorer({"kind": "texts", "overall": "token_f1"}), task, dict.fromkeys(cells)
    )
    found = additive.combine(additive.parts([], cells).sum(axis=0))
    assert found["token_f1"] == found["overall"] == 0.5
    assert found["exact_match"] == 0.5
    names = dict.fromkeys(["token_f1", "semantic_similarity"])
    scorer = parse_scorer({"kind": "texts", "overall": "token_f1"})
    ranges = additive_of(scorer, task, names).means
    assert [(term.low, term.high) for term in ranges["token_f1"]] == [(0, 1)]
    assert [(term.low, term.high) for term in ranges["semantic_similarity"]] == [(-1, 1)]

"""Additional metrics of a scorer."""

import math

import pandas as pd
import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.metric import Better, MetricDescription
from modellab.core.records import Prediction, Question, Status
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.scorer import METRICS, AnswerMetric, Material, additive_of, make_scorer

TASK = parse_task("open_qa")
SCORER = parse_scorer({"kind": "texts", "metrics": ["includes"]})
QUESTIONS = {
    "q1": Question("q1", "How much?", {}, {"answer": "1,287 MWh"}, (), other_answers=("1.3 GWh",)),
    "q2": Question("q2", "Who?", {}, {"answer": "nobody"}, (), unanswerable=True),
}


def row(name, text, status=Status.ANSWERED):
    return Prediction(name, "bm25", 1, status, {"answer": text}, None, "")


@each(
    ("prediction", "score"),
    [
        (row("q1", "It took 1287 MWh, they say."), 1.0),
        (row("q1", "About 1.3 GWh"), 1.0),
        (row("q1", "It took 287 MWh."), 0.0),
        (row("q1", "I do not know", Status.ABSTAINED), 0.0),
        (row("q1", "", Status.FAILED), 0.0),
        (row("q2", "I do not know", Status.ABSTAINED), 1.0),
        (row("q2", "nobody"), 0.0),
    ],
)
def test_includes(prediction, score):
    assert METRICS.load("includes").of(QUESTIONS[prediction.question_id], prediction) == score


def test_a_metric_is_a_score_of_each_row_and_a_component_before_the_overall_one():
    scorer = make_scorer(SCORER, TASK, Material((), ()))
    plain = make_scorer(parse_scorer("texts"), TASK, Material((), ()))
    assert scorer.marks == (*plain.marks, "includes")
    assert scorer.components == (*plain.components[:-1], "includes", "overall")
    asked = [QUESTIONS["q1"]] * 3
    answers = [row("q1", "1287 MWh"), row("q1", "no"), row("q1", "", Status.FAILED)]
    rows = [scorer.score(*pair) for pair in zip(asked, answers, strict=True)]
    found = scorer.summarize(QUESTIONS, rows)
    assert list(found) == list(scorer.components)
    assert (found["includes"].value, found["includes"].n_scored, found["includes"].n_failed) == (
        pytest.approx(1 / 3),
        3,
        1,
    )


def test_its_mean_comes_from_sums_like_the_others():
    cells = pd.DataFrame(
        {"exact_match": [1.0] * 3, "token_f1": [0.5] * 3, "includes": [1.0, 0.0, math.nan]}
    )
    additive = additive_of(SCORER, TASK, dict.fromkeys(cells))
    found = additive.combine(additive.parts([], cells).sum(axis=0))
    assert found["includes"] == pytest.approx(0.5)
    assert found["token_f1"] == pytest.approx(0.5)


def test_rows_without_an_answer_have_the_worst_score():
    failed = row("q1", "", Status.FAILED)

    def metric(better):
        described = MetricDescription("words", "words", "0 to 9", better)
        return AnswerMetric(described, lambda *_: 10.0, high=9.0)

    found = [metric(better).of(QUESTIONS["q1"], failed) for better in Better]
    assert dict(zip(Better, found, strict=True)) == {
        Better.HIGHER: 0.0,
        Better.LOWER: 9.0,
        Better.NEITHER: None,
    }
    with pytest.raises(ValueError, match=r"metric 'words': 10.* outside 0 to 9"):
        metric(Better.HIGHER).of(QUESTIONS["q1"], row("q1", "no"))


def test_names_are_taken_once(monkeypatch):
    own = MetricDescription("token_f1", "", "", Better.HIGHER)
    monkeypatch.setattr(METRICS, "load", lambda name: AnswerMetric(own, lambda *_: 1.0))
    with pytest.raises(InputError, match="'texts' already has a metric 'token_f1'"):
        make_scorer(SCORER, TASK, Material((), ()))

"""Answers in a frame, scored against a frame of true answers."""

import pandas as pd
import pytest
from cases import each

from modellab import score_frame
from modellab.core.errors import InputError

TRUTH = pd.DataFrame(
    {
        "id": ["q1", "q2", "q3"],
        "answer_value": ["1287", "is_blank", "232"],
        "ref_id": ["['gpt']", "is_blank", "['meena']"],
    }
)
ANSWERS = pd.DataFrame(
    {"id": ["q1", "q2"], "answer_value": [1287, None], "ref_id": ["['gpt']", None]}, dtype=object
)


def test_wattbot_answers():
    found = score_frame(ANSWERS, TRUTH)
    assert found.rows["outcome"].tolist() == ["right", "right", "missing"]
    assert found.rows["value_correct"].tolist() == [1.0, 1.0, 0.0]
    metrics = found.metrics.set_index("metric")
    assert metrics.loc["value_accuracy", "value"] == pytest.approx(2 / 3)
    assert metrics.loc["value_accuracy", "n_scored"] == 3
    assert found.metrics["metric"].tolist()[-1] == "overall"
    ignoring = score_frame(ANSWERS, TRUTH, missing="ignore", scorer="v1")
    assert ignoring.rows["question_id"].tolist() == ["q1", "q2"]


def test_labels_and_texts():
    task = {"kind": "label", "labels": ["good", "bad"]}
    answers = pd.DataFrame({"id": [1, 2], "label": ["good", "bad"]})
    truth = pd.DataFrame({"id": [2, 1], "label": ["bad", "bad"]})
    found = score_frame(answers, truth, task).metrics.set_index("metric")
    assert found.loc["accuracy", "value"] == 0.5
    texts = pd.DataFrame({"id": ["a"], "answer": ["Monday"]})
    assert score_frame(texts, texts, "open_qa").rows["rougeL"].tolist() == [1.0]


@each(
    ("answers", "options", "message"),
    [
        (ANSWERS.drop(columns="id"), {}, "answers: column 'id' is missing"),
        (ANSWERS.assign(id="q1"), {}, "answers: duplicate id 'q1'"),
        (ANSWERS.assign(id=["q1", None]), {}, "answers: an id is empty"),
        (ANSWERS.assign(id=["q1", "q9"]), {}, "no question has the id 'q9'"),
        (ANSWERS, {"scorer": "labels"}, "scorer 'labels' is for task 'label', not wattbot"),
        (ANSWERS.iloc[:0], {"missing": "ignore"}, "none of the questions has one"),
    ],
)
def test_what_is_wrong_is_said(answers, options, message):
    with pytest.raises(InputError, match=message):
        score_frame(answers, TRUTH, **options)

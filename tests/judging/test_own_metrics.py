"""Metrics that the config defines: a sentence, or a question with scale, direction and examples."""

import json

import pandas as pd
import pytest
from cases import each
from judge_samples import ASKED, job, run, write_benchmark
from pydantic import ValidationError

from modellab.judging import parse_judge
from modellab.judging.meta_evaluation.consensus import ranking_table
from modellab.judging.meta_evaluation.judgements import (
    Judge,
    judged_answers,
    judgement_frame,
    read_judgements,
)
from modellab.judging.meta_evaluation.scores import score_table

PROMPTS = "resources/prompts/judges"
LENGTH = {
    "question": "How wordy is the answer?",
    "scale": [0, 10],
    "better": "lower",
    "examples": [{"answer": "Yes.", "score": 0}, {"answer": "Well, er", "score": 9}],
}


def rubric(**keys):
    return parse_judge({"kind": "rubric", "model": "m", **keys})


@pytest.fixture
def bench(tmp_path):
    ASKED.clear()
    return write_benchmark(tmp_path / "bench")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_sentence_is_a_metric(bench, request, language):
    prompts = request.config.rootpath / PROMPTS
    polite = {"politeness": "Is the answer polite?"}
    judge = job(bench, lambda _: '{"score": 4}', prompts, metrics=polite, language=language)
    rows, _ = run(judge, bench)
    assert [(row["question_id"], row["value"]) for row in rows] == [
        *(("q1", 4.0), ("q2", 4.0)),
        ("q3", None),  # it abstained: there is nothing that could be polite
    ]
    system, user = (message.content for message in ASKED[0].messages)
    assert "Is the answer polite?" in system
    assert "It took 1287 MWh." in user
    assert "GPT-3 took" not in user
    assert "reference" not in user.lower()


def test_scale_direction_examples_and_passages_are_shown(bench, request):
    prompts = request.config.rootpath / PROMPTS
    metric = {**LENGTH, "shown": ["passages", "reference"], "abstentions": True}
    replies = iter(['{"score": 11}', '{"score": 10}', '{"score": 0}', '{"score": 3}'])
    judge = job(bench, lambda _: next(replies), prompts, metrics={"length": metric})
    rows, _ = run(judge, bench)
    assert sorted(row["value"] for row in rows) == [0.0, 3.0, 10.0]
    system, user = (message.content for message in ASKED[0].messages)
    assert "from 0 to 10. 0 is the best score, 10 the worst" in system
    assert "Score: 9" in system
    assert "GPT-3 took 1287 MWh." in user
    again = next(r for r in ASKED if len(r.messages) > 2).messages[-1].content
    assert "score is 11" in again
    assert "from 0 to 10" in again


def test_a_prompt_of_ones_own_is_enough(bench, tmp_path):
    (tmp_path / "mine.jinja").write_text("{% block user %}Nice? {{ answer }}{% endblock %}")
    judge = rubric(metrics={"nice": None}, prompts={"nice": str(tmp_path / "mine.jinja")})
    assert judge.prompt_files(tmp_path)["nice"] == tmp_path / "mine.jinja"


def test_constrained_replies_are_on_the_scale():
    schema = rubric(metrics={"length": LENGTH}).reply_schema()
    assert schema["properties"]["score"]["enum"] == list(range(11))


def test_the_question_decides_a_judgement():
    one, two = (rubric(metrics={"nice": text}) for text in ("Is it nice?", "Is it kind?"))
    keys = [judge.model_dump(exclude={"model"})["metrics"] for judge in (one, two)]
    assert keys[0] != keys[1]


def test_a_config_that_is_passed_on_is_read_again():
    judge = rubric(metrics={"length": LENGTH, "relevance": None})
    assert parse_judge(json.loads(judge.model_dump_json())) == judge


@each(
    ("keys", "said"),
    [
        ({"metrics": ["fathfulness"]}, "faithfulness"),
        ({"metrics": ["relevance", "relevance"]}, "duplicate"),
        ({"metrics": {"relevance": "Is it?"}}, "another name"),
        ({"metrics": {"a/b": "Is it?"}}, "pattern"),
        ({"metrics": {"nice": {"question": "Is it?", "scale": [5, 1]}}}, "rise"),
        ({"metrics": {"nice": {**LENGTH, "scale": [1, 5]}}}, "not on the scale"),
        ({"metrics": {"nice": "Is it?"}, "prompts": {"kind": "x.jinja"}}, "'kind'"),
        ({"metrics": {}}, "at least 1"),
    ],
)
def test_metrics_that_are_none(keys, said):
    with pytest.raises(ValidationError, match=said):
        rubric(**keys)


def test_tables_go_by_the_scale_and_its_direction(bench, request):
    """An answer that is missing counts as the worst, and the least wordy system ranks first."""
    prompts = request.config.rootpath / PROMPTS
    judge = job(bench, lambda _: '{"score": 2}', prompts, metrics={"length": LENGTH})
    run(judge, bench)
    about = Judge("judge", "rubric", "m", scales={"length": [0, 10, False]})
    judgements = read_judgements({"judge": about}, {"judge": bench / "out.jsonl"})
    failed = judgements["question_id"] == "q2"
    judgements.loc[failed, ["value", "state", "reason"]] = [None, "failed", "no_answer"]
    row = score_table(judgements, 0.5).iloc[0]
    assert (row["value"], row["value_strict"]) == (2.0, 6.0)  # (2 + 10) / 2

    rows = []
    for name, model, value in (("x", "a", 9), ("x", "b", 1), ("y", "a", 8), ("y", "b", 2)):
        found = read_judgements({"judge": about}, {"judge": bench / "out.jsonl"})
        rows.append(found.assign(judge=name, model=model, value=float(value)).head(1))
    answers = judged_answers(pd.concat(rows))
    table = ranking_table(answers)
    full = table[table["dropped"] == ""].set_index("model")["rank"]
    assert full.to_dict() == {"b": 1, "a": 2}


def test_no_judgement_is_no_row():
    assert judgement_frame([]).empty

"""A job of three questions that a scripted model answers, declines, or answers without JSON."""

import pytest
from scripted_model import LOG, ScriptedOptions, reply

from modellab.core.io.jsonl import write_rows
from modellab.core.records import Context, Passage, Question
from modellab.generation.predict import PredictionJob
from modellab.tasks import parse_task

PASSAGES = tuple(Passage(f"d#{n}", "d", n, 1.0, f"text {n}", "Title") for n in range(1, 5))


@pytest.fixture
def job(tmp_path):
    LOG.clear()
    questions = [Question(f"q{n}", f"What is {n}?", {}, {}, ()) for n in (1, 2, 3)]
    contexts = [Context(question.id, "bm25", PASSAGES, shown=1) for question in questions]
    write_rows(tmp_path / "questions.jsonl", questions)
    write_rows(tmp_path / "bm25.jsonl", contexts)
    prompt = tmp_path / "prompt.jinja"
    prompt.write_text(
        "{% block user %}{{ question }}{% for p in passages %} {{ p.text }}{% endfor %}{% endblock %}"
    )
    script = {("q1", 1): reply("1"), ("q2", 1): "no json", ("q3", 1): reply("is_blank")}
    return PredictionJob(
        model="m",
        dataset="quiz",
        options=ScriptedOptions(script=script),
        task=parse_task("wattbot"),
        prompt=prompt,
        questions=tmp_path / "questions.jsonl",
        contexts={"bm25": tmp_path / "bm25.jsonl"},
        journal=tmp_path / "journal.jsonl",
        seed=0,
    )

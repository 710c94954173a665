import time
from dataclasses import replace

import psutil
import pytest
import scripted_model
import served_models
from cases import each
from scripted_model import ScriptedOptions

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, read_rows, write_rows
from modellab.core.records import Plan, PlanStatus, Question
from modellab.generation.query_plans import PlanJob, Planning, plan_queries, queries_of

PROMPT = "{% block user %}{{ question }} in {{ number }}{% endblock %}"
REPLIES = {
    "q1": '{"queries": ["a  b", "c", "a b", "", "d"]}',
    "q2": "I cannot.",
    "q3": None,
    "q4": 'Sure: {"queries": []}',
}


@pytest.fixture
def job(tmp_path):
    scripted_model.LOG.clear()
    questions = [Question(name, f"{name}?", {}, {}, ()) for name in REPLIES]
    write_rows(tmp_path / "questions.jsonl", questions)
    (tmp_path / "prompt.jinja").write_text(PROMPT)
    return PlanJob(
        retriever="split",
        dataset="quiz",
        model="scripted",
        options=ScriptedOptions(script={(name, 0): text for name, text in REPLIES.items()}),
        max_queries=2,
        prompt=tmp_path / "prompt.jinja",
        questions=tmp_path / "questions.jsonl",
        journal=tmp_path / "journal.jsonl",
        seed=None,
    )


def plans(job, folder):
    plan_queries(job, folder / "plans.jsonl", folder / "run.json")
    return {plan.question_id: plan for plan in read_rows(folder / "plans.jsonl", Plan)}


def test_each_reply_is_kept_even_if_it_is_no_plan(job, tmp_path, caplog):
    made = plans(job, tmp_path)
    assert (made["q1"].queries, made["q1"].cut) == (("a b", "c"), 1)
    assert (made["q2"].status, made["q2"].queries) == (PlanStatus.UNPARSED, ())
    assert made["q2"].raw == "I cannot."
    assert (made["q3"].status, made["q3"].error) == (PlanStatus.FAILED, "no luck")
    assert (made["q4"].status, made["q4"].queries) == (PlanStatus.UNPARSED, ())
    record = read_json(tmp_path / "run.json")
    assert record["states"] == {"planned": 1, "unparsed": 2, "failed": 1}
    assert (record["queries"], record["cut"], record["rows"]) == (2, 1, 4)
    assert "3 of 4 rows have no answer (2 unparsed, 1 server_error)" in caplog.text
    assert "1 queries beyond max_queries were cut off" in caplog.text


def test_only_failures_are_asked_again(job, tmp_path):
    first = plans(job, tmp_path)
    scripted_model.LOG.clear()
    second = plans(job, tmp_path)
    assert scripted_model.LOG == ["open", "q3", "closed"]
    assert second["q1"] == first["q1"]


def test_another_prompt_or_number_asks_again(job, tmp_path):
    first = plans(job, tmp_path)
    assert plans(replace(job, max_queries=3), tmp_path)["q1"].key != first["q1"].key
    assert plans(replace(job, max_queries=3), tmp_path)["q1"].queries == ("a b", "c", "d")


def test_a_planner_behind_a_server_that_its_job_starts_and_ends(job, tmp_path):
    weights, pids = tmp_path / "model.gguf", tmp_path / "pids"
    weights.write_bytes(b"GGUF weights")
    served = served_models.options(weights, "--text", REPLIES["q1"], "--pids", str(pids))
    made = plans(replace(job, options=served), tmp_path)
    assert {plan.queries for plan in made.values()} == {("a b", "c")}
    assert read_json(tmp_path / "run.json")["model_report"]["server"]["engine"] == "command"
    assert not any(psutil.pid_exists(int(pid)) for pid in pids.read_text().split())
    # the plans are found again without a server
    pids.unlink()
    assert plans(replace(job, options=served), tmp_path) == made
    assert not pids.exists()


def test_time_is_up(job, tmp_path, monkeypatch):
    monkeypatch.setattr("modellab.generation.query_plans.read_rows", lambda *_: time.sleep(30))
    with pytest.raises(InputError, match=r"retrievers\.split: stopped after its timeout_minutes"):
        plans(replace(job, timeout_seconds=0.1), tmp_path)


@each(
    ("text", "found"),
    [
        ('<think>{"queries": ["no"]}</think>{"queries": ["yes"]}', ["yes"]),
        ('```json\n{"queries": ["a", "b"]}\n```', ["a", "b"]),
        ('{"queries": "a"}', None),
        ('{"queries": [1]}', None),
        ('{"query": "a"}', None),
        ("a, b", None),
        ("", None),
    ],
)
def test_what_is_read_of_a_reply(text, found):
    assert queries_of(text) == found
    assert Planning(3).parse(text).status == ("unparsed" if found is None else "answered")

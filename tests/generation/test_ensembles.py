import json

import pytest

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, read_rows, write_rows
from modellab.core.records import Prediction, Question, Status
from modellab.generation.ensembles import EnsembleJob, make_ensemble
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.tasks.wattbot.task import answered


def prediction(question, value, retriever="bm25", repeat=1, **keys):
    parsed = answered({"answer_value": value, "ref_id": "['doc']", "answer_unit": "kg"})
    row = {"status": parsed.status, "answer": parsed.answer, "raw": "{}", "model": "digest"}
    key = f"{question} {value} {retriever} {repeat}"
    return Prediction(question, retriever, repeat, key=key, **{**row, **keys})


@pytest.fixture
def made(tmp_path):
    """Makes an ensemble of rows by member; gives its rows and the record of its run."""

    def make(rows, retrievers=("bm25",), questions=("q1", "q2"), **keys):
        asked = [Question(name, f"{name}?", {}, {"answer_value": "1"}, ()) for name in questions]
        write_rows(tmp_path / "questions.jsonl", asked)
        for name, own in rows.items():
            write_rows(tmp_path / f"{name}.jsonl", own)
        options = EnsembleOptions(provider="ensemble", members=tuple(rows), **keys)
        job = EnsembleJob(
            model="all",
            dataset="quiz",
            task="wattbot",
            options=options,
            questions=tmp_path / "questions.jsonl",
            members={name: tmp_path / f"{name}.jsonl" for name in rows},
            retrievers=retrievers,
        )
        make_ensemble(job, tmp_path / "out.jsonl", tmp_path / "run.json")
        return read_rows(tmp_path / "out.jsonl", Prediction), read_json(tmp_path / "run.json")

    return make


def test_a_row_is_a_prediction_without_measured_values(made):
    rows = {
        "a": [prediction("q1", "5", latency_seconds=2.0, passages=("x#1",)), prediction("q2", "")],
        "b": [prediction("q1", "5", prompt_tokens=9, cost_usd=0.1), prediction("q2", "")],
    }
    (first, second), run = made(rows)
    assert (first.question_id, first.retriever, first.repeat) == ("q1", "bm25", 1)
    assert (first.status, first.answer["answer_value"]) == (Status.ANSWERED, "5")
    measured = (first.latency_seconds, first.prompt_tokens, first.cost_usd, first.finish_reason)
    assert measured == (None, None, None, None)
    assert first.passages == ("x#1",)
    vote = json.loads(first.raw)["votes"][0]
    assert vote == {
        "member": "a",
        "status": "answered",
        "vote": "5",
        "references": ["doc"],
        "weight": 1.0,
        "won": True,
    }
    assert (second.status, second.answer["answer_value"]) == (Status.ABSTAINED, "is_blank")
    assert run["statuses"]["answered"] == run["statuses"]["abstained"] == 1
    assert run["fingerprint"]["members"] == {"a": "digest", "b": "digest"}


def failed(question):
    return prediction(
        question, "", status=Status.FAILED, answer={}, error_class="Timeout", error="too late"
    )


def test_votes_that_were_not_cast_are_logged_and_counted(made, caplog):
    rows = {
        "a": [prediction("q1", "5"), failed("q2")],
        "b": [failed("q1"), failed("q2")],
    }
    (first, second), run = made(rows)
    votes = json.loads(first.raw)["votes"]
    assert (votes[1]["status"], votes[1]["vote"]) == ("failed", None)
    assert (second.status, second.error_class) == (Status.FAILED, "NoMemberAnswered")
    assert second.error == "no member has an answer: a Timeout, b Timeout"
    assert run["votes_not_cast"] == [
        {"retriever": "bm25", "member": "b", "status": "failed", "rows": 2},
        {"retriever": "bm25", "member": "a", "status": "failed", "rows": 1},
    ]
    assert "votes that were not cast, of 2 rows: b 2, a 1" in caplog.text


def test_retrievers_and_repeats_that_all_members_have(made):
    def rows(retrievers, repeats):
        return [
            prediction("q1", str(repeat), retriever, repeat)
            for retriever in retrievers
            for repeat in range(1, repeats + 1)
        ]

    found, _ = made(
        {"a": rows(("bm25", "oracle"), 3), "b": rows(("oracle", "bm25", "none"), 2)},
        retrievers=("bm25", "oracle"),
        questions=("q1",),
    )
    assert [(row.retriever, row.repeat) for row in found] == [
        *(("bm25", 1), ("bm25", 2), ("oracle", 1), ("oracle", 2))
    ]


def test_a_member_without_a_row_is_an_error(made):
    rows = {"a": [prediction("q1", "5"), prediction("q2", "5")], "b": [prediction("q1", "5")]}
    with pytest.raises(InputError, match="member 'b' has no row for question 'q2'"):
        made(rows)
    with pytest.raises(InputError, match=r"b\.jsonl: no predictions of member 'b'"):
        made({**rows, "b": []})


def test_the_same_votes_give_the_same_bytes_and_other_rules_another_key(made, tmp_path):
    rows = {name: [prediction("q1", "5"), prediction("q2", "7")] for name in ("a", "b")}
    made(rows)
    first = (tmp_path / "out.jsonl").read_bytes()
    made(rows)
    assert (tmp_path / "out.jsonl").read_bytes() == first
    [one, _], _ = made(rows)
    [other, _], _ = made(rows, ignore_blank=True)
    assert one.key != other.key


def test_a_member_that_is_the_vote_on_every_row_is_recorded(made):
    rows = {
        "a": [prediction("q1", "5"), prediction("q2", "7")],
        "b": [prediction("q1", "5"), prediction("q2", "8")],
        "c": [prediction("q1", "6"), prediction("q2", "7")],
    }
    assert made(rows)[1]["echoes"] == [{"retriever": "bm25", "member": "a"}]
    rows["a"][1] = prediction("q2", "9")
    rows["b"][1] = prediction("q2", "7")
    assert made(rows)[1]["echoes"] == [{"retriever": "bm25", "member": "b"}]

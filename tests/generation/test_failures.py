"""Rows without an answer, and jobs that fail: kept answers, and requests of the next run."""

import json
import time
from dataclasses import replace

import pytest
from pydantic import TypeAdapter
from scripted_model import LOG, ScriptedModel, reply, run, with_options

from modellab.core.errors import InputError
from modellab.core.io.journal import JournalEntry, open_journal
from modellab.core.records import Response, Status
from modellab.core.retry_rounds import last_round, next_round
from modellab.generation.predict import CUT_OFF, NOT_OF_THE_FORM


def test_an_error_is_a_failed_row_and_is_tried_again(job, tmp_path):
    broken = {key: text for key, text in job.options.script.items() if key[0] != "q1"}
    rows, record = run(with_options(job, script=broken), tmp_path)
    assert rows[0]["status"] == Status.FAILED
    assert (rows[0]["error_class"], rows[0]["error"]) == ("server_error", "no luck")
    assert record["statuses"]["failed"] == 1
    rows, record = run(job, tmp_path)
    assert rows[0]["status"] == Status.ANSWERED
    assert (record["generated"], record["reused"]) == (1, 2)


def test_rows_without_an_answer_are_logged(job, tmp_path, caplog):
    run(with_options(job, script={("q1", 1): reply("1")}), tmp_path)
    assert "2 of 3 rows have no answer (2 server_error)" in caplog.text


def test_a_model_that_answers_nothing_has_failed_as_a_job(job, tmp_path):
    with pytest.raises(InputError, match=r"^server_error: no luck; 0 of 3 answers exist"):
        run(with_options(job, script={}), tmp_path)
    assert not (tmp_path / "out.jsonl").exists()
    assert next_round(job.journal, retry_failed=False) == 1
    rows, record = run(job, tmp_path)
    assert [row["status"] for row in rows] == ["answered", "unparsed", "abstained"]
    assert record["left_open"] == 0


def test_several_reasons_without_one_answer_fail_the_job_with_the_most_common(
    job, tmp_path, monkeypatch
):
    def refusing(self, requests):
        for request, reason in zip(requests, ("connection", "auth", "auth"), strict=True):
            yield Response(request.key, None, error_class=reason, error=f"no {reason}")

    monkeypatch.setattr(ScriptedModel, "answer", refusing)
    with pytest.raises(InputError, match=r"^auth: no auth; 0 of 3 answers exist"):
        run(job, tmp_path)


def test_a_blank_answer_asked_again_in_vain_fails_a_row_and_not_the_job(job, tmp_path):
    rows, _ = run(with_options(job, retry_on_abstain=1), tmp_path)
    assert [row["status"] for row in rows] == ["answered", "unparsed", "failed"]


def test_a_model_that_loses_requests_is_an_error(job, tmp_path, monkeypatch):
    monkeypatch.setattr(ScriptedModel, "answer", lambda self, requests: iter(()))
    with pytest.raises(RuntimeError, match="gave no response to 3 requests, the first for"):
        run(job, tmp_path)
    assert not (tmp_path / "out.jsonl").exists()


def test_at_the_time_limit_the_journal_keeps_finished_answers(job, tmp_path, monkeypatch):
    answer = ScriptedModel.answer

    def slowly(self, requests):
        for response in answer(self, requests):
            yield response
            time.sleep(0.3)

    with monkeypatch.context() as patch:
        patch.setattr(ScriptedModel, "answer", slowly)
        with pytest.raises(InputError, match=r"timeout_minutes of 0\.0083.*to go on"):
            run(replace(job, timeout_seconds=0.5), tmp_path)
    assert not (tmp_path / "out.jsonl").exists()
    kept = len(job.journal.read_text().splitlines())
    assert 1 <= kept <= 2
    _, record = run(job, tmp_path)
    assert (record["generated"], record["reused"]) == (3 - kept, kept)


def failing(error_class):
    """A model that fails at every request."""

    def answer(self, requests):
        for request in requests:
            LOG.append(request.question.id)
            yield Response(request.key, None, error_class=error_class, error="no")

    return answer


@pytest.mark.parametrize(
    "error_class",
    [
        *("auth", "not_found", "connection", "quota", "server_error", "rate_limited", "timeout"),
        *("bad_response", "bad_request", "context_too_long"),
    ],
)
def test_a_model_that_fails_in_every_row_for_one_reason_fails_the_job(
    job, tmp_path, monkeypatch, error_class
):
    monkeypatch.setattr(ScriptedModel, "answer", failing(error_class))
    for kept in (False, True):
        with pytest.raises(InputError, match=f"^{error_class}: no; 0 of 3 answers exist"):
            run(replace(job, keep_failed=kept), tmp_path)
    assert not (tmp_path / "out.jsonl").exists()
    assert last_round(job.journal).open is None


def test_a_reason_that_belongs_to_the_model_is_a_failed_row_in_every_row(
    job, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(ScriptedModel, "answer", failing("content_filter"))
    rows, _ = run(job, tmp_path)
    assert {row["error_class"] for row in rows} == {"content_filter"}
    assert "3 of 3 rows have no answer (3 content_filter); most often: no" in caplog.text


def test_an_unparsed_row_has_a_reason(job, tmp_path, monkeypatch, caplog):
    rows, _ = run(job, tmp_path)
    assert (rows[1]["status"], rows[1]["error"]) == (Status.UNPARSED, NOT_OF_THE_FORM)
    assert f"most often: {NOT_OF_THE_FORM}" in caplog.text

    def cut(self, requests):
        for request in requests:
            yield Response(request.key, '{"answer_va', finish_reason="length")

    monkeypatch.setattr(ScriptedModel, "answer", cut)
    job.journal.unlink()
    rows, _ = run(job, tmp_path)
    assert {row["error"] for row in rows} == {CUT_OFF}


def test_a_round_that_asks_again_keeps_what_lasts(job, tmp_path):
    rows, record = run(with_options(job, script={("q1", 1): reply("1")}), tmp_path)
    assert record["left_open"] == 2
    assert next_round(job.journal, retry_failed=True) == 1
    written = [json.loads(line) for line in job.journal.read_text().splitlines()]
    written[0]["response"]["error_class"] = "context_too_long"
    job.journal.unlink()
    with open_journal(job.journal) as journal:
        for line in written:
            del line["crc32"]
            journal.append(TypeAdapter(JournalEntry).validate_python(line))
    LOG.clear()
    rows, record = run(replace(job, round=1), tmp_path)
    assert LOG.count("q2") + LOG.count("q3") == 1
    assert sorted(row["error_class"] or "" for row in rows) == ["", "", "context_too_long"]
    assert next_round(job.journal, retry_failed=True) == 1

import gzip
import json
import ssl
from types import SimpleNamespace

import pytest
from api_samples import KEY, number_of, options, request
from cases import each
from fault_server import Play, bad, good

from modellab.core.io.journal import JournalEntry, open_journal, read_journal
from modellab.models.asking.failures import classify

pytestmark = pytest.mark.usefixtures("keys")


def after(*plays):
    """These plays in turn; the last again and again."""
    return lambda body, number: plays[min(number, len(plays) - 1)]


TEXT = json.dumps(good().body).encode()
PASSING = {
    "429": (bad(429), "rate_limited"),
    "429 that says when": (bad(429, headers={"retry-after-ms": "30"}), "rate_limited"),
    "500": (bad(500), "server_error"),
    "503": (bad(503), "server_error"),
    "cut before an answer": (Play(cut="before"), "connection"),
    "cut within an answer": (Play(cut="within"), "connection"),
    "half of the JSON": (Play(raw=TEXT[:80]), "bad_response"),
    "nothing": (Play(raw=b""), "bad_response"),
    "no gzip": (Play(raw=TEXT, headers={"content-encoding": "gzip"}), "bad_response"),
    "another charset": (Play(raw="\u00e4".encode("latin-1")), "bad_response"),
    "a page of HTML": (Play(raw=b"<html>busy</html>"), "bad_response"),
    "a page of a gateway": (Play(raw=b"<html><title>busy</title>", status=502), "server_error"),
    "no choices": (Play(body={**good().body, "choices": []}), "bad_response"),
    "another object": (Play(body={"hello": 1}), "bad_response"),
    "a list": (Play(raw=b"[]"), "bad_response"),
    "an empty text": (good(""), "bad_response"),
    "no text": (good(None), "bad_response"),
    "an error in a good reply": (
        Play(body={"error": {"message": "x", "code": 502}}),
        "server_error",
    ),
}


@pytest.mark.parametrize("fault", PASSING)
def test_transient_faults_are_retried(run, fault):
    play, error_class = PASSING[fault]
    outcome = run(after(play, good()))
    assert (outcome.only.text, outcome.only.error_class, outcome.only.retries) == ("fine", None, 1)
    assert outcome.report["failed_attempts"] == {error_class: 1}
    assert len(outcome.server.bodies) == 2


@pytest.mark.parametrize("fault", PASSING)
def test_a_lasting_fault_is_a_failed_row_after_all_retries(run, fault):
    play, error_class = PASSING[fault]
    outcome = run(after(play), max_retries=2)
    assert (outcome.only.text, outcome.only.error_class) == (None, error_class)
    assert outcome.only.error
    assert (outcome.only.retries, len(outcome.server.bodies)) == (2, 3)


LASTING = {
    "401": (bad(401), "auth"),
    "403": (bad(403), "auth"),
    "402": (bad(402), "quota"),
    "quota": (bad(429, "You exceeded your current quota", "insufficient_quota"), "quota"),
    "404": (bad(404), "not_found"),
    "unknown model": (bad(400, "m is not a valid model ID"), "not_found"),
    "400": (bad(400, "this is not how I am asked"), "bad_request"),
    "a parameter": (bad(400, "temperature is not supported"), "bad_parameter"),
    "422": (bad(422), "bad_request"),
    "too long": (
        bad(400, "This model's maximum context length is 10 tokens", "context_length_exceeded"),
        "context_too_long",
    ),
    "filtered prompt": (bad(400, "flagged by moderation", "content_filter"), "content_filter"),
    "filtered answer": (good("so", finish_reason="content_filter"), "content_filter"),
    "redirect": (Play(status=302, body={}, headers={"location": "/elsewhere"}), "not_found"),
}


@pytest.mark.parametrize("fault", LASTING)
def test_a_permanent_fault_is_a_failed_row_at_once(run, fault):
    play, error_class = LASTING[fault]
    outcome = run(after(play))
    assert (outcome.only.text, outcome.only.error_class) == (None, error_class)
    assert (outcome.only.retries, len(outcome.server.bodies)) == (0, 1)


def test_a_slow_answer_is_a_timeout(run):
    outcome = run(after(good(seconds=0.5), good()), timeout_seconds=0.2)
    assert (outcome.only.text, outcome.only.retries) == ("fine", 1)
    assert outcome.report["failed_attempts"] == {"timeout": 1}


def test_an_answer_that_ran_out_of_tokens_is_a_cut_one(run):
    text = "Could not finish the message because max_tokens or model output limit was reached."
    row = run(lambda body, number: bad(400, text, "invalid_request_error")).only
    assert (row.text, row.finish_reason, row.error_class) == ("", "length", None)


def test_one_bad_request_among_good_ones(run):
    def play(body, number):
        return bad(400, "prompt is too long") if number_of(body) == 3 else good()

    outcome = run(play, 8)
    assert outcome.classes() == [None] * 3 + ["context_too_long"] + [None] * 4


@pytest.mark.parametrize(("status", "error_class"), [(401, "auth"), (404, "not_found")])
def test_a_refused_key_or_model_ends_the_run(run, status, error_class):
    outcome = run(after(bad(status, "nobody knows you")), 100, max_concurrent=4)
    assert outcome.classes() == [error_class] * 100
    assert len(outcome.server.bodies) <= 4
    assert all("nobody knows you" in response.error for response in outcome.responses.values())
    assert outcome.report["stopped"].startswith(error_class)


def test_a_server_that_never_answers_well_is_not_asked_forever(run):
    outcome = run(after(bad(500, "out of order")), 200, max_concurrent=4, max_retries=1)
    assert outcome.classes() == ["server_error"] * 200
    assert len(outcome.server.bodies) < 40
    assert "out of order" in outcome.report["stopped"]


def test_an_unreachable_server_gives_failed_rows():
    with options("http://127.0.0.1:9/v1", max_retries=1).open(0, {}) as model:
        responses = list(model.answer([request(n) for n in range(50)]))
    assert {response.error_class for response in responses} == {"connection"}
    assert "127.0.0.1:9" in responses[0].error
    assert model.report()["stopped"].startswith("connection")


def test_a_wait_that_is_longer_than_allowed_ends_the_run(run):
    limited = bad(429, "tokens per day", headers={"retry-after": "7200"})
    outcome = run(after(good(), limited), 20, max_concurrent=2, max_retry_seconds=5)
    assert outcome.classes().count("quota") == 19
    # those that were on their way
    assert len(outcome.server.bodies) <= 3
    assert "the server takes no request until 20" in outcome.report["stopped"]
    assert "tokens per day" in outcome.report["stopped"]


def test_a_long_wait_is_logged(run, caplog):
    limited = bad(429, headers={"retry-after": "11"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("modellab.models.asking.limits.LONG", 0.2)
        patch.setattr(limited, "headers", {"retry-after-ms": "300"})
        outcome = run(after(good(), limited, good()), 3, max_concurrent=1)
    assert outcome.classes() == [None] * 3
    logged = [record.message for record in caplog.records if "waiting" in record.message]
    assert len(logged) == 1
    assert "as the server asks for (Retry-After)" in logged[0]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_one_stray_refusal_after_good_answers_costs_no_row(run, status):
    def play(body, number):
        return bad(status, "a wall") if number == 7 else good()

    outcome = run(play, 40)
    assert outcome.classes() == [None] * 40
    assert outcome.report["stopped"] is None


def test_refusals_without_end_after_good_answers_end_the_run(run):
    def play(body, number):
        return good() if number < 5 else bad(403, "revoked")

    outcome = run(play, 100, max_concurrent=2, max_retries=1)
    assert outcome.classes().count("auth") == 95
    assert len(outcome.server.bodies) < 40
    assert outcome.report["stopped"].startswith("auth")


def test_refused_requests_without_a_good_answer_end_the_run(run):
    outcome = run(after(bad(400, "pinned to another model")), 100, max_concurrent=2)
    assert outcome.classes() == ["bad_request"] * 100
    assert len(outcome.server.bodies) < 12


def test_the_key_is_in_no_error(run):
    def play(body, number):
        return bad(400 + number % 2 * 100, f"bad key: Bearer {KEY}, {KEY}")

    outcome = run(play, 6, max_retries=1)
    errors = [response.error for response in outcome.responses.values()]
    assert all(error for error in errors)
    assert KEY not in str(outcome.responses) + str(outcome.report)
    assert "[secret]" in errors[0]
    assert outcome.server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("page", ["<html><body>{}</body></html>", "{}"])
def test_no_part_of_a_key_is_left_where_a_long_page_is_cut(run, page):
    # it would be cut within the key, whose beginning alone is not known for a key
    texts = [page.format("x" * length + f" Bearer {KEY}").encode() for length in range(50, 80)]
    outcome = run(lambda body, number: Play(raw=texts[number % 30]), 30, max_retries=0)
    assert KEY[:6] not in str(outcome.responses) + str(outcome.report)


def test_the_key_is_in_no_log(run, caplog):
    caplog.set_level("DEBUG")
    run(after(bad(401, f"wrong key {KEY}")))
    run(after(good()))
    assert KEY not in caplog.text


ODD_BYTES = {
    "gzip": Play(raw=gzip.compress(TEXT), headers={"content-encoding": "gzip"}),
    "a byte order mark": Play(raw=b"\xef\xbb\xbf" + TEXT),
    "blanks that keep the connection alive": Play(raw=b"\n" * 99 + TEXT),
    "another type": Play(raw=TEXT, headers={"content-type": "text/html"}),
}


@pytest.mark.parametrize("kind", ODD_BYTES)
def test_an_answer_in_odd_bytes_is_read(run, kind):
    assert run(after(ODD_BYTES[kind])).only.text == "fine"


def test_a_reply_in_the_charset_of_its_header_is_read(run):
    data = json.dumps(good("caf\u00e9").body, ensure_ascii=False).encode("latin-1")
    headers = {"content-type": "application/json; charset=iso-8859-1"}
    assert run(after(Play(raw=data, headers=headers))).only.text == "caf\u00e9"
    headers = {"content-type": "application/json; charset=nonsense"}
    assert "not UTF-8" in run(after(Play(raw=data, headers=headers)), max_retries=0).only.error


@each(
    ("play", "error"),
    [
        (Play(raw=b"<html><head><title>Sign in</title></head></html>"), "is a web page: Sign in"),
        (Play(raw=b"<!DOCTYPE html><html><p>Sign <b>in</b></p></html>"), "is a web page: Sign in"),
        (Play(raw=b"", status=204), "the reply is empty"),
        (Play(body={"message": {"content": "x"}, "done": True}), "it has message, done"),
        (Play(body={"choices": []}), "the reply has no choices"),
    ],
)
def test_a_reply_that_is_no_answer_is_named(run, play, error):
    assert error in run(after(play), max_retries=0).only.error


def test_a_redirect_ends_the_run(run):
    moved = Play(status=302, raw=b"", headers={"location": "https://login.example/"})
    outcome = run(after(moved), 5)
    assert outcome.classes() == ["not_found"] * 5
    assert len(outcome.server.bodies) == 1
    assert "https://login.example/" in outcome.report["stopped"]


def test_odd_counts_can_be_written_and_read_again(run, tmp_path):
    odd = good()
    odd.body["usage"] = {"prompt_tokens": float("nan"), "completion_tokens": "many"}
    odd.body["choices"][0] |= {"finish_reason": 1, "logprobs": {"content": [{"logprob": None}]}}
    response = run(after(odd)).only
    with open_journal(tmp_path / "j.jsonl") as journal:
        journal.append(JournalEntry("q", "none", 1, response))
    assert read_journal(tmp_path / "j.jsonl") == {response.key: response}


@pytest.mark.parametrize("tls", [True, ssl.create_default_context()])
def test_a_refused_connection_is_reported_without_objects_in_memory(tls):
    from aiohttp import ClientConnectorError

    key = SimpleNamespace(host="127.0.0.1", port=9, ssl=tls, is_ssl=False)
    refused = ClientConnectorError(key, OSError(111, "Connect call failed"))
    assert " ssl:" in str(refused)
    found = classify(refused)
    text = "ClientConnectorError: Cannot connect to host 127.0.0.1:9 [Connect call failed]"
    assert (found.error_class, found.text) == ("connection", text)

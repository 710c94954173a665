"""Replies that are no plain text: each has its class, and only what may pass is sent again."""

import json
import math

import pytest
from fault_server import Play, good


def reply(content=None, finish="stop", usage=None, **message):
    play = good(content, finish_reason=finish)
    play.body["choices"][0]["message"].update(message)
    play.body["usage"].update(usage or {})
    return play


def blocked(reason):
    play = reply()
    play.body["choices"][0] = {"index": 0, "message": None, "finish_reason": reason}
    return play


def upstream(error):
    play = reply("", "error")
    play.body["choices"][0]["error"] = error
    return play


CALL = {"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ONCE = {
    "a tool call": (reply(finish="tool_calls", tool_calls=[CALL]), "tool_call"),
    "thoughts alone": (reply(reasoning_content="hm"), "thought_only"),
    "all in reasoning": (reply(reasoning='hm {"answer": 1}'), "thought_only"),
    "blocked": (blocked("content_filter"), "content_filter"),
    "blocked, in Google's words": (blocked("PROHIBITED_CONTENT"), "content_filter"),
    "a refusal": (reply(refusal="no"), "refusal"),
}


@pytest.mark.parametrize("kind", ONCE)
def test_what_would_come_again_is_asked_once(run, kind):
    play, error_class = ONCE[kind]
    outcome = run(lambda body, number: play)
    assert (outcome.only.text, outcome.only.error_class) == (None, error_class)
    assert len(outcome.server.bodies) == 1


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        ({"code": 502, "message": "Upstream error from X"}, "server_error"),
        ({"code": 429, "message": "busy"}, "rate_limited"),
        ("no reason", "server_error"),
    ],
)
def test_an_error_of_a_server_behind_is_tried_again(run, error, error_class):
    outcome = run(lambda body, number: good() if number else upstream(error))
    assert (outcome.only.text, outcome.only.retries) == ("fine", 1)
    assert outcome.report["failed_attempts"] == {error_class: 1}
    lasting = run(lambda body, number: upstream(error), max_retries=0)
    assert lasting.only.error_class == error_class
    assert "upstream error" in lasting.only.error


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_thoughts_beside_the_answer_are_kept_apart(run, field):
    usage = {"completion_tokens_details": {"reasoning_tokens": 2}}
    outcome = run(lambda body, number: reply("fine", usage=usage, **{field: "hm"}))
    row = outcome.only
    assert (row.text, row.thought, row.thought_tokens) == ("fine", "hm", 2)


def test_thoughts_that_are_counted_beside_the_answer_are_counted(run):
    usage = {"total_tokens": 512, "completion_tokens_details": {"reasoning_tokens": 500}}
    row = run(lambda body, number: reply("fine", usage=usage)).only
    assert (row.completion_tokens, row.thought_tokens) == (502, 500)


def test_marks_in_the_text_stay_for_the_rules_that_read_it(run):
    row = run(lambda body, number: good("<think>hm</think>fine")).only
    assert row.text == "<think>hm</think>fine"


def test_who_answered_is_in_each_row(run):
    def play(body, number):
        play = good()
        play.body["model"] = "m-1" if number < 2 else "m-2"
        return play

    rows = run(play, 5, max_concurrent=1).responses.values()
    assert sorted(row.answered_as for row in rows) == ["m-1"] * 2 + ["m-2"] * 3


def test_loopback_servers_are_asked_past_a_proxy(run, monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        # nobody listens there
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert run(lambda body, number: good()).only.text == "fine"


def sse(*lines):
    data = "".join(f"{line}\n\n" for line in lines).encode()
    return Play(raw=data, headers={"content-type": "text/event-stream"})


def piece(text, finish=None, **more):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish, **more}
    return f"data: {json.dumps({'model': 'm', 'choices': [choice]}, ensure_ascii=False)}"


def test_a_stream_may_begin_with_comments_and_hold_any_character(run):
    play = sse(": PROCESSING", "event: message", piece("fi\u2028n"), piece("e", "stop"))
    assert run(lambda body, number: play).only.text == "fi\u2028ne"


def test_a_stream_that_breaks_off_is_tried_again(run):
    outcome = run(lambda body, number: good() if number else sse(piece("fi")))
    assert (outcome.only.text, outcome.only.retries) == ("fine", 1)
    assert outcome.report["failed_attempts"] == {"bad_response": 1}


@pytest.mark.parametrize("streamed", [False, True])
def test_confidence_is_the_geometric_mean_of_the_tokens(run, streamed):
    logprobs = {"content": [{"token": t, "logprob": math.log(p)} for t, p in PROBABILITIES]}
    play = good("fine")
    play.body["choices"][0]["logprobs"] = logprobs
    if streamed:
        play = sse(piece("fine", "stop", logprobs=logprobs), "data: [DONE]")
    outcome = run(lambda body, number: play, confidence=True)
    assert outcome.server.bodies[0]["logprobs"] is True
    assert outcome.only.confidence == pytest.approx(0.5)
    assert run(lambda body, number: good()).only.confidence is None


#: 0.25 * 1 * 0.5 = 0.5 ** 3
PROBABILITIES = (("f", 0.25), ("in", 1.0), ("e", 0.5))

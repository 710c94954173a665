"""What goes to LiteLLM, and what goes to OpenAI's client instead."""

import json

import pytest
from api_samples import requests
from fault_server import Play, good, serving

from modellab.models.asking.options import LitellmOptions

pytestmark = pytest.mark.usefixtures("keys")


@pytest.mark.parametrize(
    ("model", "name"),
    [("openai/m", "m"), ("openai//models/a/b", "/models/a/b"), ("m/openai/x", None)],
)
def test_the_name_at_an_openai_server(model, name):
    assert LitellmOptions(provider="litellm", model=model).openai_name() == name


def test_openai_models_are_asked_without_litellm():
    with serving(lambda body, number: good()) as server:
        options = LitellmOptions(provider="litellm", model="openai/a/b", base_url=server.url)
        with options.open(0, {}) as model:
            assert [row.text for row in model.answer(requests(2))] == ["fine"] * 2
        assert [body["model"] for body in server.bodies] == ["a/b"] * 2
        assert server.headers[0]["user-agent"] == "modellab"


def test_answers_of_other_apis_are_streamed(run):
    pieces = [{"content": "fi"}, {"content": "ne"}, {}]
    chunks = [
        {"id": "x", "created": 1, "model": "m", "object": "chat.completion.chunk"}
        | {"choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}]}
        for delta in pieces
    ]
    lines = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    play = Play(
        raw=f"{lines}data: [DONE]\n\n".encode(), headers={"content-type": "text/event-stream"}
    )
    outcome = run(lambda body, number: play, 3, model="mistral/a", stream=True)
    assert [row.text for row in outcome.responses.values()] == ["fine"] * 3


def test_a_redirect_to_itself_ends_the_run(run):
    moved = Play(status=307, raw=b"", headers={"location": "/v1/chat/completions"})
    outcome = run(lambda body, number: moved, 3, model="mistral/a")
    assert outcome.classes() == ["not_found"] * 3
    assert "correct base_url" in outcome.report["stopped"]


def test_two_models_at_the_same_time():
    """Closing one leaves the connections of the other alone."""
    with serving(lambda body, number: good()) as server:
        where = {"provider": "litellm", "base_url": server.url, "api_key_env": "TEST_KEY"}
        first = LitellmOptions(model="mistral/a", **where)
        second = LitellmOptions(model="deepseek/b", **where)
        with first.open(0, {}) as one:
            with second.open(0, {}) as other:
                assert [row.text for row in other.answer(requests(2))] == ["fine"] * 2
                assert [row.text for row in one.answer(requests(2))] == ["fine"] * 2
            assert [row.text for row in one.answer(requests(2))] == ["fine"] * 2


MODEL = "bedrock/amazon.nova-lite-v1:0"


@pytest.fixture(autouse=True)
def account(monkeypatch):
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-sent")
    monkeypatch.setenv("AWS_REGION_NAME", "eu-central-1")


def converse(body, number):
    message = {"role": "assistant", "content": [{"text": "42"}]}
    usage = {"inputTokens": 1000, "outputTokens": 10, "totalTokens": 1010}
    return Play(body={"output": {"message": message}, "stopReason": "max_tokens", "usage": usage})


def test_answers_are_read(run):
    outcome = run(converse, model=MODEL, api_key_env=None, max_new_tokens=7)
    assert (outcome.only.text, outcome.only.finish_reason) == ("42", "length")
    assert (outcome.only.prompt_tokens, outcome.only.completion_tokens) == (1000, 10)
    assert outcome.only.cost_usd == pytest.approx(1000 * 0.06e-6 + 10 * 0.24e-6)
    [body] = outcome.server.bodies
    assert body["inferenceConfig"] == {"temperature": 0.0, "maxTokens": 7}
    assert body["system"] == [{"text": "Answer."}]


def test_requests_are_signed_and_hold_no_secret(run):
    outcome = run(converse, model=MODEL, api_key_env=None)
    [headers] = outcome.server.headers
    sent = {name.lower(): value for name, value in headers.items()}
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIATEST/")
    assert "/eu-central-1/bedrock/" in sent["authorization"]
    assert "not-to-be-sent" not in str(sent)


def test_a_refusal_is_a_failed_row(run):
    def refuse(body, number):
        return Play(status=403, body={"message": "You don't have access to the model"})

    outcome = run(refuse, model=MODEL, api_key_env=None)
    assert outcome.only.text is None
    assert outcome.only.error_class == "auth"
    assert "access to the model" in outcome.only.error


def test_a_throttled_request_is_sent_again(run):
    def play(body, number):
        if number:
            return converse(body, number)
        return Play(status=429, body={"message": "Too many requests"})

    outcome = run(play, model=MODEL, api_key_env=None)
    assert (outcome.only.text, outcome.only.retries) == ("42", 1)

"""Amazon Bedrock's own protocol, spoken to a server on loopback."""

import pytest
from fault_server import Play

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

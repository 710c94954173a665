"""What goes to LiteLLM, and what goes to OpenAI's client instead."""

import json

import pytest
from api_samples import requests
from fault_server import Play, good, serving

from modellab.models.generators.litellm.options import LitellmOptions

pytestmark = pytest.mark.usefixtures("keys")


@pytest.mark.parametrize(
    ("model", "name"),
    [("openai/m", "m"), ("openai//models/a/b", "/models/a/b"), ("m/openai/x", None)],
)
def test_the_name_at_an_openai_server(model, name):
    assert LitellmOptions(provider="litellm", model=model).openai_name() == name


def test_openai_models_are_asked_by_openais_client():
    with serving(lambda body, number: good()) as server:
        options = LitellmOptions(provider="litellm", model="openai/a/b", base_url=server.url)
        with options.open(0, {}) as model:
            assert [row.text for row in model.answer(requests(2))] == ["fine"] * 2
        assert [body["model"] for body in server.bodies] == ["a/b"] * 2
        assert server.headers[0]["user-agent"].startswith("AsyncOpenAI")


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

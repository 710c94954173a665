"""Where models run, and the tokens that bound how many jobs ask one server at a time."""

import pytest
from cases import each

from modellab.models.protocol import Place
from modellab.models.registry import parse_model

PLACES = [
    ({"provider": "extractive"}, Place.PROCESS),
    ({"provider": "transformers", "model": "a/b", "device": "cpu"}, Place.PROCESS),
    ({"provider": "transformers", "model": "a/b"}, Place.GPU),
    ({"provider": "ollama", "model": "qwen3:4b"}, Place.SERVER),
    ({"provider": "litellm", "model": "openai/m"}, Place.SERVER),
]
TOKENS = [
    ({"provider": "extractive"}, None),
    ({"provider": "ollama", "model": "qwen3:4b"}, "ollama"),
    ({"provider": "litellm", "model": "openrouter/qwen/qwen3-8b"}, "openrouter"),
    ({"provider": "litellm", "model": "gpt-4o-mini"}, "openai"),
    (
        {"provider": "litellm", "model": "openai/m", "base_url": "http://localhost:8000/v1"},
        "server_localhost_8000",
    ),
    ({"provider": "litellm", "model": "openai/m", "base_url": "http://gpu/v1"}, "server_gpu"),
    ({"provider": "litellm", "model": "openai/m", "base_url_env": "VLLM_URL"}, "server_vllm_url"),
]


@each(("model", "place"), PLACES)
def test_where_a_model_runs(model, place):
    assert parse_model(model).place() is place


@each(("model", "token"), TOKENS)
def test_models_of_one_server_share_a_token(model, token):
    assert parse_model(model).endpoint_slot() == token


@pytest.mark.parametrize("key", ["timeout_minutes", "slots_per_gpu"])
def test_limits_decide_no_answer(key):
    model = {"provider": "transformers", "model": "a/b"}
    assert (
        parse_model({**model, key: 2}).cache_key_fields() == parse_model(model).cache_key_fields()
    )

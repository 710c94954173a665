"""What is sent where a server wants it otherwise than usual, and what ends the run instead."""

import json

import pytest
from api_samples import options, request
from fault_server import Play, bad, good, serving

NO_MAX_TOKENS = bad(
    400,
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
    "'max_completion_tokens' instead.",
    "unsupported_parameter",
)
NO_TEMPERATURE = bad(400, "`temperature` is deprecated for this model.")
NO_SYSTEM = bad(400, "System role not supported")
ONLY_STREAMS = bad(400, "enable_thinking must be set to false for non-streaming calls")


def streamed(*pieces, finish="stop", usage=None, key="content"):
    chunks = [{"model": "m", "choices": [{"index": 0, "delta": {key: text}}]} for text in pieces]
    chunks.append({"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage:
        chunks.append({"model": "m", "choices": [], "usage": usage})
    lines = [f"data: {json.dumps({'id': 'x', 'created': 1, **chunk})}\n\n" for chunk in chunks]
    data = "".join([*lines, "data: [DONE]\n\n"]).encode()
    return Play(raw=data, headers={"content-type": "text/event-stream"})


def test_extra_parameters_are_sent_unchanged(run):
    extra = {"top_k": 20, "chat_template_kwargs": {"enable_thinking": False}}
    [body] = run(lambda body, number: good(), extra=extra).server.bodies
    assert {key: body[key] for key in extra} == extra


@pytest.mark.parametrize("model", ["openrouter/a/b", "mistral/a", "hosted_vllm/a", "deepseek/a"])
def test_extra_parameters_reach_other_providers(run, model):
    [body] = run(lambda body, number: good(), extra={"top_k": 20}, model=model).server.bodies
    assert body["top_k"] == 20


def test_extra_parameters_are_part_of_the_key():
    plain, other = options("http://x"), options("http://x", extra={"top_k": 20})
    assert "extra" not in plain.fingerprint()
    assert other.fingerprint()["extra"] == {"top_k": 20}


def test_extra_parameters_leave_ours_alone():
    with pytest.raises(ValueError, match="max_tokens: set by a key of the entry"):
        options("http://x", extra={"max_tokens": 3})


def test_no_temperature_is_sent_where_none_is_wanted(run):
    [body] = run(lambda body, number: good(), temperature=None).server.bodies
    assert set(body) == {"model", "messages", "max_tokens"}


@pytest.mark.parametrize("name", ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5-mini"])
def test_models_that_reason_run_with_the_defaults(run, name):
    def play(body, number):
        refused = "max_tokens" in body or body.get("temperature", 1) != 1
        return bad(400, "Unsupported value") if refused else good()

    outcome = run(play, 3, model=name)
    assert outcome.classes() == [None] * 3
    assert run(play, model=name, temperature=1).only.text == "fine"


def test_other_models_keep_their_temperature():
    for name in ("gpt-4o", "gpt-5-chat-latest", "olmo", "o3de"):
        assert options("http://x", model=name).temperature == 0


def test_a_temperature_that_a_model_refuses_ends_the_run_at_the_first_row(run):
    def play(body, number):
        return NO_TEMPERATURE if body.get("temperature", 1) != 1 else good()

    outcome = run(play, 5, model="o3-mini", temperature=0.5)
    assert outcome.classes() == ["bad_parameter"] * 5
    assert len(outcome.server.bodies) == 1


def test_the_other_name_of_the_limit_is_learnt_once(run):
    def play(body, number):
        return NO_MAX_TOKENS if "max_tokens" in body else good()

    outcome = run(play, 20)
    assert outcome.classes() == [None] * 20
    assert len(outcome.server.bodies) == 21
    assert all(body["max_completion_tokens"] == 256 for body in outcome.server.bodies[1:])
    assert outcome.report["form"] == ["the limit is sent as max_completion_tokens"]


def test_a_model_without_a_system_role_reads_it_in_the_users_message(run):
    def play(body, number):
        roles = [message["role"] for message in body["messages"]]
        return NO_SYSTEM if "system" in roles else good()

    outcome = run(play, 10)
    assert outcome.classes() == [None] * 10
    assert len(outcome.server.bodies) == 11
    said = [body["messages"] for body in outcome.server.bodies[1:]]
    assert all(
        len(messages) == 1
        and messages[0]["role"] == "user"
        and messages[0]["content"].startswith("Answer.\n\nWhat? ")
        for messages in said
    )


def test_two_wishes_of_a_server_are_both_met(run):
    def play(body, number):
        if "max_tokens" in body:
            return NO_MAX_TOKENS
        return NO_SYSTEM if body["messages"][0]["role"] == "system" else good()

    outcome = run(play, 5, max_retries=0)
    assert outcome.classes() == [None] * 5
    assert len(outcome.server.bodies) == 7


def test_a_server_that_only_streams(run):
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}

    def play(body, number):
        return streamed("fi", "ne", usage=usage) if body.get("stream") else ONLY_STREAMS

    asked = run(play, 4, stream=True)
    assert [row.text for row in asked.responses.values()] == ["fine"] * 4
    assert len(asked.server.bodies) == 4
    assert (asked.responses[0].prompt_tokens, asked.responses[0].finish_reason) == (7, "stop")
    learnt = run(play, 4)
    assert learnt.classes() == [None] * 4
    assert len(learnt.server.bodies) == 5


def test_an_unrequested_stream_is_read(run):
    assert run(lambda body, number: streamed("fi", "ne")).only.text == "fine"
    thought = run(
        lambda body, number: streamed("hm", "m", key="reasoning_content", finish="length")
    )
    assert (thought.only.text, thought.only.thought) == ("", "hmm")


def test_a_parameter_that_is_refused_ends_the_run_at_the_first_row(run):
    outcome = run(lambda body, number: NO_TEMPERATURE, 50, max_concurrent=8)
    assert outcome.classes() == ["bad_parameter"] * 50
    assert len(outcome.server.bodies) == 1
    assert "`temperature: null`" in outcome.report["stopped"]
    assert "deprecated" in outcome.report["stopped"]
    extra = bad(422, "Extra inputs are not permitted: top_k")
    outcome = run(lambda body, number: extra, 50, extra={"top_k": 3})
    assert outcome.classes() == ["bad_parameter"] * 50
    assert len(outcome.server.bodies) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        'Unexpected role "system". The Messages API accepts a top-level `system` parameter',
        "Please use a valid role: user, model.",
        "'system' is not one of ['user', 'assistant']",
        "Input tag 'system' found using 'role' does not match any of the expected tags",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Developer instruction is not enabled for models/gemma-3-27b-it",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        "This model doesn't support system messages. Try again without a system message",
        "invalid role in chat message: system",
        "messages: first message must have role user",
        "Jinja Exception: System role not supported",
    ],
)
def test_refusals_of_the_system_role_in_many_words(run, refusal):
    for status in (400, 500):

        def play(body, number, status=status):
            refused = body["messages"][0]["role"] == "system"
            return bad(status, refusal) if refused else good()

        outcome = run(play, 5)
        assert outcome.classes() == [None] * 5
        assert len(outcome.server.bodies) == 6


@pytest.mark.parametrize(
    "refusal",
    [
        "This model only support stream mode, please enable the stream parameter",
        "stream=false is not supported",
        "Streaming is required for operations that may take longer than 10 minutes",
        "Streaming is strongly recommended for operations that may take longer than 10 minutes",
    ],
)
def test_wishes_for_a_stream_in_many_words(run, refusal):
    def play(body, number):
        return streamed("fine") if body.get("stream") else bad(400, refusal)

    assert run(play, 3).classes() == [None] * 3


@pytest.mark.parametrize(
    "refusal",
    [
        bad(400, "`temperature` and `top_p` cannot both be specified for this model."),
        bad(400, "Temperature is not implemented"),
        bad(400, "temperature is not yet supported with models of this type"),
        bad(400, "temperature may only be set to 1 when thinking is enabled"),
        bad(400, 'Invalid JSON payload received. Unknown name "temperature": Cannot find field.'),
        bad(422, "Input should be less than or equal to 1 (temperature)"),
        bad(400, "max_tokens: 256 > 128, which is the maximum allowed number of output tokens"),
        bad(400, "`max_tokens` must be at most 128: the maximum value for `max_tokens` is less"),
        bad(403, "You are not allowed to set temperature"),
        bad(404, "No endpoints found that can handle the requested parameters."),
        bad(400, "Unsupported value: 'temperature' does not support 0 with this model."),
        bad(400, "max_tokens: 256 > 128, which is the maximum allowed; must be at most 128"),
        Play(
            status=422,
            body={"detail": [{"loc": ["body", "temperature"], "msg": "should be 1"}]},
        ),
        Play(
            status=400,
            body={"error": {"message": "Unsupported value", "param": "temperature"}},
        ),
    ],
)
def test_refused_parameters_in_many_words(run, refusal):
    outcome = run(lambda body, number: refusal, 20)
    assert outcome.classes() == ["bad_parameter"] * 20
    assert len(outcome.server.bodies) == 1


def test_a_server_that_refuses_both_names_of_the_limit_ends_the_run(run):
    def play(body, number):
        if "max_tokens" in body:
            return NO_MAX_TOKENS
        return bad(400, "max_completion_tokens is too large: 256")

    outcome = run(play, 5)
    assert outcome.classes() == ["bad_parameter"] * 5
    assert len(outcome.server.bodies) == 2


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        ("This response_format type is unavailable now", {"answer_format": "json_schema"}),
        ("m does not support json_schema structured output", {"answer_format": "json_schema"}),
        ("logprobs are not supported with reasoning models", {"confidence": True}),
        ("Model grok-4 does not support parameter stop.", {"stop": ("x",)}),
        ("Extra inputs are not permitted: seed", {"temperature": 0.5}),
    ],
)
def test_other_refused_parameters(run, refusal, wanted):
    outcome = run(lambda body, number: bad(400, refusal), 5, schema={"type": "object"}, **wanted)
    assert outcome.classes() == ["bad_parameter"] * 5
    assert len(outcome.server.bodies) == 1


NO_REASON = Play(status=500, raw=b"Internal Server Error", headers={"content-type": "text/plain"})


def test_a_server_that_refuses_the_system_role_without_a_word(run):
    def play(body, number):
        return NO_REASON if body["messages"][0]["role"] == "system" else good()

    outcome = run(play, 10)
    assert outcome.classes() == [None] * 10
    assert outcome.report["form"] == ["the system's message is part of the user's"]


def test_a_guess_that_does_not_help_is_dropped(run):
    outcome = run(lambda body, number: good() if number >= 6 else NO_REASON, 2, max_concurrent=1)
    assert outcome.classes() == [None] * 2
    assert outcome.report["form"] == []
    assert outcome.server.bodies[-1]["messages"][0]["role"] == "system"


@pytest.mark.usefixtures("keys")
def test_an_address_without_its_path_is_named():
    with (
        serving(lambda body, number: bad(404, "Not Found")) as server,
        options(server.url.removesuffix("/v1")).open(0, {}) as model,
    ):
        [response] = model.answer([request(0)])
    assert response.error_class == "not_found"
    assert "usually ends in /v1" in response.error
    with pytest.raises(ValueError, match="usually in /v1"):
        options("http://x/v1/chat/completions")

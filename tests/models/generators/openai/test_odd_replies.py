"""Replies that are nearly of OpenAI's form: read where an answer is in them, never a crash."""

import json

import pytest
from cases import each

from modellab.models.asking.failures import BadReplyError
from modellab.models.generators.openai.reply import parsed_body, read_reply


def body(message=None, finish="stop", usage=None, **more):
    message = {"role": "assistant", "content": "fine"} if message is None else message
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": usage, **more}


def failure(found):
    with pytest.raises(BadReplyError) as caught:
        read_reply(found)
    return caught.value.failure


@each(
    "content",
    [
        "fine",
        ["fine"],
        {"type": "text", "text": "fine"},
        [{"type": "text", "text": "fi"}, {"type": "output_text", "text": "ne"}],
        [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"text": "fine"}],
        [{"type": "reasoning", "summary": [{"text": "hm"}]}, {"type": "text", "text": "fine"}],
        [{"type": "tool_use", "input": {}}, {"type": "text", "text": "fine"}],
        [{"type": "text", "text": "fi"}, {"type": "reference"}, {"type": "text", "text": "ne"}],
    ],
)
def test_an_answer_in_any_kind_of_content(content):
    assert read_reply(body({"content": content})).text == "fine"


def test_the_first_of_several_answers_is_read_wherever_it_is():
    found = body()
    other = {"index": 1, "message": {"content": "other"}, "finish_reason": "stop"}
    found["choices"] = [other, {**found["choices"][0], "index": 0}]
    assert read_reply(found).text == "fine"


def test_an_answer_of_the_old_form():
    assert read_reply({"choices": [{"text": "fine", "finish_reason": "stop"}]}).text == "fine"


@each(
    "thought",
    [
        {"reasoning_content": "hm"},
        {"reasoning": {"content": "hm"}},
        {"reasoning": None, "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
        {"thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "x"}]},
        {"reasoning_text": "hm"},
        {"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "fine"}]},
        {"content": [{"type": "thinking", "thinking": t} for t in "hm"] + ["fine"]},
    ],
)
def test_thoughts_in_any_field(thought):
    found = read_reply(body({"content": "fine", **thought}))
    assert (found.text, found.thought) == ("fine", "hm")
    # a null answer beside it is none
    if "content" not in thought:
        assert failure(body({"content": None, **thought})).error_class == "thought_only"


@each(
    "finish",
    [
        *("length", "max_tokens", "MAX_TOKENS", "model_length", "max_output_tokens"),
        *("model_context_window_exceeded", "max_context_length"),
    ],
)
def test_an_answer_that_was_cut(finish):
    found = read_reply(body({"content": None, "reasoning": "hm"}, finish))
    assert (found.text, found.finish_reason) == ("", "length")


@each(
    ("message", "finish", "error_class"),
    [
        ({"content": [{"type": "refusal", "refusal": "no"}]}, "stop", "refusal"),
        ({"content": None, "refusal": "no"}, "stop", "refusal"),
        ({"content": "I cannot", "refusal": "I cannot"}, "stop", "refusal"),
        ({"content": [{"type": "tool_use", "name": "f", "input": {}}]}, "stop", "tool_call"),
        ({"content": None, "tool_calls": [{"function": {"name": "f"}}]}, "stop", "tool_call"),
        ({"content": ""}, "tool_calls", "tool_call"),
        ({"content": None}, "function_call_filter: MALFORMED_FUNCTION_CALL", "tool_call"),
        ({"content": "  "}, "stop", "bad_response"),
        ("fine?", "stop", "bad_response"),
        ([], "stop", "bad_response"),
        ({"content": "", "reasoning_details": [{"data": "x"}]}, "stop", "thought_only"),
    ],
)
def test_replies_without_an_answer(message, finish, error_class):
    assert failure(body(message, finish)).error_class == error_class


def test_hidden_thoughts_alone_are_no_answer():
    usage = {"prompt_tokens": 9, "completion_tokens": 300, "reasoning_tokens": 300}
    assert failure(body({"content": ""}, usage=usage)).error_class == "thought_only"


@each("finish", ["network_error", "abort", "cancelled", "error", "insufficient_system_resource"])
@each("content", ["half an ans", ""])
def test_an_interrupted_answer_is_none(content, finish):
    found = failure(body({"content": content}, finish))
    assert (found.error_class, found.retry) == ("server_error", True)
    assert finish in found.text
    kept_apart = body({"content": content})
    kept_apart["choices"][0]["provider_specific_fields"] = {"native_finish_reason": finish}
    assert failure(kept_apart).error_class == "server_error"


@pytest.mark.parametrize(
    "beside",
    [
        {"prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": True}}}]},
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}},
    ],
)
def test_a_blocked_prompt_has_no_choices(beside):
    assert failure({"choices": [], **beside}).error_class == "content_filter"


@each("finish", ["refusal", "SAFETY", "IMAGE_SAFETY", "content_filter", "sensitive", "LANGUAGE"])
def test_blocked_answers(finish):
    found = failure(body({"content": None}, finish))
    assert found.error_class in ("content_filter", "refusal")
    assert not found.retry


@each(
    "usage",
    [
        [],
        [1],
        "10",
        {"prompt_tokens": "10", "completion_tokens": "2"},
        {"prompt_tokens": 10.5, "completion_tokens": None},
        {"prompt_tokens": float("nan"), "completion_tokens": float("inf")},
        {"prompt_tokens": -1, "completion_tokens": True},
        {"prompt_tokens": 2**32 - 1, "completion_tokens": f"{2**64 - 1}"},
        {"prompt_tokens": 10, "completion_tokens": "9" * 5000},
        {"prompt_tokens": 10, "completion_tokens": 2, "completion_tokens_details": []},
        {"prompt_tokens": 10, "completion_tokens": 2, "completion_tokens_details": [1]},
        {"prompt_tokens": {"text": 10}, "completion_tokens": 2, "total_tokens": "x"},
    ],
)
def test_no_usage_costs_an_answer(usage):
    found = read_reply(body(usage=usage))
    assert found.text == "fine"
    for count in (found.prompt_tokens, found.completion_tokens, found.thought_tokens):
        assert count is None or (type(count) is int and 0 <= count < 2**31)


@pytest.mark.parametrize(
    "more",
    [
        {"usage": {"input_tokens": 10, "output_tokens": 2}},
        # Gemini's thoughts are only in the total
        {"usage": {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 12}},
        {"usage": {"prompt_tokens": 10, "total_tokens": 12}},
        # what was cached is counted beside the prompt
        {
            "usage": {
                "prompt_tokens": 2,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 8},
            }
        },
        {
            "usage": {
                "input_tokens": 6,
                "output_tokens": 2,
                "total_tokens": 12,
                "input_tokens_details": {"cached_tokens": 4},
            }
        },
        {
            "usage": {
                "prompt_tokens": 10,
                "completion_tokens": 0,
                "completion_tokens_details": {"reasoning_tokens": 2},
            }
        },
        {"x_groq": {"usage": {"prompt_tokens": 10, "completion_tokens": 2}}},
        # Anthropic's names, and nulls beside values
        {"usage": {"input_tokens": 4, "cache_read_input_tokens": 6, "output_tokens": 2}},
        {
            "usage": {
                "prompt_tokens": None,
                "input_tokens": 10,
                "output_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": None},
            }
        },
    ],
)
def test_usage_under_other_names(more):
    found = read_reply({**body(), **more})
    assert (found.prompt_tokens, found.completion_tokens) == (10, 2)


def test_a_text_of_no_tokens_was_not_counted():
    found = read_reply(body(usage={"prompt_tokens": 10, "completion_tokens": 0}))
    assert (found.prompt_tokens, found.completion_tokens) == (10, None)


@each(
    "logprobs",
    [
        {"content": [{"logprob": None}]},
        {"content": [{"logprob": float("nan")}]},
        {"content": [{"token": "x"}]},
        {"content": [1]},
        {"content": "x"},
        {"token_logprobs": [-0.1]},
        [],
    ],
)
def test_no_odd_probability_costs_an_answer(logprobs):
    found = body()
    found["choices"][0]["logprobs"] = logprobs
    assert (read_reply(found).text, read_reply(found).confidence) == ("fine", None)


@each("finish", [None, 1, {"reason": "stop"}, [], "eos"])
def test_a_reason_is_a_word_or_nothing(finish):
    found = read_reply(body(finish=finish)).finish_reason
    assert found is None or isinstance(found, str)


@each(
    ("error", "error_class"),
    [
        ({"object": "error", "message": "maximum context length is 4096", "code": 400}, "context"),
        ({"error": {"code": "context_length_exceeded", "message": "context length"}}, "context"),
        ({"error": {"code": "429", "message": "busy"}}, "rate_limited"),
        ({"error": {"code": 429, "message": "busy"}}, "rate_limited"),
        ({"error": "overloaded"}, "server_error"),
        ({"error": {"message": "API key not valid", "code": 400}}, "auth"),
        ({"message": "Internal error", "code": 500}, "server_error"),
        ({"choices": None, "detail": "not now"}, "bad_response"),
        ({"error": {"code": "invalid_api_key", "message": "Incorrect API key"}}, "auth"),
        ({"error": {"code": 502, "message": "flagged for risk"}}, "content_filter"),
        ({"error": "Unexpected endpoint or method. (POST /x)"}, "not_found"),
        ({"base_resp": {"status_code": 1, "status_msg": "Insufficient balance"}}, "quota"),
        ({**body(), "error": {"code": 500, "message": "cut"}}, "server_error"),
    ],
)
def test_an_error_under_a_good_status(error, error_class):
    assert failure(error).error_class.startswith(error_class)


def test_bytes_in_front_of_json():
    data = json.dumps(body()).encode()
    assert read_reply(parsed_body(b"\xef\xbb\xbf" + data)).text == "fine"
    assert read_reply(parsed_body(b"\n\n  \n" + data)).text == "fine"
    assert read_reply(parsed_body(data.decode().encode("utf-16"))).text == "fine"
    assert read_reply(parsed_body(data.replace(b"fine", b"fi\nne"))).text == "fi\nne"
    assert failure(parsed_body(b'[{"error": {"code": 429, "message": "x"}}]')).retry


def stream(*pieces, end="\n\n", done=True):
    lines = [f"data: {p if isinstance(p, str) else json.dumps(p)}{end}" for p in pieces]
    return parsed_body("".join([*lines, *([f"data: [DONE]{end}"] if done else [])]).encode())


def delta(content, finish=None, **more):
    return {"choices": [{"delta": {"content": content, **more}, "finish_reason": finish}]}


def test_a_stream_in_all_its_forms():
    assert read_reply(stream(delta("fi"), delta("ne"), end="\r\n\r\n")).text == "fine"
    assert read_reply(stream(delta("fi"), delta("ne", "stop"), done=False)).text == "fine"
    assert read_reply(stream(delta("fi"), delta("ne"), end="\r\r")).text == "fine"
    parts = [delta(""), delta([{"type": "text", "text": "fi"}]), delta("ne", "stop")]
    assert read_reply(stream(*parts)).text == "fine"
    assert read_reply(stream(delta("fi"), delta([{"text": "ne"}], "stop"))).text == "fine"
    assert read_reply(stream(delta("fine"), {"choices": None}, {"choices": [{}]})).text == "fine"
    # the whole answer again, and another one beside it
    whole = {"message": {"content": "fine"}, "finish_reason": "stop"}
    pieces = [{"choices": [{"delta": {"content": t}, **whole}]} for t in ("fi", "ne")]
    assert read_reply(stream(*pieces, {"choices": [{"delta": {}, **whole}]})).text == "fine"
    other = {"choices": [{"index": 1, "delta": {"content": "no"}}]}
    assert read_reply(stream(delta("fi"), other, delta("ne", "stop"))).text == "fine"


@each(
    "pieces",
    [
        [delta("fi"), '{"choices": [{"del'],
        [delta("fi"), "null"],
        [delta("fi"), "1"],
        [delta("fi"), '{"choices": [1]}'],
        [delta("fi"), '{"choices": [{"delta": "x"}]}'],
        [],
    ],
)
def test_a_broken_stream_is_no_answer(pieces):
    with pytest.raises(BadReplyError) as caught:
        read_reply(stream(*pieces, done=False))
    assert caught.value.failure.error_class == "bad_response"


def test_an_error_event_within_a_stream():
    with pytest.raises(BadReplyError) as caught:
        read_reply(stream(delta("fi"), {"error": {"code": 503, "message": "gone"}}, done=False))
    assert caught.value.failure.error_class == "server_error"

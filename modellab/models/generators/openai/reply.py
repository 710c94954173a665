"""Read replies of OpenAI's chat protocol.

Servers differ in many details: an unexpected part is read as far as possible, and is never a reason
to lose an answer.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from modellab.models.asking.failures import (
    BadReplyError,
    Failure,
    Reply,
    bad_response,
    by_status,
    error_message,
    web_page,
)

#: finish reasons, also of gateways: of blocked, truncated and interrupted replies, and of calls
_BLOCKED = re.compile(
    r"content_?filter|prohibited|safety|recitation|blocklist|spii|refusal|sensitive|guardrail"
    r"|language",
    re.IGNORECASE,
)
_CUT = re.compile(r"length|max_(output_)?tokens|context_window", re.IGNORECASE)
_INTERRUPTED = re.compile(r"error|abort|cancel|insufficient_system_resource", re.IGNORECASE)
_CALL = re.compile("tool_call|tool_use|function_call", re.IGNORECASE)
#: filters of prompts, by Azure and Google, in a reply without choices
_PROMPT_FILTERS = ("prompt_filter_results", "promptFeedback")
_BLOCKED_PROMPT = re.compile(r'"filtered": true|"blockReason"')
#: fields for the thoughts of a model
_THOUGHTS = (
    *("reasoning_content", "reasoning", "thinking", "reasoning_text"),
    *("reasoning_details", "thinking_blocks"),
)
_TEXTS = ("text", "content", "summary", *_THOUGHTS)
#: types of parts of a content
_THINKING = ("thinking", "reasoning", "redacted_thinking")
_CALLS = ("tool_use", "tool_call", "function_call", "tool_result")
#: beginnings of a stream of events: a field or a comment
_STREAM = ("data:", "event:", "id:", "retry:", ":")
#: fields of a streamed piece that are about the whole reply
_OF_THE_REPLY = ("model", "usage", "x_groq", "error")
#: HTTP status for upstream errors without a number
_BAD_GATEWAY, _BAD_REQUEST = 502, 400
#: larger counts are negative ones that a server wrote as unsigned
_MOST_TOKENS = 2**31 - 1
#: fields of an unknown reply that are named
_LISTED = 8


def parsed_body(data: bytes, charset: str | None = None) -> Mapping[str, Any]:
    """The JSON object of a reply, also of one that was streamed. Raises BadReplyError.

    `charset` is that of the reply's header: JSON should be in UTF, and is not always.
    """
    try:
        text = _decoded(data, charset)
        streamed = text.lstrip().startswith(_STREAM)
        # not strict: some servers leave line breaks in texts as they are
        body = _joined(text) if streamed else json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise BadReplyError(bad_response(_no_json(data, error))) from None
    # Google's errors are a list of one
    body = body[0] if isinstance(body, list) and len(body) == 1 else body
    if not isinstance(body, dict):
        raise BadReplyError(bad_response("the reply is no JSON object"))
    return body


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        if charset is None:
            raise
        with suppress(LookupError):  # a charset that Python does not know
            return data.decode(charset)
        raise


def _no_json(data: bytes, error: Exception) -> str:
    begin = " ".join(data[:2000].decode(errors="replace").split())
    if not begin:
        return "the reply is empty"
    if page := web_page(begin):
        return f"the reply is {page}"
    kind = "not UTF-8" if isinstance(error, UnicodeDecodeError) else "no JSON"
    return f"the reply is {kind}: {begin}"


def read_reply(body: Mapping[str, Any]) -> Reply:
    """The answer in a reply of OpenAI's form. Raises BadReplyError where there is none.

    Nothing at all after a regular end is not an answer but a fault of the server. Only where the
    answer's length ran out (on thoughts, say) is the empty text what the model gave.
    """
    choices = [choice for choice in _list(body.get("choices")) if isinstance(choice, Mapping)]
    error = error_in(body)
    if error or not choices:
        nothing = Reply("", None, **_usage(body))
        raise BadReplyError(error or bad_response(_no_choices(body)), nothing)
    choice = min(choices, key=lambda choice: _count(choice.get("index")) or 0)
    # the older form of completions has a text alone
    message = _mapping(choice.get("message") or {"content": choice.get("text")})
    text, thought = _content(message)
    reason = _text(choice.get("finish_reason"))
    usage = _usage(body)
    if text:
        # a text has tokens: zero stands for not counted
        usage["completion_tokens"] = usage["completion_tokens"] or None
    reply = Reply(
        text,
        "length" if reason and _CUT.search(reason) else reason,
        thought=thought,
        answered_as=_text(body.get("model")),
        confidence=_confidence(choice.get("logprobs")),
        **usage,
    )
    failure = _fault(reply, choice, message)
    if failure:
        raise BadReplyError(failure, reply)
    return reply


def _no_choices(body: Mapping[str, Any]) -> str:
    if "choices" in body:
        return "the reply has no choices"
    found = ", ".join(list(body)[:_LISTED])
    return f"the reply is not one of OpenAI's protocol (it has {found or 'no fields'})"


def _fault(reply: Reply, choice: Mapping[str, Any], message: Mapping[str, Any]) -> Failure | None:
    # LiteLLM keeps what it does not know apart, and says "stop"
    native = _mapping(choice.get("provider_specific_fields")).get("native_finish_reason") or ""
    reason = f"{reply.finish_reason or native} {native}".strip()
    if choice.get("error"):
        return _upstream(choice["error"])
    if _BLOCKED.search(reason):
        return Failure("content_filter", f"the answer was blocked ({reason})")
    if _INTERRUPTED.search(reason):
        return _upstream(f"the answer was interrupted ({reason})")
    parts = [part for part in _list(message.get("content")) if isinstance(part, Mapping)]
    fields = _mapping(message.get("provider_specific_fields"))
    refusals = (_text(one.get("refusal")) for one in (message, fields, *parts))
    refusal = next(filter(None, refusals), None)
    if refusal and reply.text in ("", refusal.strip()):
        return Failure("refusal", refusal)
    if reply.text:
        return None
    called = any(part.get("type") in _CALLS for part in parts) or _CALL.search(reason)
    if called or message.get("tool_calls") or message.get("function_call"):
        return Failure("tool_call", "the model called a tool instead of answering")
    if reply.finish_reason == "length":
        return None
    # of an encrypted thought only the tokens or the details are known
    if reply.thought or reply.thought_tokens or message.get("reasoning_details"):
        return Failure("thought_only", "the model thought, and gave no answer")
    return bad_response("the reply has no text")


def error_in(body: Mapping[str, Any]) -> Failure | None:
    """The error that a reply is or has, though its status was good."""
    if body.get("error"):
        return _upstream(body["error"])
    if body.get("choices"):
        return None
    if _BLOCKED_PROMPT.search(json.dumps([body.get(name) for name in _PROMPT_FILTERS])):
        return Failure("content_filter", "the prompt was blocked")
    if body.get("base_resp"):  # MiniMax
        return _upstream(body["base_resp"])
    bare = body.get("object") == "error" or ("message" in body and "code" in body)
    return _upstream(body) if bare else None


def _upstream(error: Any) -> Failure:
    """An error in a reply, of a server behind the one that was asked."""
    details = error if isinstance(error, Mapping) else {"message": error}
    text = f"upstream error: {error_message(details) or 'no reason is given'}"
    known = by_status(_BAD_REQUEST, text, {})
    if known.error_class not in ("bad_request", "server_error"):
        return known
    status = _count(details.get("code")) or 0
    return by_status(status if status >= _BAD_REQUEST else _BAD_GATEWAY, text, {})


def _content(message: Mapping[str, Any]) -> tuple[str, str | None]:
    """The text, and the thoughts that are separate from it."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    kinds = [_mapping(part).get("type") for part in parts]
    texts = [(kind, _parts_text(part)) for kind, part in zip(kinds, parts, strict=True)]
    text = "".join(text for kind, text in texts if kind not in (*_THINKING, *_CALLS))
    apart = [_parts_text(message.get(name)) for name in _THOUGHTS]
    apart.append("".join(text for kind, text in texts if kind in _THINKING))
    return text.strip(), next((one.strip() for one in apart if one.strip()), None)


def _parts_text(value: Any) -> str:
    """The text of a content, a part of one, or a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return "".join(map(_parts_text, value))
    if isinstance(value, Mapping):
        return next((_parts_text(value[key]) for key in _TEXTS if value.get(key)), "")
    return ""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    """A whole number from 0 on; None for anything else."""
    if isinstance(value, str):
        value = float(value) if value.isdecimal() else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and 0 <= value <= _MOST_TOKENS and value == int(value) else None


def _first(values: Mapping[str, Any], *names: str) -> Any:
    """The first of these that is not null."""
    return next((values[name] for name in names if values.get(name) is not None), None)


def _usage(body: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens of a reply, as fields of `Reply`."""
    usage = _mapping(body.get("usage") or _mapping(body.get("x_groq")).get("usage"))
    read = _first(usage, "prompt_tokens_details", "input_tokens_details")
    written = _first(usage, "completion_tokens_details", "output_tokens_details")
    prompt = _count(_first(usage, "prompt_tokens", "input_tokens"))
    completion = _count(_first(usage, "completion_tokens", "output_tokens"))
    total = _count(usage.get("total_tokens")) or 0
    of_thoughts = {**usage, **_mapping(written)}
    thought = _count(of_thoughts.get("reasoning_tokens")) or None
    # as OpenAI, DeepSeek and Anthropic count them
    kept = {**usage, **_mapping(read)}
    cached = _count(
        _first(kept, "cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens")
    )
    # some count what was cached beside the prompt, and thoughts beside the answer, not within it
    if prompt and cached and (cached > prompt or total == prompt + cached + (completion or 0)):
        prompt += cached
    if prompt and total - prompt > (completion or 0):
        completion = total - prompt
    elif thought and thought > (completion or 0):
        completion = (completion or 0) + thought
    # LiteLLM fills in zeros where the server reports nothing; no prompt has zero tokens
    return {
        "prompt_tokens": prompt or None,
        "completion_tokens": completion if prompt else None,
        "thought_tokens": thought,
        "cached_tokens": cached,
    }


def _confidence(logprobs: Any) -> float | None:
    """The geometric mean of the tokens' probabilities; None where the server gives none."""
    tokens = _list(_mapping(logprobs).get("content"))
    found = [_mapping(token).get("logprob") for token in tokens]
    known = [float(one) for one in found if isinstance(one, int | float) and one < math.inf]
    if not found or len(known) < len(found):
        return None
    return math.exp(min(0.0, math.fsum(known) / len(known)))


def _joined(stream: str) -> dict[str, Any]:
    """The pieces of a streamed reply as one.

    Raises ValueError where one is no piece, BadReplyError where the stream broke off.
    """
    body: dict[str, Any] = {}
    message: dict[str, Any] = {}
    logprobs: list[Any] = []
    reason, complete = None, False
    # not splitlines: texts may hold other separators of lines
    for line in re.split(r"\r\n|\r|\n", stream):
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        complete = complete or data == "[DONE]"
        if not data or data == "[DONE]":
            continue
        piece = _object(json.loads(data))
        body |= {key: piece[key] for key in _OF_THE_REPLY if piece.get(key)}
        for choice in map(_object, _list(piece.get("choices"))):
            if choice.get("index"):
                continue  # another answer
            reason = choice.get("finish_reason") or reason
            logprobs += _list(_mapping(choice.get("logprobs")).get("content"))
            # a message beside it is the whole answer so far
            delta = choice.get("delta", choice.get("message")) or {"content": choice.get("text")}
            for key, value in _object(delta).items():
                _join(message, key, value)
    if body.get("error"):
        return body
    if reason is None and not complete:
        raise BadReplyError(bad_response("the stream broke off"))
    whole = {"message": message, "finish_reason": reason, "logprobs": {"content": logprobs}}
    return {**body, "choices": [whole]}


def _object(piece: Any) -> dict[str, Any]:
    if not isinstance(piece, dict):
        raise ValueError("not an object")
    return piece


def _join(message: dict[str, Any], key: str, value: Any) -> None:
    known = message.get(key)
    if isinstance(known, str) and isinstance(value, str):
        message[key] = known + value
    elif known and isinstance(known, str | list) and isinstance(value, str | list):
        # a text may come in pieces, in lists of parts, or in both
        lists = ([one] if isinstance(one, str) else one for one in (known, value))
        message[key] = [part for parts in lists for part in parts]
    elif value is not None:
        message[key] = value

"""Read replies of OpenAI's chat protocol.

Servers differ in many details: an unexpected part is read as far as possible, and is never a reason
to lose an answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from modellab.models.asking.failures import (
    BadReplyError,
    Failure,
    Reply,
    bad_response,
    by_status,
)

#: finish reasons of blocked (also by Google) and of truncated replies
_BLOCKED = frozenset(
    {
        *("content_filter", "prohibited_content", "safety", "recitation", "blocklist", "spii"),
        *("refusal", "sensitive"),
    }
)
_CUT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
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
#: HTTP status for upstream errors without a number
_BAD_GATEWAY, _BAD_REQUEST = 502, 400
_MOST_TOKENS, _LONGEST_COUNT = 2**53, 16


def parsed_body(data: bytes) -> Mapping[str, Any]:
    """The JSON object of a reply, also of one that was streamed. Raises BadReplyError."""
    try:
        text = data.decode("utf-8-sig")
        body = _joined(text) if text.lstrip().startswith(_STREAM) else json.loads(text)
    except (ValueError, RecursionError):
        begin = " ".join(data[:80].decode(errors="replace").split())
        raise BadReplyError(bad_response(f"the reply is no JSON: {begin}")) from None
    # Google's errors are a list of one
    body = body[0] if isinstance(body, list) and len(body) == 1 else body
    if not isinstance(body, dict):
        raise BadReplyError(bad_response("the reply is no JSON object"))
    return body


def read_reply(body: Mapping[str, Any]) -> Reply:
    """The answer in a reply of OpenAI's form. Raises BadReplyError where there is none.

    Nothing at all after a regular end is not an answer but a fault of the server. Only where the
    answer's length ran out (on thoughts, say) is the empty text what the model gave.
    """
    choice = next(iter(_list(body.get("choices"))), None)
    if not isinstance(choice, Mapping):
        nothing = Reply("", None, **_usage(body))
        raise BadReplyError(_error_in(body) or bad_response("the reply has no choices"), nothing)
    # the older form of completions has a text alone
    message = _mapping(choice.get("message") or {"content": choice.get("text")})
    text, thought = _content(message)
    reason = _text(choice.get("finish_reason"))
    reply = Reply(
        text,
        "length" if (reason or "").lower() in _CUT else reason,
        thought=thought,
        answered_as=_text(body.get("model")),
        confidence=_confidence(choice.get("logprobs")),
        **_usage(body),
    )
    failure = _fault(reply, choice, message)
    if failure:
        raise BadReplyError(failure, reply)
    return reply


def _fault(reply: Reply, choice: Mapping[str, Any], message: Mapping[str, Any]) -> Failure | None:
    if choice.get("error") or reply.finish_reason == "error":
        return _upstream(choice.get("error"))
    if str(reply.finish_reason).lower() in _BLOCKED:
        return Failure("content_filter", f"the answer was blocked ({reply.finish_reason})")
    if reply.text:
        return None
    parts = [part for part in _list(message.get("content")) if isinstance(part, Mapping)]
    fields = _mapping(message.get("provider_specific_fields"))
    refusals = (_text(one.get("refusal")) for one in (message, fields, *parts))
    if refusal := next(filter(None, refusals), None):
        return Failure("refusal", refusal)
    called = any(part.get("type") in _CALLS for part in parts)
    if called or message.get("tool_calls") or message.get("function_call"):
        return Failure("tool_call", "the model called a tool instead of answering")
    if reply.finish_reason == "length":
        return None
    if reply.thought:
        return Failure("thought_only", "the model thought, and gave no answer")
    return bad_response("the reply has no text")


def _error_in(body: Mapping[str, Any]) -> Failure | None:
    """The error that a reply is, though its status was good."""
    if body.get("error"):
        return _upstream(body["error"])
    bare = body.get("object") == "error" or ("message" in body and "code" in body)
    return _upstream(body) if bare else None


def _upstream(error: Any) -> Failure:
    """An error in a reply, of a server behind the one that was asked."""
    details = error if isinstance(error, Mapping) else {"message": error}
    message, code = details.get("message") or "no reason is given", details.get("code")
    text = f"upstream error: {message}"
    status = _count(code) or 0
    if status >= _BAD_REQUEST:
        return by_status(status, text, {})
    named = f"{text} ({code})" if code else text
    known = by_status(_BAD_REQUEST, named, {})
    return by_status(_BAD_GATEWAY, named, {}) if known.error_class == "bad_request" else known


def _content(message: Mapping[str, Any]) -> tuple[str, str | None]:
    """The text, and the thoughts that are separate from it."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    kinds = [_mapping(part).get("type") for part in parts]
    texts = [(kind, _parts_text(part)) for kind, part in zip(kinds, parts, strict=True)]
    text = "".join(text for kind, text in texts if kind not in (*_THINKING, *_CALLS))
    apart = [_parts_text(message.get(name)) for name in _THOUGHTS]
    apart += [text for kind, text in texts if kind in _THINKING]
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
        return int(value) if value.isdecimal() and len(value) < _LONGEST_COUNT else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and 0 <= value < _MOST_TOKENS and value == int(value) else None


def _usage(body: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens of a reply, as fields of `Reply`."""
    usage = _mapping(body.get("usage"))
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    details = _mapping(usage.get("completion_tokens_details"))
    thought = _count(details.get("reasoning_tokens")) or None
    # as OpenAI, and as DeepSeek counts them
    cached = _mapping(usage.get("prompt_tokens_details")).get("cached_tokens")
    cached = usage.get("prompt_cache_hit_tokens") if cached is None else cached
    # some count thoughts in addition to the answer, not within it
    if thought and prompt and usage.get("total_tokens") == prompt + (completion or 0) + thought:
        completion = (completion or 0) + thought
    # LiteLLM fills in zeros where the server reports nothing; no prompt has zero tokens
    return {
        "prompt_tokens": prompt or None,
        "completion_tokens": completion if prompt else None,
        "thought_tokens": thought,
        "cached_tokens": _count(cached),
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
    for line in stream.split("\n"):
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        complete = complete or data == "[DONE]"
        if not data or data == "[DONE]":
            continue
        piece = _object(json.loads(data))
        body |= {key: piece[key] for key in ("model", "usage", "error") if piece.get(key)}
        for choice in map(_object, _list(piece.get("choices"))[:1]):
            reason = choice.get("finish_reason") or reason
            logprobs += _list(_mapping(choice.get("logprobs")).get("content"))
            delta = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
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

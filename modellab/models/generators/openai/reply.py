"""What of a server's reply goes into a prediction row.

Servers differ in all but the outlines: whatever is not as expected is read as far as it can be, and
is never a reason to lose an answer that is there.
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

#: how a reply ends that a filter has blocked (Google's words too), and one that was cut
_BLOCKED = frozenset(
    {
        *("content_filter", "prohibited_content", "safety", "recitation", "blocklist", "spii"),
        *("refusal", "sensitive"),
    }
)
_CUT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
#: where servers put what a model thought
_THOUGHTS = (
    *("reasoning_content", "reasoning", "thinking", "reasoning_text"),
    *("reasoning_details", "thinking_blocks"),
)
_TEXTS = ("text", "content", "summary", *_THOUGHTS)
_CALLS = ("tool_use", "tool_call", "function_call", "tool_result")
#: how a stream of events begins: with data, a field of its own, or a comment
_STREAM = ("data:", "event:", "id:", "retry:", ":")
#: a server in between that could not reach the model, and says no number
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
        nothing = Reply("", None, *_tokens(body))
        raise BadReplyError(_error_in(body) or bad_response("the reply has no choices"), nothing)
    # the older form of completions has a text alone
    message = _mapping(choice.get("message") or {"content": choice.get("text")})
    text, thought = _content(message)
    reason = _text(choice.get("finish_reason"))
    reply = Reply(
        text,
        "length" if (reason or "").lower() in _CUT else reason,
        *_tokens(body),
        thought,
        _thought_tokens(body),
        _text(body.get("model")),
        confidence=_confidence(choice.get("logprobs")),
        cached_tokens=_cached_tokens(body),
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
    text = "".join(_parts_text(p) for p in parts if not _is_thought(p) and not _is_call(p))
    apart = [_parts_text(message.get(name)) for name in _THOUGHTS]
    apart += [_parts_text(p) for p in parts if _is_thought(p)]
    return text.strip(), next((one.strip() for one in apart if one.strip()), None)


def _is_thought(part: Any) -> bool:
    return _mapping(part).get("type") in ("thinking", "reasoning", "redacted_thinking")


def _is_call(part: Any) -> bool:
    return _mapping(part).get("type") in _CALLS


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


def _tokens(body: Mapping[str, Any]) -> tuple[int | None, int | None]:
    usage = _mapping(body.get("usage"))
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    # LiteLLM fills in zeros where the server reports nothing; no prompt has zero tokens
    if not prompt:
        return None, None
    thought = _thought_tokens(body) or 0
    # some count thoughts beside the answer, not within it
    apart = thought and usage.get("total_tokens") == prompt + (completion or 0) + thought
    return prompt, (completion or 0) + thought if apart else completion


def _thought_tokens(body: Mapping[str, Any]) -> int | None:
    details = _mapping(_mapping(body.get("usage")).get("completion_tokens_details"))
    return _count(details.get("reasoning_tokens")) or None


def _cached_tokens(body: Mapping[str, Any]) -> int | None:
    """As OpenAI, and as DeepSeek counts them."""
    usage = _mapping(body.get("usage"))
    details = _mapping(usage.get("prompt_tokens_details"))
    return _count(details.get("cached_tokens", usage.get("prompt_cache_hit_tokens")))


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
        message[key] = [*_parts(known), *_parts(value)]
    elif value is not None:
        message[key] = value


def _parts(content: str | list[Any]) -> list[Any]:
    return [content] if isinstance(content, str) else content

"""What of a server's reply goes into a prediction row."""

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

#: how a reply ends that a filter has blocked (Google's words too)
_BLOCKED = frozenset(
    {"content_filter", "prohibited_content", "safety", "recitation", "blocklist", "spii"}
)
#: where servers put what a model thought
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
#: how a stream of events begins: with data, a field of its own, or a comment
_STREAM = ("data:", "event:", "id:", "retry:", ":")
#: a server in between that could not reach the model, and says no number
_BAD_GATEWAY = 502
_FIRST_ERROR = 400


def parsed_body(data: bytes) -> Mapping[str, Any]:
    """The JSON object of a reply, also of one that was streamed. Raises BadReplyError."""
    try:
        text = data.decode()
        body = _joined(text) if text.lstrip().startswith(_STREAM) else json.loads(text)
    except (ValueError, RecursionError):
        begin = " ".join(data[:80].decode(errors="replace").split())
        raise BadReplyError(bad_response(f"the reply is no JSON: {begin}")) from None
    if not isinstance(body, dict):
        raise BadReplyError(bad_response("the reply is no JSON object"))
    return body


def read_reply(body: Mapping[str, Any]) -> Reply:
    """The answer in a reply of OpenAI's form. Raises BadReplyError where there is none.

    Nothing at all after a regular end is not an answer but a fault of the server. Only where the
    answer's length ran out (on thoughts, say) is the empty text what the model gave.
    """
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        told = _upstream(body["error"]) if body.get("error") else None
        nothing = Reply("", None, *_tokens(body))
        raise BadReplyError(told or bad_response("the reply has no choices"), nothing)
    choice = choices[0]
    message = choice.get("message") or {}
    text, thought = _content(message)
    reply = Reply(
        text,
        choice.get("finish_reason"),
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
    fields = message.get("provider_specific_fields") or {}
    if refusal := _text(message.get("refusal") or fields.get("refusal")):
        return Failure("refusal", refusal)
    if message.get("tool_calls") or message.get("function_call"):
        return Failure("tool_call", "the model called a tool instead of answering")
    if reply.finish_reason == "length":
        return None
    if reply.thought:
        return Failure("thought_only", "the model thought, and gave no answer")
    return bad_response("the reply has no text")


def _upstream(error: Any) -> Failure:
    """An error that stands in a reply, of a server behind the one that was asked."""
    told = error if isinstance(error, Mapping) else {"message": error}
    code = told.get("code")
    status = code if isinstance(code, int) and code >= _FIRST_ERROR else _BAD_GATEWAY
    return by_status(status, f"upstream error: {told.get('message') or 'no reason is given'}", {})


def _content(message: Mapping[str, Any]) -> tuple[str, str | None]:
    """The text, and the thoughts that stand apart from it."""
    content = message.get("content")
    apart = [_parts_text(message.get(name)) for name in _THOUGHTS]
    if isinstance(content, list):
        texts = [_parts_text(p) for p in content if not _is_thought(p)]
        apart += [_parts_text(p) for p in content if _is_thought(p)]
        content = "".join(texts)
    thought = next((text.strip() for text in apart if text and text.strip()), None)
    return (_text(content) or "").strip(), thought


def _is_thought(part: Any) -> bool:
    kind = part.get("type") if isinstance(part, Mapping) else None
    return kind in ("thinking", "reasoning", "redacted_thinking")


def _parts_text(value: Any) -> str:
    """The text of a content, a part of one, or a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return "".join(map(_parts_text, value))
    if isinstance(value, Mapping):
        return next((_parts_text(value[k]) for k in ("text", *_THOUGHTS) if value.get(k)), "")
    return ""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _tokens(body: Mapping[str, Any]) -> tuple[int | None, int | None]:
    usage = body.get("usage") or {}
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    # LiteLLM fills in zeros where the server reports nothing; no prompt has zero tokens
    if not prompt:
        return None, None
    thought = _thought_tokens(body) or 0
    # some count thoughts beside the answer, not within it
    apart = thought and usage.get("total_tokens") == prompt + (completion or 0) + thought
    return prompt, (completion or 0) + thought if apart else completion


def _thought_tokens(body: Mapping[str, Any]) -> int | None:
    details = (body.get("usage") or {}).get("completion_tokens_details") or {}
    count = details.get("reasoning_tokens")
    return count if isinstance(count, int) and count else None


def _cached_tokens(body: Mapping[str, Any]) -> int | None:
    """As OpenAI, and as DeepSeek counts them."""
    usage = body.get("usage") or {}
    details = usage.get("prompt_tokens_details") or {}
    count = details.get("cached_tokens", usage.get("prompt_cache_hit_tokens"))
    return count if isinstance(count, int) else None


def _confidence(logprobs: Any) -> float | None:
    """The geometric mean of the tokens' probabilities; None where the server gives none."""
    tokens = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    found = [float(token["logprob"]) for token in tokens or ()]
    return math.exp(min(0.0, math.fsum(found) / len(found))) if found else None


def _joined(stream: str) -> dict[str, Any]:
    """The pieces of a streamed reply as one.

    Raises ValueError where one is no JSON, BadReplyError where the stream broke off.
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
        piece = json.loads(data)
        body |= {key: piece[key] for key in ("model", "usage", "error") if piece.get(key)}
        for choice in (piece.get("choices") or [])[:1]:
            reason = choice.get("finish_reason") or reason
            logprobs += (choice.get("logprobs") or {}).get("content") or []
            for key, value in (choice.get("delta") or choice.get("message") or {}).items():
                _join(message, key, value)
    if body.get("error"):
        return body
    if reason is None and not complete:
        raise BadReplyError(bad_response("the stream broke off"))
    whole = {"message": message, "finish_reason": reason, "logprobs": {"content": logprobs}}
    return {**body, "choices": [whole]}


def _join(message: dict[str, Any], key: str, value: Any) -> None:
    if isinstance(value, str | list) and isinstance(message.get(key), type(value)):
        message[key] += value
    elif value is not None:
        message[key] = value

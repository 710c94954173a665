"""What of a server's reply goes into a prediction row."""

from __future__ import annotations

from typing import Any

from modellab.providers.litellm.failures import BadReplyError, Failure, Reply, bad_response


def read_reply(response: Any) -> Reply:
    """The answer in LiteLLM's response. Raises BadReplyError where there is none.

    Nothing at all after a regular end is not an answer but a fault of the server. Only where the
    answer's length ran out (on thoughts, say) is the empty text what the model gave.
    """
    choices = getattr(response, "choices", None)
    if not choices:
        nothing = Reply("", None, *_tokens(response))
        raise BadReplyError(bad_response("the reply has no choices"), nothing)
    message, reason = choices[0].message, choices[0].finish_reason
    reply = Reply((message.content or "").strip(), reason, *_tokens(response))
    failure = _fault(reply, message)
    if failure:
        raise BadReplyError(failure, reply)
    return reply


def _fault(reply: Reply, message: Any) -> Failure | None:
    if reply.finish_reason == "content_filter":
        return Failure("content_filter", "the answer was filtered")
    if reply.text:
        return None
    if refusal := (getattr(message, "provider_specific_fields", None) or {}).get("refusal"):
        return Failure("refusal", refusal)
    return None if reply.finish_reason == "length" else bad_response("the reply has no text")


def _tokens(response: Any) -> tuple[int | None, int | None]:
    usage = getattr(response, "usage", None)
    # LiteLLM fills in zeros where the server reports nothing; no prompt has zero tokens
    if usage is None or not usage.prompt_tokens:
        return None, None
    return usage.prompt_tokens, usage.completion_tokens

"""Reading a judge's reply: one JSON object, strictly and without guessing."""

import json
from typing import Any

from modellab.core.records import Response
from modellab.core.text.thoughts import json_objects, split_thoughts
from modellab.judging.records import Reason, Verdict

_DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: _once(pairs))
#: the most braces that may open no object before the rest of a reply is ignored
_MOST_BROKEN = 1_000
_REASONS = {
    "timeout": Reason.TIMEOUT,
    "refusal": Reason.REFUSED,
    "content_filter": Reason.REFUSED,
    "context_too_long": Reason.TOO_LONG,
}


class UnreadableError(ValueError):
    """The reply does not have the requested form; the text says why."""


def read_reply(text: str, wanted: str) -> dict[str, Any]:
    """The one object in the text that has the key `wanted`.

    The object may be alone, in a code fence, in prose or after thoughts.

    Raises:
        UnreadableError: There is none, or there are several that differ.
    """
    objects = json_objects(split_thoughts(text).answer, _DECODER, _MOST_BROKEN)
    found = [value for _, _, value in objects if wanted in value]
    if not found:
        raise UnreadableError(f"there is no JSON object with the key {wanted!r}")
    if any(item != found[0] for item in found):
        raise UnreadableError("there are several JSON objects, and they differ")
    reply: dict[str, Any] = found[0]
    return reply


def failed(response: Response) -> Verdict | None:
    """The verdict of a response without text; None where there is text to read."""
    if response.error_class is None and response.text is not None:
        return None
    reason = _REASONS.get(response.error_class or "", Reason.PROVIDER)
    return Verdict(None, reason, f"{response.error_class}: {response.error}")


def unreadable(response: Response, problem: UnreadableError) -> Verdict:
    """The verdict of a reply that is still unreadable after the last retry."""
    reason = Reason.CUT if response.finish_reason == "length" else Reason.PARSE
    line = " ".join((response.text or "").split())
    excerpt = line if len(line) <= 200 else line[:200] + "..."
    return Verdict(None, reason, f"{problem}: {excerpt}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableError("duplicate key")
    return found

"""Reading a judge's reply: one JSON object, strictly. What is not plainly said is not read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from modellab.core.records import Response
from modellab.core.text.thoughts import told_apart
from modellab.judging.records import Reason, Verdict

T = TypeVar("T")

_DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: _once(pairs))
#: braces that open no object; a reply with more is not read on
_MOST_BROKEN = 1_000
_REASONS = {
    "timeout": Reason.TIMEOUT,
    "refusal": Reason.REFUSED,
    "content_filter": Reason.REFUSED,
    "context_too_long": Reason.TOO_LONG,
}


class UnreadableError(ValueError):
    """The reply is not what was asked for; the text says how."""


def read_reply(text: str, read: Callable[[dict[str, Any]], T], wanted: str) -> T:
    """What `read` makes of the one object in the text that has the key `wanted`.

    The object may stand alone, in a code fence, in prose or after thoughts. Raises
    UnreadableError where there is none, where several say different things, and whatever `read`
    raises.
    """
    found = [item for item in _objects(told_apart(text).answer) if wanted in item]
    if not found:
        raise UnreadableError(f"there is no JSON object with the key {wanted!r}")
    if any(item != found[0] for item in found):
        raise UnreadableError("there are several JSON objects, and they differ")
    return read(found[0])


def failed(response: Response) -> Verdict | None:
    """The verdict of a response without a text; None where there is one to read."""
    if response.error_class is None and response.text is not None:
        return None
    reason = _REASONS.get(response.error_class or "", Reason.PROVIDER)
    return Verdict(None, reason, f"{response.error_class}: {response.error}")


def unreadable(response: Response, problem: UnreadableError) -> Verdict:
    """The verdict of a reply that cannot be read, and was not asked for again."""
    reason = Reason.CUT if response.finish_reason == "length" else Reason.PARSE
    return Verdict(None, reason, f"{problem}: {_short(response.text or '')}")


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Each outermost JSON object of a text."""
    end = broken = 0
    while broken < _MOST_BROKEN and (start := text.find("{", end)) >= 0:
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            end, broken = start + 1, broken + 1
            continue
        yield value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableError("duplicate key")
    return found


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:200] + "..."

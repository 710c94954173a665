"""The form of requests: the usual one, and what changes where a server refuses it.

A server that wants another form says so by refusing the first request. What it wants is
remembered for all others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modellab.core.records import Message
from modellab.models.asking.failures import Failure
from modellab.models.chat import merged_system

_NO_SYSTEM = re.compile(
    r"system[ _-]?(role|message|prompt|instruction)s?\b.{0,60}?(not|n't|un)[ _-]?(be )?"
    r"(support|allow|enabled|accept|valid)|developer instruction is not enabled"
    r"|roles? must alternate|only (the )?user and assistant roles"
    r"|role.{0,30}system.{0,30}(not|un|in)[ _-]?(support|allow|valid|accept)"
    r"|(unexpected|invalid|unknown|unsupported) role.{0,5}system|valid role: ?.?user"
    r"|system.{0,20} (is not one of|found using .?role|does not match)",
    re.IGNORECASE,
)
_ONLY_STREAMS = re.compile(
    r"non-?stream|only supports? (the )?stream|stream.{0,40}(must|required|only|true)"
    r"|(must|requires?|only).{0,40}stream|stream\W{0,4}false|streaming is (strongly )?recommended",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"not support|n.t support|unsupported|deprecat|unknown|unrecogni[sz]ed|unexpected|not permitted"
    r"|not allowed|not valid|invalid|not accept|must be|too (large|small|high|low)|at most"
    r"|only the default|extra (input|field)|out of range|less than|greater than|should be|cannot"
    r"|can only|may only|incompatible|mutually exclusive|between \S+ and|range",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Form:
    """How requests are put: the name of the longest answer, the system's message, streaming."""

    max_tokens: str = "max_tokens"
    merge_system: bool = False
    stream: bool = False
    count_stream: bool = True

    def messages(self, messages: Sequence[Message]) -> Sequence[Message]:
        return merged_system(messages) if self.merge_system else messages

    def parameters(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a request, under the names that the server takes."""
        limit = {self.max_tokens: wanted["max_tokens"]}
        parameters = {k: v for k, v in wanted.items() if k != "max_tokens"} | limit
        if self.stream:
            parameters["stream"] = True
            if self.count_stream:
                parameters["stream_options"] = {"include_usage": True}
        return parameters

    def adapted(self, failure: Failure, messages: Sequence[Message]) -> Form | None:
        """The form that a refused request is to have; None where no other one helps."""
        text = failure.text
        if failure.error_class != "bad_request":
            return None
        if "max_completion_tokens" in text:
            known = self.max_tokens == "max_completion_tokens"
            return replace(self, max_tokens="max_tokens" if known else "max_completion_tokens")
        if self.count_stream and self.stream and "stream_options" in text:
            return replace(self, count_stream=False)
        if not self.stream and _ONLY_STREAMS.search(text):
            return replace(self, stream=True)
        has_system = bool(messages) and messages[0].role == "system"
        if has_system and not self.merge_system and _NO_SYSTEM.search(text):
            return replace(self, merge_system=True)
        return None

    def changes(self) -> list[str]:
        """What of it is not as usual, for the run's record."""
        changes = {
            f"the limit is sent as {self.max_tokens}": self.max_tokens != "max_tokens",
            "the system's message is part of the user's": self.merge_system,
            "answers are streamed": self.stream,
        }
        return [change for change, made in changes.items() if made]


def refused_parameter(failure: Failure, sent: Collection[str]) -> Failure:
    """The failure as one of a parameter that the provider does not take, where it is that."""
    if failure.error_class != "bad_request" or not _REFUSES.search(failure.text):
        return failure
    named = [name for name in sent if re.search(rf"\b{re.escape(name)}\b", failure.text)]
    if not named:
        return failure
    text = (
        f"the provider refuses {named[0]}: {failure.text} (change the key in the config; "
        "`temperature: null` and `seed: false` send none)"
    )
    return Failure("bad_parameter", text, fatal=True)

"""Requests in the form of OpenAI's chat protocol, which LiteLLM takes too."""

from __future__ import annotations

import base64
import logging
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modellab.core.records import Message, Request
from modellab.models.asking.failures import Failure, refused_parameter
from modellab.models.asking.options import ApiOptions, takes_no_temperature
from modellab.models.asking.wording import NO_SYSTEM, ONLY_STREAMS
from modellab.models.chat import merged_system

log = logging.getLogger(__name__)

#: the text of an unexplained error, and the number of them before a guess
_BARE_ERROR, _BARE_ERRORS = "Internal Server Error", 3


@dataclass(frozen=True)
class Prepared:
    """The messages and parameters of a request, and the form that they have."""

    form: Form
    messages: list[dict[str, Any]]
    parameters: dict[str, Any]


class ChatClient:
    """Common base of chat clients: the form of requests, and how a refusal changes it."""

    quantization: str | None = None

    def __init__(self, options: ApiOptions, answer_schema: Mapping[str, Any]) -> None:
        self._options = options
        self._decoding = decoding_parameters(options, answer_schema)
        limit = "max_completion_tokens" if takes_no_temperature(options.model) else "max_tokens"
        self._form = Form(max_tokens=limit, stream=options.stream)
        self._tried = {self._form}
        self._bare_errors = 0
        self._guessed_from: Form | None = None
        #: whether there was a reply, so that the form is right
        self.answered = False

    def prepared(self, request: Request) -> Prepared:
        """Raises OSError for a picture that cannot be read, ValueError for a file that is none."""
        form, wanted = self._form, self._decoding
        if self._options.sends_seed():
            # the key holds the run's seed and the repeat; servers take 31 bits
            wanted = {**wanted, "seed": int(request.key[:8], 16) & 0x7FFFFFFF}
        messages = merged_system(request.messages) if form.merge_system else request.messages
        sent = [{"role": message.role, "content": _content(message)} for message in messages]
        return Prepared(form, sent, form.parameters(wanted))

    def refined(self, failure: Failure, request: Request, prepared: Prepared) -> Failure:
        """The failure of a request, which is sent again where another form of it may be taken."""
        if prepared.form != self._form:
            refused = failure.error_class == "bad_request"
            return replace(failure, retry=True, at_once=True) if refused else failure
        asked = self._form.adapted(failure, request.messages)
        other = asked or self._guessed(failure, request)
        if other is None or other in self._tried:
            return refused_parameter(failure, [*prepared.parameters, *self._options.extra])
        for change in other.changes():
            if change not in self._form.changes():
                why = "as the server asks for it" if asked else "to see if that helps"
                log.warning("%s: %s, %s", self._options.model, change, why)
        self._form = other
        self._tried.add(other)
        return replace(failure, retry=True, at_once=True)

    def _guessed(self, failure: Failure, request: Request) -> Form | None:
        """A form without a system message, where a server only fails and does not say why.

        SGLang does this if the chat template refuses the role. The guess is dropped if it does not
        help.
        """
        if self.answered or failure.text != _BARE_ERROR:
            return None
        if self._guessed_from:
            self._form, self._guessed_from = self._guessed_from, None
            return None
        self._bare_errors += 1
        has_system = any(message.role == "system" for message in request.messages)
        if self._bare_errors < _BARE_ERRORS or not has_system:
            return None
        self._guessed_from = self._form
        return replace(self._form, merge_system=True)

    def report(self) -> dict[str, Any]:
        """How the form of the requests differs from the usual."""
        return {"form": self._form.changes()}


def decoding_parameters(options: ApiOptions, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of decoding; defaults are not sent."""
    parameters: dict[str, Any] = {"max_tokens": options.max_new_tokens}
    temperature = options.sent_temperature()
    if temperature is not None:
        parameters["temperature"] = temperature
    if options.top_p < 1:
        parameters["top_p"] = options.top_p
    if options.stop:
        parameters["stop"] = list(options.stop)
    if options.answer_format == "json_schema":
        schema = {"name": "answer", "strict": True, "schema": dict(answer_schema)}
        parameters["response_format"] = {"type": "json_schema", "json_schema": schema}
    if options.confidence:
        parameters["logprobs"] = True
    return parameters


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.content
    parts: list[dict[str, Any]] = []
    for path in message.images:
        kind, _ = mimetypes.guess_type(path)
        if kind is None or not kind.startswith("image/"):
            raise ValueError(f"{path}: not the name of a picture")
        data = base64.b64encode(Path(path).read_bytes()).decode()
        parts.append({"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}})
    return [*parts, {"type": "text", "text": message.content}]


@dataclass(frozen=True)
class Form:
    """The form of requests, which is adapted when a server refuses one.

    `max_tokens` is the parameter's name; `count_stream` asks for the usage of streamed answers.
    """

    max_tokens: str = "max_tokens"
    merge_system: bool = False
    stream: bool = False
    count_stream: bool = True

    def parameters(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The parameters under the names that the server takes."""
        limit = {self.max_tokens: wanted["max_tokens"]}
        parameters = {k: v for k, v in wanted.items() if k != "max_tokens"} | limit
        if self.stream:
            parameters["stream"] = True
            if self.count_stream:
                parameters["stream_options"] = {"include_usage": True}
        return parameters

    def adapted(self, failure: Failure, messages: Sequence[Message]) -> Form | None:
        """The form to try after a refused request; None where no other one helps."""
        text = failure.text
        has_system = bool(messages) and messages[0].role == "system"
        refusals = ("bad_request", "server_error")  # llama.cpp and SGLang refuse a role with 500
        if failure.error_class in refusals and has_system and NO_SYSTEM.search(text):
            return None if self.merge_system else replace(self, merge_system=True)
        if failure.error_class != "bad_request":
            return None
        if "max_completion_tokens" in text:
            known = self.max_tokens == "max_completion_tokens"
            return replace(self, max_tokens="max_tokens" if known else "max_completion_tokens")
        if self.count_stream and self.stream and "stream_options" in text:
            return replace(self, count_stream=False)
        if not self.stream and ONLY_STREAMS.search(text):
            return replace(self, stream=True)
        return None

    def changes(self) -> list[str]:
        """The differences from the usual form, for the run's record."""
        changes = {
            f"the limit is sent as {self.max_tokens}": self.max_tokens != "max_tokens",
            "the system's message is part of the user's": self.merge_system,
            "answers are streamed": self.stream,
        }
        return [change for change, made in changes.items() if made]

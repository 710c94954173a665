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
from modellab.models.asking.failures import Failure
from modellab.models.asking.options import ApiOptions, takes_no_temperature
from modellab.models.generators.openai.form import Form, refused_parameter

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """What is sent for a request: messages, parameters, and the form that they have."""

    form: Form
    messages: list[dict[str, Any]]
    parameters: dict[str, Any]


class ChatClient:
    """What clients of the chat protocol share: a request's form, and what a refusal changes."""

    quantization: str | None = None

    def __init__(self, options: ApiOptions, answer_schema: Mapping[str, Any]) -> None:
        self._options = options
        self._decoding = decoding_parameters(options, answer_schema)
        limit = "max_completion_tokens" if takes_no_temperature(options.model) else "max_tokens"
        self._form = Form(max_tokens=limit, stream=options.stream)
        self._tried = {self._form}

    def prepared(self, request: Request) -> Prepared:
        """Raises OSError for a picture that cannot be read, ValueError for a file that is none."""
        form = self._form
        parameters = form.parameters({**self._decoding, **self._seed(request)})
        return Prepared(form, as_sent(form.messages(request.messages)), parameters)

    def judged(self, failure: Failure, request: Request, prepared: Prepared) -> Failure:
        """The failure of a request, which is sent again where another form of it may be taken."""
        if prepared.form != self._form:
            refused = failure.error_class == "bad_request"
            return replace(failure, retry=True, at_once=True) if refused else failure
        other = self._form.adapted(failure, request.messages)
        if other is None or other in self._tried:
            return refused_parameter(failure, [*prepared.parameters, *self._options.extra])
        for change in other.changes():
            if change not in self._form.changes():
                log.warning("%s: %s, as the server asks for it", self._options.model, change)
        self._form = other
        self._tried.add(other)
        return replace(failure, retry=True, at_once=True)

    def report(self) -> dict[str, Any]:
        """What of the requests' form is not as usual."""
        return {"form": self._form.changes()}

    def _seed(self, request: Request) -> dict[str, int]:
        if not self._options.sends_seed():
            return {}
        # the key holds the run's seed and the repeat; servers take 31 bits
        return {"seed": int(request.key[:8], 16) & 0x7FFFFFFF}


def decoding_parameters(options: ApiOptions, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of decoding; what is at its default is not sent."""
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


def as_sent(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Plain text, or where there are pictures, parts with the pictures' data.

    Raises OSError for a picture that cannot be read, ValueError for a file that is none.
    """
    return [{"role": message.role, "content": _content(message)} for message in messages]


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.content
    pictures = [
        {"type": "image_url", "image_url": {"url": _data_url(Path(path))}}
        for path in message.images
    ]
    return [*pictures, {"type": "text", "text": message.content}]


def _data_url(path: Path) -> str:
    kind, _ = mimetypes.guess_type(path.name)
    if kind is None or not kind.startswith("image/"):
        raise ValueError(f"{path}: not the name of a picture")
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"

"""One request, as LiteLLM is given it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modellab.core.records import Request
from modellab.models.generators.litellm.failures import BadReplyError, Failure, Reply, bad_response
from modellab.models.generators.litellm.form import Form, refused_parameter
from modellab.models.generators.litellm.library import import_litellm, silent_log
from modellab.models.generators.litellm.messages import as_sent
from modellab.models.generators.litellm.reply import read_reply, wire_body
from modellab.models.generators.litellm.sending import HOOKS, Sending

if TYPE_CHECKING:
    from modellab.models.generators.litellm.options import LitellmOptions

log = logging.getLogger(__name__)

NO_REPLY = Reply("", None, None, None)
#: sent where a server needs no key; else LiteLLM would take one that is meant for another server
NO_KEY = "none"


class Client:
    """Sends requests to one model."""

    def __init__(
        self,
        options: LitellmOptions,
        key: str | None,
        base_url: str | None,
        answer_schema: Mapping[str, Any],
    ) -> None:
        self._litellm = import_litellm()
        self._options = options
        self._decoding = decoding_parameters(options, answer_schema)
        self._form = Form(stream=options.stream)
        self._fixed = {
            "model": options.model,
            "timeout": options.timeout_seconds,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": False,
        }
        if options.extra:
            self._fixed["extra_body"] = options.extra
        if base_url:
            self._fixed["api_base"] = base_url
        if key or (base_url and not signs_requests(options.model)):
            self._fixed["api_key"] = key or NO_KEY

    async def start(self) -> None:
        """Make the HTTP client, in the loop that will use it."""
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

        self._http = AsyncHTTPHandler(
            timeout=self._options.timeout_seconds, event_hooks=HOOKS, follow_redirects=False
        )

    async def stop(self) -> None:
        """Close all connections."""
        await self._http.client.aclose()

    async def ask(self, request: Request, sending: Sending) -> Reply:
        """The answer to one request; any exception of LiteLLM, TimeoutError or BadReplyError."""
        sending.form = form = self._form
        messages = as_sent(form.messages(request.messages))
        response: Any = None
        async with sending.followed():
            try:
                response = await self._litellm.acompletion(
                    messages=messages,
                    client=self._http,
                    litellm_logging_obj=silent_log(self._options.model, messages),
                    **self._fixed,
                    **form.parameters({**self._decoding, **self._seed(request)}),
                )
            except Exception:
                # an answer that came whole is read below, whatever the library makes of it
                if wire_body(sending.data) is None:
                    raise
        body = wire_body(sending.data)
        if body is None and form.stream:
            raise BadReplyError(bad_response("the stream is in no known form"), NO_REPLY)
        return read_reply(response.model_dump() if body is None else body)

    def judged(self, failure: Failure, request: Request, sending: Sending) -> Failure:
        """The failure of a request, which is sent again where another form of it may be taken."""
        if sending.form is not None and sending.form != self._form:
            refused = failure.error_class == "bad_request"
            return replace(failure, retry=True, at_once=True) if refused else failure
        other = self._form.adapted(failure, request.messages)
        if other is None:
            sent = [*self._decoding, *self._seed(request), *self._options.extra]
            return refused_parameter(failure, [*sent, self._form.max_tokens]) or failure
        for change in other.told():
            if change not in self._form.told():
                log.warning("%s: %s, as the server asks for it", self._options.model, change)
        self._form = other
        return replace(failure, retry=True, at_once=True)

    def told(self) -> list[str]:
        """What of the requests' form is not as usual."""
        return self._form.told()

    def _seed(self, request: Request) -> dict[str, int]:
        if not self._options.sends_seed():
            return {}
        # the key holds the run's seed and the repeat; servers take 31 bits
        return {"seed": int(request.key[:8], 16) & 0x7FFFFFFF}


def signs_requests(model: str) -> bool:
    """Whether LiteLLM signs what it sends instead of sending a key: no address learns a secret."""
    return model.startswith("bedrock/")


def decoding_parameters(
    options: LitellmOptions, answer_schema: Mapping[str, Any]
) -> dict[str, Any]:
    """What the server is told about decoding; what is at its default is not sent."""
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
    return parameters

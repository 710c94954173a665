"""One request, as LiteLLM is given it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modellab.providers.litellm.failures import Reply
from modellab.providers.litellm.library import import_litellm, silent_log
from modellab.providers.litellm.messages import as_sent
from modellab.providers.litellm.reply import read_reply
from modellab.providers.litellm.sending import HOOKS, Sending
from modellab.records import Request

if TYPE_CHECKING:
    from modellab.providers.litellm.options import LitellmOptions

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
        self._fixed = {
            "model": options.model,
            "timeout": options.timeout_seconds,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": False,
            **decoding_parameters(options, answer_schema),
        }
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
        messages = as_sent(request.messages)
        async with sending.followed():
            response = await self._litellm.acompletion(
                messages=messages,
                client=self._http,
                litellm_logging_obj=silent_log(self._options.model, messages),
                **self._fixed,
                **self._seed(request),
            )
        return read_reply(response)

    def _seed(self, request: Request) -> dict[str, int]:
        if not (self._options.samples() and self._options.seed):
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
    parameters: dict[str, Any] = {
        "max_tokens": options.max_new_tokens,
        "temperature": options.temperature,
    }
    if options.top_p < 1:
        parameters["top_p"] = options.top_p
    if options.stop:
        parameters["stop"] = list(options.stop)
    if options.answer_format == "json_schema":
        schema = {"name": "answer", "strict": True, "schema": dict(answer_schema)}
        parameters["response_format"] = {"type": "json_schema", "json_schema": schema}
    return parameters

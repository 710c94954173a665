"""Requests to an Ollama server, in the form of its own API."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError, one_line
from modellab.core.records import Message, Request
from modellab.models.asking.failures import (
    BadReplyError,
    Failure,
    Reply,
    bad_response,
    by_status,
    refused_parameter,
)
from modellab.models.generators.ollama.options import OllamaOptions
from modellab.models.generators.ollama.server import KEEP_ALIVE_SECONDS, MALFORMED, RunningModel
from modellab.models.generators.openai.reply import error_in, read_reply

#: finish reasons of replies that only report loading
_NO_ANSWER = ("load", "unload")
_NANOSECONDS = 1e9
#: hexadecimal digits of a key that make a seed: the server takes 32 bits
_SEED_DIGITS = 7
#: of a prompt that is too long, the server keeps half of the context plus this number of tokens
_KEPT_BEYOND_HALF = 2
#: no prompt has longer tokens on average, in bytes
_LONGEST_TOKEN = 10


class OllamaClient:
    """Sends requests to one model; see `modellab.models.asking`."""

    def __init__(
        self, options: OllamaOptions, loaded: RunningModel, seed: int, schema: Mapping[str, Any]
    ) -> None:
        self._options = options
        self._loaded = loaded
        self._seed = seed
        self._format = dict(schema) if options.constrained() else None
        self.quantization = loaded.quantization

    async def start(self) -> None:
        from ollama import AsyncClient

        # the whole attempt has a time limit
        self._client: Any = AsyncClient(self._options.server_url(), timeout=None)

    async def stop(self) -> None:
        await self._client.close()

    def prepared(self, request: Request) -> dict[str, Any]:
        """The body. Raises OSError for an unreadable picture, InputError where none is read."""
        if not self._loaded.reads_images and any(message.images for message in request.messages):
            raise InputError(
                f"{self._options.model} reads no images, and the questions have some; choose a "
                "model with the capability `vision`"
            )
        body = {
            "model": self._options.model,
            "messages": [_message(message) for message in request.messages],
            "stream": False,
            "think": self._options.think,
            "format": self._format,
            "options": self._decoding(request),
            "keep_alive": KEEP_ALIVE_SECONDS,
            # a prompt is neither cut nor shifted out of the context
            "truncate": False,
            "shift": False,
        }
        return {name: value for name, value in body.items() if value is not None}

    async def send(self, prepared: dict[str, Any]) -> Reply:
        """The answer. Raises BadReplyError, or what the client raises."""
        from ollama import ResponseError

        try:
            response = await self._client._request_raw("POST", "/api/chat", json=prepared)
            body = response.json()
        except ResponseError as error:
            refused = by_status(error.status_code, one_line(error.error), {})
            raise BadReplyError(refused) from None
        except MALFORMED as error:
            raise BadReplyError(bad_response(f"not a chat reply: {one_line(error)}")) from None
        return self._read(body, sum(len(m["content"].encode()) for m in prepared["messages"]))

    def refined(self, failure: Failure, request: Request, prepared: dict[str, Any]) -> Failure:
        """A timeout is not retried: it would take as long again and delay all others."""
        if failure.error_class == "timeout":
            return replace(failure, retry=False)
        if failure.error_class == "context_too_long":
            return replace(failure, text=f"{failure.text}; raise `context_tokens`")
        sent = [*prepared.keys() & {"think", "format"}, *prepared["options"]]
        return refused_parameter(failure, sent)

    def report(self) -> dict[str, Any]:
        return {}

    def _decoding(self, request: Request) -> Mapping[str, Any]:
        options = self._options
        decoding = {
            **options.runner_options(),
            "num_predict": options.max_new_tokens,
            "seed": self._seed,
        }
        if options.temperature is not None:
            decoding["temperature"] = options.temperature
        if options.samples():
            # the server's default would keep only the 40 most likely tokens
            decoding |= {"top_p": options.top_p, "top_k": 0}
            decoding["seed"] = int(request.key[:_SEED_DIGITS], 16)
        if options.stop:
            decoding["stop"] = list(options.stop)
        return decoding

    def _read(self, body: Any, prompt_bytes: int) -> Reply:
        """The answer in a reply. Raises BadReplyError where there is none."""
        if not isinstance(body, Mapping):
            raise BadReplyError(bad_response("the reply is no JSON object"))
        if error := error_in(body):
            raise BadReplyError(error)
        message, reason = body.get("message"), body.get("done_reason")
        if not isinstance(message, Mapping) or not body.get("done") or reason in _NO_ANSWER:
            raise BadReplyError(bad_response("the reply holds no complete answer"))
        reply = read_reply(
            {
                "model": body.get("model"),
                "choices": [{"message": message, "finish_reason": reason}],
                "usage": {
                    "prompt_tokens": body.get("prompt_eval_count"),
                    "completion_tokens": body.get("eval_count"),
                },
            }
        )
        total, load = body.get("total_duration"), body.get("load_duration")
        if isinstance(total, int) and isinstance(load, int | None):
            reply = replace(reply, seconds=max(0, total - (load or 0)) / _NANOSECONDS)
        evaluated, context = reply.prompt_tokens, self._loaded.context_length
        if evaluated and context and was_cut(evaluated, context, prompt_bytes):
            cut = (
                f"the server read {evaluated} tokens of the prompt, which is what it keeps of one "
                f"that is too long for its context of {context} tokens"
            )
            raise BadReplyError(Failure("context_too_long", cut), reply)
        return reply


def was_cut(evaluated: int, context: int, prompt_bytes: int) -> bool:
    """Whether a server has read only a part of a prompt.

    A server that cuts reads exactly half of the context and two tokens. A whole prompt may have
    this very length, but an answer to half a question must not count.

    Args:
        evaluated: tokens of the prompt, as the server counts them.
        context: the longest context in tokens.
        prompt_bytes: the size of the prompt.
    """
    half = context // 2
    must_be_longer = prompt_bytes / _LONGEST_TOKEN > evaluated
    return (
        evaluated >= context
        or evaluated == half + _KEPT_BEYOND_HALF
        or (evaluated >= half and must_be_longer)
    )


def _message(message: Message) -> dict[str, Any]:
    images = [base64.b64encode(Path(path).read_bytes()).decode() for path in message.images]
    shown = {"images": images} if images else {}
    return {"role": message.role, "content": message.content, **shown}

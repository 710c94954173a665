"""One request to the server: sent again where that may help, and never lost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from ollama import ChatResponse, Client, Image, ResponseError
from ollama import Message as ChatMessage

from modellab.core.records import Message, Request, Response
from modellab.models.generators.ollama.options import OllamaOptions
from modellab.models.generators.ollama.server import KEEP_ALIVE_SECONDS, MALFORMED, one_line

#: the wait before the first retry; each further one is twice as long
FIRST_WAIT_SECONDS = 0.5
#: replies that only tell what became of the model
_NO_ANSWER = ("load", "unload")
_NANOSECONDS = 1e9
#: hexadecimal digits of a key that make a seed: the server takes 32 bits
_SEED_DIGITS = 7


@dataclass(frozen=True)
class Failure:
    """Why there is no answer; `passing` if the same request may succeed a little later."""

    error_class: str
    error: str
    passing: bool = False


@dataclass(frozen=True)
class Loaded:
    """The model that is asked: what the server says of it."""

    quantization: str | None
    context_length: int | None


class Asker:
    """Asks for one answer at a time; several threads may share it."""

    def __init__(
        self,
        client: Client,
        options: OllamaOptions,
        loaded: Loaded,
        seed: int,
        schema: Mapping[str, Any],
    ) -> None:
        self._client = client
        self._options = options
        self._loaded = loaded
        self._seed = seed
        self._format = dict(schema) if options.answer_format == "json_schema" else None
        self._server_gone = False

    def ask(self, request: Request) -> Response:
        """The answer, or the last error after the retries."""
        start = time.perf_counter()
        retries = 0
        while True:
            result = self._attempt(request)
            if isinstance(result, ChatResponse):
                return self._answer(request, result, time.perf_counter() - start, retries)
            if not result.passing or retries >= self._allowed_retries():
                self._server_gone = result.error_class == "connection"
                return self._failed(request, result, retries)
            time.sleep(FIRST_WAIT_SECONDS * 2**retries)
            retries += 1

    def _allowed_retries(self) -> int:
        """None for a server that is gone: each further row is tried once, in case it is back."""
        return 0 if self._server_gone else self._options.max_retries

    def _attempt(self, request: Request) -> ChatResponse | Failure:
        try:
            reply = self._chat(request)
        except ResponseError as error:
            return _refusal(error)
        except httpx.TimeoutException:
            seconds = self._options.timeout_seconds
            return Failure("timeout", f"no answer within {seconds:g} s")
        except (ConnectionError, httpx.HTTPError) as error:
            return Failure("connection", one_line(error), passing=True)
        except OSError as error:
            return Failure("image_unreadable", one_line(error))
        except MALFORMED as error:
            return Failure("bad_response", f"not a chat reply: {one_line(error)}", passing=True)
        return self._checked(reply)

    def _chat(self, request: Request) -> ChatResponse:
        return self._client.chat(
            self._options.model,
            [_message(message) for message in request.messages],
            think=self._options.think,
            format=self._format,
            options=self._decoding(request),
            keep_alive=KEEP_ALIVE_SECONDS,
        )

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
            # the server would keep only the 40 likeliest tokens, which nobody asked for
            decoding |= {"top_p": options.top_p, "top_k": 0}
            decoding["seed"] = int(request.key[:_SEED_DIGITS], 16)
        if options.stop:
            decoding["stop"] = list(options.stop)
        return decoding

    def _checked(self, reply: ChatResponse) -> ChatResponse | Failure:
        self._server_gone = False
        bare = not (reply.message.content or "").strip()
        if reply.done and bare and reply.message.tool_calls:
            return Failure("tool_call", "the model called a tool instead of answering")
        if reply.done and bare and reply.message.thinking and reply.done_reason != "length":
            return Failure("thought_only", "the model thought, and gave no answer")
        if not reply.done or reply.message.content is None or reply.done_reason in _NO_ANSWER:
            return Failure("bad_response", "the reply holds no complete answer", passing=True)
        longest = self._loaded.context_length
        if longest and reply.prompt_eval_count and reply.prompt_eval_count >= longest:
            return Failure(
                "context_too_long",
                f"the prompt fills all {longest} tokens of the context, so the server has cut it; "
                "raise `context_tokens`",
            )
        return reply

    def _answer(
        self, request: Request, reply: ChatResponse, wall_seconds: float, retries: int
    ) -> Response:
        generation = _generation_seconds(reply, wall_seconds)
        return Response(
            key=request.key,
            text=(reply.message.content or "").strip(),
            finish_reason=reply.done_reason,
            prompt_tokens=reply.prompt_eval_count,
            completion_tokens=reply.eval_count,
            thought=reply.message.thinking or None,
            latency_seconds=generation,
            queue_seconds=max(0.0, wall_seconds - generation),
            retries=retries,
            quantization=self._loaded.quantization,
        )

    def _failed(self, request: Request, failure: Failure, retries: int) -> Response:
        return Response(
            key=request.key,
            text=None,
            error_class=failure.error_class,
            error=failure.error,
            retries=retries,
            quantization=self._loaded.quantization,
        )


def _generation_seconds(reply: ChatResponse, wall_seconds: float) -> float:
    """The server's time for the request without the loading; the client's if it says nothing."""
    if reply.total_duration is None:
        return wall_seconds
    return max(0, reply.total_duration - (reply.load_duration or 0)) / _NANOSECONDS


def _refusal(error: ResponseError) -> Failure:
    status, reason = error.status_code, one_line(error)
    if status == HTTPStatus.NOT_FOUND:
        return Failure("not_found", reason)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure("rate_limited", reason, passing=True)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Failure("auth", reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure("server_error", reason, passing=True)
    too_long = "context length" in reason or "context size" in reason
    return Failure("context_too_long" if too_long else "bad_request", reason)


def _message(message: Message) -> ChatMessage:
    images = [Image(value=Path(path).read_bytes()) for path in message.images]
    return ChatMessage(role=message.role, content=message.content, images=images or None)

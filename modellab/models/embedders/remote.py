"""Embedding models behind an API, an Ollama server, or a server that the job starts."""

from __future__ import annotations

import base64
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, NonNegativeInt, PositiveInt, model_validator

from modellab.core.errors import InputError
from modellab.core.secrets import scrub
from modellab.models.asking.failures import LONGEST_TEXT, BadReplyError, bad_response
from modellab.models.asking.options import EndpointOptions, LitellmEndpoint
from modellab.models.embedders.pretrained import Encode, PretrainedOptions
from modellab.models.generators.ollama.options import OllamaServerOptions
from modellab.models.generators.served.options import ServedOptions, ServerOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors
    from modellab.models.generators.openai.provider import Address

log = logging.getLogger(__name__)

#: characters of a text in a message about it
_EXCERPT = 80


class ApiEmbedderOptions(EndpointOptions, PretrainedOptions):
    """Common base of embedding models behind an API: each text is sent once."""

    behind_server: ClassVar[bool] = True

    dimensions: PositiveInt | None = Field(
        None, description="The length of the vectors, for models that let you choose."
    )

    def openai_name(self) -> str | None:
        """The model's name where it is asked by OpenAI's protocol; None for all other APIs."""
        return self.model

    def fingerprint(self) -> Mapping[str, Any]:
        """The model's id, its weights or server, and the length of its vectors.

        Raises InputError.
        """
        from modellab.core.loopback import canonical_address
        from modellab.models.generators.openai.provider import server_identity

        name, url = self.openai_name(), self.server()
        where = {"base_url": canonical_address(url)} if url else {}
        if name is not None:
            where = server_identity(self, name)
        kind = type(self).__name__
        return {"kind": kind, "model": self.model, "dimensions": self.dimensions, **where}

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Raises InputError for a missing key and, while it embeds, for permanent failures."""
        from modellab.models.generators.openai.provider import openai_address, reported_at

        address = openai_address(self, self.openai_name() or self.model)
        reported_at(address, self)
        with self.encoder_at(address) as encode:
            yield encode

    @contextmanager
    def encoder_at(self, address: Address) -> Iterator[Encode]:
        """The model at an address."""
        import httpx

        from modellab.models.generators.openai.provider import http_settings
        from modellab.models.generators.openai.reply import error_in, parsed_body

        parameters: dict[str, Any] = {"encoding_format": "float"}
        if self.dimensions:
            parameters["dimensions"] = self.dimensions
        settings = http_settings(address)
        with httpx.Client(**settings, timeout=self.timeout_seconds) as client:

            def send(texts: Sequence[str], parameters: Mapping[str, Any]) -> Any:
                body = {"model": address.name, "input": list(texts), **parameters}
                response = client.post("/embeddings", json=body)
                response.raise_for_status()
                reply = parsed_body(response.content)
                if error := error_in(reply):
                    raise BadReplyError(error)
                return reply.get("data")

            yield EmbeddingSender(self, send, address.key, parameters)


class RefusedError(Exception):
    """The server does not accept a request of this form or length."""


@dataclass
class EmbeddingSender:
    """Sends texts, in smaller batches where the server refuses larger ones.

    Attributes:
        send: sends texts with parameters and gives the list of embeddings of the reply.
        key: a secret that no error may hold.
        parameters: without `encoding_format` once the server has refused it.
        largest: the largest batch that the server takes, as far as is known.
    """

    options: ApiEmbedderOptions
    send: Callable[[Sequence[str], Mapping[str, Any]], Any]
    key: str | None
    parameters: dict[str, Any]
    largest: int | None = None

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One vector per text. Raises InputError for permanent failures."""
        import numpy as np

        rows: list[Sequence[float]] = []
        while len(rows) < len(texts):
            end = None if self.largest is None else len(rows) + self.largest
            batch = texts[len(rows) : end]
            try:
                rows += self._retried(batch)
            except RefusedError as refused:
                if "encoding_format" in f"{refused}" and "encoding_format" in self.parameters:
                    del self.parameters["encoding_format"]
                elif len(batch) > 1:
                    # too many texts or tokens at once; servers word this differently
                    self.largest = len(batch) // 2
                    log.info("batches of %d texts: %s", self.largest, refused)
                else:
                    begin = batch[0][:_EXCERPT]
                    raise InputError(f"{refused} (for the text {begin!r})") from None
        return np.asarray(rows, dtype=np.float32)

    def _retried(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """The vectors of a reply, after up to `max_retries` retries.

        Raises RefusedError where other texts might be accepted, InputError for other failures.
        """
        from modellab.models.asking.failures import classify
        from modellab.models.asking.limits import Backoff

        options = self.options
        # jitter is no secret
        jitter = random.Random(0)  # noqa: S311
        backoff = Backoff(options.max_retries, options.max_retry_seconds, jitter)
        start = time.monotonic()
        for tries in range(options.max_retries + 1):
            try:
                return embeddings_in(self.send(texts, self.parameters), len(texts), options)
            except InputError:
                raise
            except Exception as error:  # noqa: BLE001 - classified, and raised unless transient
                failure = error.failure if isinstance(error, BadReplyError) else classify(error)
                elapsed = time.monotonic() - start
                wait = backoff.delay(tries, elapsed, failure.retry_after) if failure.retry else None
                if wait is None:
                    why = scrub(failure.text, [self.key] if self.key else [])[:LONGEST_TEXT]
                    text = (
                        f"embedding model {options.model}: {failure.error_class} after {tries + 1} "
                        f"tries: {why}"
                    )
                    refused = failure.error_class in ("bad_request", "context_too_long")
                    raise (RefusedError if refused else InputError)(text) from None
                time.sleep(wait)
        raise AssertionError("the last try either returned or raised")


def embeddings_in(data: Any, texts: int, options: ApiEmbedderOptions) -> list[Sequence[float]]:
    """The vectors of a reply in the order of their texts.

    Raises BadReplyError for a reply that does not have them, InputError for other dimensions than
    the config's.
    """
    rows = data if isinstance(data, list) else []
    if len(rows) != texts:
        raise BadReplyError(bad_response(f"{len(rows)} vectors for {texts} texts"))
    places = [str(row.get("index")) for row in rows]
    # servers that do not number vectors keep their order
    if len(set(places)) > 1:
        by_place = dict(zip(places, rows, strict=True))
        if by_place.keys() != {str(place) for place in range(texts)}:
            raise BadReplyError(bad_response(f"the vectors are numbered {', '.join(places)}"))
        rows = [by_place[str(place)] for place in range(texts)]
    vectors = [_numbers(row.get("embedding")) for row in rows]
    lengths = {len(vector) for vector in vectors}
    if lengths != {options.dimensions or len(vectors[0])}:
        raise InputError(
            f"embedding model {options.model}: gives vectors of {sorted(lengths)} dimensions, not "
            f"of {options.dimensions or 'one length'}"
        )
    return vectors


def _numbers(embedding: Any) -> Sequence[float]:
    """The numbers of a vector, also of one in base64 as little-endian float32."""
    import numpy as np

    if isinstance(embedding, str):
        decoded: list[float] = np.frombuffer(base64.b64decode(embedding), dtype="<f4").tolist()
        return decoded
    if not isinstance(embedding, list):
        raise BadReplyError(bad_response("the reply has no vectors"))
    try:
        return [float(number) for number in embedding]
    except (TypeError, ValueError):
        # null is what servers write for NaN
        raise BadReplyError(bad_response("a vector has parts that are no numbers")) from None


class OpenAIEmbedderOptions(ApiEmbedderOptions):
    """Texts are sent to a server that speaks OpenAI's protocol."""

    kind: Literal["openai"] = Field(
        description="An embedding model behind OpenAI's protocol: OpenAI's own, vLLM, llama.cpp."
    )


class LitellmEmbedderOptions(LitellmEndpoint, ApiEmbedderOptions):
    """Texts are sent to an API that LiteLLM knows."""

    kind: Literal["litellm"] = Field(description="An embedding model behind an API.")
    model: str = Field(
        min_length=1,
        description="Provider and model as LiteLLM names them, such as mistral/mistral-embed; "
        "openai/NAME is the same as `kind: openai` with the model NAME.",
    )

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Raises InputError for a missing key and, while it embeds, for permanent failures."""
        from modellab.models.generators.litellm.provider import import_litellm, provider_of
        from modellab.models.generators.openai.provider import NO_KEY

        if self.openai_name() is not None:
            with super().encoder() as encode:
                yield encode
            return
        provider_of(self.model)
        key, url = self.key(), self.server()
        fixed: dict[str, Any] = {"model": self.model, "timeout": self.timeout_seconds}
        fixed["max_retries"] = 0
        if url:
            fixed["api_base"] = url
        if key or url:
            fixed["api_key"] = key or NO_KEY
        parameters: dict[str, Any] = {"encoding_format": "float"}
        if self.dimensions:
            # LiteLLM would refuse it for servers that it does not know
            parameters["dimensions"] = self.dimensions
            fixed["allowed_openai_params"] = ["dimensions"]
        litellm = import_litellm()
        # for embeddings, LiteLLM takes max_retries of 0 for its default
        litellm.DEFAULT_MAX_RETRIES = 0

        def send(texts: Sequence[str], parameters: Mapping[str, Any]) -> Any:
            return litellm.embedding(input=list(texts), **fixed, **parameters).model_dump()["data"]

        yield EmbeddingSender(self, send, key, parameters)


class OllamaEmbedderOptions(OllamaServerOptions, PretrainedOptions):
    """It is in the server's memory only while it embeds, and alone there."""

    behind_server: ClassVar[bool] = True

    kind: Literal["ollama"] = Field(description="An embedding model of an Ollama server.")
    model: str = Field(
        min_length=1, description="The full name, such as nomic-embed-text, all-minilm or bge-m3."
    )

    def fingerprint(self) -> Mapping[str, Any]:
        """The digest of the weights, and the context. Raises InputError."""
        from modellab.models.generators.ollama.provider import weights_identity

        found = weights_identity(self)
        keys = ("digest", "quantization", "context_tokens")
        return {"kind": self.kind, **{key: found[key] for key in keys}}

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Room is made before, and the model is unloaded after. Raises InputError.

        A text that is longer than the model's context is an error, not truncated silently.
        """
        import numpy as np

        from modellab.models.generators.ollama.provider import opened_embedder

        with opened_embedder(self) as embed:

            def encode(texts: Sequence[str]) -> Vectors:
                return np.asarray(embed(texts), dtype=np.float32)

            yield encode


#: arguments for embedding models, for servers that do not detect them
_ARGUMENTS: Mapping[str, dict[str, JsonValue]] = {
    "llama.cpp": {"embeddings": True},
    "sglang": {"is-embedding": True},
}
_DECIDE = ("engine", "args", "environment", "command")


class ServedEmbedderOptions(ServerOptions, PretrainedOptions):
    """It runs only while it embeds."""

    behind_server: ClassVar[bool] = True

    kind: Literal["served"] = Field(description="An embedding model whose server the job starts.")
    engine: Literal["vllm", "sglang", "llama.cpp", "command"] = Field(
        description="The program that serves it; see docs/servers.md."
    )
    model: str = Field(min_length=1, description="A folder, a .gguf file or a hub id.")
    revision: str | None = Field(None, description="Branch, tag or commit on the hub.")
    gpus: NonNegativeInt = Field(0, description="How many GPUs it waits for and takes.")

    @model_validator(mode="after")
    def _check_server(self) -> Self:
        self.server()
        return self

    def server(self) -> ServedOptions:
        """The server, as a model's entry has it."""
        own = self.model_dump(exclude={"kind", "args", *PretrainedOptions.model_fields})
        args = {**_ARGUMENTS.get(self.engine, {}), **self.args}
        return ServedOptions(provider="served", args=args, **own)

    def fingerprint(self) -> Mapping[str, Any]:
        """The weights, the engine and its deciding arguments. Raises InputError."""
        from modellab.models.weights import weights_identity

        server = self.server()
        decides = {k: v for k, v in server.decides().items() if k in _DECIDE}
        return {"kind": self.kind, **weights_identity(server), **decides}

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Raises InputError where the server does not start, or ends while it embeds."""
        from modellab.models.generators.openai.provider import Address
        from modellab.models.generators.served.provider import started
        from modellab.models.gpu import lease

        with ExitStack() as stack:
            if self.gpus:
                stack.enter_context(lease(self.gpus, job=f"embedding by {self.model}"))
            server, name = stack.enter_context(started(self.server(), ".embedder.log"))
            asked = OpenAIEmbedderOptions(
                kind="openai", model=self.model, timeout_seconds=self.timeout_seconds, max_retries=2
            )
            address = Address(name, f"{server.address}/v1", None)
            yield stack.enter_context(asked.encoder_at(address))

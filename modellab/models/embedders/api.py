"""Embedding models behind an API: by OpenAI's protocol, or by LiteLLM."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.core.errors import InputError
from modellab.core.secrets import scrub
from modellab.models.asking.options import EndpointOptions
from modellab.models.embedders.pretrained import Encode, PretrainedOptions
from modellab.models.generators.litellm.options import LitellmEndpoint

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors
    from modellab.models.generators.openai.provider import Address

#: one embedding of a reply: its position among the texts, its numbers
Row = tuple[int, Sequence[float]]


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
        from modellab.core.loopback import one_name
        from modellab.models.generators.openai.provider import server_identity

        name, url = self.openai_name(), self.server()
        where = {"base_url": one_name(url)} if url else {}
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
        """The model at an address, asked by OpenAI's own client."""
        from modellab.models.generators.openai.provider import make_client

        sizes = {"dimensions": self.dimensions} if self.dimensions else {}
        with make_client(address, self.timeout_seconds) as client:

            def send(texts: Sequence[str]) -> list[Row]:
                reply = client.embeddings.create(
                    model=address.name, input=list(texts), encoding_format="float", **sizes
                )
                return [(row.index, row.embedding) for row in reply.data]

            yield lambda texts: self.retried(lambda: send(texts), address.key)

    def retried(self, send: Callable[[], Sequence[Row]], key: str | None) -> Vectors:
        """The vectors in the order of the texts, after up to `max_retries` retries.

        Raises InputError for permanent failures.
        """
        import numpy as np

        from modellab.models.asking.failures import classify
        from modellab.models.asking.limits import Backoff

        # jitter is no secret
        backoff = Backoff(self.max_retries, self.max_retry_seconds, random.Random(0))  # noqa: S311
        start = time.monotonic()
        for tries in range(self.max_retries + 1):
            try:
                return np.asarray([numbers for _, numbers in sorted(send())], dtype=np.float32)
            except Exception as error:  # noqa: BLE001 - classified, and raised unless transient
                failure = classify(error)
                elapsed = time.monotonic() - start
                wait = backoff.delay(tries, elapsed, failure.retry_after) if failure.retry else None
                if wait is None:
                    text = scrub(failure.text, [key] if key else [])
                    raise InputError(
                        f"embedding model {self.model}: {failure.error_class} after {tries + 1} "
                        f"tries: {text}"
                    ) from None
                time.sleep(wait)
        raise AssertionError("the last try either returned or raised")


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
        fixed |= {"max_retries": 0, "encoding_format": "float"}
        if url:
            fixed["api_base"] = url
        if key or url:
            fixed["api_key"] = key or NO_KEY
        if self.dimensions:
            # LiteLLM would refuse it for servers that it does not know
            fixed |= {"dimensions": self.dimensions, "allowed_openai_params": ["dimensions"]}
        litellm = import_litellm()
        # for embeddings, LiteLLM takes max_retries of 0 for its default
        litellm.DEFAULT_MAX_RETRIES = 0

        def send(texts: Sequence[str]) -> list[Row]:
            reply = litellm.embedding(input=list(texts), **fixed)
            return [(row["index"], row["embedding"]) for row in reply.data]

        yield lambda texts: self.retried(lambda: send(texts), key)

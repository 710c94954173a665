"""An embedding model behind OpenAI's protocol."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, field_validator

from modellab.core.errors import InputError
from modellab.core.secrets import VariableName, scrub
from modellab.models.asking.options import ApiOptions, check_base_url
from modellab.models.embedders.pretrained import Encode, PretrainedOptions
from modellab.models.generators.openai.options import OpenAIOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors
    from modellab.models.generators.openai.provider import Address

#: one embedding of a reply: its place among the texts, its numbers
Row = tuple[int, Sequence[float]]


class ApiEmbedderOptions(PretrainedOptions):
    """What embedding models behind an API have in common: each text is sent once."""

    behind_server: ClassVar[bool] = True

    model: str = Field(min_length=1, description="The model's name.")
    api_key_env: VariableName | None = Field(
        default=None, description="The environment variable (or line of .env) with the key."
    )
    base_url: str | None = Field(
        default=None, description="Where the server is; default: the provider's."
    )
    base_url_env: VariableName | None = Field(
        default=None, description="The environment variable that holds the base URL."
    )
    dimensions: PositiveInt | None = Field(
        default=None, description="The length of the vectors, for models that let you choose."
    )
    timeout_seconds: PositiveFloat = Field(
        default=120, description="The longest wait for one batch."
    )
    max_retries: NonNegativeInt = Field(
        default=5, description="How often a batch is sent again after a passing error."
    )
    max_retry_seconds: PositiveFloat = Field(
        default=600, description="No batch is sent again later than this after its first time."
    )

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, url: str | None) -> str | None:
        if url is not None:
            check_base_url(url)
        return url

    def api(self) -> ApiOptions:
        """Where the model is, and by what key."""
        where = self.model_dump(include={"model", "api_key_env", "base_url", "base_url_env"})
        return OpenAIOptions(provider="openai", **where)

    def fingerprint(self) -> Mapping[str, Any]:
        """The model's id, its weights or server, and the length of its vectors.

        Raises InputError.
        """
        known = self.api().fingerprint()
        where = {key: known[key] for key in ("base_url", "weights") if key in known}
        kind = type(self).__name__
        return {"kind": kind, "model": self.model, "dimensions": self.dimensions, **where}

    def patiently(self, send: Callable[[], Sequence[Row]], key: str | None) -> Vectors:
        """The vectors in the order of the texts, after as many tries as are allowed.

        Raises InputError for what does not pass.
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
            # whatever it is: classified, and raised again where no other try helps
            except Exception as error:  # noqa: BLE001
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

    @contextmanager
    def openai_encoder(self, name: str) -> Iterator[Encode]:
        """The model as OpenAI's own client asks it. Raises InputError for a missing key."""
        from modellab.models.generators.openai.provider import openai_address, reported_at

        api = self.api()
        address = openai_address(api, name)
        reported_at(address, api.wait_seconds)
        with self.encoder_at(address) as encode:
            yield encode

    @contextmanager
    def encoder_at(self, address: Address) -> Iterator[Encode]:
        """The model at an address."""
        from modellab.models.generators.openai.provider import make_client

        sizes = {"dimensions": self.dimensions} if self.dimensions else {}
        with make_client(address, self.timeout_seconds) as client:

            def send(texts: Sequence[str]) -> list[Row]:
                reply = client.embeddings.create(
                    model=address.name, input=list(texts), encoding_format="float", **sizes
                )
                return [(row.index, row.embedding) for row in reply.data]

            yield lambda texts: self.patiently(lambda: send(texts), address.key)


class OpenAIEmbedderOptions(ApiEmbedderOptions):
    """Texts are sent to a server that speaks OpenAI's protocol."""

    kind: Literal["openai"] = Field(
        description="An embedding model behind OpenAI's protocol: OpenAI's own, vLLM, llama.cpp."
    )

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Raises InputError for a missing key and, while it embeds, for what does not pass."""
        with self.openai_encoder(self.model) as encode:
            yield encode

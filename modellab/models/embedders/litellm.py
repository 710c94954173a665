"""An embedding model behind an API that LiteLLM knows."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from modellab.core.errors import InputError
from modellab.core.secrets import scrub
from modellab.models.embedders.pretrained import Encode, PretrainedOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors
    from modellab.models.generators.litellm.options import LitellmOptions


class LitellmEmbedderOptions(PretrainedOptions):
    """Texts leave this machine; each is sent once, and its vector kept."""

    kind: Literal["litellm"] = Field(description="An embedding model behind an API.")
    model: str = Field(
        min_length=1,
        description="Provider and model as LiteLLM names them, such as mistral/mistral-embed; "
        "openai/NAME with a base URL for any OpenAI-compatible server.",
    )
    api_key_env: str | None = Field(
        default=None, description="The environment variable (or line of .env) with the key."
    )
    base_url: str | None = Field(
        default=None, description="Where the server is; default: the provider's."
    )
    base_url_env: str | None = Field(
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

    def fingerprint(self) -> Mapping[str, Any]:
        """The model's id, its server and the length of its vectors. Raises InputError."""
        return {
            "kind": self.kind,
            "model": self.model,
            "base_url": self._api().server(),
            "dimensions": self.dimensions,
        }

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Raises InputError for a missing key and, while it embeds, for what does not pass."""
        from modellab.models.generators.litellm.library import import_litellm, provider_of

        api = self._api()
        provider_of(self.model)
        key, url = api.key(), api.server()
        fixed: dict[str, Any] = {"model": self.model, "timeout": self.timeout_seconds}
        fixed |= {"max_retries": 0, "encoding_format": "float"}
        if url:
            fixed["api_base"] = url
        if key or url:
            fixed["api_key"] = key or "none"
        if self.dimensions:
            # LiteLLM would refuse it for servers that it does not know
            fixed |= {"dimensions": self.dimensions, "allowed_openai_params": ["dimensions"]}
        litellm = import_litellm()

        def encode(texts: Sequence[str]) -> Vectors:
            return self._patiently(lambda: litellm.embedding(input=list(texts), **fixed), key)

        yield encode

    def _patiently(self, send: Any, key: str | None) -> Vectors:
        """The vectors, after as many tries as are allowed."""
        from modellab.models.generators.litellm.backoff import Backoff
        from modellab.models.generators.litellm.failures import classify

        # jitter is no secret
        jitter = random.Random(0)  # noqa: S311
        backoff = Backoff(self.max_retries, self.max_retry_seconds, jitter)
        start = time.monotonic()
        for tries in range(self.max_retries + 1):
            try:
                return _vectors(send())
            # whatever it is: classified, and raised again where no other try helps
            except Exception as error:  # noqa: BLE001
                failure = classify(error, sent=True)
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

    def _api(self) -> LitellmOptions:
        from modellab.models.generators.litellm.options import LitellmOptions

        where = self.model_dump(include={"model", "api_key_env", "base_url", "base_url_env"})
        return LitellmOptions(provider="litellm", **where)


def _vectors(response: Any) -> Vectors:
    """The vectors in the order of the texts, which the reply's rows name."""
    import numpy as np

    rows = sorted(response.data, key=lambda row: row["index"])
    return np.asarray([row["embedding"] for row in rows], dtype=np.float32)

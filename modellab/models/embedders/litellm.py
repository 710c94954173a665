"""An embedding model behind an API that LiteLLM knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from pydantic import Field

from modellab.models.asking.options import ApiOptions
from modellab.models.embedders.openai import ApiEmbedderOptions, Row
from modellab.models.embedders.pretrained import Encode
from modellab.models.generators.litellm.options import LitellmOptions


class LitellmEmbedderOptions(ApiEmbedderOptions):
    """Texts leave this machine; each is sent once, and its vector kept."""

    kind: Literal["litellm"] = Field(description="An embedding model behind an API.")
    model: str = Field(
        min_length=1,
        description="Provider and model as LiteLLM names them, such as mistral/mistral-embed; "
        "openai/NAME is the same as `kind: openai` with the model NAME.",
    )

    def api(self) -> ApiOptions:
        where = self.model_dump(include={"model", "api_key_env", "base_url", "base_url_env"})
        return LitellmOptions(provider="litellm", **where)

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Raises InputError for a missing key and, while it embeds, for what does not pass."""
        from modellab.models.generators.litellm.provider import import_litellm, provider_of
        from modellab.models.generators.openai.provider import NO_KEY

        api = self.api()
        assert isinstance(api, LitellmOptions)
        name = api.openai_name()
        if name is not None:
            with self.openai_encoder(name) as encode:
                yield encode
            return
        provider_of(self.model)
        key, url = api.key(), api.server()
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
        # embeddings take a 0 for "as many as usual"
        litellm.DEFAULT_MAX_RETRIES = 0

        def send(texts: Sequence[str]) -> list[Row]:
            reply = litellm.embedding(input=list(texts), **fixed)
            return [(row["index"], row["embedding"]) for row in reply.data]

        yield lambda texts: self.patiently(lambda: send(texts), key)

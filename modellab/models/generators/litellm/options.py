"""Options of the `litellm` provider."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from modellab.models.asking.options import ApiOptions, EndpointOptions

_OPENAI = "openai"


class LitellmEndpoint(EndpointOptions):
    """A model behind an API that LiteLLM knows, by LiteLLM's id."""

    def provider_name(self) -> str:
        return self.model.split("/")[0] if "/" in self.model else _OPENAI

    def openai_name(self) -> str | None:
        """The model's name where it is asked by OpenAI's protocol; None for all other APIs."""
        own, _, name = self.model.rpartition(f"{_OPENAI}/")
        return name if not own and (name != self.model or "/" not in name) else None


class LitellmOptions(LitellmEndpoint, ApiOptions):
    """A model behind an API that LiteLLM knows: OpenRouter, Bedrock, Mistral and many others."""

    implementation: ClassVar[str] = "modellab.models.generators.litellm.provider"

    provider: Literal["litellm"]
    model: str = Field(
        min_length=1,
        description="provider and model as LiteLLM names them, such as `mistral/mistral-small`; "
        "`openai/NAME` is the same as `provider: openai` with the model NAME",
    )

    @model_validator(mode="after")
    def _check_batches(self) -> Self:
        if not self.batch or self.openai_name() is not None:
            return self
        if self.provider_name() != "anthropic":
            raise ValueError("batch: only for models of `openai/` and `anthropic/`")
        if self.constrained() or self.confidence:
            raise ValueError("batch: Anthropic's have no json_schema and no confidence")
        return self

    def price_name(self) -> str:
        name = self.openai_name()
        return self.model if name is None else f"{_OPENAI}/{name}"

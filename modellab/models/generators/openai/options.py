"""Options of the `openai` provider."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from modellab.models.asking.options import ApiOptions


class OpenAIOptions(ApiOptions):
    """A model that speaks OpenAI's protocol: OpenAI's own, vLLM, llama.cpp, LM Studio, gateways."""

    implementation: ClassVar[str] = "modellab.models.generators.openai.provider"

    provider: Literal["openai"]
    model: str = Field(min_length=1, description="the model's name, as the server lists it")

    def price_name(self) -> str:
        return f"openai/{self.model}"

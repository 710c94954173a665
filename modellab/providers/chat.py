"""What all providers of chat models share: the prompt, and how an answer is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PositiveInt

from modellab.providers.protocol import ModelOptions


class ChatOptions(ModelOptions):
    """A model that reads messages and writes text."""

    prompt: Path | None = Field(None, description="a prompt template of its own")
    max_new_tokens: PositiveInt = Field(256, description="the longest answer, in tokens")
    temperature: float = Field(0.0, ge=0, description="0: always the likeliest token")
    top_p: float = Field(1.0, gt=0, le=1, description="sample from this share of probability")
    stop: tuple[str, ...] = Field((), description="texts that end an answer")
    answer_format: Literal["text", "json_schema"] = Field(
        "text", description="json_schema: decoding is constrained to the task's JSON schema"
    )

    def samples(self) -> bool:
        return self.temperature > 0

    def constrained(self) -> bool:
        return self.answer_format == "json_schema"

    def decoding(self) -> Mapping[str, Any]:
        """The part of the identity that says how answers are decoded, as plain JSON."""
        keys = ["max_new_tokens", "stop", "answer_format"]
        if self.samples():
            keys += ["temperature", "top_p"]
        return self.model_dump(mode="json", include=set(keys))

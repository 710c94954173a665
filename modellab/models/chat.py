"""Options that all chat models share: prompt, decoding, weights."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PositiveInt

from modellab.core.records import Message
from modellab.core.text.thoughts import ThoughtMarks
from modellab.models.protocol import ModelOptions


class ChatOptions(ModelOptions):
    """A model that reads messages and writes text."""

    prompt: Path | None = Field(None, description="the prompt template; default: the task's")
    max_new_tokens: PositiveInt = Field(256, description="the longest answer, in tokens")
    temperature: float | None = Field(
        0.0, ge=0, description="0: greedy decoding; null: none is sent to the server"
    )
    top_p: float = Field(
        1.0,
        gt=0,
        le=1,
        description="nucleus sampling (top-p): the most likely tokens of this total probability",
    )
    stop: tuple[str, ...] = Field((), description="texts that end an answer")
    answer_format: Literal["text", "json_schema"] = Field(
        "text", description="json_schema: decoding is constrained to the task's JSON schema"
    )
    thought: ThoughtMarks | None = Field(
        None, description="marks around what the model thinks, in addition to the known ones"
    )

    def samples(self) -> bool:
        return self.temperature is None or self.temperature > 0

    def thought_marks(self) -> ThoughtMarks | None:
        return self.thought

    def constrained(self) -> bool:
        return self.answer_format == "json_schema"

    def decoding(self) -> Mapping[str, Any]:
        """The part of the fingerprint that says how answers are decoded, as plain JSON."""
        keys = ["max_new_tokens", "stop", "answer_format"]
        if self.samples():
            keys += ["temperature", "top_p"]
        return self.model_dump(mode="json", include=set(keys))


class WeightsOptions(ChatOptions):
    """A chat model whose weights are on this machine or on the hub."""

    model: str = Field(min_length=1, description="a folder with weights and tokenizer, or a hub id")
    revision: str | None = Field(None, description="branch, tag or commit on the hub")
    think: bool | None = Field(
        None,
        description="whether a thinking model thinks first (`enable_thinking` of its template); "
        "default: as the model does",
    )
    confidence: bool = Field(
        False,
        description="whether rows have the geometric mean of the probabilities of the answer's "
        "tokens, as the model itself sees them",
    )
    threads: PositiveInt = Field(
        2, le=4096, description="CPU cores that each of its jobs takes; on a CPU, more are faster"
    )

    def model_id(self) -> str:
        return self.model

    def is_gguf(self) -> bool:
        return False

    def is_local(self) -> bool:
        """A hub id is `name` or `owner/name`; all else, and what exists here, is a path."""
        looks_local = self.model.startswith((".", "/", "~")) or self.model.count("/") > 1
        return looks_local or self.is_gguf() or Path(self.model).exists()

    def path(self) -> Path:
        return Path(self.model).expanduser()

    def files(self) -> Mapping[str, Path]:
        return {"model": self.path()} if self.is_local() else {}

    def downloads(self) -> bool:
        return not self.is_local()


def merged_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with the system message merged into the next one."""
    if len(messages) < 2 or messages[0].role != "system":
        return tuple(messages)
    system, first, *others = messages
    return (replace(first, content=f"{system.content}\n\n{first.content}"), *others)

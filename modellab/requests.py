"""What a model is asked, and the key that names all that decides its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from modellab.digest import digest, file_digest
from modellab.prompts import Prompt
from modellab.providers.protocol import ModelOptions
from modellab.records import Message, Passage, Question, Request
from modellab.tasks.protocol import Task


@dataclass(frozen=True)
class RequestMaker:
    """Makes the requests of one model on one dataset."""

    options: ModelOptions
    identity: Mapping[str, Any]
    task: Task
    prompt: Prompt | None
    seed: int | None

    def make(
        self, question: Question, retriever: str, repeat: int, passages: Sequence[Passage]
    ) -> Request:
        """A request with its messages and its key."""
        request = Request("", question, retriever, repeat, tuple(passages), ())
        if self.prompt:
            variables = self.task.variables(question, passages)
            request = replace(request, messages=self.prompt.messages(variables))
        return replace(request, key=self._key(request))

    def _key(self, request: Request) -> str:
        """The digest of provider, model, decoding, input and repeat; seed and schema if used."""
        return digest(
            {
                "provider": type(self.options).__name__,
                "version": self.options.version,
                "identity": self.identity,
                "seed": self.seed if self.options.samples() else None,
                "schema": self.task.schema if self.options.constrained() else None,
                "repeat": request.repeat,
                "input": self._input(request),
            }
        )

    def _input(self, request: Request) -> Any:
        """What of a request the model reads."""
        if self.options.uses_prompt:
            return [_read(message) for message in request.messages]
        question: dict[str, Any] = {
            "text": request.question.text,
            "given": dict(request.question.given),
        }
        if not self.options.uses_contexts:
            return {**question, "id": request.question.id}
        read = [[p.document_id, p.title, p.text] for p in request.passages]
        return {**question, "passages": read}


def _read(message: Message) -> dict[str, Any]:
    """A message as plain data; of a picture its content counts, not where it lies."""
    pictures = [file_digest(Path(path)) for path in message.images]
    return {**asdict(message), "images": pictures}

"""What a model is asked, and the key that names all that decides its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest, file_digest
from modellab.core.records import Message, Passage, Question, Request
from modellab.models.prompts import Prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Task


@dataclass(frozen=True)
class RequestKeys:
    """Makes the keys of one model's requests, whoever asks."""

    options: ModelOptions
    fingerprint: Mapping[str, Any]
    schema: Mapping[str, Any]
    seed: int | None

    def key(self, **request: Any) -> str:
        """The digest of provider, model and decoding, of seed and schema if used, and `request`."""
        return digest(
            {
                "provider": type(self.options).__name__,
                "version": self.options.version,
                "fingerprint": self.fingerprint,
                "seed": self.seed if self.options.samples() else None,
                "schema": self.schema if self.options.constrained() else None,
                **request,
            }
        )


@dataclass(frozen=True)
class RequestMaker:
    """Makes the requests of a task's prompt."""

    keys: RequestKeys
    task: Task
    prompt: Prompt | None

    def make(
        self, question: Question, retriever: str, repeat: int, passages: Sequence[Passage]
    ) -> Request:
        """A request with its messages and its key."""
        request = Request("", question, retriever, repeat, tuple(passages), ())
        if self.prompt:
            variables = self.task.variables(question, passages)
            messages = self.prompt.messages(variables)
            request = replace(request, messages=_with_images(messages, question.images))
        return replace(request, key=self.keys.key(repeat=repeat, input=self._input(request)))

    def _input(self, request: Request) -> Any:
        """What of a request the model reads."""
        if self.keys.options.uses_prompt:
            return [_read(message) for message in request.messages]
        question: dict[str, Any] = {
            "text": request.question.text,
            "given": dict(request.question.given),
        }
        if request.question.images:
            question["images"] = _pictures(request.question.images)
        if not self.keys.options.uses_contexts:
            return {**question, "id": request.question.id}
        read = [[p.document_id, p.title, p.text] for p in request.passages]
        return {**question, "passages": read}


def _with_images(messages: tuple[Message, ...], images: tuple[str, ...]) -> tuple[Message, ...]:
    """The messages with the question's pictures in the last one, which is the user's."""
    *before, last = messages
    return (*before, replace(last, images=images))


def _read(message: Message) -> dict[str, Any]:
    """A message as plain data; of a picture its content counts, not where it lies."""
    return {**asdict(message), "images": _pictures(message.images)}


def _pictures(paths: Sequence[str]) -> list[str]:
    """The digests of pictures. Raises InputError for one that is not there."""
    missing = next((path for path in paths if not Path(path).is_file()), None)
    if missing:
        raise InputError(f"{missing}: no such picture; a question names it")
    return [file_digest(Path(path)) for path in paths]

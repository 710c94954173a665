"""Requests to a model: messages from a task's prompt, and journal keys."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest, file_digest
from modellab.core.records import Passage, Question, Request
from modellab.models.prompts import Prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Task


@dataclass(frozen=True)
class RequestKeys:
    """Makes the keys of one model's requests."""

    options: ModelOptions
    fingerprint: Mapping[str, Any]
    schema: Mapping[str, Any]
    seed: int | None

    def key(self, **request: Any) -> str:
        """Digest of provider, model, decoding, `request`, and of seed and schema where used."""
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
    """Makes requests by a task's prompt."""

    keys: RequestKeys
    task: Task
    prompt: Prompt | None

    def make(
        self, question: Question, retriever: str, repeat: int, passages: Sequence[Passage]
    ) -> Request:
        """A request with its messages and its key."""
        request = Request("", question, retriever, repeat, tuple(passages), ())
        if self.prompt:
            *before, user = self.prompt.messages(self.task.variables(question, passages))
            messages = (*before, replace(user, images=question.images))
            request = replace(request, messages=messages)
        return replace(request, key=self.keys.key(repeat=repeat, input=self._input(request)))

    def _input(self, request: Request) -> Any:
        """The parts of a request that the model reads."""
        if self.keys.options.uses_prompt:
            # images are identified by content, not by path
            return [{**asdict(m), "images": _image_digests(m.images)} for m in request.messages]
        question: dict[str, Any] = {
            "text": request.question.text,
            "inputs": dict(request.question.inputs),
        }
        if request.question.images:
            question["images"] = _image_digests(request.question.images)
        if not self.keys.options.uses_contexts:
            return {**question, "id": request.question.id}
        read = [[p.document_id, p.title, p.text] for p in request.passages]
        return {**question, "passages": read}


def _image_digests(paths: Sequence[str]) -> list[str]:
    """Raises InputError for a missing file."""
    missing = next((path for path in paths if not Path(path).is_file()), None)
    if missing:
        raise InputError(f"{missing}: no such picture; a question names it")
    return [file_digest(Path(path)) for path in paths]

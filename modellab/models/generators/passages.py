"""The `passages` provider: what a retriever found, as it is. It has no weights.

It stands for a retriever where retrievers alone are compared (the task `retrieval`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from modellab.core.io.jsonl import dump_json
from modellab.core.records import Request, Response
from modellab.models.protocol import Model, ModelOptions


class PassagesOptions(ModelOptions):
    """The ids of the retrieved passages and of their documents, in their order."""

    uses_prompt: ClassVar[bool] = False

    provider: Literal["passages"]

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        yield PassagesModel()


class PassagesModel:
    """No time is told: finding the passages took it, and that is measured there."""

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        for request in requests:
            found = {
                "documents": [passage.document_id for passage in request.passages],
                "chunks": [passage.chunk_id for passage in request.passages],
            }
            yield Response(key=request.key, text=dump_json(found), finish_reason="stop")

    def report(self) -> Mapping[str, Any]:
        return {}

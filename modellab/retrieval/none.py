"""No context: what a model knows by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.records import Chunk, Context, Question
from modellab.retrieval.protocol import Members, RetrieverOptions


class NoneOptions(RetrieverOptions):
    """Gives no passages at all (closed book)."""

    role: ClassVar[str] = "none"
    kind: Literal["none"] = Field(description="No passages (closed book).")

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        return [Context(question.id, slug, ()) for question in questions]

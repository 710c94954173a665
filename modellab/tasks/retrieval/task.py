"""Retrieval alone: for each question a ranking of passages, and no answer of a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.io.jsonl import dump_json
from modellab.core.records import Passage, Question, Status
from modellab.tasks.canonical import CanonicalAnswer
from modellab.tasks.protocol import Parsed, TaskOptions
from modellab.tasks.retrieval.ranking_metrics import DEEPEST

FIELDS = ("ranking",)
CANONICAL = CanonicalAnswer("ranking", FIELDS)

Level = Literal["document", "chunk"]


class RetrievalOptions(TaskOptions):
    """Questions in, rankings out: retrievers are compared, without models.

    An answer is a JSON list of the ids found, best first.
    """

    fields: ClassVar[tuple[str, ...]] = FIELDS
    asks_models: ClassVar[bool] = False
    true_field: ClassVar[str] = "ranking"
    canonical: ClassVar[str] = "modellab.tasks.retrieval.task:CANONICAL"
    scorers: ClassVar[tuple[str, ...]] = ("modellab.tasks.retrieval.scorer:RankingScorerOptions",)
    needs_truth: ClassVar[bool] = False

    kind: Literal["retrieval"] = Field(
        description="Rankings of passages: retrievers alone are compared."
    )
    level: Level = Field(
        "document",
        description="rank documents (each at the rank of its first chunk) or chunks",
    )

    @property
    def _key(self) -> str:
        return f"{self.level}s"

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        ids = {"type": "array", "items": {"type": "string"}}
        return {"type": "object", "properties": {self._key: ids}, "required": [self._key]}

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {"question": question.text, "passages": passages}

    def parse(self, text: str) -> Parsed:
        """The ids that metrics need, each once."""
        try:
            found = [str(name) for name in json.loads(text)[self._key]]
        except (ValueError, KeyError, TypeError):
            return Parsed(Status.UNPARSED, reason=f"no object with a list of {self._key}")
        return Parsed(Status.ANSWERED, {"ranking": dump_json(list(dict.fromkeys(found))[:DEEPEST])})


def ranked_ids(answer: Mapping[str, str]) -> list[str]:
    """The ids of an answer."""
    ids: list[str] = json.loads(answer["ranking"]) if answer.get("ranking") else []
    return ids

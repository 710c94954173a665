"""Options of the scorer of free texts."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from modellab.retrieval.embedders import EmbedderEntry
from modellab.retrieval.embedders.protocol import EmbedderOptions
from modellab.scorers.protocol import Material, Scorer, ScorerOptions
from modellab.scorers.texts.scorer import SIMILARITY, TextScorer
from modellab.scorers.texts.similarity import cosines
from modellab.tasks.protocol import TaskOptions

Mark = Literal[
    "exact_match",
    "token_f1",
    "rouge1",
    "rouge2",
    "rougeL",
    "bleu",
    "chrf",
    "semantic_similarity",
]


class TextScorerOptions(ScorerOptions):
    """Free-text answers beside a reference text."""

    task: ClassVar[str] = "open_qa"

    kind: Literal["texts"] = Field(description="Overlap and likeness with a reference text.")
    embedder: str | EmbedderEntry | None = Field(
        None,
        description="an entry of `embedders`, or such an entry itself, for `semantic_similarity`; "
        "null: it is left out",
    )
    overall: Mark = Field("token_f1", description="the mark that is the overall score")
    correct_from: float | None = Field(
        None,
        gt=0,
        le=1,
        description="an answer counts as right from this overall mark on; null: no answer is "
        "called right or wrong",
    )

    @model_validator(mode="after")
    def _likeness_needs_an_embedder(self) -> Self:
        if self.overall == SIMILARITY and self.embedder is None:
            raise ValueError(f"overall: {SIMILARITY} needs an `embedder`")
        return self

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        if isinstance(self.embedder, str):
            raise TypeError(f"embedder {self.embedder!r} is only a name: call with_embedder first")
        found = cosines(self.embedder, material) if self.embedder else None
        return TextScorer(self.overall, self.correct_from, found)

    def embedder_name(self) -> str | None:
        return self.embedder if isinstance(self.embedder, str) else None

    def with_embedder(self, embedder: EmbedderOptions) -> Self:
        return self.model_copy(update={"embedder": embedder})

    def without_embedder(self) -> Self:
        overall = "token_f1" if self.overall == SIMILARITY else self.overall
        return self.model_copy(update={"embedder": None, "overall": overall})

"""What every retriever is: options that can find passages for questions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from pydantic import Field, NonNegativeInt, PositiveInt

from modellab.core.options import Options
from modellab.core.records import Chunk, Context, Passage, Plan, Question
from modellab.core.text.languages import AUTO
from modellab.models.embedders.setup import Setup


class Hit(NamedTuple):
    """A chunk found: its row in the list of chunks, and the retriever's own score."""

    row: int
    score: float


class Searcher(Protocol):
    """An index that is loaded and can be asked."""

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Up to `k` hits per query, best first; equal scores in the order of the chunks."""
        ...


@dataclass(frozen=True)
class Members:
    """What a retriever may build on: others' loaded indexes and finished contexts, and plans."""

    searchers: Mapping[str, Searcher] = field(default_factory=dict)
    contexts: Mapping[str, Sequence[Context]] = field(default_factory=dict)
    #: by question: the queries that a model made of it, for the retriever that is asked now
    plans: Mapping[str, Plan] = field(default_factory=dict)
    #: where a retriever notes what it loads meanwhile
    setup: Setup = field(default_factory=Setup)


class RetrieverOptions(Options):
    """One entry of `retrievers:`. Each kind is a subclass in a file of its own."""

    indexed: ClassVar[bool] = False
    #: what a score with its passages stands for: `retrieved`, or the yardsticks `oracle`,
    #: `shuffled` and `none`
    role: ClassVar[str] = "retrieved"
    #: CPU cores that its jobs make use of, its embedder aside
    threads: ClassVar[int] = 1

    # left out of plain data: what it decides is in the scores, no passage depends on it
    control: bool | None = Field(
        None,
        exclude=True,
        description="true: systems with its passages are reference points, not ranked; false: "
        "contenders; null: reference points for oracle, shuffled and none where others compete",
    )

    def at_depth(self, depth: int) -> Self:
        """The same retriever, asked for `depth` chunks per question where it can be."""
        return self

    def searches(self) -> tuple[str, ...]:
        """Other retrievers whose indexes this one asks."""
        return ()

    def rearranges(self) -> tuple[str, ...]:
        """Other retrievers whose contexts this one starts from."""
        return ()

    def files(self) -> Mapping[str, Path]:
        """By config key: files that must exist, and whose change makes contexts stale."""
        return {}

    def planner(self) -> str | None:
        """The model that makes queries of the questions beforehand, by its name in `models`."""
        return None

    @abstractmethod
    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        """One context per question, in the order of the questions.

        `slug` is the retriever's name in the config; an indexed retriever finds its own index
        in `members.searchers[slug]`.
        """


class IndexedOptions(RetrieverOptions):
    """A retriever with an index of its own, built once per corpus."""

    indexed: ClassVar[bool] = True
    top_k: PositiveInt = Field(5, description="how many chunks a model is shown")
    extra_k: NonNegativeInt = Field(
        0, description="how many more are kept for models with `retry_on_abstain`"
    )

    def at_depth(self, depth: int) -> Self:
        return self.model_copy(update={"top_k": depth, "extra_k": 0})

    def index_options(self) -> dict[str, Any]:
        """The options that decide the index, as plain JSON."""
        return self.model_dump(mode="json", exclude={"top_k", "extra_k"})

    @abstractmethod
    def build(
        self,
        chunks: Sequence[Chunk],
        folder: Path,
        seed: int,
        journals: Path | None = None,
        language: str = AUTO,
    ) -> None:
        """Write the index of the chunks into `folder` (it exists and is empty).

        `journals` is a folder that outlives it, for what should not be made twice. `language` is
        the code of the corpus's language as it is told, `auto` where it is not.
        """

    @abstractmethod
    def load(self, folder: Path, journals: Path | None = None) -> Searcher:
        """Open the index that `build` wrote."""

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        wanted = self.top_k + self.extra_k
        hits = members.searchers[slug].search([q.text for q in questions], wanted)
        return [
            Context(question.id, slug, passages(chunks, found), shown=self.top_k)
            for question, found in zip(questions, hits, strict=True)
        ]


def passages(chunks: Sequence[Chunk], hits: Sequence[Hit]) -> tuple[Passage, ...]:
    """The chunks of the hits as ranked passages."""
    return tuple(
        Passage(
            chunk_id=chunks[hit.row].id,
            document_id=chunks[hit.row].document_id,
            rank=rank,
            score=hit.score,
            text=chunks[hit.row].text,
            title=chunks[hit.row].title,
            year=chunks[hit.row].year,
            place=chunks[hit.row].place,
        )
        for rank, hit in enumerate(hits, start=1)
    )

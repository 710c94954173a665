"""What every retriever is: options that can find passages for questions."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from pydantic import Field, NonNegativeInt, PositiveInt

from modellab.core.errors import InputError
from modellab.core.options import Options
from modellab.core.records import Chunk, Context, Passage, Plan, Question
from modellab.core.text.languages import AUTO
from modellab.models.embedders.protocol import Setup


class Hit(NamedTuple):
    """A chunk found: its row in the list of chunks, and the retriever's own score."""

    row: int
    score: float


class Searcher(Protocol):
    """A loaded index."""

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Up to `k` hits per query, best first; equal scores in the order of the chunks."""
        ...


@dataclass(frozen=True)
class RetrievalInput:
    """What a retriever works on: questions, chunks, and what earlier stages made of them.

    Attributes:
        slug: The retriever's name in the config.
        searchers: Loaded indexes by retriever, its own among them if it has one.
        contexts: Finished contexts of other retrievers.
        plans: By question, the queries that a model wrote for this retriever.
        setup: Where the retriever records the time it spends on loading models.
    """

    slug: str
    questions: Sequence[Question]
    chunks: Sequence[Chunk]
    seed: int = 0
    searchers: Mapping[str, Searcher] = field(default_factory=dict)
    contexts: Mapping[str, Sequence[Context]] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    setup: Setup = field(default_factory=Setup)

    def contexts_of(self, retriever: str) -> list[Context]:
        """Another retriever's contexts, one per question. Raises InputError if one is missing."""
        known = {context.question_id: context for context in self.contexts[retriever]}
        missing = [question.id for question in self.questions if question.id not in known]
        if missing:
            raise InputError(
                f"contexts of retriever {retriever!r} lack question {missing[0]!r}; make them again"
            )
        return [known[question.id] for question in self.questions]


class RetrieverOptions(Options):
    """One entry of `retrievers:`. Each kind is a subclass."""

    indexed: ClassVar[bool] = False
    #: what a score with its passages stands for: `retrieved`, or the reference points `oracle`,
    #: `shuffled` and `none`
    role: ClassVar[str] = "retrieved"
    #: CPU cores that its jobs use, without its embedder
    threads: ClassVar[int] = 1

    # not part of plain data: it affects scores, but no passage
    control: bool | None = Field(
        None,
        exclude=True,
        description="true: systems with its passages are reference points, not ranked; false: "
        "contenders; null: reference points for oracle, shuffled and none where others compete",
    )

    def at_depth(self, depth: int) -> Self:
        """The same retriever, asked for `depth` chunks per question if it can be."""
        return self

    def searches(self) -> tuple[str, ...]:
        """Other retrievers whose indexes this one searches."""
        return ()

    def starts_from(self) -> tuple[str, ...]:
        """Other retrievers whose contexts this one starts from."""
        return ()

    def files(self) -> Mapping[str, Path]:
        """By config key: files that must exist, and whose change makes contexts stale."""
        return {}

    def planner(self) -> str | None:
        """The model that writes queries for the questions first, by its name in `models`."""
        return None

    @abstractmethod
    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        """One context per question, in the order of the questions.

        Raises InputError if the inputs lack a question, or a model cannot be loaded.
        """


class RankingRetrieverOptions(RetrieverOptions):
    """A retriever that ranks as many chunks as it is asked for."""

    top_k: PositiveInt = Field(5, description="the number of passages a model is shown")
    extra_k: NonNegativeInt = Field(
        0, description="further passages kept for models with `retry_on_abstain`"
    )

    @property
    def kept(self) -> int:
        """The number of passages in a context."""
        return self.top_k + self.extra_k

    def at_depth(self, depth: int) -> Self:
        return self.model_copy(update={"top_k": depth, "extra_k": 0})

    def contexts_from(
        self, inputs: RetrievalInput, rankings: Iterable[Sequence[Hit]]
    ) -> list[Context]:
        """The best hits of each question's ranking as its context, without excluded documents."""
        contexts = []
        for question, ranking in zip(inputs.questions, rankings, strict=True):
            hits = [hit for hit in ranking if not _is_excluded(question, inputs.chunks[hit.row])]
            found = passages(inputs.chunks, hits[: self.kept])
            contexts.append(Context(question.id, inputs.slug, found, self.top_k))
        return contexts


#: of a chunk in memory, without its text, and of its line in a file
CHUNK_BYTES, LINE_BYTES = 500, 130


class IndexedOptions(RankingRetrieverOptions):
    """A retriever with an index of its own, built once per corpus."""

    indexed: ClassVar[bool] = True

    def build_bytes(self, chunks: int, file_bytes: int) -> int:
        """Estimated memory for building the index, without libraries and an embedder's model.

        The chunks of the file, and what a kind of index adds to them.
        """
        return file_bytes + CHUNK_BYTES * chunks

    def index_options(self) -> dict[str, Any]:
        """The options that determine the index, as plain JSON."""
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

        `journals` is a folder that outlives it, for results that need not be computed twice.
        `language` is the code of the corpus's language, or `auto`.
        """

    @abstractmethod
    def load(self, folder: Path, journals: Path | None = None) -> Searcher:
        """Open the index that `build` wrote."""

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        queries = [question.text for question in inputs.questions]
        excluded = max((len(q.relevance.excluded) for q in inputs.questions), default=0)
        found = inputs.searchers[inputs.slug].search(queries, self.kept + excluded)
        return self.contexts_from(inputs, found)


def _is_excluded(question: Question, chunk: Chunk) -> bool:
    return not {chunk.id, chunk.document_id}.isdisjoint(question.relevance.excluded)


def passages(chunks: Sequence[Chunk], hits: Sequence[Hit]) -> tuple[Passage, ...]:
    """The chunks of the hits as ranked passages."""
    found = ((rank, chunks[hit.row], hit.score) for rank, hit in enumerate(hits, start=1))
    return tuple(
        Passage(
            chunk_id=chunk.id,
            document_id=chunk.document_id,
            rank=rank,
            score=score,
            text=chunk.text,
            title=chunk.title,
            year=chunk.year,
            place=chunk.place,
        )
        for rank, chunk, score in found
    )

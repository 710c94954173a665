"""The stages before any model: from chunks to indexes, contexts, rankings, and what they took."""

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from modellab.core.efficiency import known_sum, together
from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_folder
from modellab.core.io.jsonl import read_json, read_rows, write_json, write_rows
from modellab.core.machine import made_on
from modellab.core.records import Chunk, Context, Plan, PlanStatus, Question, ResourceUsage
from modellab.core.text.languages import AUTO
from modellab.models.embedders.protocol import SetsUp
from modellab.retrieval.protocol import IndexedOptions, RetrievalInput, RetrieverOptions, Searcher

logger = logging.getLogger(__name__)

#: deep enough that the best ten documents are nearly always among these chunks
RANKING_DEPTH = 100
_LIBRARY_BYTES = 90 * 2**20


def index_megabytes(options: IndexedOptions, chunks: int, file_bytes: int) -> int:
    """Estimated memory of the job that builds an index, without an embedder's model.

    The libraries' and `IndexedOptions.build_bytes`.
    """
    return math.ceil((_LIBRARY_BYTES + options.build_bytes(chunks, file_bytes)) / 2**20)


def count_chunks(path: Path) -> tuple[int, int]:
    """The number of chunks in a file, estimated from the first, and its bytes."""
    size = path.stat().st_size
    with path.open("rb") as file:
        lengths = [len(line) for line in islice(file, 1000)]
    return (round(size * len(lengths) / sum(lengths)) if lengths else 0), size


def build_index(
    options: IndexedOptions,
    chunks: Path,
    folder: Path,
    seed: int,
    journals: Path | None = None,
    language: str = AUTO,
) -> None:
    """Build a retriever's index of the chunks; `folder` appears complete or not at all.

    Vectors of trained models are kept in the folder `journals`: only new chunks are embedded.
    `language` is the code of the corpus's language, or `auto`.
    """
    megabytes = index_megabytes(options, *count_chunks(chunks))
    logger.info("%s: about %d MB of memory expected", folder, megabytes)
    texts = _read_chunks(chunks)
    with atomic_folder(folder) as part:
        options.build(texts, part, seed, journals, language)
    logger.info("%s: index of %d chunks", folder, len(texts))


@dataclass(frozen=True)
class Search:
    """One retriever's search for all questions; the paths are files of earlier stages.

    `members` and their `indexes` must hold the retriever itself if it has an index, and every
    retriever that it searches; `contexts` those of every retriever that it starts from, `plans`
    those of a retriever with a planner. Vectors of trained models are kept in `journals`.
    """

    retriever: str
    options: RetrieverOptions
    questions: Path
    chunks: Path
    seed: int
    members: Mapping[str, RetrieverOptions] = field(default_factory=dict)
    indexes: Mapping[str, Path] = field(default_factory=dict)
    contexts: Mapping[str, Path] = field(default_factory=dict)
    plans: Path | None = None
    journals: Path | None = None

    def inputs(self) -> RetrievalInput:
        """The files, read, and the indexes, loaded."""
        own = (self.retriever,) if self.options.indexed else ()
        names = self.options.starts_from()
        plans = read_rows(self.plans, Plan) if self.plans is not None else []
        return RetrievalInput(
            self.retriever,
            read_rows(self.questions, Question),
            _read_chunks(self.chunks),
            self.seed,
            searchers={name: self._load(name) for name in (*own, *self.options.searches())},
            contexts={name: read_rows(self.contexts[name], Context) for name in names},
            plans={plan.question_id: plan for plan in plans},
        )

    def _load(self, name: str) -> Searcher:
        options, folder = self.members[name], self.indexes[name]
        if not folder.is_dir():
            raise InputError(f"{folder}: no index of retriever {name!r}; build it first")
        assert isinstance(options, IndexedOptions)
        return options.load(folder, self.journals)


def find_contexts(search: Search, out: Path, record: Path, rankings: Path | None = None) -> None:
    """Write one context per question to `out`, in the order of the questions.

    Time and machine go to `record`, a separate file: measured times must not make the answers to
    the same contexts stale. Questions are searched together and share the time equally. Making the
    vector of a question counts here even if another search made it. A second and deeper search,
    which is not timed, makes `rankings`, if given.
    """
    start = time.perf_counter()
    inputs = search.inputs()
    load_seconds = time.perf_counter() - start
    contexts = search.options.retrieve(inputs)
    seconds = time.perf_counter() - start - load_seconds
    write_rows(out, contexts)

    with_setup = [one.setup for one in inputs.searchers.values() if isinstance(one, SetsUp)]
    setups = [inputs.setup, *with_setup]
    model_seconds = math.fsum(setup.seconds for setup in setups)
    kept = [setup.kept_seconds for setup in setups if setup.kept_seconds is not None]
    known = len(kept) == len(setups)
    search_seconds = seconds - model_seconds + math.fsum(kept) if known else None
    questions = len(inputs.questions)
    write_json(
        record,
        {
            "retriever": search.retriever,
            "questions": questions,
            "load_seconds": load_seconds + model_seconds,
            "search_seconds": search_seconds,
            "seconds_per_question": search_seconds / questions
            if search_seconds and questions
            else None,
            "starts_from": list(search.options.starts_from()),
            "planner": search.options.planner(),
            **made_on(),
        },
    )
    empty = sum(not context.passages for context in contexts)
    logger.info("%s: %d contexts, %d of them empty", search.retriever, len(contexts), empty)
    if rankings is not None:
        write_rows(rankings, _deeper(search.options, inputs))


@dataclass(frozen=True)
class Ranking:
    """The chunks that a retriever finds for a question, best first, and the document of each.

    `complete`: the list was not cut off, so deeper ranks are empty.
    """

    question_id: str
    retriever: str
    chunks: tuple[str, ...]
    documents: tuple[str, ...]
    complete: bool


def _deeper(options: RetrieverOptions, inputs: RetrievalInput) -> list[Ranking]:
    """The search for contexts, repeated and deeper."""
    deeper = options.at_depth(RANKING_DEPTH)
    rankings = rankings_of(deeper.retrieve(inputs), getattr(deeper, "top_k", None))
    cut = sum(not ranking.complete for ranking in rankings)
    logger.info("%s: %d rankings, %d of them cut off", inputs.slug, len(rankings), cut)
    return rankings


def rankings_of(contexts: Sequence[Context], depth: int | None) -> list[Ranking]:
    """The contexts without their texts; `depth` is the most passages of a context (None: any)."""
    return [
        Ranking(
            question_id=context.question_id,
            retriever=context.retriever,
            chunks=tuple(passage.chunk_id for passage in context.passages),
            documents=tuple(passage.document_id for passage in context.passages),
            complete=depth is None or len(context.passages) < depth,
        )
        for context in contexts
    ]


def _read_chunks(path: Path) -> list[Chunk]:
    chunks = read_rows(path, Chunk)
    if not chunks:
        raise InputError(f"{path}: holds no chunks; expected one JSON object a line")
    return chunks


def read_retrieval(records: Sequence[Path], plans: Sequence[Path]) -> dict[str, ResourceUsage]:
    """By retriever the resource usage of all its steps.

    That of a retriever includes the one that it starts from, and the model that plans for it.
    `records` are those of `find_contexts`, of every retriever and those that it starts from;
    `plans` the plans of those with a planner. Files are named like the retriever.
    """
    found = {path.stem: read_json(path) for path in records}
    planned = {path.stem: _planning(read_rows(path, Plan)) for path in plans}
    return {name: together(list(_steps(name, found, planned))) for name in found}


def _steps(
    name: str, records: Mapping[str, Mapping[str, Any]], planned: Mapping[str, ResourceUsage]
) -> Iterator[ResourceUsage]:
    record = records[name]
    # a search asks no language model: it has no tokens or cost
    yield ResourceUsage(record["search_seconds"], 0, 0, 0.0)
    if record["planner"]:
        yield planned[name]
    for other in record["starts_from"]:
        yield from _steps(other, records, planned)


def _planning(plans: Sequence[Plan]) -> ResourceUsage:
    """Seconds and tokens as far as reported; the cost only if that of every plan is known."""
    unpriced = any(p.cost_usd is None for p in plans if p.status != PlanStatus.FAILED)
    return ResourceUsage(
        seconds=known_sum(plan.seconds_per_answer for plan in plans),
        input_tokens=known_sum(plan.prompt_tokens for plan in plans),
        output_tokens=known_sum(plan.completion_tokens for plan in plans),
        cost_usd=None if unpriced else known_sum(plan.cost_usd for plan in plans),
    )

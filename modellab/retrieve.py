"""The stages before any model: from chunks to indexes and contexts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from modellab.errors import InputError
from modellab.records import Chunk, Context, Plan, Question
from modellab.retrieval.protocol import IndexedOptions, Members, RetrieverOptions, Searcher
from modellab.storage.atomic import atomic_folder
from modellab.storage.jsonl import read_rows, write_rows
from modellab.text.languages import AUTO

logger = logging.getLogger(__name__)

Indexes = Mapping[str, tuple[IndexedOptions, Path]]


def build_index(
    options: IndexedOptions,
    chunks_path: Path,
    folder: Path,
    seed: int,
    journals: Path | None = None,
    language: str = AUTO,
) -> None:
    """Build a retriever's index of the chunks; `folder` appears complete or not at all.

    Vectors of finished models are kept in the folder `journals`: new chunks embed only themselves.
    `language` is the code of the corpus's language, or `auto`.
    """
    chunks = _read_chunks(chunks_path)
    with atomic_folder(folder) as part:
        options.build(chunks, part, seed, journals, language)
    logger.info("%s: index of %d chunks", folder, len(chunks))


@dataclass(frozen=True)
class Search:
    """One retriever's search for all questions; the paths are files of the stages before.

    `indexes` must hold the retriever itself if it has an index, and every retriever that it
    searches; `contexts` those of every retriever that it rearranges, `plans` those of a retriever
    with a planner. Vectors of finished models are kept in the folder `journals`.
    """

    retriever: str
    options: RetrieverOptions
    questions: Path
    chunks: Path
    seed: int
    indexes: Indexes = field(default_factory=dict)
    contexts: Mapping[str, Path] = field(default_factory=dict)
    plans: Path | None = None
    journals: Path | None = None


def find_contexts(search: Search, out: Path) -> None:
    """Write one context per question to `out`, in the order of the questions."""
    contexts = retrieve(search)
    write_rows(out, contexts)
    empty = sum(not context.passages for context in contexts)
    logger.info("%s: %d contexts, %d of them empty", search.retriever, len(contexts), empty)


def retrieve(search: Search) -> list[Context]:
    """One context per question, in the order of the questions."""
    questions = read_rows(search.questions, Question)
    chunks = _read_chunks(search.chunks)
    members = _members(search)
    return search.options.retrieve(search.retriever, questions, chunks, members, search.seed)


def _members(search: Search) -> Members:
    options = search.options
    own = (search.retriever,) if options.indexed else ()
    asked = (*own, *options.searches())
    members = Members(
        searchers={name: _load(name, search.indexes, search.journals) for name in asked},
        contexts={name: read_rows(search.contexts[name], Context) for name in options.rearranges()},
    )
    if search.plans is None:
        return members
    plans = {plan.question_id: plan for plan in read_rows(search.plans, Plan)}
    return replace(members, plans=plans)


def _load(name: str, indexes: Indexes, journals: Path | None) -> Searcher:
    options, folder = indexes[name]
    if not folder.is_dir():
        raise InputError(f"{folder}: no index of retriever {name!r}; build it first")
    return options.load(folder, journals)


def _read_chunks(path: Path) -> list[Chunk]:
    chunks = read_rows(path, Chunk)
    if not chunks:
        raise InputError(f"{path}: holds no chunks; expected one JSON object a line")
    return chunks

"""The stages before any model: from chunks to indexes and contexts."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_folder
from modellab.core.io.jsonl import read_rows, write_json, write_rows
from modellab.core.records import Chunk, Context, Plan, Question
from modellab.core.run_history import made_on
from modellab.core.text.languages import AUTO
from modellab.models.embedders.setup import SetsUp
from modellab.retrieval.protocol import IndexedOptions, Members, RetrieverOptions, Searcher

logger = logging.getLogger(__name__)


def build_index(
    options: IndexedOptions,
    chunks: Path,
    folder: Path,
    seed: int,
    journals: Path | None = None,
    language: str = AUTO,
) -> None:
    """Build a retriever's index of the chunks; `folder` appears complete or not at all.

    Vectors of finished models are kept in the folder `journals`: new chunks embed only themselves.
    `language` is the code of the corpus's language, or `auto`.
    """
    texts = _read_chunks(chunks)
    with atomic_folder(folder) as part:
        options.build(texts, part, seed, journals, language)
    logger.info("%s: index of %d chunks", folder, len(texts))


@dataclass(frozen=True)
class Search:
    """One retriever's search for all questions; the paths are files of the stages before.

    `members` and their `indexes` must hold the retriever itself if it has an index, and every
    retriever that it searches; `contexts` those of every retriever that it rearranges, `plans`
    those of a retriever with a planner. Vectors of finished models are kept in `journals`.
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


def find_contexts(search: Search, out: Path, record: Path) -> None:
    """Write one context per question to `out`, in the order of the questions.

    What the search took goes to `record`, apart: no time may make the answers to the same
    contexts stale.
    """
    loading = time.perf_counter()
    questions, chunks, members = _loaded(search)
    start = time.perf_counter()
    contexts = _found(search, questions, chunks, members)
    seconds = time.perf_counter() - start
    write_rows(out, contexts)
    write_json(record, _record(search, members, start - loading, seconds, len(questions)))
    empty = sum(not context.passages for context in contexts)
    logger.info("%s: %d contexts, %d of them empty", search.retriever, len(contexts), empty)


def retrieve(search: Search) -> list[Context]:
    """One context per question, in the order of the questions."""
    return _found(search, *_loaded(search))


def _loaded(search: Search) -> tuple[list[Question], list[Chunk], Members]:
    questions = read_rows(search.questions, Question)
    return questions, _read_chunks(search.chunks), _members(search)


def _found(
    search: Search, questions: Sequence[Question], chunks: Sequence[Chunk], members: Members
) -> list[Context]:
    return search.options.retrieve(search.retriever, questions, chunks, members, search.seed)


def _record(
    search: Search, members: Members, loading: float, seconds: float, questions: int
) -> dict[str, Any]:
    """What the search took. Questions are searched for together and share the time equally.

    A vector of a question that another search made counts as if this one had made it.
    """
    options = search.options
    able = [one.setup for one in members.searchers.values() if isinstance(one, SetsUp)]
    setups = [members.setup, *able]
    models = math.fsum(setup.seconds for setup in setups)
    kept = [setup.kept_seconds for setup in setups]
    known = [value for value in kept if value is not None]
    searched = seconds - models + math.fsum(known) if len(known) == len(kept) else None
    return {
        "retriever": search.retriever,
        "questions": questions,
        "load_seconds": loading + models,
        "search_seconds": searched,
        "seconds_per_question": searched / questions if searched and questions else None,
        "starts_from": list(options.rearranges()),
        "planner": options.planner(),
        **made_on(),
    }


def _members(search: Search) -> Members:
    options = search.options
    own = (search.retriever,) if options.indexed else ()
    asked = (*own, *options.searches())
    members = Members(
        searchers={name: _load(name, search) for name in asked},
        contexts={name: read_rows(search.contexts[name], Context) for name in options.rearranges()},
    )
    if search.plans is None:
        return members
    plans = {plan.question_id: plan for plan in read_rows(search.plans, Plan)}
    return replace(members, plans=plans)


def _load(name: str, search: Search) -> Searcher:
    options, folder = search.members[name], search.indexes[name]
    if not folder.is_dir():
        raise InputError(f"{folder}: no index of retriever {name!r}; build it first")
    assert isinstance(options, IndexedOptions)
    return options.load(folder, search.journals)


def _read_chunks(path: Path) -> list[Chunk]:
    chunks = read_rows(path, Chunk)
    if not chunks:
        raise InputError(f"{path}: holds no chunks; expected one JSON object a line")
    return chunks

"""The stages before any model: from chunks to indexes and contexts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from modellab.errors import InputError
from modellab.records import Chunk, Context, Plan, Question
from modellab.retrieval.protocol import IndexedOptions, Members, RetrieverOptions, Searcher
from modellab.storage.atomic import atomic_folder
from modellab.storage.jsonl import read_rows, write_rows

logger = logging.getLogger(__name__)

Indexes = Mapping[str, tuple[IndexedOptions, Path]]


def build_index(
    options: IndexedOptions,
    chunks_path: Path,
    folder: Path,
    seed: int,
    journals: Path | None = None,
) -> None:
    """Build a retriever's index of the chunks; `folder` appears complete or not at all.

    Vectors of finished models are kept in the folder `journals`: new chunks embed only themselves.
    """
    chunks = _read_chunks(chunks_path)
    with atomic_folder(folder) as part:
        options.build(chunks, part, seed, journals)
    logger.info("%s: index of %d chunks", folder, len(chunks))


def find_contexts(
    slug: str,
    options: RetrieverOptions,
    questions_path: Path,
    chunks_path: Path,
    indexes: Indexes,
    context_paths: Mapping[str, Path],
    seed: int,
    out: Path,
    journals: Path | None = None,
    plans: Path | None = None,
) -> None:
    """Write one context per question to `out`, in the order of the questions."""
    contexts = retrieve(
        slug, options, questions_path, chunks_path, indexes, context_paths, seed, journals, plans
    )
    write_rows(out, contexts)
    empty = sum(not context.passages for context in contexts)
    logger.info("%s: %d contexts, %d of them empty", slug, len(contexts), empty)


def retrieve(
    slug: str,
    options: RetrieverOptions,
    questions_path: Path,
    chunks_path: Path,
    indexes: Indexes,
    context_paths: Mapping[str, Path],
    seed: int,
    journals: Path | None = None,
    plans: Path | None = None,
) -> list[Context]:
    """One context per question, in the order of the questions.

    `indexes` must hold the retriever itself if it has an index, and every retriever that it
    searches; `context_paths` the contexts of every retriever that it rearranges, `plans` those of
    a retriever with a planner.
    """
    questions = read_rows(questions_path, Question)
    chunks = _read_chunks(chunks_path)
    members = _members(slug, options, indexes, context_paths, journals)
    if plans:
        members = replace(members, plans={p.question_id: p for p in read_rows(plans, Plan)})
    return options.retrieve(slug, questions, chunks, members, seed)


def _members(
    slug: str,
    options: RetrieverOptions,
    indexes: Indexes,
    context_paths: Mapping[str, Path],
    journals: Path | None,
) -> Members:
    own = (slug,) if options.indexed else ()
    return Members(
        searchers={name: _load(name, indexes, journals) for name in (*own, *options.searches())},
        contexts={name: read_rows(context_paths[name], Context) for name in options.rearranges()},
    )


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

"""The questions of one run: read, cut to the limit, and checked against the corpus."""

from __future__ import annotations

import logging
from pathlib import Path

from modellab.questions import QUESTION_FORMATS
from modellab.records import Chunk, Question
from modellab.retrieve import unknown_references
from modellab.storage.jsonl import read_rows, write_rows

log = logging.getLogger(__name__)

#: how many ids a warning names
SHOWN = 20


def select_questions(
    written_as: str, path: Path, chunks: Path, limit: int | None, out: Path
) -> None:
    """Write the first `limit` questions (None: all) of a file to `out`.

    References to documents that the corpus does not have are a warning, because the question
    may still be asked: its oracle context is then incomplete.
    """
    questions = QUESTION_FORMATS[written_as](path)[:limit]
    _warn_of_unknown(path, questions, read_rows(chunks, Chunk))
    write_rows(out, questions)
    log.info("%d questions from %s", len(questions), path)


def _warn_of_unknown(path: Path, questions: list[Question], chunks: list[Chunk]) -> None:
    unknown = unknown_references(questions, chunks)
    if unknown:
        named = [f"{question}: {', '.join(ids)}" for question, ids in unknown.items()]
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        log.warning(
            "%s: %d questions refer to documents that are not in the corpus (%s%s)",
            path,
            len(unknown),
            "; ".join(named[:SHOWN]),
            more,
        )

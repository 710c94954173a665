"""The questions of one run: read, cut to the limit, and checked against the corpus."""

from __future__ import annotations

import logging
from pathlib import Path

from modellab.questions import QUESTION_FORMATS
from modellab.records import Chunk, Question
from modellab.retrieve import unknown_references
from modellab.storage.jsonl import read_rows, write_rows
from modellab.wattbot_blank import BLANK

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
    _warn_of_forgotten(path, questions)
    write_rows(out, questions)
    log.info("%d questions from %s", len(questions), path)


def _warn_of_forgotten(path: Path, questions: list[Question]) -> None:
    """An empty cell counts as unanswerable, which every value then gets right."""
    ids = [q.id for q in questions if not q.truth.get("answer_value", BLANK).strip()]
    if ids:
        log.warning(
            "%s: %d questions have an empty answer_value and count as unanswerable; write "
            "is_blank if that is meant (%s)",
            path,
            len(ids),
            ", ".join(ids[:SHOWN]),
        )


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

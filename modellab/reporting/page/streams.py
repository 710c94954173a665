"""Files of rows by question, gone through question by question without holding them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json_rows

JsonRow = Mapping[str, Any]


class ByQuestion:
    """Rows in the order of the questions; `take` must be called in that order."""

    def __init__(self, path: Path, rows: Iterable[JsonRow]) -> None:
        self._path = path
        groups = groupby(rows, _question_id)
        self._groups = ((name, list(group)) for name, group in groups)
        self._next = next(self._groups, None)

    def take(self, question_id: str) -> list[JsonRow]:
        """The rows of this question; none where the file has none."""
        if self._next is None or self._next[0] != question_id:
            return []
        rows = self._next[1]
        self._next = next(self._groups, None)
        return rows

    def require_end(self) -> None:
        """Raises InputError where rows are left: they are of no question, or out of order."""
        if self._next is not None:
            raise InputError(
                f"{self._path}: question {self._next[0]!r} is not one of questions.jsonl, or its "
                "rows are not in that order; make the file again"
            )


def by_question(path: Path) -> ByQuestion:
    """The rows of a JSON Lines file."""
    return ByQuestion(path, read_json_rows(path))


def collected(paths: Mapping[str, Path]) -> Callable[[str], Iterator[tuple[str, JsonRow]]]:
    """All rows of some files in any order, by question, each with the name of its file."""
    found: dict[str, list[tuple[str, JsonRow]]] = {}
    for name, path in paths.items():
        for row in read_json_rows(path):
            found.setdefault(_question_id(row), []).append((name, row))
    return lambda question_id: iter(found.get(question_id, ()))


def _question_id(row: JsonRow) -> str:
    return str(row["question_id"])

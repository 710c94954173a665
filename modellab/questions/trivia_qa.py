"""TriviaQA, as published and as a table on the hub.

Source of the format: Joshi et al. 2017, TriviaQA; the files are `Data`, a list of rows whose
`Answer` has a value and its aliases; the hub's table has the same names in lower case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat


class TriviaQaFormat(RowFormat):
    """Question, QuestionId, Answer (Value, Aliases), EntityPages; any case."""

    kind: Literal["trivia_qa"] = Field(description="TriviaQA.")

    @classmethod
    def fits(cls, row: Row) -> bool:
        plain = _plain(row)
        answer = plain.get("answer")
        return isinstance(answer, Mapping) and "aliases" in _plain(answer) and "question" in plain

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """The value first, then its aliases; the Wikipedia pages are the references."""
        plain = _plain(row)
        answer = _plain(plain["answer"])
        pages = plain.get("entitypages") or []
        rows = pages if isinstance(pages, list) else []
        titles = [_plain(page)["title"] for page in rows] or _plain(pages or {}).get("title", [])
        yield (
            place,
            {
                "id": plain.get("questionid"),
                "question": plain["question"],
                "answer": [answer["value"], *answer["aliases"]],
                "references": titles,
            },
        )


def _plain(row: Mapping[str, Any] | Any) -> dict[str, Any]:
    """A row with its names in lower case and without underscores."""
    if not isinstance(row, Mapping):
        return {}
    return {str(name).lower().replace("_", ""): value for name, value in row.items()}

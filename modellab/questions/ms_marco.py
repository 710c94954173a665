"""MS MARCO's questions with answers and passages.

Source of the format: Bajaj et al. 2016, MS MARCO; version 2.1 is one JSON object of columns, or a
row per line, and on the hub a table whose passages are maps of columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat

_NO_ANSWER = "no answer present."


class MsMarcoFormat(RowFormat):
    """query, answers, passages (is_selected, passage_text, url)."""

    signature: ClassVar[frozenset[str]] = frozenset({"query", "answers", "passages"})

    kind: Literal["ms_marco"] = Field(description="MS MARCO with answers (version 2.1).")

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """The selected passages are the contexts; "No Answer Present." says that there is none."""
        answers = [text for text in row["answers"] if text.strip().lower() != _NO_ANSWER]
        selected = [passage for passage in _passages(row["passages"]) if passage["is_selected"]]
        yield (
            place,
            {
                "id": row.get("query_id"),
                "question": row["query"],
                "answer": answers,
                "relevant_urls": [passage["url"] for passage in selected if passage.get("url")],
                "reference_contexts": [passage["passage_text"] for passage in selected],
                "groups": row.get("query_type"),
            },
        )


def _passages(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]
    return list(value)

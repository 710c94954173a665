"""Goldens of the DeepEval library.

Source of the format: the files that `EvaluationDataset.save_as` writes as JSON and CSV. Contexts of
a CSV file have a bar between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat, without_nothing

_KEPT = ("id", "name", "references", "category", "comments")


class DeepEvalFormat(RowFormat):
    """input, expected_output, context, source_file; actual_output and retrieval_context are a
    system's."""

    signature: ClassVar[frozenset[str]] = frozenset({"input", "expected_output"})

    kind: Literal["deepeval"] = Field(description="Goldens of DeepEval, as JSON or CSV.")

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        kept = without_nothing({name: row.get(name) for name in _KEPT})
        yield (
            place,
            {
                **kept,
                "question": row["input"],
                "answer": row["expected_output"],
                **without_nothing(
                    {
                        "reference_contexts": _contexts(row.get("context")),
                        "references": row.get("source_file"),
                    }
                ),
            },
        )


def _contexts(value: Any) -> Any:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [text for text in value.split("|") if text.strip()]
    return value

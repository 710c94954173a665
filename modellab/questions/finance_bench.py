"""FinanceBench: questions about annual reports, with the page that holds the evidence.

Source of the format: Islam et al. 2023, FinanceBench; `financebench_open_source.jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat, without_nothing

_GROUPS = ("question_type", "question_reasoning", "company")


class FinanceBenchFormat(RowFormat):
    """financebench_id, question, answer, doc_name, evidence (evidence_text, doc_name)."""

    signature: ClassVar[frozenset[str]] = frozenset({"financebench_id", "question", "evidence"})

    kind: Literal["finance_bench"] = Field(description="FinanceBench.")

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        evidence = list(row["evidence"])
        names = [one.get("doc_name") or row.get("doc_name") for one in evidence]
        yield (
            place,
            {
                "id": row["financebench_id"],
                "question": row["question"],
                "answer": row["answer"],
                "references": [
                    name for name in dict.fromkeys(names or [row.get("doc_name")]) if name
                ],
                "reference_contexts": [one["evidence_text"] for one in evidence],
                "groups": list(without_nothing({name: row.get(name) for name in _GROUPS}).values()),
            },
        )

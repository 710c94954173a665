"""Question sets with a ground-truth answer and the chunk that it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat, without_nothing


class ModelLabFormat(RowFormat):
    """question, ground_truth_answer, and chunk_id, chunk_text or URLs.

    `chunk_text` may be cut short: it only finds the chunk.
    """

    signature: ClassVar[frozenset[str]] = frozenset({"question", "ground_truth_answer"})

    kind: Literal["model_lab"] = Field(description="Synthetic or annotated questions.")

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        truth = "ground_truth_answer" if "ground_truth_answer" in row else "ground_truth"
        yield (
            place,
            {
                "id": row.get("id"),
                "question": row["question"],
                "answer": row[truth],
                "relevant_chunks": _once(row.get("chunk_id"), row.get("relevant_chunk_ids")),
                "relevant_urls": _once(row.get("confluence_url"), row.get("relevant_urls")),
                **without_nothing(
                    {
                        "reference_contexts": _once(row.get("chunk_text"), None),
                        "question_source": row.get("question_source"),
                    }
                ),
            },
        )


class ModelLabJudgeFormat(RowFormat):
    """question, answer, context, ground_truth_show: is the answer fit to be shown?"""

    signature: ClassVar[frozenset[str]] = frozenset({"question", "answer", "ground_truth_show"})

    kind: Literal["model_lab_judge"] = Field(description="Items for a production judge.")
    show: str = Field("show", description="the label of an answer that is to be shown")
    hide: str = Field("hide", description="the label of one that is not")

    def truths(self) -> frozenset[str]:
        return frozenset({"label", "rationale"})

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        said = str(row["ground_truth_show"]).strip().lower()
        if said not in ("true", "false", "1", "0"):
            raise InputError(f"{place}: ground_truth_show is {said!r}; write true or false")
        yield (
            place,
            {
                "id": row.get("id"),
                "question": row["question"],
                "inputs": {"answer": row["answer"], "context": row.get("context") or ""},
                "label": self.show if said in ("true", "1") else self.hide,
                "truth": {"rationale": row.get("rationale") or ""},
            },
        )


def _once(one: Any, more: Any) -> list[str]:
    """One that is named alone and those of a list, each once; empty ones are none."""
    names = [one, *(more if isinstance(more, list) else [more])]
    return list(dict.fromkeys(str(name) for name in names if name not in (None, "")))

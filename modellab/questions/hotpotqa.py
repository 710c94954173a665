"""HotpotQA and what is written like it (2WikiMultihopQA).

Source of the format: Yang et al. 2018, HotpotQA; its JSON files have `supporting_facts` as pairs of
title and sentence number and `context` as pairs of title and sentences, its tables on the hub have
maps of columns for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat


class HotpotQaFormat(RowFormat):
    """question, answer, supporting_facts (title, sentence from 0), context (title, sentences)."""

    signature: ClassVar[frozenset[str]] = frozenset({"question", "supporting_facts", "context"})

    kind: Literal["hotpotqa"] = Field(description="HotpotQA or 2WikiMultihopQA.")

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """The titles of the supporting facts are the references, their sentences the contexts.

        A sentence that the paragraph does not have is left out, as the authors' own scorer does.
        """
        sentences = dict(_pairs(row["context"], "title", "sentences"))
        facts = list(_pairs(row["supporting_facts"], "title", "sent_id"))
        contexts = [
            sentences[title][number].strip()
            for title, number in facts
            if number < len(sentences.get(title, ()))
        ]
        kept = {name: row[name] for name in ("id", "_id", "type", "level") if name in row}
        yield (
            place,
            {
                **kept,
                "question": row["question"],
                "answer": row["answer"],
                "references": list(dict.fromkeys(title for title, _ in facts)),
                "reference_contexts": contexts,
            },
        )


def _pairs(value: Any, one: str, other: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from zip(value[one], value[other], strict=True)
    else:
        yield from ((title, more) for title, more in value)

"""Natural Questions, its open version (answers alone) and its simplified version (with the page).

Source of the format: Kwiatkowski et al. 2019, Natural Questions; Lee et al. 2019 for the open
version, which is a question and a list of answers a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat


class NaturalQuestionsFormat(RowFormat):
    """question and answer (a list); or question_text, document_text and annotations."""

    signature: ClassVar[frozenset[str]] = frozenset({"question_text", "annotations"})

    kind: Literal["natural_questions"] = Field(description="Natural Questions, open or simplified.")

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """The short answers of all annotators, as words of the page; yes and no are answers too."""
        if "question_text" not in row:
            yield place, row
            return
        words = row["document_text"].split(" ")
        found = [text for one in row["annotations"] for text in _short(one, words)]
        yield (
            place,
            {
                "id": row.get("example_id"),
                "question": row["question_text"],
                "answer": list(dict.fromkeys(found)),
                "relevant_urls": row.get("document_url"),
            },
        )


def _short(annotation: dict[str, Any], words: list[str]) -> Iterator[str]:
    if annotation.get("yes_no_answer", "NONE").upper() in ("YES", "NO"):
        yield annotation["yes_no_answer"].lower()
    spans = annotation["short_answers"]
    if spans:
        # several spans of one annotator are one answer, a list
        yield ", ".join(" ".join(words[one["start_token"] : one["end_token"]]) for one in spans)

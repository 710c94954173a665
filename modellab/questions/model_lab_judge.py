"""Items for a production judge: is an answer fit to be shown?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat


class ModelLabJudgeFormat(RowFormat):
    """question, answer, context, ground_truth_show: is the answer fit to be shown?"""

    task: ClassVar[str | None] = "label"
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

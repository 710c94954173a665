"""Annotations as Label Studio exports them.

Source of the format: its documentation, "Label Studio JSON format of annotated tasks": `data` is
what was shown, `annotations` have a `result` with a value per control (choices, textarea, ...).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row
from modellab.questions.row_format import RowFormat
from modellab.questions.table_columns import question_names

#: names of the text in `data`, where nothing in it is called a question
_TEXTS = ("text", "content", "body")


class LabelStudioFormat(RowFormat):
    """data, and annotations with choices (labels) or texts (answers)."""

    signature: ClassVar[frozenset[str]] = frozenset({"data", "annotations"})

    kind: Literal["label_studio"] = Field(description="A JSON export of Label Studio.")
    control: str | None = Field(
        None,
        description="the control (`from_name`) whose choices or texts are the truth; null: the "
        "only one",
    )

    def truths(self) -> frozenset[str]:
        return frozenset({"answer", "label", "tags"})

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """One question, with the answer or the label of its annotators.

        Skipped annotations count for nothing; a task without another one is left out. Raises
        InputError (place) for annotators who chose different labels, and for several controls.
        """
        data = row["data"]
        results = [
            result
            for annotation in row["annotations"]
            if not annotation.get("was_cancelled")
            for result in annotation["result"]
            if result["type"] in ("choices", "textarea")
        ]
        controls = sorted({result["from_name"] for result in results})
        if self.control is None and len(controls) > 1:
            raise InputError(
                f"{place}: controls {', '.join(map(repr, controls))}; say which is the truth: "
                f"`format: {{kind: label_studio, control: {controls[0]}}}`"
            )
        chosen = [one for one in results if self.control in (None, one["from_name"])]
        if not chosen:
            return
        truth = _label(place, chosen) if chosen[0]["type"] == "choices" else _answer(chosen)
        yield place, {"id": row.get("id"), **data, "question": _text(place, data), **truth}


def _text(place: str, data: Mapping[str, Any]) -> Any:
    names = [name for name in (*sorted(question_names({})), *_TEXTS) if name in data]
    if not names:
        raise InputError(
            f"{place}: no text in `data` (found: {', '.join(data)}); call it question or text"
        )
    return data["question"] if "question" in data else data[names[0]]


def _label(place: str, results: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One choice each is a label; several choices are tags."""
    choices = [tuple(result["value"]["choices"]) for result in results]
    if len(set(choices)) > 1:
        shown = " and ".join(", ".join(one) for one in dict.fromkeys(choices))
        raise InputError(f"{place}: annotators disagree ({shown}); settle it in Label Studio")
    return {"label": choices[0][0]} if len(choices[0]) == 1 else {"tags": list(choices[0])}


def _answer(results: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {"answer": [text for result in results for text in result["value"]["text"]]}

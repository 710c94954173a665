"""Files of tools whose format has options or reads whole files: RAGAS, Label Studio, promptfoo."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row, TableFile
from modellab.questions.protocol import QuestionsRead
from modellab.questions.row_format import RowFormat
from modellab.questions.table_columns import question_names

log = logging.getLogger(__name__)

_TRUTHS = ("reference", "ground_truth", "ground_truths")
#: a system's output and its scores; `answer` and `contexts` only beside a ground truth
_OF_A_SYSTEM = frozenset({"response", "retrieved_contexts", "answer", "rubrics"})


class RagasFormat(RowFormat):
    """user_input (a text or messages), reference, reference_contexts; or question, ground_truth.

    Source: the library's `SingleTurnSample` and `MultiTurnSample`, and the data sets before its
    version 0.2 (question, ground_truth or ground_truths, contexts, answer). A system's output
    (response, answer, contexts, retrieved_contexts) is no reference: the same file is a submission.
    """

    keys: ClassVar[frozenset[str]] = frozenset({"user_input"})

    kind: Literal["ragas"] = Field(description="A test set or results of RAGAS, old or new.")

    @classmethod
    def fits(cls, row: Row) -> bool:
        return "user_input" in row

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        """The rows with a reference: RAGAS also judges answers without one.

        Rows with an empty reference are left out with a warning. An empty list is no empty
        reference: it says that the question is unanswerable.
        """
        names = [name for name in _TRUTHS if name in file.columns]
        without = [
            place
            for place, row in file.rows
            if names and all(row.get(n) is None or not str(row[n]).strip() for n in names)
        ]
        if without and len(without) < len(file.rows):
            log.warning(
                "%s: %d of %d rows without a reference left out, the first is %s",
                *(path, len(without), len(file.rows), without[0]),
            )
            left_out = {*without}
            file = replace(file, rows=tuple(one for one in file.rows if one[0] not in left_out))
        return super().questions(path, file)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        left_out = _OF_A_SYSTEM if any(name in row for name in _TRUTHS) else frozenset()
        yield place, {name: value for name, value in row.items() if name not in left_out}


class ModelLabJudgeFormat(RowFormat):
    """question, answer, context, ground_truth_show: is the answer fit to be shown?"""

    task: ClassVar[str | None] = "label"
    keys: ClassVar[frozenset[str]] = frozenset({"ground_truth_show"})
    fields: ClassVar[frozenset[str] | None] = frozenset({"label", "rationale"})

    kind: Literal["model_lab_judge"] = Field(description="Items for a production judge.")
    show: str = Field("show", description="the label of an answer that is to be shown")
    hide: str = Field("hide", description="the label of one that is not")

    @classmethod
    def fits(cls, row: Row) -> bool:
        return {"question", "answer", "ground_truth_show"} <= set(row)

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


#: names of the text in Label Studio's `data`, if nothing in it is called a question
_TEXTS = ("text", "content", "body")


class LabelStudioFormat(RowFormat):
    """data, and annotations with choices (labels) or texts (answers).

    Source: its documentation, "Label Studio JSON format of annotated tasks": `data` is what was
    shown, `annotations` have a `result` with a value per control (choices, textarea, ...).
    """

    keys: ClassVar[frozenset[str]] = frozenset({"data", "annotations"})
    fields: ClassVar[frozenset[str] | None] = frozenset({"answer", "label", "tags"})

    kind: Literal["label_studio"] = Field(description="A JSON export of Label Studio.")
    control: str | None = Field(
        None,
        description="the control (`from_name`) whose choices or texts are the reference; null: the "
        "only one",
    )

    @classmethod
    def fits(cls, row: Row) -> bool:
        return {"data", "annotations"} <= set(row)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """One question, with the answer or the label of its annotators.

        Skipped annotations are ignored; a task without another one is left out. Raises InputError
        (place) for annotators who chose different labels, and for several controls.
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
                f"{place}: controls {', '.join(map(repr, controls))}; say which is the reference: "
                f"`format: {{kind: label_studio, control: {controls[0]}}}`"
            )
        chosen = [one for one in results if self.control in (None, one["from_name"])]
        if not chosen:
            return
        if chosen[0]["type"] == "choices":
            reference = _choices_as_reference(place, chosen)
        else:
            reference = {"answer": [text for result in chosen for text in result["value"]["text"]]}
        names = ("question", *sorted(question_names({})), *_TEXTS)
        name = next((name for name in names if name in data), None)
        if name is None:
            raise InputError(
                f"{place}: no text in `data` (found: {', '.join(data)}); call it question or text"
            )
        yield place, {"id": row.get("id"), **data, "question": data[name], **reference}


def _choices_as_reference(place: str, results: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One choice each is a label; several choices are tags."""
    choices = [tuple(result["value"]["choices"]) for result in results]
    if len(set(choices)) > 1:
        shown = " and ".join(", ".join(one) for one in dict.fromkeys(choices))
        raise InputError(f"{place}: annotators disagree ({shown}); settle it in Label Studio")
    return {"label": choices[0][0]} if len(choices[0]) == 1 else {"tags": list(choices[0])}


#: assertions whose value is a right answer
_EQUAL_TO = ("equals", "contains", "icontains", "similar", "factuality", "rouge-n", "bleu")
_ONE_OF = ("contains-any", "icontains-any")
_EXPECTED = re.compile(r"__expected\d*")
#: an assertion in a cell of `__expected`: `contains: Paris`, `similar(0.8): Paris`
_ASSERTION = re.compile(r"(?P<type>[a-z][a-z-]*)(?:\([0-9.]+\))?:\s*(?P<value>.*)", re.DOTALL)


class PromptfooFormat(RowFormat):
    """vars and assert; or a column per variable and `__expected`.

    Source: its documentation, "Test Case Configuration" and "CSV": the variables of a test fill the
    prompts, its assertions say what an answer must be.
    """

    kind: Literal["promptfoo"] = Field(description="Test cases of promptfoo: YAML, JSON or CSV.")

    @classmethod
    def fits(cls, row: Row) -> bool:
        return "vars" in row or any(_EXPECTED.fullmatch(str(name)) for name in row)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """The variable with a name of questions, or the only one, is the question.

        Models are shown the other variables; assertions without a right answer in them
        (`llm-rubric`, `javascript`, ...) are ignored.
        """
        if "vars" in row:
            said, answers = dict(row["vars"]), _answers(row.get("assert") or [])
            groups = [str(one) for one in (row.get("metadata") or {}).values()]
        else:
            said = {k: v for k, v in row.items() if not str(k).startswith("__")}
            cells = [v for k, v in row.items() if _EXPECTED.fullmatch(str(k)) and v]
            answers, groups = _answers([_assertion(str(cell)) for cell in cells]), []
        name = _question_variable(place, said)
        if not answers:
            raise InputError(
                f"{place}: no assertion has a right answer in it; add one of {', '.join(_EQUAL_TO)}"
            )
        others = {key: value for key, value in said.items() if key != name}
        yield (
            place,
            {
                "question": said[name],
                "answer": answers,
                "inputs": {key: str(value) for key, value in others.items() if value is not None},
                "groups": groups,
            },
        )


def _question_variable(place: str, said: Mapping[str, Any]) -> str:
    names = [name for name in said if name.casefold() in question_names({})]
    if len(names) == 1 or len(said) == 1:
        return names[0] if names else next(iter(said))
    if "question" in said:
        return "question"
    raise InputError(
        f"{place}: which variable is the question ({', '.join(said) or 'none'})? Call it question"
    )


def _assertion(cell: str) -> dict[str, Any]:
    found = _ASSERTION.fullmatch(cell.strip())
    if found is None or not ("-" in found["type"] or found["type"] in _EQUAL_TO):
        return {"type": "equals", "value": cell}
    value: Any = found["value"]
    kind = found["type"]
    return {"type": kind, "value": re.split(r"\s*,\s*", value) if kind in _ONE_OF else value}


def _answers(assertions: list[Mapping[str, Any]]) -> list[str]:
    one = [str(a["value"]) for a in assertions if a.get("type") in _EQUAL_TO]
    several = [str(v) for a in assertions if a.get("type") in _ONE_OF for v in a["value"]]
    return list(dict.fromkeys([*one, *several]))

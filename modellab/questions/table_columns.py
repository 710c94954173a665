"""Which columns of somebody's table are the question, the answer and so on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from modellab.core.errors import InputError

Field = Literal[
    "id",
    "question",
    "answer",
    "other_answers",
    "answer_value",
    "answer_unit",
    "label",
    "contexts",
    "references",
    "urls",
    "unanswerable",
]
FIELDS: tuple[str, ...] = get_args(Field)

#: what the field calls them. Of a field's lines the first with a name in the table counts: a column
#: `answer` beside a `ground_truth` is what a system said (RAGAS), and so is a `response`.
NAMES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "id": (("id",), ("_id", "qid", "question_id")),
    "question": (("question",), ("query", "user_input"), ("input", "prompt")),
    "answer": (
        ("ground_truth", "ground_truths", "expected", "expected_output", "expected_answer"),
        ("answer", "answers", "reference", "reference_answer"),
        ("response", "target", "output", "generation_gt"),
    ),
    "other_answers": (("other_answers",),),
    "answer_value": (("answer_value",),),
    "answer_unit": (("answer_unit",),),
    "label": (("label",),),
    "contexts": (("reference_contexts",), ("contexts", "context")),
    "references": (("references", "ref_id"), ("doc_id", "document_id", "doc_ids", "retrieval_gt")),
    "urls": (("relevant_urls",), ("url", "urls")),
    "unanswerable": (("unanswerable", "is_impossible"),),
}
#: columns that only other formats have, and their format
_OTHER_FORMATS = {
    "paragraphs": "squad",
    "gt_parse": "cord",
    "ground_truth_answer": "model_lab",
    "ground_truth_show": "model_lab_judge",
}


def known_names(columns: Mapping[str, str]) -> frozenset[str]:
    """All names that are looked for, those that are told included."""
    return frozenset(name for lines in NAMES.values() for line in lines for name in line).union(
        columns.values()
    )


def question_names(columns: Mapping[str, str]) -> frozenset[str]:
    """The names of a question, without case."""
    told = [columns["question"].casefold()] if "question" in columns else []
    return frozenset(name for line in NAMES["question"] for name in line).union(told)


def recognised(path: Path, there: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """By field the column that holds it; `columns` are told, and go first.

    Names are compared without case. Raises InputError for one of `columns` that is not there, for
    two columns that may be the same field, and where there is no question, naming all that is
    missing.
    """
    spelling = {name.casefold(): name for name in there}
    missing = [name for name in columns.values() if name.casefold() not in spelling]
    if missing:
        raise InputError(
            f"{path}: `columns` names {', '.join(map(repr, missing))}, which the file does not "
            f"have (found: {', '.join(there) or 'none'})"
        )
    found = {field: spelling[name.casefold()] for field, name in columns.items()}
    free = {plain: name for plain, name in spelling.items() if name not in found.values()}
    for field in FIELDS:
        if field not in found and (name := _named(path, field, free)) is not None:
            found[field] = name
    _drop_retrieved(found, columns, free)
    if "question" not in found:
        raise InputError(_no_question(path, there, found))
    return {field: found[field] for field in FIELDS if field in found}


def told(there: Sequence[str], found: Mapping[str, str]) -> str:
    """What was recognised and what is not used, in a few words."""
    parts = [f"{field} from {name!r}" for field, name in found.items()]
    if "id" not in found:
        parts.append("ids are row numbers")
    unused = [name for name in there if name not in found.values()]
    return ", ".join(parts) + (f"; not used: {', '.join(unused)}" if unused else "")


def _named(path: Path, field: str, free: Mapping[str, str]) -> str | None:
    for line in NAMES[field]:
        names = [free[name] for name in line if name in free]
        if len(names) > 1:
            raise InputError(
                f"{path}: {' and '.join(map(repr, names))} may both be the {field}; say which: "
                f"`columns: {{{field}: {names[0]}}}`"
            )
        if names:
            return names[0]
    return None


def _drop_retrieved(
    found: dict[str, str], columns: Mapping[str, str], free: Collection[str]
) -> None:
    """Beside a system's answer, contexts that are not called references are what it retrieved."""
    answered = {"answer", "response"}.intersection(free) - {found.get("answer", "").casefold()}
    weak = found.get("contexts", "").casefold() in NAMES["contexts"][1]
    if answered and weak and "contexts" not in columns:
        del found["contexts"]


def _no_question(path: Path, there: Sequence[str], found: Mapping[str, str]) -> str:
    listed = ", ".join(there) or "none"
    for name, written_as in _OTHER_FORMATS.items():
        if name in there:
            return (
                f"{path}: no column for the question (found: {listed}); try `format: {written_as}`"
            )
    missing = [
        "question",
        *([] if {"answer", "answer_value", "label"} & set(found) else ["answer"]),
    ]
    wanted = ", ".join(f"{field}: ..." for field in missing)
    return (
        f"{path}: no column for the {' and the '.join(missing)} (found: {listed}); say which they "
        f"are: `columns: {{{wanted}}}`"
    )

"""The metric of the retrieval library's own validator: the same weights, other rules.

An answer to a question without one is a wrong value. The not-answerable component asks for a
blank value and blank references, and is averaged over all rows, so it is high for everyone.
A range must be given as a range. Blank is only the empty cell and `is_blank`.

The original gives a missing row to a question without an answer the marks of a right value and
right references; here, as under all rules, a missing row counts 0 in every component.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.core.text.blank import BLANK
from modellab.tasks.wattbot.scoring.marking import (
    COMPONENTS,
    MARKS,
    cell,
    marked,
    summed_up,
    unanswered,
)
from modellab.tasks.wattbot.scoring.references import jaccard
from modellab.tasks.wattbot.scoring.values import number

_RELATIVE, _ABSOLUTE = 1e-3, 1e-9


@dataclass(frozen=True)
class ValidatorScorer:
    """The validator's rules. The unit is not looked at."""

    name: str = "validator"
    marks: tuple[str, ...] = MARKS
    components: tuple[str, ...] = COMPONENTS
    correct: str = "value_correct"

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        if prediction.status in NO_ANSWER:
            return unanswered(prediction)
        true_value, true_references = question.truth["answer_value"], question.truth["ref_id"]
        value = cell(prediction.answer, "answer_value")
        references = cell(prediction.answer, "ref_id")
        abstained = _is_blank(value) and _is_blank(references)
        return marked(
            prediction,
            value=float(_same_value(true_value, value)),
            unit=None,
            reference=jaccard(_ids(true_references), _ids(references)),
            na=float(not _is_blank(true_value) or abstained),
        )

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """`na_recall` is averaged over all rows here: it is no recall, but has its weight."""
        return summed_up(rows, rows)


def _is_blank(text: str) -> bool:
    return text.strip().lower() in ("", BLANK)


def _same_value(truth: str, value: str) -> bool:
    if _is_blank(truth) or _is_blank(value):
        return _is_blank(truth) and _is_blank(value)
    true_range, given_range = _range(truth), _range(value)
    if true_range is not None:
        return given_range is not None and all(map(_close, true_range, given_range))
    true_number, given_number = number(truth), number(value)
    if true_number is not None and given_number is not None:
        return _close(true_number, given_number)
    if true_number is not None or given_number is not None:
        return False
    return _words(truth) == _words(value)


def _range(text: str) -> tuple[float, float] | None:
    """A JSON list of two numbers; true and false count as 1 and 0."""
    try:
        parsed = json.loads(text)
        if isinstance(parsed, list) and len(parsed) == 2 and all(map(_is_number, parsed)):
            return float(parsed[0]), float(parsed[1])
        return None
    except (ValueError, OverflowError, RecursionError):
        return None  # no JSON, or numbers that no float holds: compared as text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _close(truth: float, value: float) -> bool:
    return abs(truth - value) <= max(abs(truth) * _RELATIVE, _ABSOLUTE)


def _words(text: str) -> list[str]:
    return text.strip().lower().split()


def _ids(text: str) -> set[str]:
    if _is_blank(text):
        return set()
    found = _literal(text)
    if isinstance(found, list | tuple | set):
        tokens = [str(item) for item in found]
    else:
        tokens = [token.strip() for token in str(found).strip().strip("[]").split(",")]
    return {token.lower() for token in tokens if token}


def _literal(text: str) -> object:
    """The value of a Python literal; any other text as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd backslash in an id is nobody's concern
        try:
            return ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return text

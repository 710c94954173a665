"""The published WattBot rules. They never change: published numbers use them.

v1 compares values as written; v2 first brings numbers of the submission into a plain form; v3
also reads true and yes as 1, false and no as 0. An unanswerable question gives its value mark to
every answer; only the not-answerable mark and the references then count.

The validator is the stricter metric of the retrieval library behind the first entries, with the
same weights. An answer to an unanswerable question is a wrong value. The not-answerable component
needs a blank value and blank references, and is averaged over all rows, so it is high for
everyone. A range must be given as a range. Only the empty cell and `is_blank` are blank. The
original gives a missing row to an unanswerable question full marks for value and references; here,
as under all rules, a missing row counts 0 in every component.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from modellab.core.records import Prediction, Question
from modellab.core.text.blank import BLANK, is_blank
from modellab.core.text.json_reading import python_literal
from modellab.tasks.wattbot.rules import Marks, WattBotScorer, jaccard


@dataclass(frozen=True)
class VersionedScorer(WattBotScorer):
    """v1 to v3; `numbers` and `booleans` say what it normalises."""

    numbers: bool
    booleans: bool

    def asks_abstention(self, question: Question) -> bool:
        return is_blank(question.reference["answer_value"])

    def compare(self, question: Question, prediction: Prediction) -> Marks:
        truth, answer = question.reference, prediction.answer
        value = answer.get("answer_value", "")
        normalised = normalise_boolean(value) if self.booleans else value
        if self.numbers:
            normalised = normalise_number(normalised)
        blank = is_blank(truth["answer_value"])
        return Marks(
            float(blank or same_value(truth["answer_value"], normalised)),
            _unit(truth, answer),
            jaccard(_ids(truth["ref_id"]), _ids(answer.get("ref_id", ""))),
            float(not blank or is_blank(value)),
        )


def _unit(truth: Mapping[str, str], answer: Mapping[str, str]) -> float | None:
    """Whether the unit is the true one; None if the truth has no column of units."""
    if "answer_unit" not in truth:
        return None
    given = answer.get("answer_unit", "")
    return float(truth["answer_unit"].strip().lower() == given.strip().lower())


def _ids(cell: str) -> set[str]:
    """The ids of a `ref_id` cell: a JSON list (single quotes allowed), or one id.

    `is_blank` is an id like any other here, not an empty set: that is the published rule.
    """
    text = cell.strip()
    if not text:
        return set()
    if not text.startswith("["):
        return {text.lower()}
    try:
        items = json.loads(text.replace("'", '"'))
        return {"" if item is None else str(item).strip().lower() for item in items}
    except (ValueError, RecursionError):
        return {text.lower()}


#: both the relative and the absolute tolerance of numbers
TOLERANCE = 1e-3
Element = float | str


def same_value(truth: str, value: str) -> bool:
    """Whether `value` is the true value. Neither is blank.

    Lists and sets are compared without order. A single number is also right within a true range of
    two numbers. Numbers are close if they differ by at most 0.1 % of the larger one or by 0.001.
    Anything else is compared as text, ignoring case and outer spaces.
    """
    true_list, given_list = parse_collection(truth), parse_collection(value)
    given_number = number(value)
    if true_list is None:
        true_number = number(truth)
        if true_number is not None and given_number is not None:
            return _close(true_number, given_number)
        return truth.strip().lower() == value.strip().lower()
    true_numbers = sorted(item for item in true_list if isinstance(item, float))
    all_numbers = len(true_numbers) == len(true_list)
    if given_list is None:
        if given_number is None or not all_numbers or len(true_list) != 2:
            return False
        return true_numbers[0] - TOLERANCE <= given_number <= true_numbers[1] + TOLERANCE
    given_numbers = sorted(item for item in given_list if isinstance(item, float))
    if all_numbers and len(given_numbers) == len(given_list):
        return len(true_list) == len(given_list) and all(map(_close, true_numbers, given_numbers))
    texts = [sorted(str(item).strip().lower() for item in one) for one in (true_list, given_list)]
    return texts[0] == texts[1]


def parse_collection(text: str) -> list[Element] | None:
    """The elements of `[a, b]` or `{a, b}`; None for anything else.

    Numbers in a list become floats, all else lower-case text. A list that is not JSON (with single
    quotes made double) is split at its commas.
    """
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            parts = json.loads(text.replace("'", '"'))
            parts = ["" if part is None else str(part).strip() for part in parts]
        except (ValueError, RecursionError):
            parts = [part.strip() for part in text[1:-1].split(",")]
        return [part.lower() if (found := number(part)) is None else found for part in parts]
    if text.startswith("{") and text.endswith("}"):
        terms = (term.strip().lower() for term in text[1:-1].split(","))
        return sorted({term for term in terms if term})
    return None


def number(text: str) -> float | None:
    """The number in a text, as Python reads it (so `1e3` and `inf` are numbers)."""
    try:
        return float(text)
    except ValueError:
        return None


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


_TRUTH_VALUES = {"true": "1", "yes": "1", "false": "0", "no": "0"}
_MAGNITUDES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_HEDGES = (
    *(rf"{word}\s+than" for word in ("more", "less", "greater", "fewer")),
    *("approximately", "about", "around", "over", "under", "nearly", "roughly"),
    *(r"up\s+to", r"at\s+least", r"at\s+most"),
)
_HEDGE = re.compile(rf"(?:{'|'.join(_HEDGES)})\s+|[~\u2248<>]\s*", re.IGNORECASE)
# letters are listed: ignoring case, "k" would also be the sign for kelvin
_WITH_MAGNITUDE = re.compile(r"(-?\d+(?:\.\d+)?)\s*([kKmMbBtT])")
_RANGE = re.compile(r"(?:from\s+)?(-?[\d.]+)\s*(?:[-\u2013\u2014]|to)\s*(-?[\d.]+)", re.IGNORECASE)


def normalise_boolean(value: str) -> str:
    """true or yes become 1, false or no become 0; anything else stays."""
    return _TRUTH_VALUES.get(value.strip().lower(), value)


def normalise_number(value: str) -> str:
    """A number written plainly: without thousands commas, one hedge word in front, or K/M/B/T.

    A range such as `80-90` or `from 80 to 90` becomes `[80,90]`. Units, currencies and percent
    signs stay, so `5%` is not 5. Other values only lose their outer spaces.
    """
    text = _without_commas(value.strip())
    hedge = _HEDGE.match(text)
    if hedge:
        text = _without_commas(text[hedge.end() :].strip())
    plain: str | None = None
    if match := _WITH_MAGNITUDE.fullmatch(text):
        plain = _plain(float(match[1]) * _MAGNITUDES[match[2].lower()])
    elif match := _RANGE.fullmatch(text):
        bounds = sorted(b for part in match.groups() if (b := number(part)) is not None)
        known = [_plain(bound) for bound in bounds]
        plain = f"[{known[0]},{known[1]}]" if len(known) == 2 and all(known) else None
    return plain or text


def _without_commas(text: str) -> str:
    plain = text.replace(",", "")
    return text if number(plain) is None else plain


def _plain(value: float) -> str | None:
    """A number as text; None for an infinite one (of too many digits)."""
    if math.isinf(value):
        return None
    return str(int(value)) if value.is_integer() else str(value)


_RELATIVE, _ABSOLUTE = 1e-3, 1e-9


@dataclass(frozen=True)
class ValidatorScorer(WattBotScorer):
    """The validator's rules, without units."""

    def asks_abstention(self, question: Question) -> bool:
        """All rows count here: it is no recall, but has its weight."""
        return True

    def compare(self, question: Question, prediction: Prediction) -> Marks:
        true_value, true_references = (
            question.reference["answer_value"],
            question.reference["ref_id"],
        )
        value = prediction.answer.get("answer_value", "")
        references = prediction.answer.get("ref_id", "")
        abstained = _is_empty(value) and _is_empty(references)
        return Marks(
            float(_same_for_validator(true_value, value)),
            None,
            jaccard(_tokens(true_references), _tokens(references)),
            float(not _is_empty(true_value) or abstained),
        )


def _is_empty(text: str) -> bool:
    return text.strip().lower() in ("", BLANK)


def _same_for_validator(truth: str, value: str) -> bool:
    if _is_empty(truth) or _is_empty(value):
        return _is_empty(truth) and _is_empty(value)
    true_range, given_range = _two_numbers(truth), _two_numbers(value)
    if true_range is not None:
        return given_range is not None and all(map(_is_near, true_range, given_range))
    true_number, given_number = number(truth), number(value)
    if true_number is not None and given_number is not None:
        return _is_near(true_number, given_number)
    if true_number is not None or given_number is not None:
        return False
    return truth.strip().lower().split() == value.strip().lower().split()


def _two_numbers(text: str) -> tuple[float, float] | None:
    """A JSON list of two numbers; true and false count as 1 and 0."""
    try:
        parsed = json.loads(text)
        if (
            isinstance(parsed, list)
            and len(parsed) == 2
            and all(isinstance(part, int | float) for part in parsed)
        ):
            return float(parsed[0]), float(parsed[1])
        return None
    except (ValueError, OverflowError, RecursionError):
        return None  # no JSON, or numbers that no float holds: compared as text


def _is_near(truth: float, value: float) -> bool:
    return abs(truth - value) <= max(abs(truth) * _RELATIVE, _ABSOLUTE)


def _tokens(text: str) -> set[str]:
    if _is_empty(text):
        return set()
    found = _literal(text)
    if isinstance(found, list | tuple | set):
        tokens = [str(item) for item in found]
    else:
        tokens = [token.strip() for token in str(found).strip().strip("[]").split(",")]
    return {token.lower() for token in tokens if token}


def _literal(text: str) -> object:
    """The value of a Python literal; any other text as it is."""
    try:
        return python_literal(text)
    except ValueError:
        return text


VERSIONS: Mapping[str, WattBotScorer] = {
    "v1": VersionedScorer("v1", numbers=False, booleans=False),
    "v2": VersionedScorer("v2", numbers=True, booleans=False),
    "v3": VersionedScorer("v3", numbers=True, booleans=True),
    "validator": ValidatorScorer("validator"),
}

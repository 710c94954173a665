"""How far the repeats of one model agree with each other.

All agreements go over questions with two repeats or more that have an answer; with one repeat
there is nothing to agree, and no value. Repeats without an answer are counted and left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from math import fsum

from modellab.core.records import NO_ANSWER, Metric, Prediction
from modellab.tasks.extract.comparing import RecordRules
from modellab.tasks.extract.consistency import extraction_consistency

#: cosine of the meaning of two texts
Likeness = Callable[[str, str], float]
Repeats = Sequence[Prediction]

EXTRACTION = ("names", "values", "units", "overall")


def agreements(
    answers: Sequence[Prediction], likeness: Likeness | None, rules: RecordRules | None
) -> dict[str, Metric]:
    """The metrics of one model with one retriever; `rules` are given for extracted records.

    Each is the mean over questions, the same whatever their order.
    """
    groups = list(_by_question(answers))
    failed = sum(answer.status in NO_ANSWER for answer in answers)
    fields = dict.fromkeys(name for answer in answers for name in answer.answer)
    shares: dict[str, list[float | None]] = {
        "exact_agreement": [_as_first(rows, _whole) for rows in groups],
        **(
            {
                f"{name}_agreement": [_as_first(rows, _field(name)) for rows in groups]
                for name in fields
            }
            if len(fields) > 1
            else {}
        ),
        "semantic_agreement": [_alike(rows, likeness) for rows in groups],
        "passage_agreement": [_shown_as_first(rows) for rows in groups],
    }
    found = {name: _mean(values, failed) for name, values in shares.items()}
    return found if rules is None else {**found, **_extraction(groups, rules, failed)}


def texts_to_compare(answers: Sequence[Prediction]) -> list[str]:
    """The texts whose likeness `agreements` will ask for, each once."""
    groups = [rows for rows in _by_question(answers) if len(rows) > 1]
    return list(dict.fromkeys(answer_text(row) for rows in groups for row in rows))


def answer_text(answer: Prediction) -> str:
    """An answer as one text: its fields, one a line."""
    return "\n".join(value.strip() for value in answer.answer.values() if value.strip())


def _by_question(answers: Sequence[Prediction]) -> Iterator[Repeats]:
    """Per question the repeats that have an answer, in their order."""
    groups: dict[str, list[Prediction]] = {}
    for answer in answers:
        groups.setdefault(answer.question_id, [])
        if answer.status not in NO_ANSWER:
            groups[answer.question_id].append(answer)
    for rows in groups.values():
        yield sorted(rows, key=lambda row: row.repeat)


def _as_first(rows: Repeats, part: Callable[[Prediction], object]) -> float | None:
    """The share of later repeats that equal the first."""
    if len(rows) < 2:
        return None
    first = part(rows[0])
    return sum(part(row) == first for row in rows[1:]) / (len(rows) - 1)


def _shown_as_first(rows: Repeats) -> float | None:
    """As above, of passages; None where none were shown: there is nothing to agree."""
    return _as_first(rows, lambda row: row.passages) if any(row.passages for row in rows) else None


def _whole(answer: Prediction) -> object:
    stripped = {name: value.strip() for name, value in answer.answer.items()}
    return answer.status, stripped


def _field(name: str) -> Callable[[Prediction], object]:
    return lambda answer: answer.answer.get(name, "").strip()


def _alike(rows: Repeats, likeness: Likeness | None) -> float | None:
    """The mean likeness of all pairs of repeats."""
    if likeness is None or len(rows) < 2:
        return None
    pairs = list(combinations([answer_text(row) for row in rows], 2))
    return fsum(likeness(one, other) for one, other in pairs) / len(pairs)


def _extraction(groups: Sequence[Repeats], rules: RecordRules, failed: int) -> Mapping[str, Metric]:
    compared = [
        extraction_consistency([json.loads(row.answer["record"]) for row in rows], rules)
        for rows in groups
    ]
    return {
        f"extraction_{part}_agreement": _mean([getattr(found, part) for found in compared], failed)
        for part in EXTRACTION
    }


def _mean(shares: Sequence[float | None], failed: int) -> Metric:
    known = [share for share in shares if share is not None]
    return Metric(fsum(known) / len(known) if known else None, len(known), failed)

"""Votes on one field of text, without references: labels, free text, records."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modellab.core.text.blank import is_blank
from modellab.tasks.canonical.protocol import Answer
from modellab.tasks.open_qa.scoring.normalise import plain


@dataclass(frozen=True)
class TextBallot:
    """A vote on `field`; `plain` brings it into the form in which it is compared."""

    field: str
    fields: tuple[str, ...]
    plain: Callable[[str], str]
    explanation: str | None = None
    repeats_exactly: bool = True
    has_references: bool = False

    def normalised(self, answer: Answer) -> str:
        return "" if self.is_blank(answer) else self.plain(answer[self.field])

    def is_blank(self, answer: Answer) -> bool:
        return is_blank(answer.get(self.field, ""))

    def references(self, answer: Answer) -> frozenset[str]:
        return frozenset()

    def blank(self) -> Answer:
        return dict.fromkeys(self.fields, "")

    def with_references(self, answer: Answer, references: Sequence[str]) -> Answer:
        return answer

    def explained(self, answer: Answer, text: str) -> Answer:
        return {**answer, self.explanation: text} if self.explanation else answer


def folded(text: str) -> str:
    return text.strip().casefold()


def as_words(text: str) -> str:
    """Answers that `exact_match` calls the same are one vote."""
    return " ".join(plain(text))


def as_json(text: str) -> str:
    """A record with its keys in order; what is no JSON as it is."""
    try:
        return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text

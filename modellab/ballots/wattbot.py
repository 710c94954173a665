"""Votes on answer values; references are document ids."""

from __future__ import annotations

import json
from collections.abc import Sequence

from modellab.ballots.protocol import Answer
from modellab.scorers.wattbot.normalise import normalise_boolean, normalise_number
from modellab.scorers.wattbot.values import number, parse_collection
from modellab.tasks.wattbot import FIELDS
from modellab.wattbot_blank import BLANK, is_blank


class WattBotBallot:
    """Exact votes are the values as written; normalised ones are read as the newest rules do."""

    field: str = "answer_value"
    has_references: bool = True
    repeats_exactly: bool = True

    def normalised(self, answer: Answer) -> str:
        """Numbers, ranges, lists and truth values in one spelling; all blank values alike."""
        value = answer[self.field]
        if is_blank(value):
            return BLANK
        text = normalise_number(normalise_boolean(value))
        items = parse_collection(text)
        if items is None:
            found = number(text)
            return text.strip().lower() if found is None else repr(found)
        return json.dumps(sorted(map(str, items)))

    def is_blank(self, answer: Answer) -> bool:
        return is_blank(answer[self.field])

    def references(self, answer: Answer) -> frozenset[str]:
        """The ids of a list however it is quoted; other text is one id; blank is none."""
        text = answer.get("ref_id", BLANK)
        if text in ("", BLANK):
            return frozenset()
        try:
            parsed = json.loads(text.replace("'", '"'))
        except (ValueError, RecursionError):
            parsed = None
        if isinstance(parsed, list):
            return frozenset(str(item).strip() for item in parsed if item)
        return frozenset({text.strip()} - {""})

    def blank(self) -> Answer:
        return dict.fromkeys(FIELDS, BLANK)

    def with_references(self, answer: Answer, references: Sequence[str]) -> Answer:
        """Written as a JSON list in order of the ids; `is_blank` where there are none."""
        return {**answer, "ref_id": json.dumps(sorted(references)) if references else BLANK}

    def explained(self, answer: Answer, text: str) -> Answer:
        return {**answer, "answer": text, "explanation": text}

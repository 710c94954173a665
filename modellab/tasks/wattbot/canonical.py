"""Votes on answer values; references are document ids."""

from __future__ import annotations

import json
from collections.abc import Sequence

from modellab.core.text.blank import BLANK, is_blank
from modellab.core.values.comparing import Written, canonical
from modellab.core.values.ids import read_ids
from modellab.tasks.canonical.protocol import Answer
from modellab.tasks.wattbot.task import FIELDS


class WattBotBallot:
    """Exact votes are the values as written; normalised ones as the newest rules read them."""

    field: str = "answer_value"
    has_references: bool = True
    repeats_exactly: bool = True

    def normalised(self, answer: Answer) -> str:
        """Values in one spelling, as `modellab.core.values` reads them; all blank values alike.

        What stands in the field of units is passed over: models word one unit in many ways.
        """
        value = answer[self.field]
        return BLANK if is_blank(value) else canonical(Written(value))

    def is_blank(self, answer: Answer) -> bool:
        return is_blank(answer[self.field])

    def references(self, answer: Answer) -> frozenset[str]:
        """The ids of a list however it is quoted; other text is one id; blank is none."""
        text = answer.get("ref_id", BLANK)
        if text in ("", BLANK):
            return frozenset()
        return frozenset(read_ids(text))

    def blank(self) -> Answer:
        return dict.fromkeys(FIELDS, BLANK)

    def with_references(self, answer: Answer, references: Sequence[str]) -> Answer:
        """Written as a JSON list in order of the ids; `is_blank` where there are none."""
        return {**answer, "ref_id": json.dumps(sorted(references)) if references else BLANK}

    def explained(self, answer: Answer, text: str) -> Answer:
        return {**answer, "answer": text, "explanation": text}

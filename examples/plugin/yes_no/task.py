"""The task `yes_no`: a question in, yes or no with a reason out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.records import Passage, Question, Status
from modellab.core.text.json_reading import without_thoughts
from modellab.tasks.canonical import CanonicalAnswer
from modellab.tasks.protocol import Parsed, TaskOptions

FIELDS = ("choice", "reason")
#: equal answers are those of one choice, whatever the reason
CANONICAL = CanonicalAnswer("choice", FIELDS, explanation="reason")


class YesNoOptions(TaskOptions):
    """Questions that are answered by yes or no. A prompt may use `question` and `passages`."""

    fields: ClassVar[tuple[str, ...]] = FIELDS
    prompt: ClassVar[str | Path] = Path(__file__).with_name("prompt.jinja")
    true_field: ClassVar[str] = "answer"
    canonical: ClassVar[str] = "yes_no.task:CANONICAL"
    scorers: ClassVar[tuple[str, ...]] = ("yes_no.scorer:ChoiceScorerOptions",)

    kind: Literal["yes_no"] = Field(description="Yes or no, with a reason.")
    yes: tuple[str, ...] = Field(("yes", "true"), description="words that stand for yes")
    no: tuple[str, ...] = Field(("no", "false"), description="words that stand for no")

    def refuse(self, question: Question) -> str | None:
        truth = question.reference.get("answer")
        if truth is None and not question.unanswerable:
            return "there is no answer (key `answer`); write yes or no"
        if truth is not None and self.choice(truth) is None:
            return f"the answer {truth!r} is neither of: {', '.join((*self.yes, *self.no))}"
        return None

    def choice(self, word: str) -> str | None:
        """`yes` or `no` for a word that stands for it, whatever its case; None for any other."""
        known = {"yes": self.yes, "no": self.no}
        folded = word.strip().casefold()
        return next((name for name, words in known.items() if folded in words), None)

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        return {
            "type": "object",
            "properties": {"choice": {"enum": ["yes", "no"]}, "reason": {"type": "string"}},
            "required": list(FIELDS),
            "additionalProperties": False,
        }

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {"question": question.text, "passages": passages}

    def parse(self, text: str) -> Parsed:
        """The first word decides, the rest is the reason. `unknown` is an abstention."""
        first, _, rest = without_thoughts(text).strip().partition(" ")
        word = re.sub(r"\W+$", "", first)
        if word.casefold() == "unknown":
            return Parsed(Status.ABSTAINED, dict.fromkeys(FIELDS, ""))
        choice = self.choice(word)
        if choice is None:
            return Parsed(Status.UNPARSED)
        return Parsed(Status.ANSWERED, {"choice": choice, "reason": rest.strip()})

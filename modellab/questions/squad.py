"""Questions about paragraphs in the format of SQuAD (Rajpurkar et al. 2016 and 2018).

XQuAD, MLQA, QuAC (with earlier questions as a history), GermanQuAD and annotation tools (Haystack)
use it too. Their tables on the hub, a row per question, are read by `table`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row
from modellab.core.options import first_problem
from modellab.core.text.blank import BLANK
from modellab.questions.conversations import NO_ANSWER
from modellab.questions.protocol import RowFormat


class SquadFormat(RowFormat):
    """`data`, `paragraphs`, `qas`; versions 1 and 2 (with unanswerable questions)."""

    task: ClassVar[str | None] = "open_qa"
    fields: ClassVar[frozenset[str] | None] = frozenset({"answer", "answer_value", "answer_unit"})
    keys: ClassVar[frozenset[str]] = frozenset({"paragraphs"})

    kind: Literal["squad"] = Field(description="JSON as the SQuAD data sets are written.")
    unanswerable: str = Field(
        "The documents do not say.",
        min_length=1,
        description="the reference answer of a question that its paragraph does not answer",
    )

    @classmethod
    def fits(cls, row: Row) -> bool:
        found = row.get("paragraphs")
        paragraphs = found if isinstance(found, list) else []
        return found == [] or any(isinstance(one, dict) and "qas" in one for one in paragraphs)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """Each question of an article with its answers, its paragraph as the relevant text, and the
        title of the article and perhaps `unanswerable` as tags.
        """
        if "paragraphs" not in row:
            raise KeyError("paragraphs")
        try:
            article = _Article.model_validate(row)
        except ValidationError as error:
            raise InputError(f"{place}: {first_problem(error)}") from None
        file = place.rpartition(": row ")[0] or place
        for number, paragraph in enumerate(article.paragraphs, start=1):
            history: list[str] = []
            for asked in paragraph.qas:
                here = f"{file}: {article.title or 'article'}, paragraph {number}, {asked.id}"
                found = self._row(here, article.title, paragraph.context, asked)
                yield here, {**found, **({"history": "\n".join(history)} if asked.followup else {})}
                reply = asked.answers[0].text if asked.answers else ""
                history += [f"user: {asked.question}", f"assistant: {reply}"]

    def _row(self, place: str, title: str, context: str, asked: _Asked) -> Row:
        unanswerable = asked.is_unanswerable()
        if not unanswerable and not asked.answers:
            raise InputError(f"{place}: no answer; give one, or say is_impossible: true")
        # answers of an unanswerable question are plausible but wrong ones
        texts = [] if unanswerable else asked.texts()
        value = BLANK if unanswerable else texts[0]
        return {
            "id": asked.id,
            "question": asked.question,
            "answer": texts or [self.unanswerable],
            "truth": {"answer_value": value, "answer_unit": BLANK},
            "groups": [*([title] if title else []), *(["unanswerable"] if unanswerable else [])],
            "reference_contexts": [] if unanswerable else [context],
            "unanswerable": unanswerable,
        }


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class _Answer(_Part):
    text: str = Field(min_length=1)


class _Asked(_Part):
    id: str
    question: str = Field(min_length=1)
    answers: tuple[_Answer, ...] | None = None
    is_impossible: bool | None = None
    #: of QuAC: the question is part of a conversation
    followup: str | None = None

    def texts(self) -> list[str]:
        return [one.text for one in self.answers or () if one.text != NO_ANSWER]

    def is_unanswerable(self) -> bool:
        """By `is_impossible`; without it, by a list without answers."""
        if self.is_impossible is not None:
            return self.is_impossible
        return self.answers is not None and not self.texts()


class _Paragraph(_Part):
    context: str
    qas: tuple[_Asked, ...]


class _Article(_Part):
    title: str = ""
    paragraphs: tuple[_Paragraph, ...]

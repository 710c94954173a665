"""Questions about paragraphs, written as the SQuAD data sets are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_utf8
from modellab.core.io.strict_json import no_number, parse
from modellab.core.records import Question, Relevance
from modellab.core.text.blank import BLANK
from modellab.questions.answers import first_and_others
from modellab.questions.protocol import QuestionFormat
from modellab.questions.rows import named

#: what helps with SQuAD as tables have it, a row per question
_ROWS = "; expected data > paragraphs > qas (`format: table` reads a row per question)"


class SquadFormat(QuestionFormat):
    """`data`, `paragraphs`, `qas`; versions 1 and 2 (with unanswerable questions)."""

    kind: Literal["squad"] = Field(description="JSON as the SQuAD data sets are written.")
    unanswerable: str = Field(
        "The documents do not say.",
        min_length=1,
        description="the reference answer of a question that its paragraph does not answer",
    )

    def truths(self) -> frozenset[str]:
        return frozenset({"answer", "answer_value", "answer_unit"})

    def read(self, path: Path) -> list[Question]:
        """Each question with all its answers, the first one first.

        It gets the paragraph as its relevant text, its article's title as a tag, and the tag
        `unanswerable` where it is one.
        """
        found = named(self._questions(path))
        if not found:
            raise InputError(f"{path}: no questions; expected data > paragraphs > qas")
        return found

    def _questions(self, path: Path) -> Iterator[Question]:
        for article in _read(path).data:
            for number, paragraph in enumerate(article.paragraphs, start=1):
                for asked in paragraph.qas:
                    place = f"{path}: {article.title or 'article'}, paragraph {number}, {asked.id}"
                    yield self._question(place, article.title, paragraph.context, asked)

    def _question(self, place: str, title: str, context: str, asked: _Asked) -> Question:
        unanswerable = asked.unanswerable()
        if not unanswerable and not asked.answers:
            raise InputError(f"{place}: no answer; give one, or say is_impossible: true")
        tags = [title] if title else []
        if unanswerable:
            tags.append("unanswerable")
        # the answers that some files give beside it are traps, not answers
        texts = [] if unanswerable else [answer.text for answer in asked.answers or ()]
        truth, others = first_and_others(place, texts or [self.unanswerable])
        return Question(
            id=asked.id,
            text=asked.question,
            given={},
            truth={
                **truth,
                "answer_value": BLANK if unanswerable else truth["answer"],
                "answer_unit": BLANK,
            },
            references=(),
            tags=tuple(tags),
            relevance=Relevance(contexts=() if unanswerable else (context,)),
            source=place,
            unanswerable=unanswerable,
            other_answers=others,
        )


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class _Answer(_Part):
    text: str = Field(min_length=1)


class _Asked(_Part):
    id: str
    question: str = Field(min_length=1)
    answers: tuple[_Answer, ...] | None = None
    is_impossible: bool | None = None

    def unanswerable(self) -> bool:
        """As it says; where it does not say, an empty list of answers does."""
        return self.answers == () if self.is_impossible is None else self.is_impossible


class _Paragraph(_Part):
    context: str
    qas: tuple[_Asked, ...]


class _Article(_Part):
    title: str = ""
    paragraphs: tuple[_Paragraph, ...]


class _File(_Part):
    data: tuple[_Article, ...]


def _read(path: Path) -> _File:
    try:
        data = parse(read_utf8(path))
        if problem := no_number(data):
            raise InputError(f"{path}: {problem}")
        return _File.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        rows = _ROWS if where in ("data", "file") else ""
        raise InputError(f"{path}: {where}: {first['msg']}{rows}") from None
    except (ValueError, RecursionError) as error:
        rows = _ROWS if str(error).startswith("Extra data") else ""
        raise InputError(f"{path}: not valid JSON ({error}){rows}") from None

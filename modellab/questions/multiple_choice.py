"""Questions with choices, as MMLU, ARC, CommonsenseQA, OpenBookQA, MedQA and RACE have them.

The choices stand below the question, each with a letter; the true label is the letter of the right
one, and its text is the true answer for those who ask for free text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row, TableFile
from modellab.questions.protocol import QuestionsRead
from modellab.questions.row_format import RowFormat

_CHOICES = ("choices", "options", "endings")
_RIGHT = ("answerKey", "answer_key", "answer_idx", "answer", "correct_answer", "gold", "label")
_STEMS = ("question", "question_stem", "stem", "ctx", "query", "prompt")
#: what belongs to the question above it
_ABOVE = ("article", "passage")
_LETTERS = tuple(ascii_uppercase)


class MultipleChoiceFormat(RowFormat):
    """A question, its choices and the right one: its letter, its number from 0, or its text."""

    task: ClassVar[str | None] = "label"
    signature: ClassVar[frozenset[str]] = frozenset({*_CHOICES, *_STEMS})

    kind: Literal["multiple_choice"] = Field(
        description="Questions with choices, as MMLU, ARC, MedQA and others have them: `choices` "
        "or `options`, or columns A, B, C, D."
    )

    def truths(self) -> frozenset[str]:
        return frozenset({"answer", "label"})

    @classmethod
    def fits(cls, row: Row) -> bool:
        return bool(_choices(row)) and any(name in row for name in _RIGHT)

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        most = max(len(_choices(row)) for _, row in file.rows)
        read = super().questions(path, file)
        return QuestionsRead(read.questions, read.notes, read.task, _LETTERS[:most])

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        choices = _choices(row)
        if not choices:
            raise KeyError("choices")
        stem = next(row[name] for name in _STEMS if name in row)
        stem = stem["stem"] if isinstance(stem, Mapping) else stem
        right = _right(place, row, list(choices))
        texts = list(choices.values())
        lines = [f"{_LETTERS[n]}. {text}" for n, text in enumerate(texts)]
        above = [str(row[name]) for name in _ABOVE if row.get(name)]
        used = {*_CHOICES, *_RIGHT, *_STEMS, *_ABOVE, *_LETTERS}
        yield (
            place,
            {
                **{name: value for name, value in row.items() if name not in used},
                "question": "\n".join([*above, str(stem), *lines]),
                "label": _LETTERS[right],
                "answer": texts[right],
            },
        )


def _choices(row: Row) -> dict[str, str]:
    """The texts of the choices by the name that each has in the row: a letter or a number."""
    inner = row.get("question")
    found = next((row[name] for name in _CHOICES if name in row), None)
    if found is None and isinstance(inner, Mapping):
        found = inner.get("choices")
    if isinstance(found, Mapping) and {"text", "label"} <= set(found):
        return dict(zip(map(str, found["label"]), map(str, found["text"]), strict=True))
    if isinstance(found, Mapping):
        return {str(name): str(text) for name, text in found.items() if text is not None}
    if isinstance(found, list) and found and isinstance(found[0], Mapping):
        return {str(one["label"]): str(one["text"]) for one in found}
    if isinstance(found, list):
        return {_LETTERS[n]: str(text) for n, text in enumerate(found[: len(_LETTERS)])}
    letters = [name for name in _LETTERS if row.get(name) is not None]
    if len(letters) < 2 or letters != list(_LETTERS[: len(letters)]):
        return {}
    return {name: str(row[name]) for name in letters}


def _right(place: str, row: Row, names: list[str]) -> int:
    """Which choice is right, from 0."""
    texts = list(_choices(row).values())
    key = next(name for name in _RIGHT if row.get(name) is not None)
    said: Any = row[key]
    text = str(said).strip()
    if text in names:
        return names.index(text)
    if text.upper() in _LETTERS[: len(names)]:
        return _LETTERS.index(text.upper())
    if text in texts:
        return texts.index(text)
    if text.isdecimal() and int(text) < len(names):
        return int(text)
    raise InputError(
        f"{place}: {key} is {text!r}; write the letter of the right choice (A to "
        f"{_LETTERS[len(names) - 1]}), its number from 0, or its text"
    )

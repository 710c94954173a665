"""Multiple-choice questions: choices in a list, a map, objects, a text, or columns."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from string import ascii_uppercase
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest
from modellab.core.io.columns import plain_name
from modellab.core.io.table_file import Row, TableFile
from modellab.questions.protocol import QuestionsRead, RowFormat
from modellab.questions.table_rows import written_list

_LETTERS = tuple(ascii_uppercase)
#: names in plain form (see `plain_name`), the most specific first
_CHOICES = ("choices", "options", "endings", "options_list", "answer_choices")
_RIGHT = (
    *("answer_key", "answerkey", "answer_idx", "answer_index", "correct_option", "correct_choice"),
    *("correct_idx", "correct_index", "correct_option_index", "cop", "correct", "answer", "ans"),
    *(
        "correct_answer",
        "correct_answer(s)",
        "right_answer",
        "gold",
        "gold_label",
        "label",
        "target",
        "ideal",
    ),
)
_STEMS = (
    *("question", "question_stem", "stem", "ctx", "query", "prompt", "input", "goal", "sentence"),
    *("problem", "startphrase"),
)
#: texts that belong above the question
_ABOVE = ("article", "passage", "context", "premise")
#: TruthfulQA (Lin et al. 2022): choices with 1 for the right one, else 0
_TARGETS = "mc1_targets"
#: columns of choices (PIQA, COPA, SWAG, CosmosQA, WinoGrande, SocialIQA, MedMCQA, ...), and whether
#: the letter or number in them is the name of the choice
_COLUMNS: Mapping[str, bool] = {
    r"(?:op|opt_?|option_?|choice_?|)([a-j])": True,
    r"opt(?:ion)?_?(\d)": True,
    r"(?:sol|choice_?|ending_?)(\d)": False,
    r"ans(?:wer)?_?([a-j]|[0-9])": False,
}
#: the wrong choices beside a `correct_answer` (GPQA, SciQ, Open Trivia), in columns or a list
_WRONG = re.compile(
    r"(?:incorrect_answer|wrong_answer|distractor)_?\d|incorrect_answers|distractors"
)
#: the prefix of a choice in a text or list, such as `A)`, `(B)` or `C.`
_PREFIX = re.compile(r"(?:^|(?<=[\s;,|]))\(?([A-J])[).:]\s*")
#: the column with the reading of the right choice in this file
_READING = "\0reading"
#: ways to name the right choice, the likeliest first
_READINGS = ("name", "letter", "text", "number from 0", "number from 1")


#: of files without a header, such as those of MMLU (Hendrycks et al. 2021)
HEADER = ("question", "A", "B", "C", "D", "answer")


def is_headerless(cells: Sequence[str]) -> bool:
    """Whether the first line of a file is a question, choices and a letter instead of names."""
    return cells[-1].strip() in HEADER[1:-1] and len(cells[0].split()) > 1


def has_choices(columns: Iterable[str]) -> bool:
    """Whether a column is called choices or options."""
    return not {plain_name(name) for name in columns}.isdisjoint(_CHOICES)


class MultipleChoiceFormat(RowFormat):
    """Each question is shown with its choices below it, each with a letter.

    The label is the letter of the right choice, and its text is the answer for tasks in free text.
    """

    task: ClassVar[str | None] = "label"
    fields: ClassVar[frozenset[str] | None] = frozenset({"answer", "label"})
    keys: ClassVar[frozenset[str]] = frozenset({*_CHOICES, *_STEMS, _TARGETS})

    kind: Literal["multiple_choice"] = Field(
        description="Questions with choices (MMLU, ARC, MedQA, TruthfulQA, ...): `choices`, "
        "`options`, or columns such as A, B, C, D."
    )

    @classmethod
    def fits(cls, row: Row) -> bool:
        """Whether a row has choices and says which one is right."""
        plain = _plain(next(_asked(row), row))
        named = any(plain.get(name) is not None for name in _RIGHT)
        return bool(_choices(plain)) and (named or isinstance(plain.get(_TARGETS), Mapping))

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        file = replace(file, rows=tuple((at, one) for at, row in file.rows for one in _asked(row)))
        rows = [_plain(row) for _, row in file.rows]
        for (place, row), plain in zip(file.rows, rows, strict=True):
            if not self.fits(row):
                missing = "a right choice" if _choices(plain) else "choices"
                found = ", ".join(row)
                raise InputError(f"{place}: no {missing}, unlike other rows (found: {found})")
        meant = [_readings(row, list(_choices(row).items())) for row in rows]
        reading = next((name for name in _READINGS if all(name in one for one in meant)), None)
        marked = tuple((place, {**row, _READING: reading}) for place, row in file.rows)
        labels = _LETTERS[: max(len(_choices(row)) for row in rows)]
        return replace(super().questions(path, replace(file, rows=marked)), labels=labels)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        plain = _plain(row)
        choices = _choices(plain)
        right = _right_choice(place, plain, list(choices.items()), row.get(_READING))
        stem = next((plain[name] for name in _STEMS if plain.get(name) is not None), None)
        if stem is None:
            raise KeyError("question")
        stem = stem["stem"] if isinstance(stem, Mapping) else stem
        texts = list(choices.values())
        lines = [f"{_LETTERS[n]}. {text}" for n, text in enumerate(texts)]
        # choices that are the letters of those in the question
        lines = [] if texts == list(_LETTERS[: len(texts)]) else lines
        above = [str(plain[name]) for name in _ABOVE if plain.get(name)]
        used = {*_CHOICES, *_RIGHT, *_STEMS, *_ABOVE, *_choice_columns(plain).values()}
        used |= {_TARGETS, "mc2_targets", _READING}
        # the name of a passage of RACE, which has several questions
        used |= {"example_id"} if "article" in plain else set()
        rest = {name: value for name, value in row.items() if plain_name(name) not in used}
        yield (
            place,
            {
                **{
                    name: value
                    for name, value in rest.items()
                    if not _WRONG.fullmatch(plain_name(name))
                },
                "question": "\n".join([*above, str(stem), *lines]),
                "label": _LETTERS[right],
                "answer": texts[right],
            },
        )


def _asked(row: Row) -> Iterator[Row]:
    """The questions of a row: itself, or those of a passage.

    RACE (Lai et al. 2017) has lists of questions, options and answers; QuALITY (Pang et al. 2022) a
    list of objects.
    """
    listed = row.get("questions")
    if not isinstance(listed, list) or "article" not in row:
        yield row
        return
    names = ("question", "options", "answer")
    columns: tuple[Any, ...] = (listed, row.get("options"), row.get("answers"))
    if all(isinstance(column, list) for column in columns):
        listed = [dict(zip(names, one, strict=True)) for one in zip(*columns, strict=False)]
    for number, one in enumerate(listed, start=1):
        name = one.get("question_unique_id", f"{row.get('id', 'passage')}-{number}")
        yield {"id": name, "article": row["article"], **one}


def _plain(row: Row) -> dict[str, Any]:
    """By plain name; a right answer beside wrong ones is one of the choices, in any place."""
    plain = {plain_name(str(name)): value for name, value in row.items()}
    wrong = [plain[name] for name in plain if _WRONG.fullmatch(name)]
    texts = [one for value in wrong for one in (value if isinstance(value, list) else [value])]
    texts = [str(text) for text in texts if text not in (None, "")]
    right = plain.get("correct_answer")
    if not texts or right in (None, "") or has_choices(plain):
        return plain
    order = sorted({str(right), *texts}, key=lambda text: digest([plain.get("question"), text]))
    return {**plain, "choices": order, "correct_answer": str(right)}


def _choices(row: Mapping[str, Any]) -> dict[str, str]:
    """The texts of the choices by the name that each has in the row: a letter or a number."""
    inner = row.get("question")
    found = next((row[name] for name in _CHOICES if row.get(name) is not None), None)
    if found is None and isinstance(inner, Mapping):
        found = inner.get("choices")
    if found is None and isinstance(row.get(_TARGETS), Mapping):
        found = list(_targets(row[_TARGETS]))
    if isinstance(found, Mapping) and {"text", "label"} <= set(found):
        return dict(zip(map(str, found["label"]), map(str, found["text"]), strict=True))
    if isinstance(found, Mapping):
        return {str(name): str(text) for name, text in found.items() if text is not None}
    if isinstance(found, str):
        found = _in_text(found)
    if isinstance(found, list) and found and isinstance(found[0], Mapping):
        return _of_objects(found)
    if isinstance(found, list):
        texts = [str(text) for text in found[: len(_LETTERS)]]
        prefixes = [_PREFIX.match(text) for text in texts]
        if [one[1] for one in prefixes if one] == list(_LETTERS[: len(texts)]):
            texts = [text[one.end() :] for text, one in zip(texts, prefixes, strict=True) if one]
        return dict(zip(_LETTERS, texts, strict=False))
    columns = _choice_columns(row)
    return {name: str(row[column]) for name, column in columns.items()}


def _of_objects(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Choices with a name and a text each, such as `{"label": "A", "text": "..."}`."""
    names = next((key for key in ("label", "id", "key", "name") if key in found[0]), None)
    texts = next((key for key in ("text", "value", "content") if key in found[0]), None)
    if names is None or texts is None or not all({names, texts} <= set(one) for one in found):
        return {}
    return {str(one[names]): str(one[texts]) for one in found}


def _in_text(text: str) -> list[str]:
    """Choices in one text: a list, `A) ... B) ...`, or with lines, bars or semicolons between."""
    if (listed := written_list(text)) is not None:
        return listed
    starts = list(_PREFIX.finditer(text))
    if len(starts) > 1 and [one[1] for one in starts] == list(_LETTERS[: len(starts)]):
        ends = [*(one.start() for one in starts[1:]), len(text)]
        cut = [text[one.end() : end] for one, end in zip(starts, ends, strict=True)]
        return [choice.strip().rstrip(";,|").strip() for choice in cut]
    between = next((mark for mark in "\n|;" if mark in text.strip()), None)
    return [choice.strip() for choice in text.strip().split(between)] if between else []


def _choice_columns(row: Mapping[str, Any]) -> dict[str, str]:
    """By name the columns of at least two consecutive choices; empty cells at the end are none."""
    for pattern, named in _COLUMNS.items():
        found = {m[1]: name for name in row if (m := re.fullmatch(pattern, name))}
        names = sorted(name for name in found if row[found[name]] not in (None, ""))
        others = {name for name, value in row.items() if value is not None} - {*found.values()}
        if len(names) < 2 or not others & {*_RIGHT}:
            continue
        first = names[0]
        if first in "a01" and names == [chr(ord(first) + n) for n in range(len(names))]:
            answers = pattern.startswith("ans")
            # several right answers are numbered from 1, unless a column says which one is right
            if answers and first == "1" and not any(one.startswith("correct") for one in others):
                continue
            numbers = [str(n + 1) for n in range(len(names))]
            shown = [name.upper() for name in names] if named else list(_LETTERS)
            shown = numbers if answers and first in "a1" else shown
            return dict(zip(shown, (found[name] for name in names), strict=False))
    return {}


def _targets(value: Mapping[str, Any]) -> dict[str, int]:
    """The choices of TruthfulQA with 1 or 0: as published, or as columns on the hub."""
    if set(value) == {"choices", "labels"}:
        return dict(zip(value["choices"], value["labels"], strict=True))
    return dict(value)


def _right(row: Mapping[str, Any]) -> tuple[str, Any]:
    """The column that says which choice is right, and its value."""
    key = next(name for name in _RIGHT if row.get(name) is not None)
    value = row[key]
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    return key, value


def _readings(row: Mapping[str, Any], choices: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The choice that may be meant, from 0, by what its column may hold."""
    if isinstance(row.get(_TARGETS), Mapping):
        return {"name": list(_targets(row[_TARGETS]).values()).index(1)}
    value = _right(row)[1]
    text = str(value).strip()
    names, texts = [name for name, _ in choices], [choice.strip() for _, choice in choices]
    number = int(text) if text.isdecimal() else None
    found = {
        "name": names.index(text) if text in names else None,
        "letter": _LETTERS.index(text.upper()) if text.upper() in _LETTERS else None,
        "text": texts.index(text) if text in texts and isinstance(value, str) else None,
        "number from 0": number,
        "number from 1": number - 1 if number else None,
    }
    return {name: at for name, at in found.items() if at is not None and at < len(choices)}


def _right_choice(
    place: str, row: Mapping[str, Any], choices: Sequence[tuple[str, str]], reading: str | None
) -> int:
    """The right choice, from 0. Raises InputError if there is no such choice."""
    found = _readings(row, choices)
    if reading is None and set(found) != {"number from 1"}:
        reading = next(iter(found), None)
    if reading in found:
        return found[reading]
    key, value = _right(row)
    raise InputError(
        f"{place}: {key} is {str(value)!r}; write the letter of the right choice (A to "
        f"{_LETTERS[len(choices) - 1]}), its number from 0, or its text"
    )

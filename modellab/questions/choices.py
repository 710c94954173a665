"""Questions with choices: of the choices one is right.

The choices are a list, a map, objects with `text` and `label`, or columns A, B, C, D.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row

_CHOICES = ("choices", "options", "endings")
_RIGHT = ("answerKey", "answer_key", "answer_idx", "answer", "correct_answer", "gold", "label")
_STEMS = ("question", "question_stem", "stem", "ctx", "query", "prompt")
#: columns with a text that belongs above the question
_ABOVE = ("article", "passage")
#: TruthfulQA (Lin et al. 2022): choices with 1 for the right one, else 0
_TARGETS = "mc1_targets"
_LETTERS = tuple(ascii_uppercase)


def multiple_choice(place: str, row: Row) -> Iterator[Row]:
    """A question, its choices and the right one: its letter, its number from 0, or its text.

    As in MMLU, ARC, CommonsenseQA, OpenBookQA, MedQA, RACE and TruthfulQA. The choices are written
    below the question, each with a letter. The label is the letter of the right one, and its text
    is the answer for tasks in free text.
    """
    choices = _choices(row)
    if not choices:
        raise KeyError("choices")
    stem = next(row[name] for name in _STEMS if name in row)
    stem = stem["stem"] if isinstance(stem, Mapping) else stem
    texts = list(choices.values())
    right = _right_choice(place, row, list(choices), texts)
    lines = [f"{_LETTERS[n]}. {text}" for n, text in enumerate(texts)]
    above = [str(row[name]) for name in _ABOVE if row.get(name)]
    used = {*_CHOICES, *_RIGHT, *_STEMS, *_ABOVE, *_LETTERS, _TARGETS, "mc2_targets"}
    yield {
        **{name: value for name, value in row.items() if name not in used},
        "question": "\n".join([*above, str(stem), *lines]),
        "label": _LETTERS[right],
        "answer": texts[right],
    }


def _choices(row: Row) -> dict[str, str]:
    """The texts of the choices by the name that each has in the row: a letter or a number."""
    inner = row.get("question")
    found = next((row[name] for name in _CHOICES if name in row), None)
    if found is None and isinstance(inner, Mapping):
        found = inner.get("choices")
    if found is None and isinstance(row.get(_TARGETS), Mapping):
        found = list(_targets(row[_TARGETS]))
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


def _targets(value: Mapping[str, Any]) -> dict[str, int]:
    """The choices of TruthfulQA with 1 or 0: as published, or as columns on the hub."""
    if set(value) == {"choices", "labels"}:
        return dict(zip(value["choices"], value["labels"], strict=True))
    return dict(value)


def _right_choice(place: str, row: Row, names: list[str], texts: list[str]) -> int:
    """Which choice is right, from 0."""
    if isinstance(row.get(_TARGETS), Mapping):
        return list(_targets(row[_TARGETS]).values()).index(1)
    key = next(name for name in _RIGHT if row.get(name) is not None)
    text = str(row[key]).strip()
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


def letters_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The labels of a file: the letters of its longest list of choices."""
    return _LETTERS[: max(len(_choices(row)) for row in rows)]


def has_choices(row: Row) -> bool:
    """Whether a row has choices and says which one is right."""
    return bool(_choices(row)) and any(name in row for name in (*_RIGHT, _TARGETS))


#: names that rows with choices have and other tables do not
CHOICE_KEYS = (*_CHOICES, *_STEMS, _TARGETS)

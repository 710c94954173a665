"""Lessons as tensors: notes once, and behind them each question as if it were the only one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tiny_world.facts import Asked, Note
from tiny_world.lessons import Lesson
from tiny_world.readers import answers
from tiny_world.readers.tokenizer import ASSISTANT, END, USER

if TYPE_CHECKING:
    import torch

#: not a target
IGNORED = -100


@dataclass(frozen=True)
class Encoded:
    """One lesson: tokens, the place each is at, its question from 1 (0: the notes), its target."""

    tokens: tuple[int, ...]
    places: tuple[int, ...]
    parts: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """Lessons of a batch, (lessons, tokens) each; `seen` is (lessons, 1, tokens, tokens)."""

    tokens: torch.Tensor
    places: torch.Tensor
    targets: torch.Tensor
    seen: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))


class Encoder:
    """Writes lessons as the pipeline writes prompts (by the prompt `tiny_reader.jinja`)."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def lesson(self, lesson: Lesson) -> Encoded:
        tokens = self._ids(_notes_text(lesson.notes))
        start = len(tokens)
        places, parts, targets = list(range(start)), [0] * start, [IGNORED] * start
        for part, asked in enumerate(lesson.asked, start=1):
            question = self._ids(f"\n? {asked.text}{ASSISTANT}")
            answer = self._ids(answer_text(lesson, asked) + END)
            tokens += question + answer[:-1]
            length = len(question) + len(answer) - 1
            places += range(start, start + length)
            parts += [part] * length
            targets += [IGNORED] * (len(question) - 1) + answer
        return Encoded(tuple(tokens), tuple(places), tuple(parts), tuple(targets))

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def _notes_text(notes: Sequence[Note]) -> str:
    """Each sentence has the id of its note behind it."""
    shown = (note.text.replace(". ", f". [{note.id}] ") + f" [{note.id}]" for note in notes)
    return USER + "".join(f"\n* {text}" for text in shown)


def answer_text(lesson: Lesson, asked: Asked) -> str:
    """What a reader should write."""
    if asked.fact is None:
        return answers.BLANK
    [source] = [note for note in lesson.notes if asked.fact in note.facts]
    return answers.answer(asked.fact.value, source.id)


def batch(lessons: Sequence[Encoded], pad: int) -> Batch:
    """Lessons padded on the right. A question sees the notes and itself, none of the others."""
    import torch

    longest = max(len(lesson.tokens) for lesson in lessons)

    def padded(rows: Sequence[tuple[int, ...]], filler: int) -> torch.Tensor:
        return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])

    parts = padded([lesson.parts for lesson in lessons], -1)
    same = parts[:, :, None] == parts[:, None, :]
    seen = (same | (parts[:, None, :] == 0)) & torch.ones(longest, longest, dtype=torch.bool).tril()
    return Batch(
        padded([lesson.tokens for lesson in lessons], pad),
        padded([lesson.places for lesson in lessons], 0),
        padded([lesson.targets for lesson in lessons], IGNORED),
        seen[:, None],
    )

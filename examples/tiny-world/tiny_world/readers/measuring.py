"""What a reader gets right, quickly: the likeliest token at each place of the right answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tiny_world.facts import HELD_OUT_VOICE, KNOWN_VOICE, Voice
from tiny_world.lessons import Lesson, Level, lesson
from tiny_world.readers.encoding import IGNORED, Encoder, batch

#: as the benchmark is read: several notes, one question
TEST = Level(notes=5, facts=2, questions=1)


@dataclass(frozen=True)
class Marks:
    """Shares, each over the questions that it is about."""

    value: float
    reference: float
    blank_recall: float
    false_blanks: float


def held_out_lessons(count: int, voice: Voice, seed: int) -> list[Lesson]:
    """Lessons of one question about things, numbers and documents that no lesson has."""
    random = Random(f"test:{seed}")  # noqa: S311
    return [lesson(random, TEST, voice, held_out=True) for _ in range(count)]


def known_and_new(
    model: Any, encoder: Encoder, count: int = 300, seed: int = 0
) -> dict[str, Marks]:
    return {
        "known": measure(model, encoder, held_out_lessons(count, KNOWN_VOICE, seed)),
        "new": measure(model, encoder, held_out_lessons(count, HELD_OUT_VOICE, seed)),
    }


def measure(model: Any, encoder: Encoder, lessons: Sequence[Lesson], size: int = 32) -> Marks:
    """Tokens up to the middle are the value, those behind it the reference."""
    import torch

    right: list[list[bool]] = []
    for at in range(0, len(lessons), size):
        some = batch([encoder.lesson(one) for one in lessons[at : at + size]], 0)
        with torch.inference_mode():
            logits = model(
                input_ids=some.tokens, attention_mask=some.seen, position_ids=some.places
            ).logits
        hits = logits.argmax(-1) == some.targets
        for row, targets in zip(hits, some.targets, strict=True):
            right.append(row[targets != IGNORED].tolist())
    answered = [r for r, one in zip(right, lessons, strict=True) if one.asked[0].fact]
    blank = [r for r, one in zip(right, lessons, strict=True) if not one.asked[0].fact]
    behind = [_behind(encoder, one) for one in lessons if one.asked[0].fact]
    return Marks(
        _share([all(r[:-b]) for r, b in zip(answered, behind, strict=True)]),
        _share([all(r[-b:]) for r, b in zip(answered, behind, strict=True)]),
        _share([all(r) for r in blank]),
        _share([not r[0] for r in answered]),
    )


def _behind(encoder: Encoder, one: Lesson) -> int:
    """How many tokens of the right answer are the document's id, its end and the last token."""
    fact = one.asked[0].fact
    [source] = [note for note in one.notes if fact in note.facts]
    return len(encoder._ids(source.id)) + 2


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")

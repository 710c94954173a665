"""The benchmark of the tiny world: a corpus and questions, in the formats of any other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from modellab.core.io.atomic import atomic_file
from modellab.core.io.csv_file import write_csv
from modellab.core.text.blank import BLANK
from tiny_world import lexicon
from tiny_world.facts import (
    HELD_OUT_VOICE,
    KNOWN_VOICE,
    Asked,
    Fact,
    Note,
    Voice,
    entities,
    facts_about,
    note,
)

CORPUS, QUESTIONS = "corpus.jsonl", "questions.csv"
#: things with shared attributes, which a question can be confused by
GROUP = 5
FACTS_OF_GROUP = 16
TAG = "phrasing_held_out"
COLUMNS = (
    *("id", "question", "answer", "answer_value", "answer_unit", "ref_id", "ref_url"),
    *(
        "supporting_materials",
        "explanation",
        "Quote",
        "Table",
        "Figure",
        "Math",
        "is_NA",
        "phrasing",
    ),
)
_NO_ANSWER = "Unable to answer with confidence based on the provided documents."


@dataclass(frozen=True)
class Size:
    """How many questions of each kind; each group makes about eleven notes."""

    known: int = 80
    held_out: int = 40
    unanswerable: int = 30
    groups: int = 9


@dataclass(frozen=True)
class Group:
    """Notes about related things, all in one voice."""

    voice: Voice
    notes: tuple[Note, ...]


def write_benchmark(folder: Path, seed: int, size: Size) -> None:
    """Write `corpus.jsonl` and `questions.csv`; the same seed and size give the same bytes.

    All things, numbers and documents are of those that lessons never use. In a third of the
    groups, statements and questions are phrased as no lesson phrases them.
    """
    random = Random(f"tiny-world:{seed}")  # noqa: S311
    known, new = _groups(random, size)
    rows = [
        *_answerable(random, known, size.known),
        *_answerable(random, new, size.held_out),
        *_unanswerable(random, known, size.unanswerable),
    ]
    notes = [one for group in (*known, *new) for one in group.notes]
    random.shuffle(notes)
    random.shuffle(rows)
    with atomic_file(folder / CORPUS) as handle:
        for one in notes:
            handle.write(json.dumps({"id": one.id, "title": one.id, "text": one.text}) + "\n")
    numbered = [{"id": f"t{at:03}", **row} for at, row in enumerate(rows, start=1)]
    write_csv(folder / QUESTIONS, COLUMNS, numbered)


def _groups(random: Random, size: Size) -> tuple[list[Group], list[Group]]:
    """Groups in known phrasings, and groups in new ones (one in three)."""
    names = entities(random, size.groups * GROUP, held_out=True)
    used: set[str] = set()
    groups = [
        _group(random, names[at : at + GROUP], at // GROUP % 3 == 2, used)
        for at in range(0, len(names), GROUP)
    ]
    known = [group for group in groups if group.voice is KNOWN_VOICE]
    return known, [group for group in groups if group.voice is not KNOWN_VOICE]


def _group(random: Random, names: Sequence[str], new: bool, used: set[str]) -> Group:
    voice = HELD_OUT_VOICE if new else KNOWN_VOICE
    facts = facts_about(random, names, FACTS_OF_GROUP, held_out=True)
    notes: list[Note] = []
    while facts:
        one = note(random, facts[: random.randint(1, 2)], voice, held_out=True)
        if one.id not in used:
            used.add(one.id)
            notes.append(one)
            facts = facts[len(one.facts) :]
    return Group(voice, tuple(notes))


def _answerable(random: Random, groups: Sequence[Group], count: int) -> Iterator[dict[str, object]]:
    """Questions for `count` facts; some facts may be asked for twice, in other words."""
    facts = [(group, one, fact) for group in groups for one in group.notes for fact in one.facts]
    for group, one, fact in random.sample(facts, count):
        text = group.voice.ask(random, fact.entity, fact.attribute)
        asked = Asked(text, fact.attribute, fact)
        yield _row(asked, one, TAG if group.voice is HELD_OUT_VOICE else "")


def _unanswerable(
    random: Random, groups: Sequence[Group], count: int
) -> Iterator[dict[str, object]]:
    """Questions about known things, for attributes that no note mentions."""
    seen: set[tuple[str, str]] = set()
    while len(seen) < count:
        group = random.choice(groups)
        facts = [fact for one in group.notes for fact in one.facts]
        entity = random.choice(facts).entity
        near = random.random() < 0.5
        attribute = random.choice([f.attribute for f in facts] if near else lexicon.ATTRIBUTES)
        known = any(f.entity == entity and f.attribute == attribute for f in facts)
        if not known and (entity, attribute.key) not in seen:
            seen.add((entity, attribute.key))
            yield _row(Asked(group.voice.ask(random, entity, attribute), attribute, None), None, "")


def _row(asked: Asked, source: Note | None, tag: str) -> dict[str, object]:
    if asked.fact is None or source is None:
        truth = dict.fromkeys(COLUMNS[3:9], BLANK) | {"answer": _NO_ANSWER}
        truth["answer_unit"] = asked.attribute.unit or BLANK
        return {"question": asked.text, **truth, **_flags(is_na=True), "phrasing": tag}
    return {
        "question": asked.text,
        "answer": f"{asked.fact.value} {asked.attribute.unit}".strip(),
        "answer_value": _plain(asked.fact),
        "answer_unit": asked.attribute.unit or BLANK,
        "ref_id": f"['{source.id}']",
        "ref_url": BLANK,
        "supporting_materials": source.text,
        "explanation": source.text,
        **_flags(is_na=False),
        "phrasing": tag,
    }


def _flags(is_na: bool) -> dict[str, object]:
    return {"Quote": int(not is_na), "Table": 0, "Figure": 0, "Math": 0, "is_NA": int(is_na)}


def _plain(fact: Fact) -> str:
    """The value without commas between thousands."""
    return fact.value if fact.attribute.is_name else fact.value.replace(",", "")

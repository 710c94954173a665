"""Lessons: an endless supply of notes with several questions each, none from the benchmark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tiny_world import lexicon
from tiny_world.facts import (
    LESSON_VOICE,
    Asked,
    Fact,
    Note,
    Voice,
    entities,
    facts_about,
    note,
)
from tiny_world.names import like

#: percentage of things in a lesson that share a syllable with another
_ALIKE = 25


@dataclass(frozen=True)
class Level:
    """The difficulty of a lesson: the maximum number of notes, of facts per note, of questions.

    About the share `near` of unanswerable questions asks for an attribute that another thing has.
    """

    notes: int
    facts: int
    questions: int
    unanswerable: float = 0.22
    least_notes: int = 1
    near: float = 0.6


@dataclass(frozen=True)
class Lesson:
    """Notes as they would be retrieved, and questions about them."""

    notes: tuple[Note, ...]
    asked: tuple[Asked, ...]


def lesson(
    random: Random, level: Level, voice: Voice = LESSON_VOICE, held_out: bool = False
) -> Lesson:
    """Things that share attributes, with questions about stated facts and about missing ones."""
    if voice.alike_share:
        voice = replace(voice, wording=random.randrange(3))
    count = random.randint(level.least_notes, level.notes)
    sizes = [random.randint(1, level.facts) for _ in range(count)]
    things = _things(random, random.randint(max(1, (sum(sizes) + 2) // 3), count + 1), held_out)
    facts = facts_about(random, things, sum(sizes), held_out)
    notes, at = [], 0
    for size in sizes:
        notes.append(note(random, facts[at : at + size], voice, held_out))
        at += size
    asked = [_question(random, facts, level, voice, held_out) for _ in range(level.questions)]
    return Lesson(tuple(notes), tuple(asked))


def _things(random: Random, count: int, held_out: bool) -> list[str]:
    """Different names; some begin or end as another does."""
    found: dict[str, None] = dict.fromkeys(entities(random, 1, held_out))
    while len(found) < count:
        alike = random.randrange(100) < _ALIKE
        made = like(random, random.choice(list(found)), held_out) if alike else None
        found[made or entities(random, 1, held_out)[0]] = None
    return list(found)


def _question(
    random: Random, facts: list[Fact], level: Level, voice: Voice, held_out: bool
) -> Asked:
    if random.random() >= level.unanswerable:
        fact = random.choice(facts)
        return Asked(voice.ask(random, fact.entity, fact.attribute), fact.attribute, fact)
    entity, attribute = _untold(random, facts, level.near, held_out)
    return Asked(voice.ask(random, entity, attribute), attribute, None)


def _untold(
    random: Random, facts: list[Fact], near: float, held_out: bool
) -> tuple[str, lexicon.Attribute]:
    """A thing and an attribute without a fact; mostly each of them occurs elsewhere."""
    stated = {(fact.entity, fact.attribute.key) for fact in facts}
    while True:
        known = random.random() < 0.85
        entity = random.choice(facts).entity if known else entities(random, 1, held_out)[0]
        shared = random.random() < near
        attribute = random.choice(facts).attribute if shared else random.choice(lexicon.ATTRIBUTES)
        if (entity, attribute.key) not in stated:
            return entity, attribute
        if random.random() < 0.2:
            return entities(random, 1, held_out)[0], attribute

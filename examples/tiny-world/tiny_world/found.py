"""Lessons whose notes were retrieved by the words of a question from many others.

Such notes are similar: they are about the same thing, or the same attribute by the same name.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
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
from tiny_world.lessons import Lesson, Level
from tiny_world.lexicon import Attribute
from tiny_world.names import akin

#: things that share their attributes, and the facts of them, as in the benchmark
_GROUP, _FACTS = 5, 16
_LEAST_GROUPS, _MOST_GROUPS = 3, 9
#: percentage of things with a name similar to an earlier one
_AKIN = 35
#: percentages of questions about the thing, or the attribute, of the search
_OF_THING, _OF_ATTRIBUTE = 30, 35
#: percentage of unanswerable questions about a thing that no note mentions
_UNKNOWN = 8
#: percentage of questions that name the attribute as the search did
_SAME_WORDING = 60


def found_lesson(
    random: Random, level: Level, voice: Voice = LESSON_VOICE, held_out: bool = False
) -> Lesson:
    """Notes that share the most telling words with one question; that is asked first."""
    world = _world(random, level, voice, held_out)
    thing, attribute = _wanted(random, world, level)
    said = replace(voice, alike_share=1.0, wording=random.randrange(3))
    search = said.ask(random, thing, attribute)
    notes = _found(world, search, random.randint(level.least_notes, level.notes))
    facts = [fact for one in notes for fact in one.facts]
    asking = replace(said, alike_share=_SAME_WORDING / 100)
    own = next((f for f in facts if (f.entity, f.attribute) == (thing, attribute)), None)
    asked = [Asked(said.ask(random, thing, attribute), attribute, own)]
    while len(asked) < level.questions:
        if random.random() < level.unanswerable:
            entity, other = _untold(random, facts, thing, attribute, level.near, held_out)
            asked.append(Asked(asking.ask(random, entity, other), other, None))
        else:
            fact = _stated(random, facts, thing, attribute)
            text = asking.ask(random, fact.entity, fact.attribute)
            asked.append(Asked(text, fact.attribute, fact))
    return Lesson(tuple(notes), tuple(asked))


def _world(random: Random, level: Level, voice: Voice, held_out: bool) -> list[Note]:
    groups = random.randint(_LEAST_GROUPS, _MOST_GROUPS)
    names = _things(random, groups * _GROUP, held_out)
    notes: list[Note] = []
    for at in range(0, len(names), _GROUP):
        facts = facts_about(random, names[at : at + _GROUP], _FACTS, held_out)
        while facts:
            size = random.randint(1, level.facts)
            notes.append(note(random, facts[:size], voice, held_out))
            facts = facts[size:]
    random.shuffle(notes)
    return notes


def _things(random: Random, count: int, held_out: bool) -> list[str]:
    """Different names in any order; some are made of another's syllables."""
    found: dict[str, None] = dict.fromkeys(entities(random, 1, held_out))
    while len(found) < count:
        other = random.choice(list(found)) if random.randrange(100) < _AKIN else None
        made = akin(random, other, held_out) if other else None
        found[made or entities(random, 1, held_out)[0]] = None
    names = list(found)
    random.shuffle(names)
    return names


def _wanted(random: Random, world: Sequence[Note], level: Level) -> tuple[str, Attribute]:
    """What the notes are searched for: a fact, or as often as a question has no answer, none."""
    facts = [fact for one in world for fact in one.facts]
    fact = random.choice(facts)
    if random.random() >= level.unanswerable:
        return fact.entity, fact.attribute
    return fact.entity, random.choice(facts).attribute


def _found(world: Sequence[Note], search: str, count: int) -> list[Note]:
    """The best notes first: a word that few notes have weighs more, log(notes / those with it)."""
    words = [_words(one.text) for one in world]
    of_notes = Counter(word for some in words for word in some)
    wanted = sorted(_words(search))

    def score(at: int) -> float:
        shared = (word for word in wanted if word in words[at])
        return math.fsum(math.log(len(world) / of_notes[word]) for word in shared)

    best = sorted(range(len(world)), key=score, reverse=True)
    return [world[at] for at in best[:count]]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _stated(random: Random, facts: Sequence[Fact], thing: str, attribute: Attribute) -> Fact:
    kind = random.randrange(100)
    if kind < _OF_THING:
        some = [fact for fact in facts if fact.entity == thing]
    elif kind < _OF_THING + _OF_ATTRIBUTE:
        some = [fact for fact in facts if fact.attribute == attribute]
    else:
        some = []
    return random.choice(some or facts)


def _untold(
    random: Random,
    facts: Sequence[Fact],
    thing: str,
    attribute: Attribute,
    near: float,
    held_out: bool,
) -> tuple[str, Attribute]:
    """A thing and an attribute without a note; mostly each of them occurs elsewhere."""
    stated = {(fact.entity, fact.attribute.key) for fact in facts}
    while True:
        kind = random.randrange(100)
        entity = thing if kind < _OF_THING else random.choice(facts).entity
        if random.randrange(100) < _UNKNOWN:
            entity = akin(random, entity, held_out) or entity
        other = attribute if kind >= 100 - _OF_ATTRIBUTE else random.choice(facts).attribute
        if random.random() >= near:
            other = random.choice(lexicon.ATTRIBUTES)
        if (entity, other.key) not in stated:
            return entity, other

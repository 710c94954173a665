"""Facts of the tiny world, and the sentences that tell them and ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from modellab.tiny_world import lexicon
from modellab.tiny_world.lexicon import Attribute
from modellab.tiny_world.names import document_id, name, value


@dataclass(frozen=True)
class Fact:
    """A thing has an attribute of this value; `value` is as the text writes it, without unit."""

    entity: str
    attribute: Attribute
    value: str


@dataclass(frozen=True)
class Note:
    """A document: an id, its text, and the facts that it tells."""

    id: str
    text: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Asked:
    """A question; `fact` is its answer, None where no note tells it."""

    text: str
    attribute: Attribute
    fact: Fact | None


@dataclass(frozen=True)
class Voice:
    """Which phrasings are used, and which share of the sentences has a filler word put in."""

    openings: Sequence[str]
    statements: Sequence[str]
    questions: Sequence[str]
    filler_share: float = 0.0

    def tell(self, random: Random, fact: Fact) -> str:
        """One sentence that tells a fact, the value behind the thing and the attribute."""
        unit = fact.attribute.unit
        sentence = random.choice(self.openings) + random.choice(self.statements)
        sentence = self._filled(random, sentence).format(
            e=fact.entity,
            n=random.choice(fact.attribute.names),
            v=f"{fact.value} {unit}" if unit else fact.value,
        )
        return f"{sentence[0].upper()}{sentence[1:]}."

    def ask(self, random: Random, entity: str, attribute: Attribute) -> str:
        """One question for an attribute of a thing."""
        question = self._filled(random, random.choice(self.questions))
        return question.format(e=entity, n=random.choice(attribute.names))

    def _filled(self, random: Random, phrase: str) -> str:
        """The phrase, perhaps with some filler words in it."""
        if random.random() >= self.filler_share:
            return phrase
        words = phrase.split(" ")
        for _ in range(random.randint(1, 5)):
            words.insert(random.randint(0, len(words) - 1), _filler(random))
        return " ".join(words)


def _filler(random: Random) -> str:
    """A word without meaning: a common one, or one that is made up."""
    if random.random() < 0.5:
        return random.choice(lexicon.FILLERS)
    syllables = [
        random.choice("bcdfghklmnprstvw") + random.choice("aeiou") + random.choice("cdklmnrst")
        for _ in range(random.randint(1, 2))
    ]
    return "".join(syllables)[: random.randint(2, 6)]


KNOWN_VOICE = Voice(lexicon.OPENINGS_TRAIN, lexicon.STATEMENTS_TRAIN, lexicon.QUESTIONS_TRAIN)
LESSON_VOICE = Voice(
    lexicon.OPENINGS_TRAIN, lexicon.STATEMENTS_TRAIN, lexicon.QUESTIONS_TRAIN, filler_share=0.35
)
HELD_OUT_VOICE = Voice(
    lexicon.OPENINGS_HELD_OUT, lexicon.STATEMENTS_HELD_OUT, lexicon.QUESTIONS_HELD_OUT
)


def facts_about(random: Random, entities: Sequence[str], count: int, held_out: bool) -> list[Fact]:
    """`count` facts, each of another (thing, attribute).

    Attributes repeat among things: neither the thing nor the attribute alone says which fact is
    meant. Raises ValueError for more facts than the entities can have.
    """
    wanted = -(-count // len(entities)) + random.randint(0, 2)
    few = random.sample(lexicon.ATTRIBUTES, wanted)
    pairs = [(entity, attribute) for entity in entities for attribute in few]
    chosen = random.sample(pairs, count)
    return [Fact(e, a, value(random, a, held_out)) for e, a in chosen]


def note(random: Random, facts: Sequence[Fact], voice: Voice, held_out: bool) -> Note:
    text = " ".join(voice.tell(random, fact) for fact in facts)
    return Note(document_id(random, held_out), text, tuple(facts))


def entities(random: Random, count: int, held_out: bool) -> list[str]:
    """Different names."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[name(random, held_out)] = None
    return list(found)

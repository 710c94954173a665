"""Facts of the tiny world, and the sentences that tell them and ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from tiny_world import lexicon
from tiny_world.lexicon import Attribute
from tiny_world.loose import filled, loose_question, loose_statement
from tiny_world.names import document_id, name, value


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
    """Which phrasings are used.

    `filler_share` of the sentences have words without meaning put in; `loose_share` follow no
    phrasing: words without meaning stand around the thing, the attribute and the value.
    `alike_share` of all sentences name an attribute by the name of the number `wording`, as texts
    do that were found by their words.
    """

    openings: Sequence[str]
    statements: Sequence[str]
    questions: Sequence[str]
    filler_share: float = 0.0
    loose_share: float = 0.0
    alike_share: float = 0.0
    wording: int = 0

    def tell(self, random: Random, fact: Fact) -> str:
        """One sentence that tells a fact, the value behind the thing and the attribute."""
        unit = fact.attribute.unit
        plain = random.choice(self.openings) + random.choice(self.statements)
        sentence = self._varied(random, plain, loose_statement).format(
            e=fact.entity,
            n=self._name(random, fact.attribute),
            v=f"{fact.value} {unit}" if unit else fact.value,
        )
        return f"{sentence[0].upper()}{sentence[1:]}."

    def ask(self, random: Random, entity: str, attribute: Attribute) -> str:
        """One question for an attribute of a thing."""
        question = self._varied(random, random.choice(self.questions), loose_question)
        asked = question.format(e=entity, n=self._name(random, attribute))
        return f"{asked[0].upper()}{asked[1:]}"

    def _name(self, random: Random, attribute: Attribute) -> str:
        alike = self.alike_share and random.random() < self.alike_share
        return attribute.names[self.wording] if alike else random.choice(attribute.names)

    def _varied(self, random: Random, plain: str, loose: Callable[[Random], str]) -> str:
        """The phrase as it is, with filler words in it, or a loose one in its place."""
        share = random.random()
        if share < self.loose_share:
            return loose(random)
        return filled(random, plain) if share < self.loose_share + self.filler_share else plain


KNOWN_VOICE = Voice(lexicon.OPENINGS_TRAIN, lexicon.STATEMENTS_TRAIN, lexicon.QUESTIONS_TRAIN)
LESSON_VOICE = replace(KNOWN_VOICE, filler_share=0.3)
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

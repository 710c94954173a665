"""Names and numbers of the tiny world, each on one side of a fixed line: lessons or benchmark."""

from __future__ import annotations

import hashlib
from random import Random

from tiny_world.lexicon import FIRST_SYLLABLES, LAST_SYLLABLES, Attribute

#: of 256 possible digests, those below this number are held out of lessons
HELD_OUT_BELOW = 64
#: of 100 names, so many have three syllables
LONG_NAMES = 25
FIRST_YEAR, LAST_YEAR = 2010, 2029


def is_held_out(text: str) -> bool:
    """Whether lessons never use a name or a number (its digits alone count: 1,287 is 1287)."""
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode()).digest()[0] < HELD_OUT_BELOW


def name(random: Random, held_out: bool) -> str:
    """An invented name of two or three syllables."""
    while True:
        parts = [random.choice(FIRST_SYLLABLES), random.choice(LAST_SYLLABLES)]
        if random.randrange(100) < LONG_NAMES:
            parts.append(random.choice(LAST_SYLLABLES))
        made = "".join(parts)
        if is_held_out(made) == held_out:
            return made


def like(random: Random, other: str, held_out: bool) -> str | None:
    """A name that begins as another does; None where one try makes none of the right side."""
    first = next(one for one in FIRST_SYLLABLES if other.startswith(one))
    made = first + random.choice(LAST_SYLLABLES)
    return made if is_held_out(made) == held_out and made != other else None


def akin(random: Random, other: str, held_out: bool) -> str | None:
    """A name with another's first syllables or its last; None where one try makes none.

    A part of the other, or the other and a syllable more, are such names too.
    """
    first = next(one for one in FIRST_SYLLABLES if other.startswith(one))
    last = next((one for one in LAST_SYLLABLES if other.endswith(one)), "")
    more = random.choice(LAST_SYLLABLES)
    made = random.choice(
        (
            first + more,
            first + more + last,
            other + more if len(other) - len(first) == len(last) else other[: -len(last)],
            random.choice(FIRST_SYLLABLES) + other[len(first) :],
        )
    )
    return made if is_held_out(made) == held_out and made != other else None


def document_id(random: Random, held_out: bool) -> str:
    """A name in small letters and a year, as a source is often cited."""
    return f"{name(random, held_out).lower()}{random.randint(FIRST_YEAR, LAST_YEAR)}"


def value(random: Random, attribute: Attribute, held_out: bool) -> str:
    """A value as a text writes it, without its unit: a name, or a number of three digits or more.

    Some numbers of four digits and more have a comma between thousands.
    """
    if attribute.is_name:
        return name(random, held_out)
    while True:
        number = random.randint(attribute.low, attribute.high)
        if is_held_out(str(number)) == held_out:
            return _written(random, number, attribute.decimals)


def _written(random: Random, number: int, decimals: int) -> str:
    if decimals:
        digits = str(number)
        return f"{digits[:-decimals]}.{digits[-decimals:]}"
    return f"{number:,}" if random.random() < 0.5 else str(number)

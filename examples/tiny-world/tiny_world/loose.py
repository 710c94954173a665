"""Phrasings without end, for lessons: words without meaning around what matters.

Whoever learns from them learns to find the thing, the attribute and the value among any words.
No word is one that only the held-out phrasings of the benchmark have, but about, from and or.
"""

from __future__ import annotations

from random import Random

from tiny_world import lexicon

#: of 10 words, so many are common ones; others are made up
_COMMON = 5
_CONSONANTS, _VOWELS, _ENDINGS = "bcdfghklmnprstvwy", "aeiou", "cdklmnrst"
_LAST = _VOWELS + _ENDINGS + _ENDINGS
_SUFFIXES = ("", "", "s", "e", "er", "le", "al", "on", "ate", "ful", "ist", "ous", "ward", "ness")


def filled(random: Random, phrase: str) -> str:
    """The phrase with one to five words put in, never behind its end."""
    words = phrase.split(" ")
    for _ in range(random.randint(1, 5)):
        words.insert(random.randint(0, len(words) - 1), word(random))
    return " ".join(words)


def loose_statement(random: Random) -> str:
    """The thing and the attribute in either order among words, then the value."""
    first, second = random.sample(("{e}", "{n}"), 2)
    return (
        f"{_words(random, 0, 6)}{first} {_words(random, 0, 6)}{second} {_words(random, 0, 4)}{{v}}"
    )


def loose_question(random: Random) -> str:
    """The thing and the attribute in either order among words."""
    first, second = random.sample(("{e}", "{n}"), 2)
    before, between = _words(random, 0, 7), _words(random, 0, 6)
    after = _words(random, 0, 6).rstrip(" ,")
    asked = f"{before}{first} {between}{second} {after}".rstrip()
    return asked + random.choice("???.")


def _words(random: Random, least: int, most: int) -> str:
    """Words with a blank behind each; a few have a comma."""
    made = (word(random) + ("," if random.random() < 0.1 else "") for _ in range(most))
    return "".join(f"{one} " for one in list(made)[: random.randint(least, most)])


def word(random: Random) -> str:
    """A word without meaning: a common one, or one that is made up."""
    if random.randrange(10) < _COMMON:
        return random.choice(lexicon.FILLERS)
    made = "".join(_syllable(random) for _ in range(random.randint(1, 2)))
    made += random.choice(_SUFFIXES)
    return made[: random.randint(2, 8)]


def _syllable(random: Random) -> str:
    """Some are those of names, as words of other texts may hold them."""
    if random.random() < 0.15:
        return random.choice(lexicon.LAST_SYLLABLES)
    return random.choice(_CONSONANTS) + random.choice(_VOWELS) + random.choice(_LAST)

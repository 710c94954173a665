"""Words of a text in any language, for comparing, searching and counting.

Scripts without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are compared by
characters and searched by pairs of characters; two characters count as the length of a word.
"""

# Turkish letters are meant.
# ruff: noqa: RUF001, RUF002

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

import regex

from modellab.core.text.folding import TURKIC, folded, split_at_line_ends

#: languages that are written so, by the scripts that tell them; of Han alone, Chinese is the
#: likeliest
_SCRIPTS = {
    "ja": r"\p{Hiragana}\p{Katakana}\u30fc",
    "zh": r"\p{Han}\p{Bopomofo}",
    "th": r"\p{Thai}",
    "lo": r"\p{Lao}",
    "km": r"\p{Khmer}",
    "my": r"\p{Myanmar}",
}
WITHOUT_SPACES = frozenset(_SCRIPTS)
#: inside a character class of the `regex` library
SIGNS = "".join(_SCRIPTS.values())

_SIGN = regex.compile(rf"[{SIGNS}]")
_HAN = regex.compile(r"\p{Han}")
_OF = {language: regex.compile(rf"[{signs}]") for language, signs in _SCRIPTS.items()}
_LETTERS = regex.compile(rf"[\p{{L}}\p{{M}}--[{SIGNS}]]+", regex.V1)
# a letter with all its marks is one character
_CHARACTER = regex.compile(r"\X")
_RUN = regex.compile(rf"(?:(?=[{SIGNS}])\X)+|[^{SIGNS}]+")


def has_signs(text: str) -> bool:
    """Whether a text has a character of such a script."""
    return not text.isascii() and _SIGN.search(text) is not None


def is_run(text: str) -> bool:
    """Whether a text begins in such a script."""
    return _SIGN.match(text) is not None


def is_han(text: str) -> bool:
    return _HAN.match(text) is not None


def runs(text: str) -> Iterator[str]:
    """The text parted where it goes from such scripts to others and back."""
    return (found.group() for found in _RUN.finditer(text))


def characters(text: str) -> list[str]:
    """What people call characters: letters with their marks (grapheme clusters, UAX 29)."""
    found: list[str] = _CHARACTER.findall(text)
    return found


def language_of_script(text: str) -> str:
    """The code of a language without spaces that a text is mainly in, as its script tells.

    Empty where the text has more words of other scripts than pairs of such characters, and where
    it has no letters.
    """
    counts = {} if text.isascii() else {code: len(of.findall(text)) for code, of in _OF.items()}
    signs = sum(counts.values())
    if not signs or len(_LETTERS.findall(text)) > signs / 2:
        return ""
    # Japanese mixes kana with Han; a single kana sign is often a trade mark in a Chinese text
    if counts["ja"] * 10 >= counts["ja"] + counts["zh"] > 0:
        counts["ja"] += counts.pop("zh")
    return max(counts, key=counts.__getitem__)


#: the words of a text in a script without spaces
Segment = Callable[[str], list[str]]

_ASCII = re.compile(r"\d+(?:[.,]\d+)+|\w+")
_COMMA = regex.compile(rf"(?<=[\p{{L}}--[{SIGNS}]])[,;](?=[\p{{L}}--[{SIGNS}]])", regex.V1)
#: what has no space for so long is no word: it counts as several
_LONGEST_WORD = 100


def words(text: str, language: str = "") -> list[str]:
    """Folded words in order (see `folding`); a number such as 3.5 or 1,000 is one word.

    In scripts without spaces each character is a word. `language` is a code and matters for
    Turkish case only.
    """
    return [
        piece
        for word in _plain_words(folded(text, language))
        for piece in (characters(word) if is_run(word) else (word,))
    ]


def by_characters(reference: str, answer: str, language: str = "") -> bool:
    """Whether an answer is compared with a reference by characters, not by words.

    So it is in a language without spaces, as DRCD, CMRC 2018 and JSQuAD do, numbers and foreign
    words among them. Where no `language` is told it is that of the reference's script; of a
    reference without letters, of the answer's.
    """
    if language:
        return language in WITHOUT_SPACES
    tells = reference if any(map(str.isalpha, reference)) else answer
    return language_of_script(tells) != ""


def terms(text: str, language: str = "", segment: Segment | None = None) -> list[str]:
    """What a text is found by: its words, and of scripts without spaces pairs of characters.

    Single characters are terms too where they are Han, which has words of one character, and
    where they stand alone. With `segment` its words are the terms of these scripts instead. A
    word that is parted at a line end is found whole and by its halves. Unless the `language` is
    Turkish, ı is i: people write either.
    """
    found = [
        term
        for word in _plain_words(folded(text, language))
        for term in (_of_run(word, segment) if is_run(word) else (word,))
    ]
    if "-" in text or "\u2010" in text:
        found += [folded(half, language) for pair in split_at_line_ends(text) for half in pair]
    return found if language in TURKIC else [term.replace("ı", "i") for term in found]


def count_words(text: str) -> int:
    """How many `words` a text has, where two characters of a script without spaces are one."""
    found = words(text)
    return len(found) - sum(map(is_run, found)) // 2


def length_in_words(text: str) -> int:
    """How long a text is, in words: what stands between spaces.

    Two characters of a script without spaces count as a word, and so do 100 of anything else
    without a space, however long it goes on; a comma between letters parts words. Two texts
    together are never longer than the sum.
    """
    tokens = _COMMA.sub(", ", text).split()
    if has_signs(text):
        return sum(map(_length, tokens))
    return len(tokens) + sum((len(token) - 1) // _LONGEST_WORD for token in tokens)


def _length(token: str) -> int:
    signs = others = 0
    for run in runs(token):
        if is_run(run):
            signs += len(characters(run))
        else:
            others += len(run)
    return -(-signs // 2) + -(-others // _LONGEST_WORD)


def _plain_words(plain: str) -> list[str]:
    """Words, and whole runs of a script without spaces."""
    if plain.isascii():
        return _ASCII.findall(plain)
    return _pattern().findall(" ".join(runs(plain)) if has_signs(plain) else plain)


def _of_run(run: str, segment: Segment | None) -> Iterator[str]:
    if segment is not None:
        yield from segment(run)
        return
    signs = characters(run)
    if len(signs) == 1:
        yield run
        return
    yield from filter(is_han, signs)
    yield from map("".join, pairwise(signs))


@cache
def _pattern() -> re.Pattern[str]:
    # \w leaves out combining marks, without which words of many scripts fall to pieces.
    marks = "".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c)[0] == "M")
    return re.compile(rf"\d+(?:[.,]\d+)+|[\w{marks}]+")

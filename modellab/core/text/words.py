"""Words of a text in any language, for comparing, searching and counting.

Scripts without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are compared by
characters and searched by pairs of characters; two characters count as the length of a word.
"""

# Turkish letters are meant.
# ruff: noqa: RUF001, RUF002

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

import regex

from modellab.core.text.folding import TURKIC, folded, split_at_line_ends

#: scripts by language; Han without kana is most likely Chinese
_SCRIPTS = {
    "ja": r"\p{Hiragana}\p{Katakana}\u30fc",
    "zh": r"\p{Han}\p{Bopomofo}",
    "th": r"\p{Thai}",
    "lo": r"\p{Lao}",
    "km": r"\p{Khmer}",
    "my": r"\p{Myanmar}",
}
WITHOUT_SPACES = frozenset(_SCRIPTS)
#: for a character class of the `regex` library
SIGNS = "".join(_SCRIPTS.values())

_SIGN = regex.compile(rf"[{SIGNS}]")
_HANGUL = regex.compile(r"\p{Hangul}+")
_HAN = regex.compile(r"\p{Han}")
_OF = {language: regex.compile(rf"[{signs}]") for language, signs in _SCRIPTS.items()}
_LETTERS = regex.compile(rf"[\p{{L}}\p{{M}}--[{SIGNS}]]+", regex.V1)
# a letter with its marks is one character
_CHARACTER = regex.compile(r"\X")
_RUN = regex.compile(rf"(?:(?=[{SIGNS}])\X)+|[^{SIGNS}]+")


def has_signs(text: str) -> bool:
    """Whether a text has characters of scripts without spaces."""
    return not text.isascii() and _SIGN.search(text) is not None


def is_run(text: str) -> bool:
    """Whether a text starts in such a script."""
    return _SIGN.match(text) is not None


def runs(text: str) -> Iterator[str]:
    """The text split at changes between such scripts and others."""
    return (found.group() for found in _RUN.finditer(text))


def characters(text: str) -> list[str]:
    """Grapheme clusters (UAX 29): letters with their marks."""
    found: list[str] = _CHARACTER.findall(text)
    return found


def language_of_script(text: str) -> str:
    """The code of the language without spaces that a text is mainly in, by script.

    Empty if it has no letters, or more words of other scripts than pairs of such characters.
    """
    counts = {} if text.isascii() else {code: len(of.findall(text)) for code, of in _OF.items()}
    signs = sum(counts.values())
    if not signs or len(_LETTERS.findall(text)) > signs / 2:
        return ""
    # Japanese mixes kana with Han; a single kana in a Chinese text is often a trade mark
    if counts["ja"] * 10 >= counts["ja"] + counts["zh"] > 0:
        counts["ja"] += counts.pop("zh")
    return max(counts, key=counts.__getitem__)


#: segments a text in a script without spaces into words
Segment = Callable[[str], list[str]]

_ASCII = re.compile(r"\d+(?:[.,]\d+)+|\w+")
_COMMA = regex.compile(rf"(?<=[\p{{L}}--[{SIGNS}]])[,;](?=[\p{{L}}--[{SIGNS}]])", regex.V1)
#: longer strings without a space count as several words
_LONGEST_WORD = 100


def words(text: str, language: str = "") -> list[str]:
    """Folded words in order (see `folding`); a number such as 3.5 or 1,000 is one word.

    In scripts without spaces each character is a word. `language` only affects Turkish case.
    """
    return [
        piece
        for word in _plain_words(folded(text, language))
        for piece in (characters(word) if is_run(word) else (word,))
    ]


def by_characters(reference: str, answer: str, language: str = "") -> bool:
    """Whether an answer is compared with a reference by characters instead of words.

    True for languages without spaces and for Korean, as in DRCD, CMRC 2018, JSQuAD and KorQuAD,
    including numbers and foreign words. The default `language` is detected from the reference, or
    from the answer if the reference has no letters.
    """
    if language:
        return language in (*WITHOUT_SPACES, "ko")
    text = reference if any(map(str.isalpha, reference)) else answer
    korean = sum(map(len, _HANGUL.findall(text)))
    return language_of_script(text) != "" or 2 * korean > sum(map(str.isalpha, text))


def terms(text: str, language: str = "", segment: Segment | None = None) -> list[str]:
    """Search terms of a text: its words, and bigrams of Korean and of scripts without spaces.

    Single characters are terms too if they are Han, which has words of one character, or isolated.
    With `segment`, its words are the terms of these scripts instead. A word hyphenated at a line
    end is a term as a whole and by its halves. Unless `language` is Turkic, ı is i.
    """
    found = [
        term
        for word in _plain_words(folded(text, language))
        for term in (_of_run(word, segment) if is_run(word) else _of_word(word))
    ]
    if "-" in text or "\u2010" in text:
        found += [folded(half, language) for pair in split_at_line_ends(text) for half in pair]
    return found if language in TURKIC else [term.replace("ı", "i") for term in found]


def count_words(text: str) -> int:
    """Number of `words`; two characters of a script without spaces are one."""
    found = words(text)
    return len(found) - sum(map(is_run, found)) // 2


def length_in_words(text: str) -> int:
    """Length of a text in words, that is, strings between spaces.

    Two characters of a script without spaces count as a word, as do 100 others without a space; a
    comma between letters separates words. Subadditive under concatenation.
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
    """Words, and runs of scripts without spaces."""
    if plain.isascii():
        return _ASCII.findall(plain)
    return _pattern().findall(" ".join(runs(plain)) if has_signs(plain) else plain)


def _of_word(word: str) -> tuple[str, ...]:
    """A word, and the pairs of syllables of a Korean one, which has its particles joined to it."""
    if word.isascii() or len(word) < 3 or not _HANGUL.fullmatch(word):
        return (word,)
    return (word, *map("".join, pairwise(word)))


def _of_run(run: str, segment: Segment | None) -> Iterator[str]:
    if segment is not None:
        yield from segment(run)
        return
    signs = characters(run)
    if len(signs) == 1:
        yield run
        return
    yield from filter(_HAN.match, signs)
    yield from map("".join, pairwise(signs))


@cache
def _pattern() -> re.Pattern[str]:
    # \w lacks combining marks, which are inside words of many scripts
    marks = "".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c)[0] == "M")
    return re.compile(rf"\d+(?:[.,]\d+)+|[\w{marks}]+")

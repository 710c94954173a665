"""Normalisation of short answers: which differences count, and which do not.

A normalisation turns an answer into tokens; answers with equal tokens are the same. The canonical
answer is the tokens of the `plain` one.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from modellab.tasks.canonical import CanonicalAnswer

Normalise = Callable[[str], Sequence[str]]

#: punctuation that has a meaning; all other only separates words
_SIGNS = frozenset("%‰‱٪#@&*/\\\u2032\u2033\u2034§†‡")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)
_RAISED = "⁰¹²³⁴-⁹⁺⁻"
_POWER = re.compile(rf"(?<=\d)(?=[{_RAISED}])")
_MIXED_NUMBER = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞↉])")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*]+)(?<=\S)\1(?![\w*])")
#: grouped digits: 1,312 or 1'312, 1.312.000 (two groups or more), 1 312 with a hard space
_GROUPED = re.compile(
    r"(?<![\d.,])[1-9]\d{0,2}(?:(?:,\d{3})+(?!,?\d)|(?:['\u2019]\d{3})+(?!['\u2019]?\d)"
    r"|(?:\.\d{3}){2,}(?!\.?\d))"
)
_HARD_SPACE = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
#: the stop after one or two letters: U.S., e.g., Ph.D.
_ABBREVIATED = re.compile(r"(?<![^\W\d_]{3})(?<=[^\W\d_])\.(?=[^\W\d_])")
_THEN_DIGIT = re.compile(r"\s*\d")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")


# each metric of a row asks for the same few texts, which may be long
@lru_cache(maxsize=16)
def plain(text: str) -> tuple[str, ...]:
    """Words and signs in order.

    Signs count: -5 is not 5, 10% not 10, C++ not C, $5 not €5, A* not A, 10-12 not 10 12. These do
    not: case, Unicode forms (NFC, NFD, ligatures, full width), spaces around signs, quotes,
    brackets, Markdown's emphasis, hyphens between words, full stops outside numbers (U.S. is US),
    other punctuation between words, and grouping in a well-formed 1,312,000. Text without any word
    or number is unchanged, so that + is not -.
    """
    found = tuple(_tokens(_written_alike(text)))
    if not any(map(_is_word, "".join(found))):
        bare = unicodedata.normalize("NFC", text).strip()
        return (bare,) if bare else ()
    return found


def squad(text: str) -> list[str]:
    """As the SQuAD evaluation script does: lower case, no ASCII punctuation, no English articles.

    Source: `normalize_answer` of evaluate-v2.0.py (Rajpurkar et al. 2016, 2018). Signs do not
    count: -5 is 5, and 1,5 is 15.
    """
    bare = text.lower().translate(_NO_ASCII_PUNCTUATION)
    return _ARTICLES.sub(" ", bare).split()


def as_words(text: str) -> str:
    """The `plain` tokens as one text."""
    return " ".join(plain(text))


NORMALISATIONS: Mapping[str, Normalise] = {"plain": plain, "squad": squad}
CANONICAL = CanonicalAnswer("answer", ("answer",), as_words, repeats_exactly=False)


def _written_alike(text: str) -> str:
    """One spelling for equivalent characters; 10² becomes 10^2, and 1½ becomes 1 1/2."""
    text = _MIXED_NUMBER.sub(" ", _POWER.sub("^", _HARD_SPACE.sub("", text)))
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFC", text).replace("\u2044", "/")
    text = _DASHES.sub("-", "".join(c for c in text if unicodedata.category(c) != "Cf"))
    text = _ABBREVIATED.sub("", _EMPHASIS.sub(r"\2", text))
    return _GROUPED.sub(lambda found: re.sub(r"\D", "", found[0]), text)


def _tokens(text: str) -> Iterator[str]:
    word = ""
    for at, sign in enumerate(text):
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if _is_word(sign) or _is_in_number(sign, before, after):
            word += sign
            continue
        if sign in "'\u2019" and word and not after.isdigit():
            continue  # don't is one word
        if word:
            yield word
            word = ""
        symbol = sign in _SIGNS or (unicodedata.category(sign)[0] == "S" and sign != "`")
        if _is_minus(text, at) if sign == "-" else symbol:
            yield sign
    if word:
        yield word


def _is_word(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LMN"


def _is_in_number(sign: str, before: str, after: str) -> bool:
    """1.5, 1,5 and 10:30, and a point before the first digit, as in .5."""
    if not after.isdigit():
        return False
    starts = sign == "." and not before.isalpha() and before != "."
    return sign in ".,:" and (before.isdigit() or starts)


def _is_minus(text: str, at: int) -> bool:
    """Whether a hyphen is a minus or part of a symbol, not of a word (covid-19) or a dash."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if before and after and _is_word(before) and _is_word(after):
        return before.isdigit() and after.isdigit()
    if _is_spoken(after) or _THEN_DIGIT.match(text, at + 1):
        return True
    return _is_spoken(before)


def _is_spoken(sign: str) -> bool:
    """Whether a neighbour of a hyphen is part of a word or symbol."""
    return bool(sign) and (_is_word(sign) or unicodedata.category(sign)[0] == "S")

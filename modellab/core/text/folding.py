"""One form for texts that read the same: case, Unicode forms, invisible signs, digits."""

# Turkish letters are meant.
# ruff: noqa: RUF001, RUF002

from __future__ import annotations

import re
import unicodedata

import regex

#: languages that have a dotless i, whose capital is the I of all others
TURKIC = frozenset({"tr", "az"})

# a soft hyphen, a zero-width space or joiner, a direction mark; and what stretches Arabic letters
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u0640]+")
# vowel signs, which most leave out: tashkil of Arabic, niqqud of Hebrew
_VOWELS = regex.compile(r"[\u064b-\u0652\u0670\u05b0-\u05bd\u05bf\u05c1\u05c2\u05c7]")
# in Persian and its neighbours it parts a word's stem from its ending, as a space would
_PERSIAN_JOINT = regex.compile(r"(?<=\p{Arabic})\u200c+(?=\p{Arabic})")
_LINE_END = regex.compile(r"(?<=\p{Ll}\p{M}*)[-\u2010\u00ad][ \t]*\r?\n\s*(?=\p{Ll})")
_LINE_END_ASCII = re.compile(r"(?<=[a-z])-[ \t]*\r?\n\s*(?=[a-z])")
_LONGEST_HALF = 60
_LAST_LETTERS = regex.compile(r"[\p{L}\p{M}]+\Z")
_FIRST_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_OTHER_DIGIT = regex.compile(r"[^\P{Nd}0-9]")
_ARABIC_SEPARATORS = str.maketrans("\u066b\u066c", ".,")


def folded(text: str, language: str = "") -> str:
    """The text in the form in which texts are compared; not for people to read.

    As Unicode's NFKC_Casefold (UAX 31): compatibility forms (full-width letters, ligatures) are
    made plain, case is folded (ß is ss), and what cannot be seen is left out; and `mended`.
    """
    text = mended(text, language)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text.replace("i\u0307", "i")


def mended(text: str, language: str = "") -> str:
    """The text without what parts or alters words by how they are written down.

    A word that is hyphenated at the end of a line is whole again, what cannot be seen (soft
    hyphens, zero-width spaces) is left out, as are the vowel signs of Arabic and Hebrew, decimal
    digits of all scripts are 0 to 9, and a Turkish İ is an i. `language` is a code; in Turkish
    and Azerbaijani (`TURKIC`) I is the capital of ı.
    """
    if text.isascii():
        text = _LINE_END_ASCII.sub("", text)
        return text.replace("I", "ı") if language in TURKIC else text
    text = _LINE_END.sub("", text)
    text = _VOWELS.sub("", _INVISIBLE.sub("", _PERSIAN_JOINT.sub(" ", text)))
    for dotted in ("İ", "I\u0307", "i\u0307"):  # the last is what others' software makes of it
        text = text.replace(dotted, "i")
    if language in TURKIC:
        text = text.replace("I", "ı")
    plain: str = _OTHER_DIGIT.sub(_as_ascii, text)
    return plain.translate(_ARABIC_SEPARATORS)


def split_at_line_ends(text: str) -> list[tuple[str, str]]:
    """Both halves of each word that a line end parts, as they stand.

    Nobody can tell "measure-ment" from "well-known" there: a search should know both readings.
    """
    halves = []
    for found in _LINE_END.finditer(text):
        # a stretch that is bounded, so that this takes linear time
        before = _LAST_LETTERS.search(text, max(0, found.start() - _LONGEST_HALF), found.start())
        after = _FIRST_LETTERS.match(text, found.end(), found.end() + _LONGEST_HALF)
        halves.append((before.group(), after.group()))
    return halves


def _as_ascii(found: regex.Match[str]) -> str:
    return str(unicodedata.decimal(found.group()))

"""Normalising text for comparison: case, Unicode forms, invisible characters, digits."""

# Turkish letters are meant.
# ruff: noqa: RUF001, RUF002

import re
import unicodedata

import regex

#: languages with a dotless i, whose capital is I
TURKIC = frozenset({"tr", "az"})
#: a text of some length in one of them has one of these
DOTLESS = frozenset("ıİ")

# soft hyphens, zero-width spaces and joiners, direction marks; and the Arabic tatweel
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u0640]+")
# optional vowel signs: Arabic tashkil, Hebrew niqqud
_VOWELS = regex.compile(r"[\u064b-\u0652\u0670\u05b0-\u05bd\u05bf\u05c1\u05c2\u05c7]")
# in Persian and related languages it separates stem and suffix like a space
_PERSIAN_JOINT = regex.compile(r"(?<=\p{Arabic})\u200c+(?=\p{Arabic})")
_LINE_END = regex.compile(r"(?<=\p{Ll}\p{M}*)[-\u2010\u00ad][ \t]*\r?\n\s*(?=\p{Ll})")
_LINE_END_ASCII = re.compile(r"(?<=[a-z])-[ \t]*\r?\n\s*(?=[a-z])")
_LONGEST_HALF = 60
_LAST_LETTERS = regex.compile(r"[\p{L}\p{M}]+\Z")
_FIRST_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_OTHER_DIGIT = regex.compile(r"[^\P{Nd}0-9]")
_ARABIC_SEPARATORS = str.maketrans("\u066b\u066c", ".,")


def folded(text: str, language: str = "") -> str:
    """The text in a form for comparison, not for display.

    Unicode's NFKC_Casefold (UAX 31): compatibility forms (full-width letters, ligatures) are
    replaced, case is folded (ß is ss), invisible characters are removed; and as `normalized`.
    """
    text = normalized(text, language)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text.replace("i\u0307", "i")


def normalized(text: str, language: str = "") -> str:
    """The text with whole words: case and compatibility forms stay.

    Words hyphenated at a line end are joined; invisible characters (soft hyphens, zero-width
    spaces) and vowel signs of Arabic and Hebrew are removed; decimal digits of all scripts become
    0 to 9, and a Turkish İ an i. `language` is a code; in Turkish and Azerbaijani (`TURKIC`) I is
    the capital of ı.
    """
    if text.isascii():
        text = _LINE_END_ASCII.sub("", text)
        return text.replace("I", "ı") if language in TURKIC else text
    text = _LINE_END.sub("", text)
    text = _VOWELS.sub("", _INVISIBLE.sub("", _PERSIAN_JOINT.sub(" ", text)))
    for dotted in ("İ", "I\u0307", "i\u0307"):  # the last is the lower case outside of Turkic
        text = text.replace(dotted, "i")
    if language in TURKIC:
        text = text.replace("I", "ı")
    plain: str = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    return plain.translate(_ARABIC_SEPARATORS)


def split_at_line_ends(text: str) -> list[tuple[str, str]]:
    """Both halves of each word hyphenated at a line end.

    "measure-ment" cannot be told from "well-known" there, so a search should find both forms.
    """
    halves = []
    for found in _LINE_END.finditer(text):
        # bounded, so that this takes linear time
        before = _LAST_LETTERS.search(text, max(0, found.start() - _LONGEST_HALF), found.start())
        after = _FIRST_LETTERS.match(text, found.end(), found.end() + _LONGEST_HALF)
        halves.append((before.group(), after.group()))
    return halves

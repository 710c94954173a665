"""Scripts that are written without spaces between words."""

from __future__ import annotations

from collections.abc import Iterator

import regex

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

"""Untrusted text made safe for files, terminals, spreadsheets and Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

#: category, or characters: controls, formats (bidi among them), surrogates, line separators
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: needed to write: line and tab; joiners of Indic and Arabic scripts and of emoji
_KEPT = frozenset("\n\t\u200c\u200d")
#: most text has none of the characters that need a closer look
_SUSPECT = re.compile(r"[^\n\t -~\xa0-\xac\xae-\u0530]")


def visible(text: str) -> str:
    """The text with each character that cannot be seen as its code, such as `⟨U+202E⟩`."""
    return _SUSPECT.sub(_shown, text.replace("\r\n", "\n"))


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    if char in _KEPT or unicodedata.category(char) not in _HIDDEN_CATEGORIES:
        return char
    return f"\u27e8U+{ord(char):04X}\u27e9"


#: the replacement character: it stands for half a surrogate pair
_BROKEN = "\ufffd"
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: where Unicode has pictures of the control characters
_PICTURES = 0x2400
_DELETE = "\x7f"


def storable(text: str) -> str:
    """The text without what UTF-8, CSV or XML cannot hold; all else stays, line ends included.

    Half a surrogate pair becomes U+FFFD, and a control character other than tab and line ends its
    picture (U+2400 to U+2421), so that a person still sees that it was there.
    """
    if _UNSTORABLE.search(text) is None:
        return text
    # two halves beside each other are one character
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSTORABLE.sub(_picture, whole)


def _picture(match: re.Match[str]) -> str:
    char = match[0]
    if char == _DELETE:
        return chr(_PICTURES + 0x21)
    return chr(_PICTURES + ord(char)) if char < " " else _BROKEN


#: with the full-width forms, which some spreadsheets read in the same way
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """The text with a leading apostrophe where a spreadsheet would run it as a formula.

    Numbers such as -5 stay as they are. The next program to read the file sees the apostrophe,
    so this is for tables that people read, never for files that a scorer reads.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _is_number(text) else text


def as_it_was(text: str) -> str:
    """The text before it was made `harmless`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~$&!^])")
#: the end of a cell, unless it is escaped
_BAR = re.compile(r"(?<!\\)\|")
#: addresses become links even without brackets around them
_ADDRESS = re.compile(r"(?i)(?<=[a-z])(://)|(?<=www)(\.)")


def markdown_text(text: str) -> str:
    """The text on one line, as text: no markup, HTML, link, formula, or end of a cell in it."""
    plain = _MARKUP.sub(r"\\\1", " ".join(visible(text).split()))
    return _ADDRESS.sub(r"\\\g<0>", plain)


class Markup(str):
    """A cell that is Markdown already, and not any text."""

    __slots__ = ()


def markdown_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()
) -> Iterator[str]:
    """The lines of a table.

    Args:
        heads: The names of the columns.
        rows: Cells as text, whatever it is, or as `Markup`.
        right: The columns (from 0) of numbers, which are aligned on the right.
    """
    numbers = set(right)
    yield _row(heads)
    yield "|" + "".join("---:|" if place in numbers else "---|" for place in range(len(heads)))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(cell: str) -> str:
    return _BAR.sub(r"\|", cell) if isinstance(cell, Markup) else markdown_text(cell)

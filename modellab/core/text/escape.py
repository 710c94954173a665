"""Escaping untrusted text for files, terminals, spreadsheets and Markdown."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

#: controls, formats (such as bidi), surrogates, line separators
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: line feed and tab; joiners of Indic and Arabic scripts and of emoji
_KEPT = frozenset("\n\t\u200c\u200d")
#: superset of hidden characters, for speed
_SUSPECT = re.compile(r"[^\n\t -~\xa0-\xac\xae-\u0530]")


def escape_invisible(text: str) -> str:
    """The text with invisible characters as codes, such as `⟨U+202E⟩`."""
    return _SUSPECT.sub(_shown, text.replace("\r\n", "\n"))


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    if char in _KEPT or unicodedata.category(char) not in _HIDDEN_CATEGORIES:
        return char
    return f"\u27e8U+{ord(char):04X}\u27e9"


_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: Unicode's pictures of control characters start here
_PICTURES = 0x2400


def storable(text: str) -> str:
    """The text without characters that UTF-8, CSV or XML cannot hold.

    Lone surrogates become U+FFFD, control characters other than tab and line ends their pictures
    (U+2400 to U+2421), so that they remain visible.
    """
    if _UNSTORABLE.search(text) is None:
        return text
    # this joins surrogate pairs
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSTORABLE.sub(_picture, whole)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x7F:
        return chr(_PICTURES + 0x21)
    return chr(_PICTURES + code) if code < 0x20 else "\ufffd"


#: with full-width forms, which some spreadsheets accept too
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def escape_formula(text: str) -> str:
    """The text with a leading apostrophe if a spreadsheet would run it as a formula.

    Numbers such as -5 are unchanged. Programs see the apostrophe too, so this is for tables for
    people, not for files that a scorer reads.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _is_number(text) else text


def unescape_formula(text: str) -> str:
    """The inverse of `escape_formula`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~$&!^])")
#: an unescaped cell separator
_BAR = re.compile(r"(?<!\\)\|")
#: bare URLs become links
_ADDRESS = re.compile(r"(?i)(?<=[a-z])(://)|(?<=www)(\.)")


def markdown_text(text: str) -> str:
    """The text on one line with everything escaped: markup, HTML, links, math, cell separators."""
    plain = _MARKUP.sub(r"\\\1", " ".join(escape_invisible(text).split()))
    return _ADDRESS.sub(r"\\\g<0>", plain)


class Markup(str):
    """A cell that is already Markdown."""

    __slots__ = ()


def markdown_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()
) -> Iterator[str]:
    """The lines of a table.

    Args:
        heads: The names of the columns.
        rows: Cells as untrusted text or as `Markup`.
        right: Columns (from 0) that are aligned right.
    """
    numbers = set(right)
    yield _row(heads)
    yield "|" + "".join("---:|" if place in numbers else "---|" for place in range(len(heads)))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(cell: str) -> str:
    return _BAR.sub(r"\|", cell) if isinstance(cell, Markup) else markdown_text(cell)

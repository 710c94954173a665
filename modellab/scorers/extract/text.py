"""One spelling for texts that mean the same."""

from __future__ import annotations

import re
import unicodedata

_SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b"
_SUPERSCRIPT = re.compile(f"[{_SUPERSCRIPTS}]+")
_TO_DIGITS = str.maketrans(_SUPERSCRIPTS, "0123456789-")
#: minus and dashes, the times sign, right quotation mark
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u00d7": "x",
        "\u2019": "'",
    }
)


def plain(text: str) -> str:
    """One form of letters (NFKC), raised digits as `^9`, one dash and minus, single spaces."""
    powers = _SUPERSCRIPT.sub(lambda match: "^" + match[0].translate(_TO_DIGITS), text)
    return " ".join(unicodedata.normalize("NFKC", powers).translate(_SIGNS).split())


def text_key(text: str) -> str:
    """What two equal texts have in common: `plain`, upper and lower case alike, tight dashes."""
    return re.sub(r" ?- ?", "-", plain(text).casefold())

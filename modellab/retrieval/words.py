"""The words of a text, in any script."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_ASCII = re.compile(r"\d+(?:[.,]\d+)+|\w+")


def words(text: str) -> list[str]:
    """Case-folded words in order; a number such as 3.5 or 1,000 is one word.

    Compatibility forms are made plain (a ligature, a raised 2), so that text from a PDF matches
    what people type. Scripts without spaces are not segmented: a run of signs is one word.
    """
    if text.isascii():  # has neither compatibility forms nor marks
        return _ASCII.findall(text.lower())
    return _pattern().findall(unicodedata.normalize("NFKC", text).casefold())


@cache
def _pattern() -> re.Pattern[str]:
    # \w leaves out combining marks, without which words of many scripts fall to pieces.
    marks = "".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c)[0] == "M")
    return re.compile(rf"\d+(?:[.,]\d+)+|[\w{marks}]+")

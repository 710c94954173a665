"""Text from outside, made so that every file and page can hold it."""

from __future__ import annotations

import re

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

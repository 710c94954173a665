"""Characters that cannot be seen, made seen."""

from __future__ import annotations

import re
import unicodedata

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

"""Any text as text in Markdown: names and messages come from files and from models."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modellab.core.text.hidden_characters import visible

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~$&!^])")
#: addresses become links even without brackets around them
_ADDRESS = re.compile(r"(?i)(?<=[a-z])(://)|(?<=www)(\.)")


def markdown_text(text: str) -> str:
    """The text on one line, as text: no markup, HTML, link, formula, or end of a cell in it."""
    plain = _MARKUP.sub(r"\\\1", " ".join(visible(text).split()))
    return _ADDRESS.sub(r"\\\g<0>", plain)


def markdown_row(cells: Sequence[str]) -> str:
    """A line of a table, each cell as `markdown_text`."""
    return f"| {' | '.join(map(markdown_text, cells))} |"

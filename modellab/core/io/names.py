"""Names of columns: `Ground Truth`, `ground-truth` and `groundTruth` are one."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s.\-]+")


def plain_name(name: str) -> str:
    """In lower case, with an underscore between words."""
    return _WORDS.sub("_", name.strip()).casefold()


def by_plain_name(names: Iterable[str]) -> dict[str, str]:
    """Names as they are written, by their lower case and by their plain form."""
    there = list(names)
    found = {name.strip().casefold(): name for name in reversed(there)}
    for name in there:
        found.setdefault(plain_name(name), name)
    return found

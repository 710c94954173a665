"""Names of columns: finding the header, matching spellings, and checking that columns are there."""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from modellab.core.errors import InputError

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s.\-]+")
#: texts of the second row of SurveyMonkey's exports
_RESPONSES = frozenset({"Response", "Open-Ended Response"})
#: characters; a cell may hold a whole document
_LONGEST_NAME = 200
#: number of rows in which the header is searched
HEADER_ROWS = 10


def plain_name(name: str) -> str:
    """In snake case: `Ground Truth`, `ground-truth` and `groundTruth` are the same."""
    return _WORDS.sub("_", name.strip()).casefold()


def by_plain_name(names: Iterable[str]) -> dict[str, str]:
    """Names as written, by their lower case and by their plain form."""
    given = list(names)
    found = {name.strip().casefold(): name for name in reversed(given)}
    for name in given:
        found.setdefault(plain_name(name), name)
    return found


def is_known(text: str, names: Collection[str]) -> bool:
    """Whether a text is one of `names` (in lower case) in any spelling."""
    if len(text) > _LONGEST_NAME:
        return False
    return text.strip().casefold() in names or plain_name(text) in names


def header_at(rows: Sequence[Sequence[object]], known: Collection[str]) -> int:
    """The index of the header: the first row, or the first with a known name below titles.

    A title is a row with one non-empty cell.
    """
    names = {name.casefold() for name in known}
    filled = [[str(c) for c in cells if c is not None and str(c).strip()] for cells in rows]
    for at, texts in enumerate(filled[:HEADER_ROWS]):
        if any(is_known(text, names) for text in texts):
            return at
        if len(texts) > 1:
            break
    return next((at for at, texts in enumerate(filled) if texts), 0)


def rows_below_header(rows: Sequence[Sequence[object]]) -> int:
    """The number of further header rows: SurveyMonkey's kinds of response, Qualtrics' two."""
    filled = [[str(c).strip() for c in row if c is not None and str(c).strip()] for row in rows]
    if len(filled) > 1 and filled[1] and all(text.startswith('{"ImportId"') for text in filled[1]):
        return 2
    return int(bool(filled and filled[0]) and {*filled[0]} <= _RESPONSES)


def require_unique(where: str, names: Sequence[str]) -> None:
    """Raises InputError for a duplicate column."""
    duplicate = sorted({name for name in names if name and names.count(name) > 1})
    if duplicate:
        raise InputError(f"{where}: duplicate column {duplicate[0]!r}; column names must be unique")


def require_columns(
    path: Path, names: Sequence[str], required: Sequence[str], advice: str = ""
) -> None:
    """Raises InputError with all missing columns, and `advice`."""
    missing = [name for name in required if name not in names]
    if missing:
        what = "column" if len(missing) == 1 else "columns"
        verb = "is" if len(missing) == 1 else "are"
        raise InputError(
            f"{path}:1: {what} {', '.join(map(repr, missing))} {verb} missing "
            f"(found: {', '.join(names) or 'none'}){advice}"
        )

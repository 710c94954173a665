"""Names of columns: finding the header and the rows below it, matching spellings, checking that
columns are there.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from modellab.core.errors import InputError

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s.\-]+")
#: texts of the second row of SurveyMonkey's exports
_RESPONSES = frozenset({"Response", "Open-Ended Response"})
#: the start of a note below a table
_NOTE = re.compile(
    r"(?:(?:sources?|(?:foot)?notes?|legend|remarks?|quellen?|anmerkung(?:en)?|hinweise?|fuentes?"
    r"|fonti?|nota|last updated|as of)\s*:|[*\u2020\u2021\u00b9])",
    re.IGNORECASE,
)
#: one to three words, as in a header
_NAME = re.compile(r"[^\W\d][^\s?\uff1f]*(?: [^\s?\uff1f]+){0,2}")
#: characters; a cell may hold a whole document
_LONGEST_NAME = 200
#: number of rows in which the header is searched
HEADER_ROWS = 10
Cells = TypeVar("Cells", bound=Sequence[object])


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

    A title is a row with one non-empty cell; below other rows, a header has two known names. Of two
    levels of a header the one with more known names counts.
    """
    names = {name.casefold() for name in known}
    filled = [_texts(cells) for cells in rows[:HEADER_ROWS]]
    # a value may be a known name, such as the label `positive`, also in several columns
    counts = [len({text for text in texts if is_known(text, names)}) for texts in filled]
    needed = 1
    for at, texts in enumerate(filled):
        if counts[at] >= needed:
            return at + (counts[at] < counts[at + 1] if at + 1 < len(counts) else 0)
        needed = 2 if len(texts) > 1 else needed
    return next((at for at, texts in enumerate(map(_texts, rows)) if texts), 0)


def rows_of_table(
    header: Sequence[object], rows: Sequence[tuple[int, Cells]], gaps: Collection[int]
) -> tuple[list[tuple[int, Cells]], list[str]]:
    """The rows that are part of a table, and what was left out: repeated headers, notes below it.

    Rows have their numbers; `gaps` are those of rows below a blank one. The last rows are notes
    from the first for which two of these are true: it is below a blank row, it starts as `Source:
    ...`, it is the first with a single cell (which does not end with a question mark).
    """
    names = _texts(header)
    filled = [(number, cells, _texts(cells)) for number, cells in rows]
    table = [one for one in filled if one[2] != names]
    notes = (
        [f"{len(rows) - len(table)} repeated headers left out"] if len(table) < len(rows) else []
    )
    if (second := _second_table(table, gaps)) is not None:
        number, _, texts = table[second]
        told = ", ".join(texts)[:40]
        notes.append(
            f"row {number} ({told!r}) and {len(table) - second - 1} below left out: a second table"
        )
        table = table[:second]
    narrow = next((at for at, (_, _, texts) in enumerate(table) if len(texts) < 2), len(table))
    for at, (number, _, texts) in enumerate(table):
        marked, below = bool(texts and _NOTE.match(texts[0])), number in gaps
        alone = at == narrow and len(texts) == 1 and not texts[0].endswith(("?", "\uff1f"))
        if not at or marked + below + alone < 2:
            continue
        if all(len(one) < 2 or _NOTE.match(one[0]) for _, _, one in table[at:]):
            more = f" and {len(table) - at - 1} below" if table[at + 1 :] else ""
            notes.append(
                f"row {number} ({texts[0][:40]!r}){more} left out: a note, not in the table"
            )
            table = table[:at]
            break
    return [(number, cells) for number, cells, _ in table], notes


def _second_table(
    table: Sequence[tuple[int, Sequence[object], list[str]]], gaps: Collection[int]
) -> int | None:
    """The index of the header of another table: short texts below a blank row.

    All rows above have a sentence in a column in which none has one from there.
    """
    for at, (number, _, texts) in enumerate(table[:-1]):
        named = len(texts) > 1 and all(_NAME.fullmatch(text) for text in texts)
        if not at or number not in gaps or not named:
            continue
        columns = zip(*(map(_is_sentence, cells) for _, cells, _ in table), strict=False)
        if any(all(column[:at]) and not any(column[at:]) for column in columns):
            return at
    return None


def _is_sentence(cell: object) -> bool:
    text = str(cell or "").strip()
    return text.endswith(("?", "\uff1f")) or len(text.split()) > 3


def _texts(cells: Sequence[object]) -> list[str]:
    """The texts of the cells that are not empty."""
    return [text for cell in cells if cell is not None and (text := str(cell).strip())]


def rows_below_header(rows: Sequence[Sequence[object]]) -> int:
    """The number of further header rows: SurveyMonkey's kinds of response, Qualtrics' two."""
    filled = [_texts(row) for row in rows]
    if len(filled) > 1 and filled[1] and all(text.startswith('{"ImportId"') for text in filled[1]):
        return 2
    return int(bool(filled and filled[0]) and {*filled[0]} <= _RESPONSES)


def numbered_names(where: str, names: Sequence[str], known: Collection[str]) -> list[str]:
    """The names of columns, a repeated one with a number: `Status`, `Status (2)`.

    Raises InputError if it is one of `known`: which of the columns is meant is unclear then.
    """
    wanted = {name.casefold() for name in known}
    require_unique(where, [name for name in names if is_known(name, wanted)])
    counts = [names[:at].count(name) + 1 for at, name in enumerate(names)]
    return [
        f"{name} ({count})" if name and count > 1 else name
        for name, count in zip(names, counts, strict=True)
    ]


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

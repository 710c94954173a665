"""TSV: each line is one document, with a header or, as collections of passages have it, without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from modellab.core.errors import BrokenFileError
from modellab.core.io.csv_file import parse_csv
from modellab.core.io.encoding import read_decoded
from modellab.corpus.readers.fields import is_text_name
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions
from modellab.corpus.readers.rows import documents_of

#: by number of cells: what stands in lines without a header, as MS MARCO publishes passages
#: (collection.tsv) and documents (msmarco-docs.tsv)
_PLAIN: Mapping[int, tuple[str, ...]] = {
    2: ("id", "text"),
    4: ("id", "url", "title", "text"),
}


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document per line. In lines without a header, quotes stand for themselves."""
    text, notes = read_decoded(path, options.encoding)
    header = [name.strip() for name in text.split("\n", 1)[0].split("\t")]
    if options.columns or any(map(is_text_name, header)):
        table = parse_csv(path, text, delimiter="\t")
        lines = zip(table.lines, table.rows, strict=True)
        rows = [(f"{path}:{line}", row) for line, row in lines]
    else:
        rows = list(_plain_rows(path, text))
    return documents_of(rows, path, options, notes)


def _plain_rows(path: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    width = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        cells = line.split("\t")
        width = width or len(cells)
        if width not in _PLAIN or len(cells) != width:
            wanted = "2 (id, text) or 4 (id, url, title, text)"
            wanted = str(width) if width in _PLAIN else f"{wanted}, or a header with `text`"
            raise BrokenFileError(f"{path}:{number}: {len(cells)} cells; expected {wanted}")
        yield f"{path}:{number}", dict(zip(_PLAIN[width], cells, strict=True))


READER = Reader("tsv", (".tsv",), read)

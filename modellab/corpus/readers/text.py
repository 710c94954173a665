"""Plain text: a file is one document, named by its stem."""

from __future__ import annotations

from pathlib import Path

from modellab.core.io.encoding import read_decoded
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions, document

_LONGEST_TITLE = 120  # characters; a title is in the prompt beside each of its passages


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document; its title is the first line, or the stem where that line is a paragraph."""
    text, notes = read_decoded(path, options.reading.encoding)
    first = text.strip().split("\n", 1)[0]
    title = first if len(first) <= _LONGEST_TITLE else path.stem
    values = {"id": path.stem, "title": title, "text": text}
    return FileRead((document(values, str(path), notes=notes),))


READER = Reader("text", (".txt",), read)

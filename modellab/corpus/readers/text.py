"""Plain text: a file is one document, named by its stem."""

from __future__ import annotations

from pathlib import Path

from modellab.corpus.readers.reader import Reader, document, read_text
from modellab.records import Document

_LONGEST_TITLE = 120  # characters; a title stands in the prompt beside each of its passages


def read(path: Path) -> list[Document]:
    """One document; its title is the first line, or the stem where that line is a paragraph."""
    text = read_text(path)
    first = text.strip().split("\n", 1)[0]
    title = first if len(first) <= _LONGEST_TITLE else path.stem
    return [document({"id": path.stem, "title": title, "text": text}, str(path))]


READER = Reader("text", (".txt",), read)

"""Readers by file format. A new format is a file with a READER, and a line in READERS."""

from __future__ import annotations

from modellab.corpus.readers import docx, html, mail, packages, pdf, table, text, xml
from modellab.corpus.readers.reader import Reader

READERS: tuple[Reader, ...] = (
    *text.READERS,
    *table.READERS,
    html.READER,
    pdf.READER,
    docx.READER,
    *packages.READERS,
    *mail.READERS,
    xml.READER,
)


def readers_by_extension(format_name: str) -> dict[str, Reader]:
    """The reader of each extension: of one format, or of all with "auto"."""
    return {
        extension: reader
        for reader in READERS
        if format_name in ("auto", reader.name)
        for extension in reader.extensions
    }

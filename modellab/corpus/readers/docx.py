"""DOCX: a file is one document; headings, lists and tables keep their form."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.errors import BrokenFileError
from modellab.corpus.markup import first_heading, heading_places, table_lines
from modellab.corpus.readers.packages import of_claimed_sizes, refuse_bombs
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions, document

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_HEADING = re.compile(r"(?:heading|title)\s*(\d?)", re.IGNORECASE)


def read(path: Path, _options: ReadOptions = DEFAULTS) -> FileRead:
    """One document; its title is that of the metadata, or the first heading, or the stem.

    Raises BrokenFileError for what is not a DOCX, has a password, is a zip bomb or holds no text.
    """
    refuse_bombs(path, "DOCX")
    opened = _opened(path)
    text = "\n\n".join(_blocks(opened))
    if not text:
        raise BrokenFileError(f"{path}: the document holds no text")
    title = (opened.core_properties.title or "").strip()
    values = {"id": path.stem, "title": title or first_heading(text) or path.stem, "text": text}
    return FileRead((document(values, str(path), heading_places(text)),))


def _opened(path: Path) -> Any:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        return docx.Document(of_claimed_sizes(path))
    # the library raises many kinds of errors for incomplete packages
    except (OpcError, LxmlError, zipfile.BadZipFile, zlib.error, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise BrokenFileError(f"{path}: not a DOCX that can be read ({reason})") from None


def _blocks(opened: Any) -> Iterator[str]:
    """Non-empty paragraphs and tables in document order."""
    from docx.table import Table

    for item in opened.iter_inner_content():
        block = _table(item) if isinstance(item, Table) else _paragraph(item)
        if block:
            yield block


def _paragraph(paragraph: Paragraph) -> str:
    words = " ".join(paragraph.text.split())
    style = (paragraph.style.name if paragraph.style else None) or ""
    heading = _HEADING.match(style)
    if not words:
        return ""
    if heading:
        return f"{'#' * min(6, int(heading.group(1) or 1))} {words}"
    return f"- {words}" if style.lower().startswith("list") else words


def _table(table: Table) -> str:
    # a merged cell is listed once for each column that it covers
    rows = ({cell._tc: cell.text for cell in row.cells} for row in table.rows)
    return "\n".join(table_lines(list(row.values()) for row in rows))


READER = Reader("docx", (".docx",), read)

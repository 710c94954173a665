"""PDF: a file is one document, its pages its places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.corpus.readers.reader import BrokenFileError, Reader, document
from modellab.records import Document, Place

if TYPE_CHECKING:
    from pypdf import PdfReader

_BETWEEN_PAGES = "\n\n"
#: fewer letters and digits a page than this, on average, are page numbers on scanned pictures
_LEAST_PER_PAGE = 10


def read(path: Path) -> list[Document]:
    """One document; its title is the file's own, or the stem.

    Raises BrokenFileError for a corrupt file, one that asks for a password, and one without text,
    such as a scan that nobody ran text recognition on.
    """
    from pypdf.errors import PyPdfError

    try:
        reader = _opened(path)
        pages = [page.extract_text() for page in reader.pages]
        title = (reader.metadata.title if reader.metadata else None) or ""
    # the library meets corrupt files with whatever its parsing stumbled on
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BrokenFileError(f"{path}: not a PDF that can be read ({reason})") from None
    if sum(map(_letters, pages)) < _LEAST_PER_PAGE * max(1, len(pages)):
        raise BrokenFileError(
            f"{path}: {len(pages)} pages without text (scanned?); run text recognition on it first"
        )
    text, places = _joined([page.replace("\x00", "").strip() for page in pages])
    values = {"id": path.stem, "title": _writable(title) or path.stem, "text": _writable(text)}
    return [document(values, str(path), places)]


def _opened(path: Path) -> PdfReader:
    from pypdf import PdfReader

    reader = PdfReader(path)
    # many files are encrypted with an empty password, which every viewer tries
    if reader.is_encrypted and not reader.decrypt(""):
        raise BrokenFileError(f"{path}: encrypted; save it without a password")
    return reader


def _joined(pages: Sequence[str]) -> tuple[str, tuple[Place, ...]]:
    """The pages as one text, and where each that is not empty begins."""
    text, places = "", []
    for number, page in enumerate(pages, start=1):
        if page:
            text += _BETWEEN_PAGES if text else ""
            places.append(Place(len(text), f"page {number}"))
            text += page
    return text, tuple(places)


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _writable(text: str) -> str:
    """Half a surrogate pair, which broken fonts give and no file can hold, becomes U+FFFD."""
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text).strip()


READER = Reader("pdf", (".pdf",), read)

"""PDF: a file is one document, its pages its places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modellab.core.errors import BrokenFileError
from modellab.core.records import Place
from modellab.corpus.readers.columns import Piece, maybe_columns, text_of_columns
from modellab.corpus.readers.ocr import read_picture
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions, document

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_BETWEEN_PAGES = "\n\n"
#: fewer letters and digits than this on a page with a picture are the number of a scanned page
_LEAST_PER_PAGE = 10
#: what programs write where nobody gave a title
_UNTITLED = ("untitled", "unspecified", "(anonymous)", "untitled document")
#: the most pages that a note names
_SHOWN = 10


class _Page(NamedTuple):
    """The text of a page, and whether it is a picture without text, or was read in columns."""

    text: str
    scanned: bool
    in_columns: bool
    by_ocr: bool = False


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document; its title is the file's own, or the stem. Scanned pages are in its notes.

    Raises BrokenFileError for a corrupt file, one that asks for a password, and one without text,
    such as a scan that nobody ran text recognition on.
    """
    from pdfminer.psexceptions import PSException
    from pypdf.errors import PyPdfError

    try:
        reader = _opened(path)
        pages = [_page(path, number, page, options.ocr) for number, page in enumerate(reader.pages)]
        title = (reader.metadata.title if reader.metadata else None) or ""
        title = "" if title.strip().lower() in _UNTITLED else title
    # the libraries meet corrupt files with whatever their parsing stumbled on
    except (
        *(PyPdfError, PSException, ValueError, KeyError, TypeError, AttributeError, IndexError),
        *(AssertionError, RecursionError),
    ) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BrokenFileError(f"{path}: not a PDF that can be read ({reason})") from None
    texts = [page.text for page in pages]
    if sum(map(_letters, texts)) < _LEAST_PER_PAGE * max(1, len(pages)):
        raise BrokenFileError(
            f"{path}: {_counted(pages)} without text (scanned?); run text recognition on it first, "
            "or set `ocr: eng` where tesseract is installed"
        )
    text, places = _joined(texts)
    values = {"id": path.stem, "title": _writable(title) or path.stem, "text": _writable(text)}
    return FileRead((document(values, str(path), places, tuple(_notes(pages))),))


def _page(path: Path, number: int, page: PageObject, ocr: str | None) -> _Page:
    pieces: list[Piece] = []

    def keep(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            x, y = cm[0] * tm[4] + cm[2] * tm[5] + cm[4], cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            pieces.append(Piece(x, y, abs(size * (tm[0] or tm[1]) * (cm[0] or cm[1])), text))

    text = page.extract_text(visitor_text=keep)
    columns = text_of_columns(path, number, pieces) if maybe_columns(pieces) else None
    text = text if columns is None else columns
    text = text.replace("\x00", "").strip()
    scanned = _letters(text) < _LEAST_PER_PAGE and len(page.images) > 0
    if scanned and ocr is not None:
        pictures = (image.image for image in page.images)
        found = "\n\n".join(read_picture(one, ocr) for one in pictures if one is not None)
        return _Page(found, _letters(found) < _LEAST_PER_PAGE, False, by_ocr=True)
    return _Page(text, scanned, columns is not None)


def _notes(pages: Sequence[_Page]) -> Iterator[str]:
    scanned = [number for number, page in enumerate(pages, start=1) if page.scanned]
    if scanned:
        yield (
            f"{_numbered(scanned)} of {len(pages)} without text (scanned?); "
            "run text recognition on the file, or set `ocr`"
        )
    by_ocr = [number for number, page in enumerate(pages, start=1) if page.by_ocr]
    if by_ocr:
        yield f"{_numbered(by_ocr)} of {len(pages)} read by tesseract: letters may be wrong"
    columns = [number for number, page in enumerate(pages, start=1) if page.in_columns]
    if columns:
        yield f"{_numbered(columns)}: read column by column"


def _counted(pages: Sequence[_Page]) -> str:
    return f"{len(pages)} page{'' if len(pages) == 1 else 's'}"


def _numbered(pages: Sequence[int]) -> str:
    more = f" and {len(pages) - _SHOWN} more" if len(pages) > _SHOWN else ""
    word = "page" if len(pages) == 1 else "pages"
    return f"{word} {', '.join(map(str, pages[:_SHOWN]))}{more}"


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

"""PDF: a file is one document, its pages its places.

Pages in columns that were drawn line by line, across the page, are read column by column; scanned
pages by tesseract, if asked for.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modellab.core.errors import BrokenFileError, InputError
from modellab.corpus.documents import SectionStart
from modellab.corpus.readers.reader import DEFAULTS, FileRead, ReadOptions, whole_file

if TYPE_CHECKING:
    from pdfminer.layout import LTTextBox
    from PIL.Image import Image
    from pypdf import PageObject, PdfReader

#: a page with a picture and fewer letters and digits has only a page number: it is scanned
_MIN_PER_PAGE = 10
#: default titles of programs
_UNTITLED = ("untitled", "unspecified", "(anonymous)", "untitled document")
#: number of pages that a note lists
_SHOWN = 10
_OCR_TIMEOUT = 300  # seconds; a page takes a few
#: adjacent lines that make two columns
_MIN_LINES = 4
#: mean characters per line of prose; cells of a table are shorter
_MIN_WIDTH = 20
#: tolerance, in points, of line starts in a column and of heights on a line
_NEAR = 2.0


class _Page(NamedTuple):
    text: str
    scanned: bool  # a picture without text
    in_columns: bool
    by_ocr: bool = False


class Piece(NamedTuple):
    """A piece of text as it was drawn: position in points from the lower left corner, font size."""

    x: float
    y: float
    size: float
    text: str

    @property
    def right(self) -> float:
        """Estimated: letters are half as wide as high."""
        return self.x + len(self.text.strip()) * self.size / 2


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document; its title is that of the metadata, or the stem. Notes list scanned pages.

    Raises BrokenFileError for a corrupt or password-protected file, and one without text, such as
    a scan without text recognition.
    """
    from pdfminer.psexceptions import PSException
    from pypdf.errors import PyPdfError

    try:
        reader = _opened(path)
        pages = [_page(path, number, page, options.ocr) for number, page in enumerate(reader.pages)]
        title = (reader.metadata.title if reader.metadata else None) or ""
        title = "" if title.strip().lower() in _UNTITLED else title
    # the libraries raise whatever their parsing runs into
    except (
        *(PyPdfError, PSException, ValueError, KeyError, TypeError, AttributeError, IndexError),
        *(AssertionError, RecursionError),
    ) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BrokenFileError(f"{path}: not a PDF that can be read ({reason})") from None
    texts = [page.text for page in pages]
    if sum(map(_letters, texts)) < _MIN_PER_PAGE * max(1, len(pages)):
        raise BrokenFileError(
            f"{path}: {len(pages)} page{'' if len(pages) == 1 else 's'} without text (scanned?); "
            "run text recognition on it first, or set `ocr: eng` where tesseract is installed"
        )
    text, places = _joined(texts)
    title = _writable(title) or path.stem
    return whole_file(path, _writable(text), title, places, tuple(_notes(pages)))


def _page(path: Path, number: int, page: PageObject, ocr: str | None) -> _Page:
    pieces: list[Piece] = []

    def keep(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            x, y = cm[0] * tm[4] + cm[2] * tm[5] + cm[4], cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            pieces.append(Piece(x, y, abs(size * (tm[0] or tm[1]) * (cm[0] or cm[1])), text))

    text = page.extract_text(visitor_text=keep)
    columns = _text_of_columns(path, number, pieces) if _maybe_columns(pieces) else None
    text = text if columns is None else columns
    text = text.replace("\x00", "").strip()
    scanned = _letters(text) < _MIN_PER_PAGE and len(page.images) > 0
    if scanned and ocr is not None:
        pictures = (image.image for image in page.images)
        found = "\n\n".join(_read_picture(one, ocr) for one in pictures if one is not None)
        return _Page(found, _letters(found) < _MIN_PER_PAGE, False, by_ocr=True)
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


def _numbered(pages: Sequence[int]) -> str:
    more = f" and {len(pages) - _SHOWN} more" if len(pages) > _SHOWN else ""
    word = "page" if len(pages) == 1 else "pages"
    return f"{word} {', '.join(map(str, pages[:_SHOWN]))}{more}"


def _opened(path: Path) -> PdfReader:
    from pypdf import PdfReader

    reader = PdfReader(path)
    # many files are encrypted with an empty password, which viewers try
    if reader.is_encrypted and not reader.decrypt(""):
        raise BrokenFileError(f"{path}: encrypted; save it without a password")
    return reader


def _joined(pages: Sequence[str]) -> tuple[str, tuple[SectionStart, ...]]:
    """The pages as one text, with the start of each that is not empty."""
    text, places = "", []
    for number, page in enumerate(pages, start=1):
        if page:
            text += "\n\n" if text else ""
            places.append(SectionStart(len(text), f"page {number}"))
            text += page
    return text, tuple(places)


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _writable(text: str) -> str:
    """The text with lone surrogates, which come from broken fonts, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def _read_picture(picture: Image, language: str) -> str:
    """Run tesseract; `language` is its code, such as eng or deu+eng. Raises InputError."""
    program = shutil.which("tesseract")
    if program is None:
        raise InputError(
            "ocr: tesseract is not installed (Debian: tesseract-ocr); or leave ocr out"
        )
    png = io.BytesIO()
    picture.convert("RGB").save(png, "PNG")
    command = [program, "stdin", "stdout", "-l", language]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=png.getvalue(), capture_output=True, timeout=_OCR_TIMEOUT, check=True
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"ocr: tesseract took more than {_OCR_TIMEOUT} seconds for a page"
        ) from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(f"ocr: tesseract failed ({lines[0] if lines else error})") from None
    return done.stdout.decode("utf-8", errors="replace").strip()


def _maybe_columns(pieces: Sequence[Piece]) -> bool:
    """Whether consecutive pieces are side by side: a cheap test, also true of tables."""
    starts = Counter(
        round(other.x / _NEAR)
        for one, other in pairwise(pieces)
        if abs(one.y - other.y) <= _NEAR and other.x - one.right > one.size
    )
    return any(starts[x] + starts[x + 1] >= _MIN_LINES for x in starts)


def _text_of_columns(path: Path, page: int, pieces: Sequence[Piece]) -> str | None:
    """The text of a page (from 0), column by column; None where it has no columns of prose that
    were drawn line by line.

    Uses the layout analysis of pdfminer.six, and raises what it raises.
    """
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTTextBox

    # a line margin of 1: lines up to twice their height apart belong together
    (layout,) = extract_pages(path, page_numbers=[page], laparams=LAParams(line_margin=1.0))
    boxes = [item for item in layout if isinstance(item, LTTextBox)]
    prose = [box for box in boxes if _is_prose(box)]
    if not any(_mixed(one, other, pieces) for one in prose for other in prose):
        return None
    return "\n".join("\n".join(_lines(box)) for box in boxes)


def _mixed(one: LTTextBox, other: LTTextBox, pieces: Sequence[Piece]) -> bool:
    """Whether two boxes are side by side and were drawn alternately."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    if one.x1 > other.x0 or shared < min(one.height, other.height) / 2:
        return False
    sides = [box for piece in pieces for box in (one, other) if _inside(piece, box)]
    return sum(a is not b for a, b in pairwise(sides)) >= 2 * _MIN_LINES - 1


def _inside(piece: Piece, box: LTTextBox) -> bool:
    across = box.x0 - _NEAR <= piece.x <= box.x1 + _NEAR
    return across and box.y0 - piece.size <= piece.y <= box.y1 + piece.size


def _is_prose(box: LTTextBox) -> bool:
    """Long lines, at least half of which do not start in upper case: sentences run on."""
    lines = list(_lines(box))
    if len(lines) < _MIN_LINES or sum(map(len, lines)) < _MIN_WIDTH * len(lines):
        return False
    continued = sum(not line[0].isupper() for line in lines[1:])
    return 2 * continued >= len(lines) - 1


def _lines(box: LTTextBox) -> Iterator[str]:
    yield from (line.strip() for line in box.get_text().split("\n") if line.strip())

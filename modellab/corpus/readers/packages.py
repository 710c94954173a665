"""DOCX, PPTX, ODT and EPUB: ZIP archives of XML; a file is one document."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from modellab.core.errors import BrokenFileError
from modellab.corpus.documents import SectionStart
from modellab.corpus.readers import html
from modellab.corpus.readers.reader import DEFAULTS, FileRead, ReadOptions, table_lines, whole_file

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

#: limits of the unpacked size, in bytes and as a factor, against zip bombs
MOST_BYTES = 500 * 2**20
MOST_GROWTH = 200
_SMALL = _BLOCK = 2**20
_HEADING = re.compile(r"(?:heading|title)\s*(\d?)", re.IGNORECASE)
#: of a DOCX, what stands for a character; the end of a paragraph in a cell or note
_DOCX_SIGNS = {"tab": " ", "br": " ", "cr": " ", "p": " ", "noBreakHyphen": "-"}
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")


def refuse_bombs(path: Path, kind: str) -> None:
    """Raises BrokenFileError for a file that is no ZIP archive, or a ZIP bomb."""
    try:
        with zipfile.ZipFile(path) as packed:
            sizes = [(entry.file_size, entry.compress_size) for entry in packed.infolist()]
    except (zipfile.BadZipFile, OSError) as error:
        raise BrokenFileError(
            f"{path}: not a {kind} ({error}); an old or password-protected file must be saved again"
        ) from None
    unpacked, packed_size = (sum(size) for size in zip(*sizes, strict=True)) if sizes else (0, 0)
    grown = unpacked > _SMALL and unpacked > MOST_GROWTH * max(1, packed_size)
    if unpacked > MOST_BYTES or grown:
        raise BrokenFileError(
            f"{path}: would unpack from {packed_size:,} to {unpacked:,} bytes: not a document"
        )


def of_claimed_sizes(path: Path) -> io.BytesIO:
    """The unpacked package; zipfile stops at the size that each entry claims, which may lie."""
    found = io.BytesIO()
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(found, "w") as plain:
        for entry in packed.infolist():
            with packed.open(entry) as source, plain.open(entry.filename, "w") as target:
                while block := source.read(_BLOCK):
                    target.write(block)
    found.seek(0)
    return found


def read(path: Path, _options: ReadOptions = DEFAULTS, *, kind: str) -> FileRead:
    """One document. Raises BrokenFileError for what is no such package, a bomb, or has no text."""
    from lxml.etree import LxmlError

    refuse_bombs(path, kind.upper())
    try:
        with zipfile.ZipFile(of_claimed_sizes(path)) as package:
            title, *texts = BLOCKS[kind](package)
    except (KeyError, ValueError, LxmlError, zipfile.BadZipFile, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise BrokenFileError(f"{path}: not a {kind.upper()} that can be read ({reason})") from None
    numbered = [(number, text) for number, text in enumerate(texts, start=1) if text]
    places = None
    if kind == "pptx":
        starts = accumulate((len(slide) + 2 for _, slide in numbered), initial=0)
        at = zip(starts, numbered, strict=False)
        places = tuple(SectionStart(start, f"slide {number}") for start, (number, _) in at)
    return whole_file(path, "\n\n".join(text for _, text in numbered), title, places)


def _word(package: zipfile.ZipFile) -> Iterator[str]:
    """The title of a DOCX, its paragraphs and tables in order, and its notes.

    python-docx lists only what is directly in the body: no text boxes and content controls.
    """
    import docx
    from docx.opc.exceptions import OpcError
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    try:
        opened = docx.Document(package.fp)
        body: Any = opened._body
    except OpcError as error:
        raise ValueError(str(error)) from None
    title = opened.core_properties.title
    # the library's title of a file without one, such as of Google Docs
    yield "" if title == "Word Document" else title
    for part in body._element.iter():
        kind, inside = _local(part), {_local(outer) for outer in part.iterancestors()}
        if inside & {"tbl", "Fallback"}:
            continue
        if kind == "tbl":
            yield _table(Table(part, body))
        elif kind == "p":
            yield _paragraph(Paragraph(part, body))
    for name in sorted({"word/endnotes.xml", "word/footnotes.xml"} & set(package.namelist())):
        yield from map(_written, _xml(package, name))


def _written(element: Any) -> str:
    """The text of a paragraph, cell or note of a DOCX, with insertions and without deletions.

    Not of the text boxes in it, which are paragraphs of their own.
    """
    pieces = []
    for part in element.iter():
        between = takewhile(lambda outer: outer is not element, part.iterancestors())
        if {_local(outer) for outer in between} & {"txbxContent", "moveFrom", "Fallback"}:
            continue
        kind = _local(part)
        pieces.append((part.text or "") if kind == "t" else _DOCX_SIGNS.get(kind, ""))
    return " ".join("".join(pieces).split())


def _paragraph(paragraph: Paragraph) -> str:
    words = _written(paragraph._p)
    style = (paragraph.style.name if paragraph.style else None) or ""
    heading = _HEADING.match(style)
    if not words:
        return ""
    if heading:
        return f"{'#' * min(6, int(heading.group(1) or 1))} {words}"
    return f"- {words}" if style.lower().startswith("list") else words


def _table(table: Table) -> str:
    # a merged cell is listed once for each column that it covers
    rows = ({cell._tc: _written(cell._tc) for cell in row.cells} for row in table.rows)
    return "\n".join(table_lines(list(row.values()) for row in rows))


def _xml(package: zipfile.ZipFile, name: str) -> Any:
    from lxml import etree

    # no entities: a small file could grow without end, or read others
    return etree.fromstring(package.read(name), etree.XMLParser(resolve_entities=False))


def _local(element: Any) -> str:
    """The name of an element without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _slides(package: zipfile.ZipFile) -> Iterator[str]:
    """The title of the first slide, and a text for each slide as shown, with tables and notes."""
    names = {int(m[1]): m[0] for name in package.namelist() if (m := _SLIDE.fullmatch(name))}
    shown = [names[number] for number in sorted(names)]
    if (deck := "ppt/presentation.xml") in package.namelist():
        files = {name: file for name, _, file in _related(package, deck)}
        ids = [part for part in _xml(package, deck).iter() if _local(part) == "sldId"]
        linked = [next(v for k, v in part.items() if k.endswith("}id")) for part in ids]
        shown = [files[name] for name in linked]
    texts = []
    for slide in shown:
        lines = _slide_lines(_xml(package, slide).iter())
        for _, kind, notes in _related(package, slide):
            if kind == "notesSlide":
                boxes = (one for one in _xml(package, notes).iter() if _local(one) == "sp")
                lines += _slide_lines(
                    part for one in boxes if _is_notes(one) for part in one.iter()
                )
        texts.append("\n".join(filter(None, lines)))
    yield next((text.partition("\n")[0] for text in texts if text), "")
    yield from texts


def _slide_lines(parts: Iterable[Any]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if _local(part) == "tbl":
            rows = [row for row in part if _local(row) == "tr"]
            lines += table_lines([_words(c) for c in row if _local(c) == "tc"] for row in rows)
        elif _local(part) == "p" and not any(_local(a) == "tbl" for a in part.iterancestors()):
            lines.append(_words(part))
    return lines


def _is_notes(box: Any) -> bool:
    """Whether a box below a slide has the speaker's words, and not the slide's number or date."""
    return any(_local(part) == "ph" and part.get("type") == "body" for part in box.iter())


def _related(package: zipfile.ZipFile, name: str) -> Iterator[tuple[str, str, str]]:
    """The id, the kind and the file of each relationship of a part of the package."""
    folder, file = posixpath.split(name)
    links = f"{folder}/_rels/{file}.rels"
    for one in _xml(package, links) if links in package.namelist() else ():
        target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
        yield one.get("Id", ""), one.get("Type", "").rpartition("/")[2], target.lstrip("/")


def _paragraphs(package: zipfile.ZipFile) -> Iterator[str]:
    """The title of an ODT, and its headings, paragraphs, list items and tables."""
    meta = _xml(package, "meta.xml") if "meta.xml" in package.namelist() else ()
    yield next((_words(part) for part in meta and meta.iter() if _local(part) == "title"), "")
    for part in _xml(package, "content.xml").iter():
        inside = {_local(outer) for outer in part.iterancestors()}
        kind = _local(part)
        if kind == "table":
            rows = [row for row in part.iter() if _local(row) == "table-row"]
            yield "\n".join(
                table_lines([_words(c) for c in row if _local(c) == "table-cell"] for row in rows)
            )
        elif kind in ("h", "p") and not inside & {"table", "tracked-changes", "annotation"}:
            level = next((v for k, v in part.items() if k.endswith("outline-level")), "1")
            before = (
                f"{'#' * min(6, int(level))} " if kind == "h" else "- " * ("list-item" in inside)
            )
            yield f"{before}{words}" if (words := _words(part)) else ""


def _chapters(package: zipfile.ZipFile) -> Iterator[str]:
    """The title of an EPUB, and its pages in reading order."""
    from bs4 import BeautifulSoup

    container = _xml(package, "META-INF/container.xml")
    opf = next(part.get("full-path") for part in container.iter() if _local(part) == "rootfile")
    parts = list(_xml(package, opf).iter())
    yield next((_words(part) for part in parts if _local(part) == "title"), "")
    files = {part.get("id"): part.get("href") for part in parts if _local(part) == "item"}
    for part in parts:
        if _local(part) == "itemref":
            name = posixpath.join(posixpath.dirname(opf), unquote(files[part.get("idref")]))
            yield html.text_of(BeautifulSoup(package.read(posixpath.normpath(name)), "lxml"))


#: by kind of package: its title, and then its blocks of text
BLOCKS: Mapping[str, Callable[[zipfile.ZipFile], Iterator[str]]] = {
    "docx": _word,
    "pptx": _slides,
    "odt": _paragraphs,
    "epub": _chapters,
}

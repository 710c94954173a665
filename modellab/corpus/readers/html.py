"""HTML, XML of articles (JATS of PubMed Central, TEI of GROBID), and collections of TREC.

Headings, lists and tables keep their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import BrokenFileError
from modellab.core.io.encoding import read_decoded, read_text_bytes
from modellab.corpus.documents import Document
from modellab.corpus.readers.reader import (
    DEFAULTS,
    EmptyTextError,
    FileRead,
    ReadOptions,
    Skipped,
    document,
    table_lines,
    whole_file,
)

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

#: not part of the page's text
_UNREAD = ("script", "style", "noscript", "template", "nav", "svg", "iframe", "head")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (
    *("p", "div", "section", "article", "main", "blockquote", "pre", "figure", "dl", "ul", "ol"),
    *("header", "footer", "aside", "details", "summary", "address", "form", "fieldset", "hr"),
)
_LINES = ("li", "dt", "dd", "figcaption", "caption", "tr", "legend", "option")


def read_page(path: Path, _options: ReadOptions = DEFAULTS) -> FileRead:
    """One document; its title is the page's, or its first heading, or the file's stem.

    The encoding is declared by the page or detected. Raises BrokenFileError for a page without a
    letter or digit.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(read_text_bytes(path), "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    text = text_of(soup)
    if not any(character.isalnum() for character in text):
        raise BrokenFileError(f"{path}: the page holds no text")
    return whole_file(path, text, title)


def text_of(soup: BeautifulSoup) -> str:
    """The text of a page as Markdown: headings, list items and table rows are lines.

    Elements are filled in place: replacing one takes time linear in the number of its siblings.
    """
    for tag in soup.find_all(_UNREAD):
        tag.clear()
    # inner tables first, so that they are text in a cell of the outer one
    for table in reversed(soup.find_all("table")):
        rows = ([c.get_text(" ") for c in tr.find_all(("th", "td"))] for tr in table.find_all("tr"))
        _fill(table, "\n\n" + "\n".join(table_lines(rows)) + "\n\n")
    for line_break in soup.find_all("br"):
        line_break.append("\n")
    for tag in soup.find_all(_HEADINGS):
        words = " ".join(tag.get_text(" ").split())
        _fill(tag, f"\n\n{'#' * int(tag.name[1])} {words}\n\n" if words else "")
    return _tidy("".join(_pieces(soup)))


def _fill(tag: Tag, text: str) -> None:
    tag.clear()
    tag.append(text)


def _pieces(soup: BeautifulSoup) -> Iterator[str]:
    """The texts of a page in order, with line breaks around blocks; iterative, for any depth."""
    from bs4 import Tag
    from bs4.element import CData, NavigableString

    waiting: list[object] = [soup]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag):
            before, after = _around(node.name)
            waiting += [after, *reversed(node.contents), before]
        elif type(node) in (str, NavigableString, CData):  # no comments
            yield str(node)


def _around(name: str) -> tuple[str, str]:
    if name in _BLOCKS:
        return "\n\n", "\n\n"
    if name in _LINES:
        return ("\n- " if name == "li" else "\n"), ""
    return "", ""


def _tidy(text: str) -> str:
    """One space between words, one blank line between paragraphs."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(kept for paragraph in paragraphs if (kept := paragraph.strip("\n")))


#: elements of a collection of TREC
_TREC = {
    name: re.compile(rf"<{name}>(.*?)</{name}>", re.DOTALL | re.IGNORECASE)
    for name in ("DOC", "DOCNO", "HEADLINE", "TITLE", "TEXT")
}
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
#: elements without text of the article
_UNREAD_OF_ARTICLES = ("ref-list", "listBibl", "journal-meta", "teiHeader", "tex-math", "xref")
#: by element that of HTML
_AS_HTML = {
    "title": "h2",
    "head": "h2",
    "sec": "section",
    "list-item": "li",
    "item": "li",
    "row": "tr",
    "cell": "td",
    "disp-quote": "blockquote",
    "lb": "br",
    "label": "span",
}


def read_article(path: Path, _options: ReadOptions = DEFAULTS) -> FileRead:
    """One document: title, abstract and text.

    Raises BrokenFileError for XML of another kind, which may be data or many documents.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(read_text_bytes(path), "lxml-xml")
    root = soup.find(True)
    kind = root.name if root is not None else "nothing"
    if root is None or kind not in ("article", "TEI"):
        raise BrokenFileError(
            f"{path}: XML of another kind than JATS or TEI (<{kind}>); convert it to text or JSONL"
        )
    found = soup.find("article-title" if kind == "article" else "title")
    title = " ".join(found.get_text(" ").split()) if found else ""
    parts = [*soup.find_all("abstract"), *soup.find_all("body", limit=1)]
    for part in parts:
        for tag in part.find_all(_UNREAD_OF_ARTICLES):
            tag.clear()
        for tag in part.find_all(list(_AS_HTML)):
            tag.name = _AS_HTML[tag.name]
    texts = [text_of(BeautifulSoup(str(part), "lxml")) for part in parts]
    text = "\n\n".join(filter(None, texts))
    text = f"# {title}\n\n{text}" if title and text else text
    return whole_file(path, text, title or path.stem, holder="article")


def read_trec(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """A document per `<DOC>`, as in collections of TREC (Voorhees and Harman 2005).

    `<DOCNO>` is its id, `<HEADLINE>` or `<TITLE>` its title, and `<TEXT>` its text. Raises
    BrokenFileError for a file without `<DOC>`.
    """
    text, notes = read_decoded(path, options.reading.encoding)
    found: list[Document] = []
    skipped: list[Skipped] = []
    for part in _TREC["DOC"].findall(text):
        named = {field: _TREC[field].findall(part) for field in _TREC}
        titles = (*named["HEADLINE"], *named["TITLE"], "")
        texts = "\n\n".join(named["TEXT"])
        cells = {"id": "".join(named["DOCNO"]), "title": titles[0], "text": texts}
        values = {name: _tidy(unescape(_TAG.sub(" ", cell))) for name, cell in cells.items()}
        try:
            found.append(document(values, f"{path}: {values['id'] or 'a DOC without DOCNO'}"))
        except EmptyTextError as error:
            skipped.append(error.skipped)
    if not found and not skipped:
        raise BrokenFileError(f"{path}: no <DOC> with its <DOCNO> and <TEXT>")
    return FileRead(tuple(found), tuple(skipped), notes=notes)

"""HTML, and XML of articles (JATS of PubMed Central, TEI of GROBID): a file is one document.

Headings, lists and tables keep their form.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import BrokenFileError
from modellab.corpus.readers.reader import DEFAULTS, FileRead, ReadOptions, table_lines, whole_file

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

#: not part of the page's text
_UNREAD = ("script", "style", "noscript", "template", "nav", "svg", "iframe", "head")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (
    *("p", "div", "section", "article", "main", "blockquote", "pre", "figure", "dl", "ul", "ol"),
)
_LINES = ("li", "dt", "dd", "figcaption", "caption", "tr")


def read_page(path: Path, _options: ReadOptions = DEFAULTS) -> FileRead:
    """One document; its title is the page's, or its first heading, or the file's stem.

    The encoding is declared by the page or detected. Raises BrokenFileError for a page without a
    letter or digit.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(path.read_bytes(), "lxml")
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

    soup = BeautifulSoup(path.read_bytes(), "lxml-xml")
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

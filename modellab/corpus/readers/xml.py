"""XML of articles: JATS (PubMed Central) and TEI (GROBID); a file is one document."""

from pathlib import Path

from modellab.core.errors import BrokenFileError
from modellab.corpus.readers import html
from modellab.corpus.readers.reader import DEFAULTS, FileRead, ReadOptions, whole_file

#: elements without text of the article
_UNREAD = ("ref-list", "listBibl", "journal-meta", "teiHeader", "tex-math", "xref")
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


def read(path: Path, _options: ReadOptions = DEFAULTS) -> FileRead:
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
        for tag in part.find_all(_UNREAD):
            tag.clear()
        for tag in part.find_all(list(_AS_HTML)):
            tag.name = _AS_HTML[tag.name]
    texts = [html.text_of(BeautifulSoup(str(part), "lxml")) for part in parts]
    text = "\n\n".join(filter(None, texts))
    text = f"# {title}\n\n{text}" if title and text else text
    return whole_file(path, text, title or path.stem, holder="article")

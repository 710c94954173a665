"""Topics of TREC: the old form with `<top>`, `<num>` and `<title>`, and XML with `<topic>`."""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

#: the start of a file of topics
START_OF_TOPICS = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:top|topics?)\b", re.DOTALL | re.I
)
_TOPIC = re.compile(r"<(top|topic)\b([^>]*)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*[\"']([^\"']*)[\"']")
_FIELD = re.compile(r"<([\w-]+)[^>]*>([^<]*)")
#: what the old form repeats in words
_WORD = re.compile(r"\s*(?:number|topic|description|narrative)\s*:", re.IGNORECASE)
_NAMES = {"num": "id", "number": "id", "title": "query", "desc": "description", "narr": "narrative"}


def topics(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The fields of each topic; its title is the query."""
    for found in _TOPIC.finditer(text):
        fields = [*_ATTRIBUTE.findall(found[2]), *_FIELD.findall(found[3])]
        cells = [(name.lower(), html.unescape(_WORD.sub("", cell, 1))) for name, cell in fields]
        named = {_NAMES.get(name, name): " ".join(cell.split()) for name, cell in cells}
        place = f"{path}:{text.count(chr(10), 0, found.start()) + 1}"
        yield place, {name: cell for name, cell in named.items() if cell}

"""Cards and quizzes: text exports of Anki, Moodle's GIFT and XML, other XML with questions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any, NamedTuple

from modellab.core.errors import InputError
from modellab.core.io.columns import plain_name
from modellab.core.io.csv_file import csv_rows
from modellab.core.io.encoding import read_decoded, read_text_bytes, without_compression
from modellab.core.io.table_file import DELIMITED, Row, TableFile, kind_of
from modellab.questions.table_columns import NAMES, question_names


class Asked(NamedTuple):
    """A question of a quiz; without right answers it cannot be scored."""

    place: str
    text: str
    right: Sequence[str]
    choices: Sequence[str] = ()
    group: str = ""


def read_quiz(path: Path, encoding: str | None) -> TableFile | None:
    """The rows of such a file; None for one of another kind. Raises InputError if it is broken."""
    if not path.is_file() or kind_of(path) not in DELIMITED:
        return None
    text, notes = read_decoded(path, encoding)
    if _ANKI.match(text):
        rows, total = _cards(path, text)
    elif text.lstrip().startswith("<?xml") or path.name.lower().endswith(".xml"):
        rows, total = _of_xml(path)
    elif text.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        rows, total = _of_page(path, text)
    elif _PAIR.match(text.lstrip()):
        rows, total = _pairs(path, text)
    elif without_compression(path.name).endswith((".gift", ".txt")) and _GIFT.search(text):
        rows, total = _rows(_gift(path, text))
    else:
        return None
    if total and not rows:
        raise InputError(f"{path}: no question with a right answer in its {total} entries")
    note = f"{total - len(rows)} of {total} left out: without a right answer, or with several parts"
    return TableFile(tuple(rows), (*notes, note) if total > len(rows) else notes) if rows else None


#: rows, and the number of entries that they are from
_Rows = tuple[list[tuple[str, Row]], int]


def _rows(asked: Iterable[Asked]) -> _Rows:
    """The questions with a right answer; choices are below the question unless all have some."""
    every = list(asked)
    kept = [one for one in every if one.text and one.right]
    kept = [one for one in kept if not one.choices or len(one.right) == 1]
    chosen = all(one.choices for one in kept)
    rows: list[tuple[str, Row]] = []
    for one in kept:
        lettered = zip(ascii_uppercase, one.choices, strict=False)
        below = "" if chosen else "".join(f"\n{letter}. {text}" for letter, text in lettered)
        offered = {"choices": list(one.choices), "answer": one.right[0]}
        reference = offered if chosen else {"answers": list(one.right)}
        row = {"question": f"{one.text}{below}", "groups": one.group, **reference}
        rows.append((one.place, row))
    return rows, len(every)


_ANKI = re.compile(
    r"(?:#(?:separator|html|columns|(?:tags|notetype|deck|guid|if matches)(?: column)?):.*\r?\n)+",
    re.IGNORECASE,
)
_SEPARATORS = {"comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "colon": ":"}
#: names of columns of Anki
_CARD = {
    "guid": "id",
    "deck": "category",
    "tags": "groups",
    "notetype": "note type",
    "front": "question",
    "back": "answer",
    "vorderseite": "question",
    "rückseite": "answer",
}
#: a text with gaps has no answer beside it
_GAP = re.compile(r"\{\{c\d+::")


def _cards(path: Path, text: str) -> _Rows:
    """Cards of Anki ("Notes in plain text"); of two columns the first is the question.

    Source: its manual, "File headers".
    """
    top = _ANKI.match(text)
    assert top is not None
    lines = [line[1:].partition(":") for line in top[0].splitlines()]
    said = {name.strip().casefold(): value for name, _, value in lines}
    mark = said.get("separator", "tab").strip()
    delimiter = _SEPARATORS.get(mark.casefold(), mark if len(mark) == 1 else "\t")
    skipped = len(lines)
    cells = [(n, row) for n, row in csv_rows(path, text[top.end() :], delimiter, skipped) if row]
    names = dict(enumerate(next(csv_rows(path, said.get("columns", ""), delimiter), (0, []))[1]))
    special = [(key.removesuffix(" column"), at) for key, at in said.items() if "column" in key]
    names |= {int(at) - 1: key for key, at in special if at.strip().isdigit()}
    others = [at for at in range(max((len(row) for _, row in cells), default=0)) if at not in names]
    if len(others) == 2:
        names |= dict(zip(others, ("question", "answer"), strict=True))
    named = {at: _CARD.get(name.casefold(), name) for at, name in names.items()}
    read = _unmarked if said.get("html", "").strip().casefold() == "true" else str.strip
    rows = []
    for number, row in cells:
        found = {named.get(at, str(at + 1)): read(cell) for at, cell in enumerate(row)}
        if all(found.get(name) for name in ("question", "answer") if name in named.values()):
            kept = {**found, "groups": found.get("groups", "").split()}
            rows.append((f"{path}:{number}", kept))
    return [one for one in rows if not _GAP.search("".join(map(str, one[1].values())))], len(cells)


def _unmarked(markup: str) -> str:
    from bs4 import BeautifulSoup

    from modellab.corpus.readers.html import text_of

    return text_of(BeautifulSoup(markup, "lxml")).strip() if markup.strip() else ""


#: the start of a question with answers, or of a category
_GIFT = re.compile(
    r"^\s*(?:::|\$CATEGORY:)|\{\s*(?:[=~#]|T(?:RUE)?\s*[}#]|F(?:ALSE)?\s*[}#])", re.M
)
_QUESTION = re.compile(
    r"(?:::(?P<name>.*?)(?<!\\)::)?(?P<before>.*?)(?<!\\)\{(?P<in>.*?)(?<!\\)\}(?P<after>.*)", re.S
)
_MARKUP = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.I)
_ANSWER = re.compile(r"(?<!\\)([=~])")
_WEIGHT = re.compile(r"\s*%(-?[\d.]+)%")


def _gift(path: Path, text: str) -> Iterator[Asked]:
    """Moodle's text format; matching, essays and numbers with a range have no right answer.

    Source: its documentation, "GIFT format".
    """
    group, at = "", 1
    for block in re.split(r"(\n[ \t]*\n)", text):
        lines = [line for line in block.splitlines() if not line.lstrip().startswith("//")]
        place, at = f"{path}:{at}", at + block.count("\n")
        for line in (one for one in lines if one.startswith("$CATEGORY:")):
            group = line.partition(":")[2].rpartition("/")[2].strip()
        body = "\n".join(line for line in lines if not line.startswith("$CATEGORY:")).strip()
        if (found := _QUESTION.fullmatch(body)) is None:
            continue
        after = found["after"].strip()
        asked = _gift_text(found["before"]) + (f" _____ {_gift_text(after)}" if after else "")
        yield Asked(place, asked, *_gift_answers(found["in"].strip()), group)


def _gift_answers(text: str) -> tuple[list[str], list[str]]:
    """The right answers, and the choices if some are wrong."""
    plain = re.split(r"(?<!\\)#", text, maxsplit=1)[0].strip()
    if plain.upper() in ("T", "TRUE", "F", "FALSE"):
        return ["true" if plain.upper().startswith("T") else "false"], []
    if text.startswith("#"):
        value = text[1:].strip().removeprefix("=").partition(":")[0].strip()
        return ([value] if re.fullmatch(r"-?\d+(?:\.\d+)?", value) else []), []
    _, *parts = _ANSWER.split(text)
    right, every = [], []
    for sign, part in zip(parts[::2], parts[1::2], strict=True):
        weight = _WEIGHT.match(part)
        answer = _gift_text(part[weight.end() :] if weight else part)
        every.append(answer)
        full = float(weight[1]) == 100 if weight else sign == "="
        right += [answer] if full and "->" not in answer else []
    return right, every if "~" in parts[::2] else []


def _gift_text(text: str) -> str:
    markup = _MARKUP.match(text)
    text = re.split(r"(?<!\\)#", text[markup.end() :] if markup else text, maxsplit=1)[0]
    text = re.sub(r"\\([~=#{}:\\])", r"\1", text.replace("\\n", "\n")).strip()
    return text if markup and markup[1].lower() in ("plain", "markdown") else _unmarked(text)


_MARK = r"(?:^|\n)[ \t]*(?:\*\*)?(?:{})[ \t]*(?:\d+[ \t]*[:.)]|:)(?:\*\*)?[ \t]*"
_ASKS, _SAYS = _MARK.format("Q|Question|F|Frage"), _MARK.format("A|Answer|Antwort")
#: a question and its answer in a text
_PAIR = re.compile(rf"{_ASKS}(.+?)\s*{_SAYS}(.+?)\s*(?={_ASKS}|\Z)", re.DOTALL)


def _pairs(path: Path, text: str) -> _Rows:
    """Questions after `Q:` and answers after `A:`."""
    found = [
        (
            f"{path}:{text.count(chr(10), 0, one.start(1)) + 1}",
            {"question": one[1], "answer": one[2]},
        )
        for one in _PAIR.finditer(text)
    ]
    return list(found), len(re.findall(_ASKS, text))


def _of_page(path: Path, text: str) -> _Rows:
    """The only table of a web page whose header names a question, as Confluence exports pages."""
    from bs4 import BeautifulSoup

    tables = []
    for table in BeautifulSoup(text, "lxml").find_all("table"):
        found = [tr.find_all(("th", "td"), recursive=False) for tr in table.find_all("tr")]
        cells = [[" ".join(cell.get_text(" ").split()) for cell in line] for line in found if line]
        if cells and {*map(plain_name, cells[0])} & question_names({}):
            tables.append(cells)
    if len(tables) != 1:
        return [], 0
    header, *lines = tables[0]
    rows = [dict(zip(header, cells, strict=False)) for cells in lines]
    return [(f"{path}: row {number}", row) for number, row in enumerate(rows, start=1)], len(rows)


def _of_xml(path: Path) -> _Rows:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, strip_cdata=False)
    try:
        root = etree.fromstring(read_text_bytes(path), parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{path}: not valid XML ({error})") from None
    if root.tag == "quiz":
        return _rows(_moodle(path, root))
    names = question_names({})
    parents = {part.getparent() for part in root.iter() if _name(part) in names and not len(part)}
    found = [_element(path, parent) for parent in root.iter() if parent in parents]
    answers = {name for line in NAMES["answer"] for name in line}
    blank = [any(name in answers and not text for name, text in row.items()) for _, row in found]
    return [one for one, empty in zip(found, blank, strict=True) if not empty], len(found)


def _name(element: Any) -> str:
    return plain_name(element.tag.rpartition("}")[2]) if isinstance(element.tag, str) else ""


def _element(path: Path, element: Any) -> tuple[str, Row]:
    """The texts and attributes of what an element has, and the URL that it is from (MedQuAD)."""
    row: dict[str, Any] = {}
    for outer in element.iterancestors():
        if outer.get("url"):
            row.setdefault("url", outer.get("url"))
    row |= dict(element.attrib)
    for part in (one for one in element if _name(one)):
        row |= {name: value for name, value in part.attrib.items() if name not in row}
        text = " ".join("".join(part.itertext()).split())
        before = row.get(_name(part))
        row[_name(part)] = (
            [*(before if isinstance(before, list) else [before]), text] if before else text
        )
    return f"{path}:{element.sourceline}", row


def _moodle(path: Path, root: Any) -> Iterator[Asked]:
    """Moodle's XML; answers of 100 percent are right.

    Source: its documentation, "Moodle XML format".
    """
    group = ""
    for one in root.iter("question"):
        kind = one.get("type")
        if kind == "category":
            group = (one.findtext("category/text") or "").rpartition("/")[2]
            continue
        answers = [
            (_unmarked(answer.findtext("text") or ""), float(answer.get("fraction") or 0))
            for answer in one.findall("answer")
        ]
        scored = kind in ("shortanswer", "multichoice", "truefalse", "numerical")
        right = [text for text, percent in answers if scored and percent == 100 and text != "*"]
        choices = [text for text, _ in answers] if kind == "multichoice" else []
        asked = _unmarked(one.findtext("questiontext/text") or "")
        yield Asked(f"{path}:{one.sourceline}", asked, right, choices, group)

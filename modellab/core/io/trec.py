"""Judgements (qrels) and rankings (runs) in the formats of TREC, BEIR, MTEB and MS MARCO.

Lines of cells separated by tabs, commas or spaces, with or without a header; any table with these
columns; or the JSON of pytrec_eval, `{query: {document: number}}`. All may be gzipped.
Source of the formats: trec_eval's README (NIST), and the data cards of BEIR and MS MARCO.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.columns import by_plain_name
from modellab.core.io.encoding import read_decoded
from modellab.core.io.table_file import DELIMITED, JSON, cell_number, cell_text, kind_of, read_table

_Names = Mapping[str, Sequence[str]]
#: cells by field, with their place (file and row)
_Row = tuple[str, Mapping[str, str]]

#: usual column names of the fields
_IDS: _Names = {
    "query": ("query_id", "queryid", "qid", "question_id", "topic", "topic_id", "query"),
    "document": (
        # beside a docno, PyTerrier's docid is a row number of its index
        *("corpus_id", "docno", "doc_id", "docid", "document_id", "passage_id", "pid", "chunk_id"),
        *("document", "doc"),
    ),
}
_GRADE: _Names = {"grade": ("score", "relevance", "rel", "grade", "label", "judgement", "judgment")}
_RANK: _Names = {"rank": ("rank",)}
_SCORE: _Names = {"score": ("score", "similarity", "sim")}


@dataclass(frozen=True)
class _Layout:
    """Columns of a kind of file: `named` alternatives, the fields of headerless lines by their
    number of cells, the field of the number in nested JSON, and the message if nothing fits.
    """

    named: tuple[_Names, ...]
    headerless: Mapping[int, Sequence[str]]
    number: str
    expected: str

    def find(self, columns: Sequence[str]) -> Mapping[str, str] | None:
        """The column of each field; None if no alternative fits."""
        plain = by_plain_name(columns)
        for wanted in self.named:
            found = {
                field: next(plain[name] for name in names if name in plain)
                for field, names in wanted.items()
                if any(name in plain for name in names)
            }
            if len(found) == len(wanted):
                return found
        return None

    def mismatch(self, path: Path, columns: Sequence[str]) -> InputError:
        found = ", ".join(columns) or "none"
        return InputError(f"{path}: columns {found}; expected {self.expected}")


_QRELS = _Layout(
    named=({**_IDS, **_GRADE},),
    headerless={4: ("query", "", "document", "grade"), 3: ("query", "document", "grade")},
    number="grade",
    expected="query-id, corpus-id and score (BEIR), or a query, 0, a document and a grade (TREC)",
)
_RUN = _Layout(
    named=({**_IDS, **_RANK, **_SCORE}, {**_IDS, **_RANK}, {**_IDS, **_SCORE}),
    headerless={
        6: ("query", "", "document", "rank", "score", ""),
        5: ("query", "", "document", "rank", "score"),
        3: ("query", "document", "rank"),
    },
    number="score",
    expected="a query, Q0, a document, a rank, a score and a name (TREC), or a header that names "
    "query-id, corpus-id and rank or score",
)


@dataclass(frozen=True)
class Qrel:
    """Relevance of a document to a query: relevant from grade 1 on. `source` is file and row."""

    query: str
    document: str
    grade: int
    source: str


@dataclass(frozen=True)
class RankedDocument:
    """A document that was retrieved for a query. `source` is file and row."""

    query: str
    document: str
    score: float | None
    source: str


def read_qrels(path: Path) -> list[Qrel]:
    """The judgements of a file, in its order.

    Raises:
        InputError: (file, row) A grade is not an integer, or judgements contradict each other.
    """
    found: dict[tuple[str, str], Qrel] = {}
    for place, cells in _rows(path, _QRELS):
        grade = cell_number(place, "grade", cells["grade"])
        if grade != int(grade):
            raise InputError(f"{place}: the grade {cells['grade']!r} is not a whole number")
        one = Qrel(cells["query"], cells["document"], int(grade), place)
        first = found.setdefault((one.query, one.document), one)
        if first.grade != one.grade:
            raise InputError(
                f"{place}: query {one.query!r}, document {one.document!r}: grade {one.grade}, but "
                f"{first.grade} in {first.source}; leave one of them out"
            )
    return list(found.values())


def read_run(path: Path) -> tuple[dict[str, list[RankedDocument]], str]:
    """The ranking of each query, best first, and a warning (or an empty text).

    The order is by rank. Without ranks, or if all are 0, it is by score as in trec_eval:
    descending, ties by document id from the last to the first.

    Raises:
        InputError: (file, row) A rank or score is not a number, or a rank or document is a
            duplicate within a query.
    """
    rows = list(_rows(path, _RUN))
    if rows and len(rows[0][1]) == 3 and "rank" in rows[0][1] and not _are_ranks(rows):
        rows = [
            (place, {"score" if field == "rank" else field: text for field, text in cells.items()})
            for place, cells in rows
        ]
    by_score = all("score" in cells and cells.get("rank", "0") == "0" for _, cells in rows)
    by_query: dict[str, list[tuple[float, RankedDocument]]] = {}
    ranks: dict[tuple[str, float], str] = {}
    documents: dict[tuple[str, str], str] = {}
    for place, cells in rows:
        query, document = cells["query"], cells["document"]
        score = cell_number(place, "score", cells["score"]) if "score" in cells else None
        rank = 0.0 if by_score else cell_number(place, "rank", cells["rank"])
        first = place if by_score else ranks.setdefault((query, rank), place)
        if first != place:
            raise InputError(
                f"{place}: duplicate rank {cells['rank']} of query {query!r} (first in {first}); "
                "ranks must be unique"
            )
        first = documents.setdefault((query, document), place)
        if first != place:
            raise InputError(
                f"{place}: duplicate document {document!r} of query {query!r} (first in {first})"
            )
        one = RankedDocument(query, document, score, place)
        by_query.setdefault(query, []).append((rank, one))
    rankings = {
        query: _by_score([one for _, one in found])
        if by_score
        else [one for _, one in sorted(found, key=lambda pair: pair[0])]
        for query, found in by_query.items()
    }
    return rankings, _warning(rankings)


def _by_score(found: Sequence[RankedDocument]) -> list[RankedDocument]:
    return sorted(found, key=lambda one: (one.score or 0.0, one.document), reverse=True)


def _warning(rankings: Mapping[str, Sequence[RankedDocument]]) -> str:
    """A warning if the order of scores and ranks differs."""
    for ranking in rankings.values():
        for one, other in pairwise(ranking):
            if one.score is not None and other.score is not None and one.score < other.score:
                return (
                    f"{other.source}: a better score at a worse rank; the ranks count here, but "
                    "trec_eval goes by scores"
                )
    return ""


def _are_ranks(rows: Sequence[_Row]) -> bool:
    """Whether the third of three columns has ranks from 0 or 1 (MS MARCO) instead of scores."""
    if not all(cells["rank"].isdecimal() for _, cells in rows):
        return False
    first: dict[str, int] = {}
    for _, cells in rows:
        rank = int(cells["rank"])
        first[cells["query"]] = min(first.get(cells["query"], rank), rank)
    return max(first.values()) <= 1


def _rows(path: Path, layout: _Layout) -> Iterator[_Row]:
    kind = kind_of(path)
    if kind in DELIMITED:
        rows = _of_lines(path, layout)
    else:
        rows = (_nested(path, layout) if kind in JSON else None) or _of_table(path, layout)
    for place, cells in rows:
        empty = next((field for field, text in cells.items() if not text), None)
        if empty is not None:
            raise InputError(f"{place}: the {empty} is empty")
        yield place, cells


def _nested(path: Path, layout: _Layout) -> Iterator[_Row] | None:
    """The rows of `{query: {document: number}}`; None for other JSON."""
    text, _ = read_decoded(path, None)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not all(map(_are_documents, data.values())):
        return None
    # a list has the relevant documents, or those that were found, best first
    lists = {
        query: documents
        if isinstance(documents, dict)
        else {name: 1 if layout.number == "grade" else -at for at, name in enumerate(documents)}
        for query, documents in data.items()
    }
    return (
        (
            place := f"{path}: {query!r}: {document!r}",
            {"query": query, "document": document, layout.number: cell_text(place, number)},
        )
        for query, documents in lists.items()
        for document, number in documents.items()
    )


def _are_documents(value: object) -> bool:
    """Whether a value has the documents of a query: a map, or a list of ids without duplicates."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value) and len({*value}) == len(value)
    return isinstance(value, dict)


def _of_table(path: Path, layout: _Layout) -> Iterator[_Row]:
    file = read_table(path, numbers=layout.named[0].get("score", ()))
    columns = layout.find(file.columns)
    if columns is None:
        raise layout.mismatch(path, file.columns)
    for place, row in file.rows:
        yield (
            place,
            {
                field: cell_text(f"{place}: {name}", row.get(name)).strip()
                for field, name in columns.items()
            },
        )


def _of_lines(path: Path, layout: _Layout) -> Iterator[_Row]:
    text, _ = read_decoded(path, None)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise InputError(f"{path}: empty; expected a line for each query and document")
    first = lines[0][1]
    # tabs first, because ids may contain spaces; None: any run of spaces
    marks = [mark for mark in ("\t", ",", ";") if first.count(mark) >= (1 if mark == "\t" else 2)]
    delimiter = next(iter(marks), None)
    header = _cells(first, delimiter)
    columns = layout.find(header)
    if columns is not None and delimiter in (",", ";"):
        yield from _of_table(path, layout)
        return
    if columns is not None:
        by_column = {name: field for field, name in columns.items()}
        fields: Sequence[str] = [by_column.get(name, "") for name in header]
        lines = lines[1:]
    elif len(header) in layout.headerless:
        fields = layout.headerless[len(header)]
    else:
        raise layout.mismatch(path, header)
    for number, line in lines:
        place, cells = f"{path}:{number}", _cells(line, delimiter)
        if len(cells) != len(fields):
            raise InputError(f"{place}: {len(cells)} cells, but {len(fields)} in the first line")
        yield place, {field: cell for field, cell in zip(fields, cells, strict=True) if field}


def _cells(line: str, delimiter: str | None) -> list[str]:
    cells = [cell.strip() for cell in line.strip("\r\n").split(delimiter)]
    return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]

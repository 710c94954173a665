"""Judgements (qrels) and rankings (runs) as TREC, BEIR, MTEB and MS MARCO write them.

Lines of cells with tabs, commas or spaces between them, with a header or without; any table of
these columns; or JSON as pytrec_eval reads it, `{query: {document: number}}`. Gzip is read too.
Source of the formats: trec_eval's README (NIST), and the data cards of BEIR and MS MARCO.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.encoding import read_decoded
from modellab.core.io.names import by_plain_name
from modellab.core.io.table_file import DELIMITED, JSON, cell_text, kind_of, read_table

#: what the columns are called, in their plain form
_QUERY = ("query_id", "queryid", "qid", "question_id", "topic", "topic_id", "query")
_DOCUMENT = (
    *("corpus_id", "doc_id", "docid", "docno", "document_id", "passage_id", "pid", "chunk_id"),
    *("document", "doc"),
)
_GRADE = ("score", "relevance", "rel", "grade", "label", "judgement", "judgment")
_RANK = ("rank",)
_SCORE = ("score", "similarity", "sim")
#: without a header the columns by their number
_QRELS = {
    4: ("query", "", "document", "grade"),
    3: ("query", "document", "grade"),
}
_RUN = {
    6: ("query", "", "document", "rank", "score", ""),
    5: ("query", "", "document", "rank", "score"),
    3: ("query", "document", "rank"),
}

#: a place (file and row), and the text of each cell by its meaning
_Placed = tuple[str, Mapping[str, str]]


@dataclass(frozen=True)
class Qrel:
    """One judgement: how relevant a document is to a query; 0 and less is not relevant."""

    query: str
    document: str
    grade: int
    source: str


@dataclass(frozen=True)
class Found:
    """One line of a run: a document at its rank for a query; the score None where there is none."""

    query: str
    document: str
    score: float | None
    source: str


def read_qrels(path: Path) -> list[Qrel]:
    """The judgements of a file, in its order.

    Raises:
        InputError: (file, row) a grade that is not a whole number, and two judgements of one
            document for one query that differ.
    """
    found: dict[tuple[str, str], Qrel] = {}
    for place, cells in _placed(path, _named_qrels, _QRELS):
        grade = _number(place, "grade", cells["grade"])
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


def read_run(path: Path) -> tuple[dict[str, list[Found]], str]:
    """The ranking of each query, best first, and what is doubtful about them (or nothing).

    The order is that of the ranks; where there are none, of the scores, greatest first, equal
    scores in the order of the file.

    Raises:
        InputError: (file, row) a rank or score that is no number, two documents of one rank, and
            a document that is there twice for one query.
    """
    rows = list(_placed(path, _named_run, _RUN))
    if rows and len(rows[0][1]) == 3 and "rank" in rows[0][1]:
        rows = _scores_instead(rows)
    by_query: dict[str, list[tuple[float, Found]]] = {}
    ranks: dict[tuple[str, float], str] = {}
    documents: dict[tuple[str, str], str] = {}
    for place, cells in rows:
        query, document = cells["query"], cells["document"]
        score = _number(place, "score", cells["score"]) if "score" in cells else None
        if "rank" in cells:
            rank = _number(place, "rank", cells["rank"])
            first = ranks.setdefault((query, rank), place)
            if first != place:
                raise InputError(
                    f"{place}: duplicate rank {cells['rank']} of query {query!r} (first in "
                    f"{first}); each document needs a rank of its own"
                )
        else:
            assert score is not None
            rank = -score
        first = documents.setdefault((query, document), place)
        if first != place:
            raise InputError(
                f"{place}: duplicate document {document!r} of query {query!r} (first in {first})"
            )
        by_query.setdefault(query, []).append((rank, Found(query, document, score, place)))
    rankings = {
        query: [one for _, one in sorted(found, key=lambda pair: pair[0])]
        for query, found in by_query.items()
    }
    return rankings, _doubt(rankings)


def _doubt(rankings: Mapping[str, Sequence[Found]]) -> str:
    """A line where scores say otherwise than ranks: trec_eval goes by the scores."""
    for ranking in rankings.values():
        for one, other in pairwise(ranking):
            if one.score is not None and other.score is not None and one.score < other.score:
                return (
                    f"{other.source}: a better score at a worse rank; the ranks count here, but "
                    "trec_eval goes by scores"
                )
    return ""


def _scores_instead(rows: Sequence[_Placed]) -> list[_Placed]:
    """Three columns end in ranks (MS MARCO), or in scores, which are no counts from 0 or 1."""

    def counts(text: str) -> bool:
        return text.isdecimal()

    whole = all(counts(cells["rank"]) for _, cells in rows)
    firsts = [
        min(int(cells["rank"]) for _, cells in group)
        for _, group in groupby(
            sorted(rows, key=lambda row: row[1]["query"]) if whole else [],
            key=lambda row: row[1]["query"],
        )
    ]
    if whole and all(first <= 1 for first in firsts):
        return list(rows)
    return [
        (place, {"score" if name == "rank" else name: text for name, text in cells.items()})
        for place, cells in rows
    ]


def _number(place: str, what: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(f"{place}: the {what} {text!r} is not a number")
    return found


def _named_qrels(names: Sequence[str]) -> Mapping[str, str] | None:
    return _named(names, {"query": _QUERY, "document": _DOCUMENT, "grade": _GRADE})


def _named_run(names: Sequence[str]) -> Mapping[str, str] | None:
    either = {"query": _QUERY, "document": _DOCUMENT}
    for more in ({"rank": _RANK, "score": _SCORE}, {"rank": _RANK}, {"score": _SCORE}):
        if found := _named(names, {**either, **more}):
            return found
    return None


def _named(names: Sequence[str], wanted: Mapping[str, Sequence[str]]) -> Mapping[str, str] | None:
    """By meaning the column; None where one is missing."""
    plain = by_plain_name(names)
    found = {
        what: next((plain[known] for known in known_names if known in plain), None)
        for what, known_names in wanted.items()
    }
    if any(name is None for name in found.values()):
        return None
    return {what: name for what, name in found.items() if name is not None}


def _placed(
    path: Path,
    named: Callable[[Sequence[str]], Mapping[str, str] | None],
    by_number: Mapping[int, Sequence[str]],
) -> Iterator[_Placed]:
    """The rows of a file, their cells by meaning."""
    kind = kind_of(path)
    if kind in DELIMITED:
        yield from _of_lines(path, named, by_number)
        return
    what = "grade" if by_number is _QRELS else "score"
    nested = _nested(path, what) if kind in JSON else None
    yield from nested if nested is not None else _of_table(path, named)


def _nested(path: Path, what: str) -> list[_Placed] | None:
    """The cells of `{query: {document: number}}`; None where the file is another JSON."""
    text, _ = read_decoded(path, None)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not all(isinstance(one, dict) for one in data.values()):
        return None
    return [
        (
            f"{path}: {query!r}: {document!r}",
            {
                "query": query,
                "document": document,
                what: cell_text(f"{path}: {query!r}: {document!r}", number),
            },
        )
        for query, documents in data.items()
        for document, number in documents.items()
    ]


def _of_table(
    path: Path, named: Callable[[Sequence[str]], Mapping[str, str] | None]
) -> Iterator[_Placed]:
    file = read_table(path)
    columns = named(file.columns)
    if columns is None:
        raise InputError(_no_columns(path, file.columns, named))
    for place, row in file.rows:
        cells = {
            what: cell_text(f"{place}: {name}", row.get(name)).strip()
            for what, name in columns.items()
        }
        yield place, _whole(place, cells)


def _of_lines(
    path: Path,
    named: Callable[[Sequence[str]], Mapping[str, str] | None],
    by_number: Mapping[int, Sequence[str]],
) -> Iterator[_Placed]:
    text, _ = read_decoded(path, None)
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1)]
    lines = [(number, line) for number, line in lines if line.strip()]
    if not lines:
        raise InputError(f"{path}: empty; expected a line for each query and document")
    between = _between(lines[0][1])
    header = _cells(lines[0][1], between)
    columns = named(header)
    meanings: Sequence[str]
    if columns is not None:
        places = {name: what for what, name in columns.items()}
        meanings = [places.get(name, "") for name in header]
        lines = lines[1:]
    elif len(header) in by_number:
        meanings = by_number[len(header)]
    else:
        raise InputError(_no_columns(path, header, named))
    for number, line in lines:
        place, cells = f"{path}:{number}", _cells(line, between)
        if len(cells) != len(meanings):
            raise InputError(f"{place}: {len(cells)} cells, but {len(meanings)} in the first line")
        found = {what: cell for what, cell in zip(meanings, cells, strict=True) if what}
        yield place, _whole(place, found)


def _whole(place: str, cells: Mapping[str, str]) -> Mapping[str, str]:
    empty = next((what for what, text in cells.items() if not text), None)
    if empty is not None:
        raise InputError(f"{place}: the {empty} is empty")
    return cells


def _between(line: str) -> str | None:
    """Tabs where there are any, as ids may have spaces; commas; else any run of spaces."""
    if "\t" in line:
        return "\t"
    return "," if line.count(",") >= 2 else None


def _cells(line: str, between: str | None) -> list[str]:
    cells = [cell.strip() for cell in line.strip("\r\n").split(between)]
    return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]


def _no_columns(path: Path, there: Sequence[str], named: Callable[..., Any]) -> str:
    wanted = (
        "query-id, corpus-id and score (BEIR), or a query, 0, a document and a grade (TREC)"
        if named is _named_qrels
        else "a query, Q0, a document, a rank, a score and a name (TREC), or a header that names "
        "query-id, corpus-id and rank or score"
    )
    return f"{path}: columns {', '.join(there) or 'none'}; expected {wanted}"

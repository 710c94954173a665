"""Logs of real questions: which chunks they find, what they are about, how users ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.evaluation.query_log.analysis import (
    CHUNK_USES,
    DOMAIN,
    TOPIC_TABLE,
    TOPICS,
    UTILISATION,
)
from modellab.reporting.page.blocks import Block, Cell, Column, Facts, Table
from modellab.reporting.page.numbers import percent, plain
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import from_csv, label
from modellab.reporting.page.views.protocol import Section

#: counts that are a table each; rows that it has
_COUNTS = {
    "languages": "Languages",
    "score_distribution": "Scores that users gave",
    "terms": "Frequent words",
    "terms_of_answered": "Frequent words of answered questions",
    "terms_of_unanswered": "Frequent words of unanswered questions",
}
_MOST = 60


def build(results: DatasetResults) -> list[Block]:
    return [block for name, folder in results.query_logs.items() for block in _blocks(name, folder)]


def _blocks(name: str, folder: Path) -> Iterator[Block]:
    for file, title in (
        (UTILISATION, f"What users of {name} find"),
        (TOPICS, f"Topics of {name}"),
        (DOMAIN, f"How users of {name} ask"),
    ):
        if not (folder / file).is_file():
            continue
        told = read_json(folder / file)
        items = [(label(key), _fact(key, value)) for key, value in told.items() if _is_fact(value)]
        yield Facts(title, items)
        for key, heading in _COUNTS.items():
            if told.get(key):
                counts = list(told[key].items())[:_MOST]
                rows = [[Cell(what), Cell(plain(n), float(n))] for what, n in counts]
                yield Table(heading, [Column("what"), Column("questions", True)], rows)
    yield from _table(name, folder, CHUNK_USES, "Chunks, most used first")
    caption = "terms: words that set a topic apart; samples: questions near its middle."
    yield from _table(name, folder, TOPIC_TABLE, "Topics", caption, ("topic", "terms"))


def _table(
    name: str, folder: Path, file: str, title: str, caption: str = "", first: tuple[str, ...] = ()
) -> Iterator[Table]:
    rows = read_csv(folder / file).rows if (folder / file).is_file() else ()
    if rows:
        columns = list(dict.fromkeys([*first, *rows[0]]))
        address = f"../../query_logs/{name}/tables/{file}"
        yield from_csv(title, rows, address, caption, columns)


def _is_fact(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _fact(key: str, value: float | None) -> str:
    return percent(value) if key.endswith("_rate") else plain(value)


SECTION = Section(
    "What users ask", build, "a log of real questions (section `query_logs`, docs/query-logs.md)"
)

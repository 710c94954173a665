"""The dataset and its questions, and logs of real questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.core.layout import CARD, DATA_CARD
from modellab.evaluation.query_log.analysis import (
    CHUNK_USES,
    DOMAIN,
    TOPIC_TABLE,
    TOPICS,
    UTILISATION,
)
from modellab.reporting.page.blocks import (
    Block,
    Cell,
    Column,
    Facts,
    Fold,
    Table,
    questions_link,
)
from modellab.reporting.page.numbers import NOTHING, cell, percent, plain, share_cell
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import from_csv, label


def about(results: DatasetResults) -> list[Block]:
    """Tags of the questions, and their card with nested parts by their path."""
    blocks: list[Block] = []
    every = len(results.questions)
    counts = Counter(tag for question in results.questions for tag in question.tags)
    if counts:
        rows = [
            [Cell(tag, link=questions_link(tag=tag)), cell(count), share_cell(count, every)]
            for tag, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        heads = [Column("tag"), Column("questions", True), Column("share", True)]
        blocks.append(Table("Tags of the questions", heads, rows))
    if (card := results.json(CARD)) is not None:
        leaves = [[Cell(path), cell(value)] for path, value in _leaves(card, "")]
        columns = [Column("what"), Column("value")]
        table = Table("What the dataset is made of", columns, leaves, file=DATA_CARD)
        blocks.append(Fold("Card of the dataset", [table]))
    return blocks


def _leaves(value: Any, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path} / {label(key)}" if path else label(key))
    elif isinstance(value, list):
        yield path, "; ".join(map(_line, value)) or NOTHING
    else:
        yield path, value


def _line(item: Any) -> str:
    return ", ".join(map(str, item.values())) if isinstance(item, dict) else str(item)


#: counts with a table each, and its number of rows
_COUNTS = {
    "languages": "Languages",
    "score_distribution": "Scores that users gave",
    "terms": "Frequent words",
    "terms_of_answered": "Frequent words of answered questions",
    "terms_of_unanswered": "Frequent words of unanswered questions",
}
_MOST = 60


def query_logs(results: DatasetResults) -> list[Block]:
    logs = {folder.parent.name: folder for folder in results.query_logs}
    return [block for name, folder in logs.items() for block in _blocks(name, folder)]


def _blocks(name: str, folder: Path) -> Iterator[Block]:
    for file, title in (
        (UTILISATION, f"What users of {name} find"),
        (TOPICS, f"Topics of {name}"),
        (DOMAIN, f"How users of {name} ask"),
    ):
        if not (folder / file).is_file():
            continue
        found = read_json(folder / file)
        items = [(label(key), _fact(key, value)) for key, value in found.items() if _is_fact(value)]
        yield Facts(title, items)
        for key, heading in _COUNTS.items():
            if found.get(key):
                counts = list(found[key].items())[:_MOST]
                rows = [[Cell(what), cell(n)] for what, n in counts]
                yield Table(heading, [Column("what"), Column("questions", True)], rows)
    yield from _table(name, folder, CHUNK_USES, "Chunks, most used first")
    caption = "terms: words typical of a topic; samples: questions near its centre."
    yield from _table(name, folder, TOPIC_TABLE, "Topics", caption, ("topic", "terms"))


def _table(
    name: str, folder: Path, file: str, title: str, caption: str = "", first: tuple[str, ...] = ()
) -> Iterator[Table]:
    rows = read_csv(folder / file).rows if (folder / file).is_file() else ()
    if rows:
        columns = list(dict.fromkeys([*first, *rows[0]]))
        address = f"../query_logs/{name}/tables/{file}"
        yield from_csv(title, rows, address, caption, columns)


def _is_fact(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _fact(key: str, value: float | None) -> str:
    return percent(value) if key.endswith("_rate") else plain(value)

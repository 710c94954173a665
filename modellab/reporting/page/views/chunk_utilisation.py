"""Chunk utilisation: which parts of the corpus are used, by users and by the benchmark."""

from __future__ import annotations

from collections import Counter

from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context
from modellab.evaluation.query_log.analysis import CHUNK_USES, UTILISATION
from modellab.reporting.page.blocks import Block, Cell, Column, Facts, Table
from modellab.reporting.page.numbers import percent, plain
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import from_csv, label
from modellab.reporting.page.views.protocol import Section
from modellab.reporting.page.views.query_log_files import (
    NO_QUERY_LOGS,
    query_log_file,
    query_log_json,
    query_log_table,
)


def users(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    for name, figures in query_log_json(results, UTILISATION).items():
        items = [(label(key), plain(value)) for key, value in figures.items()]
        blocks.append(Facts(f"What users of {name} find", items))
        uses = query_log_table(results.query_logs[name], CHUNK_USES)
        if uses:
            blocks.append(
                from_csv("Chunks, most used first", uses, query_log_file(name, CHUNK_USES))
            )
    return blocks


def _of_benchmark(results: DatasetResults) -> list[Block]:
    """How many different chunks each retriever shows for the questions of the benchmark."""
    files = sorted((results.folder / "contexts").glob("*.jsonl"))
    if not files:
        return []
    rows = []
    for path in files:
        shown = [
            passage.chunk_id
            for context in read_rows(path, Context)
            for passage in context.passages[: context.shown]
        ]
        uses = Counter(shown).most_common(1)
        total, most = len(shown), uses[0][1] if uses else 0
        rows.append(
            [
                Cell(path.stem),
                Cell(plain(len(set(shown))), float(len(set(shown)))),
                Cell(plain(total), float(total)),
                Cell(plain(most), float(most)),
                Cell(percent(most / len(results.questions)), most / len(results.questions)),
            ]
        )
    columns = [
        Column("retriever"),
        Column("different chunks", True),
        Column("passages shown", True),
        Column("uses of the most used", True),
        Column("share of questions that see it", True),
    ]
    return [Table("What the questions of the benchmark are shown", columns, rows)]


USERS = Section("Chunks that users' questions find", users, NO_QUERY_LOGS)
BENCHMARK = Section("Chunks that the benchmark shows", _of_benchmark)

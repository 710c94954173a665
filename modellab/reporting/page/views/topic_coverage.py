"""Topic coverage: what users ask about, and which kinds of questions the benchmark has."""

from __future__ import annotations

from collections import Counter

from modellab.evaluation.query_log.analysis import TOPIC_TABLE, TOPICS
from modellab.reporting.page.blocks import Block, Cell, Column, Facts, Table
from modellab.reporting.page.links import questions_link
from modellab.reporting.page.numbers import percent, plain
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import from_csv
from modellab.reporting.page.views.protocol import Section
from modellab.reporting.page.views.query_log_files import (
    query_log_file,
    query_log_json,
    query_log_table,
)


def users(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    for name, told in query_log_json(results, TOPICS).items():
        items = [
            ("questions", plain(told["questions"])),
            ("topics", plain(len(told["topics"]))),
            ("without a vector, in no topic", plain(told["without_vector"])),
            ("mean chunks of a topic", plain(told["mean_chunks_per_topic"])),
        ]
        blocks.append(Facts(f"Topics of {name}", items))
        rows = query_log_table(results.query_logs[name], TOPIC_TABLE)
        if rows:
            caption = "terms: words that set a topic apart; samples: questions near its middle."
            address = query_log_file(name, TOPIC_TABLE)
            blocks.append(from_csv("Topics", rows, address, caption, _named_first(rows[0])))
    return blocks


def _named_first(row: Row) -> list[str]:
    """What a topic is about stands beside its number."""
    first = [name for name in ("topic", "terms") if name in row]
    return [*first, *(name for name in row if name not in first)]


def _of_benchmark(results: DatasetResults) -> list[Block]:
    counts = Counter(tag for question in results.questions for tag in question.tags)
    if not counts:
        return []
    every = len(results.questions)
    rows = [
        [
            Cell(tag, link=questions_link(tag=tag)),
            Cell(plain(count), float(count)),
            Cell(percent(count / every), count / every),
        ]
        for tag, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    columns = [Column("tag"), Column("questions", True), Column("share", True)]
    return [Table("Tags of the benchmark's questions", columns, rows)]


USERS = Section("Topics of users' questions", users)
BENCHMARK = Section("Tags", _of_benchmark)

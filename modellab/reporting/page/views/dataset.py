"""The dataset: what its questions are made of, and what of the corpus they show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context
from modellab.reporting.page.blocks import Block, Cell, Column, Fold, Table
from modellab.reporting.page.links import questions_link
from modellab.reporting.page.numbers import NOTHING, cell, percent, plain
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import label
from modellab.reporting.page.views.protocol import Section


def build(results: DatasetResults) -> list[Block]:
    """Tags of the questions, and their card with nested parts by their path."""
    blocks: list[Block] = []
    every = len(results.questions)
    counts = Counter(tag for question in results.questions for tag in question.tags)
    if counts:
        rows = [
            [Cell(tag, link=questions_link(tag=tag)), _count(count), _share(count, every)]
            for tag, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        heads = [Column("tag"), Column("questions", True), Column("share", True)]
        blocks.append(Table("Tags of the questions", heads, rows))
    if (card := results.json("data_card")) is not None:
        leaves = [[Cell(path), cell(value)] for path, value in _leaves(card, "")]
        columns = [Column("what"), Column("value")]
        table = Table("What the dataset is made of", columns, leaves, file="../data_card.md")
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


def chunks_shown(results: DatasetResults) -> list[Block]:
    """How many different chunks each retriever shows for the questions."""
    rows = []
    for path in sorted((results.folder / "contexts").glob("*.jsonl")):
        shown = Counter(
            passage.chunk_id
            for context in read_rows(path, Context)
            for passage in context.passages[: context.shown]
        )
        most = max(shown.values(), default=0)
        counts = map(_count, (len(shown), shown.total(), most))
        rows.append([Cell(path.stem), *counts, _share(most, len(results.questions))])
    heads = ("different chunks", "passages shown", "uses of the most used")
    columns = [Column("retriever"), *(Column(head, True) for head in heads)]
    columns.append(Column("share of questions that see it", True))
    return [Table("What the questions are shown", columns, rows)] if rows else []


def _count(number: int) -> Cell:
    return Cell(plain(number), float(number))


def _share(part: int, whole: int) -> Cell:
    return Cell(percent(part / whole), part / whole)


SECTION = Section("The dataset", build)
CHUNKS = Section("Chunks that are shown", chunks_shown)

"""Retrieval: metrics, spread of the embeddings, losses in retrieval and in reading, chunks."""

from __future__ import annotations

from collections import Counter

from modellab.core.io.jsonl import read_rows
from modellab.core.layout import CONTEXTS, table_file
from modellab.core.records import Context
from modellab.reporting.page.blocks import Block, Cell, Column, Table, Text
from modellab.reporting.page.numbers import cell, share_cell
from modellab.reporting.page.pictures import OF_RETRIEVAL, pictures
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import from_csv, pivot

_SPLIT = (
    *("model", "retriever", "component", "oracle", "retrieved", "shuffled", "none"),
    *("retrieval_loss", "retrieval_loss_low", "retrieval_loss_high"),
    *("reading_loss", "retrieval_gain", "n_questions", "reason"),
)


def retrievers(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    for level, rows in _by_level(results).items():
        known = [row for row in rows if row["value"]]
        title = f"Retrievers, by {level}"
        if not known:
            blocks.append(Text(f"{title}: no question of this dataset names its {level}s."))
            continue
        caption = "n: questions with relevant documents."
        file = table_file("retrieval")
        blocks.append(pivot(title, known, ["retriever"], "metric", file, caption))
    if split := results.table("error_attribution"):
        caption = (
            "Answerable questions only: the others have no passages to find. oracle: with the "
            "reference passages; none: without passages."
        )
        overall = [row for row in split if row["component"] == results.components[-1]]
        title = "Losses in retrieval and in reading"
        blocks.append(from_csv(title, overall, table_file("error_attribution"), caption, _SPLIT))
    if space := results.table("embedding_space"):
        file = table_file("embedding_space")
        blocks.append(
            pivot("How the embeddings are spread", space, ["embedder", "texts"], "metric", file)
        )
    return [*blocks, *pictures(results, OF_RETRIEVAL)]


def _by_level(results: DatasetResults) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in results.table("retrieval") or ():
        found.setdefault(row["level"], []).append(row)
    return found


def chunks_shown(results: DatasetResults) -> list[Block]:
    """The number of different chunks in the contexts of each retriever."""
    rows = []
    for path in results.files(CONTEXTS.format(retriever="*")):
        shown = Counter(
            passage.chunk_id
            for context in read_rows(path, Context)
            for passage in context.passages[: context.shown]
        )
        most = max(shown.values(), default=0)
        counts = map(cell, (len(shown), shown.total(), most))
        rows.append([Cell(path.stem), *counts, share_cell(most, len(results.questions))])
    heads = ("different chunks", "passages", "uses of the most frequent")
    columns = [Column("retriever"), *(Column(head, True) for head in heads)]
    columns.append(Column("share of questions with it", True))
    return [Table("Chunks by retriever", columns, rows)] if rows else []

"""Domain insights: how users ask, in which languages and words; what the benchmark is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modellab.evaluation.query_log.analysis import DOMAIN
from modellab.reporting.page.blocks import Block, Cell, Column, Facts, Table
from modellab.reporting.page.numbers import NOTHING, cell, percent, plain
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import label
from modellab.reporting.page.views.protocol import Section
from modellab.reporting.page.views.query_log_files import query_log_json

_MOST = 60
_COUNTS = {
    "languages": "Languages",
    "score_distribution": "Scores that users gave",
    "terms": "Frequent words",
    "terms_of_answered": "Frequent words of answered questions",
    "terms_of_unanswered": "Frequent words of unanswered questions",
}


def users(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    for name, told in query_log_json(results, DOMAIN).items():
        items = [
            (label(key), _fact(key, value)) for key, value in told.items() if key not in _COUNTS
        ]
        blocks.append(Facts(f"How users of {name} ask", items))
        blocks += [_counts(title, told[key]) for key, title in _COUNTS.items() if told.get(key)]
    return blocks


def _fact(key: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    return percent(value) if key.endswith("_rate") else plain(value)


def _counts(title: str, counts: Mapping[str, int]) -> Table:
    rows = [[Cell(name), Cell(plain(n), float(n))] for name, n in list(counts.items())[:_MOST]]
    return Table(title, [Column("what"), Column("questions", True)], rows)


def _card(results: DatasetResults) -> list[Block]:
    """The card of the benchmark's own questions, nested parts by their path."""
    card = results.json("data_card")
    if card is None:
        return []
    rows = [[Cell(path), cell(value)] for path, value in _leaves(card, "")]
    columns = [Column("what"), Column("value")]
    return [Table("What the benchmark is made of", columns, rows, file="../data_card.md")]


def _leaves(value: Any, path: str) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [
            leaf
            for key, item in value.items()
            for leaf in _leaves(item, f"{path} / {label(key)}" if path else label(key))
        ]
    if isinstance(value, list):
        return [(path, ", ".join(str(item) for item in value) or NOTHING)]
    return [(path, value)]


USERS = Section("How users ask", users)
CARD = Section("The dataset", _card)

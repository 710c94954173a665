"""LLM comparison: every component, which differences are real, speed, repeats."""

from __future__ import annotations

from collections.abc import Sequence

from modellab.reporting.page.blocks import Block, Empty
from modellab.reporting.page.links import system_link
from modellab.reporting.page.pictures import other_pictures
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import from_csv, pivot
from modellab.reporting.page.views.protocol import View

_LINKS = dict.fromkeys(("system", "system_a", "system_b"), system_link)


def build(results: DatasetResults) -> list[Block]:
    blocks = [*_scores(results), *_differences(results), *_resource_usage(results)]
    reason = "There are no statistics of this dataset: snakemake makes statistics.csv from scores."
    return [*(blocks or [Empty(reason)]), *other_pictures(results)]


def _scores(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    if statistics := results.table("statistics"):
        caption = "Each component of each system: value and the rows behind it."
        blocks.append(
            pivot("Scores", statistics, ["system"], "component", "../statistics.csv", caption)
        )
    if ranks := results.table("ranks"):
        controls = {entry.name for entry in results.competing.controls}
        rows = [row for row in _overall(results, ranks) if row["system"] not in controls]
        blocks.append(
            from_csv("Places, and how far they may move", rows, "../ranks.csv", links=_LINKS)
        )
    return blocks


def _differences(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    if comparisons := results.table("comparisons"):
        family = [row for row in _overall(results, comparisons) if row["control"] != "True"]
        rows = sorted(family, key=lambda row: row["distinguishable"])[::-1]
        caption = (
            "The overall score, each pair of contenders; the file has those with controls. Wins: "
            "questions that the first gets."
        )
        blocks.append(
            from_csv("Differences", rows, "../comparisons.csv", caption, _OF_PAIRS, _LINKS)
        )
    for name, title in _TABLES.items():
        if rows_of := results.table(name):
            columns = [column for column in rows_of[0] if not column.endswith("_ids")]
            about = _CAPTIONS.get(name, "")
            blocks.append(from_csv(title, rows_of, f"../{name}.csv", about, columns, _LINKS))
    return blocks


def _resource_usage(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    for name, title in (("efficiency", "Speed and success"), ("consistency", "Repeats")):
        if rows := results.table(name):
            index = ["model", "retriever"]
            blocks.append(pivot(title, rows, index, "metric", f"../{name}.csv"))
    return blocks


def _overall(results: DatasetResults, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["component"] == results.components[-1]]


_OF_PAIRS = (
    *("system_a", "system_b", "difference", "low", "high", "p_holm", "wins", "ties", "losses"),
    *("distinguishable", "further_questions"),
)
_TABLES = {
    "minimum_detectable_effect": "The smallest difference that the questions can show",
    "noise_budget": "What the variance of each score is made of",
    "agreement": "Agreement of systems",
    "overall_ranking": "One order from several metrics",
    "unique_wins": "Questions that one system alone gets right",
    "errors": "Right and wrong answers",
    "extract_fields": "Fields of records",
}

_CAPTIONS = {
    "agreement": "answers: the same answer; correctness: both right or both wrong. A row without "
    "systems is about all of them at once."
}

VIEW = View("llm-comparison", "LLM comparison", build)

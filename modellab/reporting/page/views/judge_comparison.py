"""Scores by judges, and the reliability of judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from modellab.core.layout import table_file
from modellab.reporting.page.blocks import Block, Text
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import from_csv, label
from modellab.reporting.page.views.compare import PRODUCTION_JUDGES

#: by name, in the order of the page: title, caption, and what it needs
TABLES: Mapping[str, tuple[str, str, str]] = {
    "by_benchmark_judge": (
        "Judges",
        "Scores over all models, and resource usage.",
        "",
    ),
    "by_generator": (
        "Models",
        "Scores of all judges for each system, the lowest and the highest.",
        "",
    ),
    "human": (
        "Judges compared with people",
        "Prefer kappa to accuracy: a judge with constant answers reaches the base rate.",
        "labels by people",
    ),
    "confusion": ("Judges against people", "Pairs of values, counted.", "labels by people"),
    "agreement": (
        "Pairs of judges",
        "1: they agree; 0: as by chance; below 0: less than by chance.",
        "two judges of one metric",
    ),
    "alpha": ("All judges at once", "Krippendorff's alpha.", "two judges of one metric"),
    "self_consistency": (
        "Self-consistency of judges",
        "Whether repeats of a judgement agree.",
        "a judge with repeats",
    ),
    "position_bias": (
        "Does the order decide?",
        "The same two answers in both orders.",
        "a judge that compares two answers",
    ),
    "length_bias": ("Do longer answers score higher?", "Answers to the same question.", ""),
    "self_preference": (
        "Do judges favour their own family?",
        "Compared with other judges of the same answers.",
        "a judge and a model of one family, and another judge",
    ),
    "consensus": ("All judges as one", "", ""),
    "rankings": ("Ranks without each judge", "Whether the order depends on one judge.", ""),
    "resource_usage": (
        "Resource usage of judges",
        "Errors, calls, seconds, tokens, cost.",
        "",
    ),
}


def scores(results: DatasetResults) -> list[Block]:
    rows = results.table("judge_scores")
    if not rows:
        return []
    caption = "Scores with their coverage: means leave out failed judgements."
    return [from_csv("Scores by judges", rows, table_file("judge_scores"), caption)]


def reliability(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    tables = results.tables_in("judges")
    tables.pop(PRODUCTION_JUDGES, None)
    for name in [*TABLES, *(name for name in tables if name not in TABLES)]:
        title, caption, _ = TABLES.get(name, (label(name).capitalize(), "", ""))
        if rows := tables.get(name):
            blocks.append(from_csv(title, rows, table_file(f"judges/{name}"), caption))
    return [*blocks, *_without_rows(name for name, rows in tables.items() if not rows)]


def _without_rows(names: Iterable[str]) -> list[Block]:
    """The tables that are empty, and what they need."""
    empty = [
        f"{label(name)} (needs {TABLES[name][2]})"
        if name in TABLES and TABLES[name][2]
        else label(name)
        for name in names
    ]
    return [Text(f"Without rows, so not shown: {', '.join(empty)}.")] if empty else []

"""Compare: every component, which differences are real, agreement, speed, repeats, the plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from modellab.core.layout import table_file
from modellab.core.records import Outcome
from modellab.reporting.page.blocks import (
    Block,
    Fold,
    compare_link,
    questions_link,
    system_link,
)
from modellab.reporting.page.pictures import OF_LABELS, other_pictures, pictures
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import Links, from_csv, pivot

#: the models as judges that say whether to show an answer, in the folder `judges`
PRODUCTION_JUDGES = "by_production_judge"
_LABELS = {
    "labels": ("Labels", "All labels of a system together, then label by label and tag by tag."),
    "label_agreement": (
        "Agreement of labels",
        "truth_kappa: with the true labels; cohen_kappa: of two systems; 0 is agreement by chance.",
    ),
    "confusion": ("Labels confused", "Counts of texts by true and given label."),
}
_LINKS: dict[str, Callable[[Row], str | None]] = {
    "system": lambda row: system_link(row["system"]),
    "system_a": lambda row: system_link(row["system_a"]),
    "system_b": lambda row: system_link(row["system_b"]),
}
_OF_PAIRS = (
    *("system_a", "system_b", "difference", "low", "high", "p_holm", "wins", "ties", "losses"),
    *("distinguishable", "further_questions"),
)
#: more would hide what is below them
_MOST_PAIRS = 15
_OF_RANKS = ("rank", "rank_low", "rank_high", "may_be_best")
_TABLES = {
    "minimum_detectable_effect": "Smallest detectable difference",
    "noise_budget": "What the variance of each score is made of",
    "agreement": "Agreement of systems",
    "overall_ranking": "One order from several metrics",
    "synthetic_ranking": "Ranking on synthetic questions and on people's",
    "unique_wins": "Questions that one system alone gets right",
    "errors": "Right and wrong answers",
    "extract_fields": "Fields of records",
}
_CAPTIONS = {
    "agreement": "answers: the same answer; correctness: both right or both wrong. A row without "
    "systems is about all of them at once."
}


def scores(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    if statistics := results.table("statistics"):
        order = [entry.name for entry in results.entries]
        rows_of = sorted(statistics, key=lambda row: order.index(row["system"]))
        caption = "Each component of each system: value and the rows behind it."
        file = table_file("statistics")
        table = pivot("Components", rows_of, ["system"], "component", file, caption, _LINKS)
        blocks.append(table)
    if ranks := results.table("ranks"):
        controls = {entry.name for entry in results.competing.controls}
        rows = [row for row in _overall(results, ranks) if row["system"] not in controls]
        rows.sort(key=lambda row: (row["rank"] == "", float(row["rank"] or 0)))
        title, columns = "Ranks and their uncertainty", ("system", *_OF_RANKS)
        blocks.append(from_csv(title, rows, table_file("ranks"), columns=columns, links=_LINKS))
    return blocks


def differences(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    if comparisons := results.table("comparisons"):
        family = [row for row in _overall(results, comparisons) if row["control"] != "True"]
        rows = sorted(family, key=lambda row: row["distinguishable"])[::-1]
        caption = (
            "The overall score, each pair of contenders; the file has those with controls. Wins: "
            "questions that the first gets and the second does not; a number leads to the answers "
            "of both beside each other."
        )
        if rows:
            pairs = from_csv(
                *("Pairs of systems", rows, table_file("comparisons"), caption, _OF_PAIRS),
                _LINKS | dict.fromkeys(("difference", "wins", "losses"), _head_to_head),
            )
            blocks.append(Fold("Pairs of systems", [pairs]) if len(rows) > _MOST_PAIRS else pairs)
    for name, title in _TABLES.items():
        if rows_of := results.table(name):
            columns = [column for column in rows_of[0] if not column.endswith("_ids")]
            about = _CAPTIONS.get(name, "")
            links = {**_LINKS, **_OWN_LINKS.get(name, {})}
            table = from_csv(title, rows_of, table_file(name), about, columns, links)
            blocks.append(Fold(title, [table]))
    return blocks


def resources(results: DatasetResults) -> list[Fold]:
    blocks = []
    for name, title in (("efficiency", "Speed, cost and success"), ("consistency", "Repeats")):
        rows = [row for row in results.table(name) or () if row["value"]]
        if rows:
            table = pivot(title, rows, ["model", "retriever"], "metric", table_file(name))
            blocks.append(Fold(title, [table]))
    return blocks


def _head_to_head(row: Row) -> str | None:
    if not row["system_a"] or not row["system_b"]:
        return None
    return compare_link(row["system_a"], row["system_b"])


def _with_outcome(outcome: str) -> Callable[[Row], str]:
    return lambda row: questions_link(system=row["model"], outcome=outcome)


#: by table and column: where a number leads
_OWN_LINKS: Mapping[str, Links] = {
    "agreement": {"agreement": _head_to_head},
    "errors": {
        "model": lambda row: system_link(row["model"]),
        **{outcome.value: _with_outcome(outcome.value) for outcome in Outcome},
    },
}


def _overall(results: DatasetResults, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["component"] == results.components[-1]]


def labels(results: DatasetResults) -> list[Block]:
    if results.shared_rules.task != "label":
        return []
    blocks: list[Block] = [*pictures(results, OF_LABELS)]
    if rows := results.tables_in("judges").get(PRODUCTION_JUDGES):
        blocks.append(from_csv("As judges", rows, table_file(f"judges/{PRODUCTION_JUDGES}")))
    for name, (title, caption) in _LABELS.items():
        if found := results.table(name):
            blocks.append(from_csv(title, found, table_file(name), caption))
    return blocks


def plots(results: DatasetResults) -> Sequence[Block]:
    return other_pictures(results)

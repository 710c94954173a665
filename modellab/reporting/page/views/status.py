"""Status: every metric that has a target, beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modellab.reporting.page.blocks import Block, Cell, Column, Table, Text
from modellab.reporting.page.links import system_link
from modellab.reporting.page.numbers import cell, counted, number, percent
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import MOST_ROWS, label
from modellab.reporting.page.views.protocol import Section

TONES = {"good": "good", "attention": "warn", "critical": "bad", "insufficient data": "warn"}
#: how bad, for sorting
_ORDER = ("critical", "attention", "insufficient data", "good")
_WHOSE = {
    "leader": "The contender with the best overall score counts",
    "every": "Every system counts",
}


def build(results: DatasetResults) -> list[Block]:
    record, rows = results.json("status"), results.table("status")
    if record is None or rows is None or record["status"] is None:
        return []
    return [Text(_verdict(record), TONES[record["status"]]), _table(rows)]


def _verdict(record: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{n} {state}" for state, n in record["counts"].items() if n)
    told = f"Status: {record['status']}" + (f" ({counts})." if counts else ".")
    whose = f"{_WHOSE[record['of']]}; the best is {record['best_system']}."
    unrated = "" if record["answers_rated"] else " No target is about the answers."
    return f"{told}{unrated} {whose}"


def _table(rows: tuple[Row, ...]) -> Table:
    ordered = sorted(rows, key=lambda row: (row["counts"] != "True", _ORDER.index(row["status"])))
    columns = [
        *(Column("status"), Column("metric"), Column("of"), Column("value", True)),
        Column("good", True, "good from here on"),
        Column("attention", True, "short of good up to here, critical beyond"),
        Column("better"),
        Column("coverage", True, "share of the rows that the value tells of"),
        Column("counts", hint="whether the status of the whole rests on it"),
    ]
    reasons = any(row["reason"] for row in rows)
    columns += [Column("why there are not enough data")] * reasons
    caption = "Deciding metrics first, worst on top."
    if len(rows) > MOST_ROWS:
        caption += f" The first {MOST_ROWS} of {len(rows):,} rows; the file has all."
    body = [[*_row(row), *[Cell(row["reason"])] * reasons] for row in ordered[:MOST_ROWS]]
    return Table("Compared with the targets", columns, body, caption, "../status.csv")


def _row(row: Row) -> list[Cell]:
    share = number(row["coverage"])
    system = row["model"] and row["retriever"] and not row["judge"]
    return [
        Cell(row["status"], tone=TONES[row["status"]]),
        Cell(label(row["metric"])),
        Cell(row["subject"], link=system_link(row["subject"]) if system else None),
        counted(row),
        cell(row["good"]),
        cell(row["attention"]),
        Cell(row["better"]),
        Cell(percent(share), share),
        Cell("yes" if row["counts"] == "True" else "no"),
    ]


SECTION = Section("Targets", build, "targets (section `targets`, docs/status.md)")

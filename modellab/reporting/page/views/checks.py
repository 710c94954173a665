"""Checks: metrics compared with their targets, and the audit of the runs, failures first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modellab.core.layout import STATUS, table_file
from modellab.evaluation.audit.table import EMPTY_RETRIEVAL
from modellab.reporting.page.blocks import (
    Block,
    Cell,
    Column,
    Fold,
    Table,
    Text,
    system_link,
)
from modellab.reporting.page.numbers import cell, counted, number, percent
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import label, tabulate

TONES = {"good": "good", "attention": "warn", "critical": "bad", "insufficient data": "warn"}
#: how bad, for sorting
_STATUSES = ("critical", "attention", "insufficient data", "good")
_AUDIT_STATUSES = {"failure": "bad", "warning": "warn", "ok": "good", "not_applicable": ""}
_FINDINGS = ("failure", "warning")
_RATED = {
    "leader": "Only the contender with the best overall score counts",
    "every": "Every system counts",
}


def targets(results: DatasetResults) -> list[Block]:
    record, rows = results.json(STATUS), results.table("status")
    if record is None or rows is None or record["status"] is None:
        return []
    return [Text(_verdict(record), TONES[record["status"]]), _targets(rows)]


def _verdict(record: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{n} {state}" for state, n in record["counts"].items() if n)
    status = f"Status: {record['status']}" + (f" ({counts})." if counts else ".")
    rated = f"{_RATED[record['of']]}; the best is {record['best_system']}."
    unrated = "" if record["answers_rated"] else " No target is about the answers."
    return f"{status}{unrated} {rated}"


def _targets(rows: tuple[Row, ...]) -> Table:
    worst = _STATUSES.index
    ordered = sorted(rows, key=lambda row: (row["counts"] != "True", worst(row["status"])))
    columns: dict[Column, Callable[[Row], Cell]] = {
        Column("status"): lambda row: Cell(row["status"], tone=TONES[row["status"]]),
        Column("metric"): lambda row: Cell(label(row["metric"])),
        Column("of"): _rated,
        Column("value", True): counted,
        Column("good", True, "good from this value on"): lambda row: cell(row["good"]),
        Column("attention", True, "attention up to this value, critical beyond"): lambda row: cell(
            row["attention"]
        ),
        Column("better"): lambda row: Cell(row["better"]),
        Column("coverage", True, "share of the rows behind the value"): _coverage,
        Column("counts", hint="whether it decides the status of the run"): lambda row: cell(
            row["counts"]
        ),
    }
    if any(row["reason"] for row in rows):
        columns[Column("why there are not enough data")] = lambda row: Cell(row["reason"])
    caption = "Deciding metrics first, worst on top."
    return tabulate("Compared with the targets", ordered, columns, caption, table_file("status"))


def _rated(row: Row) -> Cell:
    system = row["model"] and row["retriever"] and not row["judge"]
    return Cell(row["subject"], link=system_link(row["subject"]) if system else None)


def _coverage(row: Row) -> Cell:
    share = number(row["coverage"])
    return Cell(percent(share), share)


def audit(results: DatasetResults) -> list[Block]:
    rows = results.table("audit")
    if not rows:
        return []
    findings = [row for row in rows if row["status"] in _FINDINGS]
    rest = [row for row in rows if row["status"] not in _FINDINGS]
    others = [Fold(f"{len(rest):,} checks passed or do not apply", [_every("Passed", rest)])]
    if not findings:
        return [Text("All checks that apply passed.", "good"), _by_check(rows), *others]
    verdict = Text(f"{len(findings)} of {len(rows):,} checks did not pass.", "warn")
    return [verdict, _every("Findings", findings), _by_check(rows), *(others if rest else [])]


def count_findings(results: DatasetResults) -> int:
    """Checks that did not pass."""
    return sum(row["status"] in _FINDINGS for row in results.table("audit") or ())


def _by_check(rows: tuple[Row, ...]) -> Table:
    counts = Counter((row["check"], row["status"]) for row in rows)
    checks = dict.fromkeys(row["check"] for row in rows)
    body = [
        [
            Cell(label(check)),
            *(cell(counts[check, status]) for status in _AUDIT_STATUSES),
        ]
        for check in checks
    ]
    columns = [Column("check"), *(Column(label(status), True) for status in _AUDIT_STATUSES)]
    return Table("Systems by check", columns, body, file=table_file("audit"))


def _every(title: str, rows: Sequence[Row]) -> Table:
    order = list(_AUDIT_STATUSES)
    ordered = sorted(rows, key=lambda row: order.index(row["status"]))
    columns: dict[Column, Callable[[Row], Cell]] = {
        Column("status"): lambda row: Cell(
            label(row["status"]), tone=_AUDIT_STATUSES[row["status"]]
        ),
        Column("system"): _system,
        Column("check"): lambda row: Cell(label(row["check"])),
        Column("value", True): lambda row: cell(row["value"]),
        Column("threshold", True): lambda row: cell(row["threshold"]),
        Column("message"): lambda row: Cell(row["message"]),
    }
    return tabulate(title, ordered, columns, "Failures first.", table_file("audit"))


def _system(row: Row) -> Cell:
    """A retriever's own row has no answers to show."""
    if row["check"] == EMPTY_RETRIEVAL:
        return Cell(row["system"])
    return Cell(row["system"], link=system_link(row["system"]))

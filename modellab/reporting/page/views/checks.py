"""Checks: metrics compared with their targets, and the audit of the runs, failures first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

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
from modellab.reporting.page.tables import MOST_ROWS, label, with_cut

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
    record, rows = results.json("status"), results.table("status")
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
    columns = [
        *(Column("status"), Column("metric"), Column("of"), Column("value", True)),
        Column("good", True, "good from this value on"),
        Column("attention", True, "attention up to this value, critical beyond"),
        Column("better"),
        Column("coverage", True, "share of the rows behind the value"),
        Column("counts", hint="whether it decides the status of the run"),
    ]
    reasons = any(row["reason"] for row in rows)
    columns += [Column("why there are not enough data")] * reasons
    caption = with_cut("Deciding metrics first, worst on top.", rows)
    body = [[*_target(row), *[Cell(row["reason"])] * reasons] for row in ordered[:MOST_ROWS]]
    return Table("Compared with the targets", columns, body, caption, "../status.csv")


def _target(row: Row) -> list[Cell]:
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
    return Table("Systems by check", columns, body, file="../audit.csv")


def _every(title: str, rows: Sequence[Row]) -> Table:
    order = list(_AUDIT_STATUSES)
    ordered = sorted(rows, key=lambda row: order.index(row["status"]))
    body = [
        [
            Cell(label(row["status"]), tone=_AUDIT_STATUSES[row["status"]]),
            _system(row),
            Cell(label(row["check"])),
            cell(row["value"]),
            cell(row["threshold"]),
            Cell(row["message"]),
        ]
        for row in ordered[:MOST_ROWS]
    ]
    heads = ("status", "system", "check", "value", "threshold", "message")
    columns = [Column(name, number=name in ("value", "threshold")) for name in heads]
    return Table(title, columns, body, with_cut("Failures first.", rows), "../audit.csv")


def _system(row: Row) -> Cell:
    """A retriever's own row has no answers to show."""
    if row["check"] == EMPTY_RETRIEVAL:
        return Cell(row["system"])
    return Cell(row["system"], link=system_link(row["system"]))

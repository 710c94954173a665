"""Audit: what is wrong with the runs, failures first."""

from __future__ import annotations

from collections import Counter

from modellab.evaluation.audit.retrieval import CHECK as EMPTY_RETRIEVAL
from modellab.reporting.page.blocks import Block, Cell, Column, Empty, Table, Text
from modellab.reporting.page.links import system_link
from modellab.reporting.page.numbers import cell
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import label
from modellab.reporting.page.views.protocol import View

_TONES = {"ok": "good", "warning": "warn", "failure": "bad"}
#: how bad, for sorting
_ORDER = ("failure", "warning", "ok", "not_applicable")


def build(results: DatasetResults) -> list[Block]:
    rows = results.table("audit")
    if not rows:
        return [Empty("The runs were not looked over: snakemake audit makes audit.csv.")]
    trouble = [row for row in rows if row["status"] in ("failure", "warning")]
    verdict = (
        Text(f"{len(trouble)} of {len(rows)} checks did not pass.", "warn")
        if trouble
        else Text("All checks that apply passed.", "good")
    )
    return [verdict, _by_check(rows), _every(rows)]


def _by_check(rows: tuple[Row, ...]) -> Table:
    counts = Counter((row["check"], row["status"]) for row in rows)
    checks = dict.fromkeys(row["check"] for row in rows)
    body = [
        [
            Cell(label(check)),
            *(Cell(str(counts[check, s]), float(counts[check, s])) for s in _ORDER),
        ]
        for check in checks
    ]
    columns = [Column("check"), *(Column(label(status), True) for status in _ORDER)]
    return Table("Systems by check", columns, body, file="../audit.csv")


def _every(rows: tuple[Row, ...]) -> Table:
    ordered = sorted(rows, key=lambda row: _ORDER.index(row["status"]))
    body = [
        [
            Cell(label(row["status"]), tone=_TONES.get(row["status"], "")),
            _system(row),
            Cell(label(row["check"])),
            cell(row["value"]),
            cell(row["threshold"]),
            Cell(row["message"]),
        ]
        for row in ordered
    ]
    heads = ("status", "system", "check", "value", "threshold", "message")
    columns = [Column(name, number=name in ("value", "threshold")) for name in heads]
    return Table("Every check", columns, body, "Failures first.", "../audit.csv")


def _system(row: Row) -> Cell:
    """A retriever's own row has no answers to show."""
    if row["check"] == EMPTY_RETRIEVAL:
        return Cell(row["system"])
    return Cell(row["system"], link=system_link(row["system"]))


VIEW = View("audit", "Audit", build)

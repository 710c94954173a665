"""Audit: what is wrong with the runs, failures first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from modellab.evaluation.audit.table import EMPTY_RETRIEVAL
from modellab.reporting.page.blocks import Block, Cell, Column, Fold, Table, Text
from modellab.reporting.page.links import system_link
from modellab.reporting.page.numbers import cell
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import MOST_ROWS, label
from modellab.reporting.page.views.protocol import Section

_TONES = {"ok": "good", "warning": "warn", "failure": "bad"}
#: how bad, for sorting
_ORDER = ("failure", "warning", "ok", "not_applicable")
TROUBLE = ("failure", "warning")


def build(results: DatasetResults) -> list[Block]:
    rows = results.table("audit")
    if not rows:
        return []
    trouble = [row for row in rows if row["status"] in TROUBLE]
    rest = [row for row in rows if row["status"] not in TROUBLE]
    others = [Fold(f"{len(rest):,} checks passed or do not apply", [_every("Passed", rest)])]
    if not trouble:
        return [Text("All checks that apply passed.", "good"), _by_check(rows), *others]
    verdict = Text(f"{len(trouble)} of {len(rows):,} checks did not pass.", "warn")
    return [verdict, _every("Findings", trouble), _by_check(rows), *(others if rest else [])]


def trouble_count(results: DatasetResults) -> int:
    """Checks that did not pass."""
    return sum(row["status"] in TROUBLE for row in results.table("audit") or ())


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


def _every(title: str, rows: Sequence[Row]) -> Table:
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
        for row in ordered[:MOST_ROWS]
    ]
    heads = ("status", "system", "check", "value", "threshold", "message")
    columns = [Column(name, number=name in ("value", "threshold")) for name in heads]
    return Table(title, columns, body, _cut(rows), "../audit.csv")


def _cut(rows: Sequence[Row]) -> str:
    cut = f" The first {MOST_ROWS} of {len(rows):,}; the file has all."
    return "Failures first." + (cut if len(rows) > MOST_ROWS else "")


def _system(row: Row) -> Cell:
    """A retriever's own row has no answers to show."""
    if row["check"] == EMPTY_RETRIEVAL:
        return Cell(row["system"])
    return Cell(row["system"], link=system_link(row["system"]))


SECTION = Section("Audit of the runs", build, "an audit (target `audit`)")

"""The table of the audit: a row per system and check, then others; the short form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from modellab.core.io.atomic import atomic_file
from modellab.core.io.csv_file import read_csv
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.text.markdown import Markup, markdown_table
from modellab.evaluation.audit import CHECKS
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import Outcome, Subject, Verdict
from modellab.evaluation.audit.ranking import CHECK as SYNTHETIC_RANKING
from modellab.evaluation.audit.ranking import audit_ranking
from modellab.evaluation.audit.retrieval import CHECK as EMPTY_RETRIEVAL
from modellab.evaluation.audit.retrieval import audit_retrievers

COLUMNS = ("system", "check", "status", "value", "threshold", "message")
_TROUBLE = (Verdict.WARNING, Verdict.FAILURE)


def write_audit(
    table: Path,
    page: Path,
    dataset: str,
    subjects: Iterable[Subject],
    options: AuditOptions,
    contexts: Sequence[Path] = (),
    ranking: Path | None = None,
) -> None:
    """Write `audit.csv` and `audit.md`.

    `contexts` are the files of the retrievers' passages, `ranking` is `synthetic_ranking.csv`.
    """
    rows = audit_rows(subjects, options)
    for retriever, outcome in audit_retrievers(contexts, options).items():
        rows.append(_row(retriever, EMPTY_RETRIEVAL, outcome))
    for other, outcome in audit_ranking(ranking, options).items():
        rows.append(_row(other, SYNTHETIC_RANKING, outcome))
    write_frame(table, frame_of(rows, COLUMNS))
    with atomic_file(page) as handle:
        handle.write(audit_page(dataset, rows))


def audit_rows(subjects: Iterable[Subject], options: AuditOptions) -> list[dict[str, object]]:
    """A row per system and check, in the order of both."""
    return [
        _row(subject.entry.name, name, check(subject, options))
        for subject in subjects
        for name, check in CHECKS.items()
    ]


def _row(system: str, check: str, outcome: Outcome) -> dict[str, object]:
    return {
        "system": system,
        "check": check,
        "status": outcome.verdict.value,
        "value": outcome.value,
        "threshold": outcome.threshold,
        "message": outcome.message,
    }


def audit_page(dataset: str, rows: Sequence[Mapping[str, object]]) -> str:
    """Markdown: what is wrong, then how many systems passed each check."""
    found = troubles(rows)
    lines = [f"# Audit of {dataset}", "", _verdict(rows, found), ""]
    if found:
        columns = ("system", "check", "status", "message")
        cells = ([str(row[name]) for name in columns] for row in found)
        lines += [*markdown_table(("system", "check", "", ""), cells), ""]
    checks = dict.fromkeys([*CHECKS, *(str(row["check"]) for row in rows)])
    lines += markdown_table(
        ("check", "ok", "warning", "failure", "not applicable"),
        ([Markup(name), *_counts(rows, name)] for name in checks),
    )
    return "\n".join(lines) + "\n"


def _counts(rows: Sequence[Mapping[str, object]], check: str) -> Iterator[str]:
    statuses = [row["status"] for row in rows if row["check"] == check]
    return (str(statuses.count(verdict.value)) for verdict in Verdict)


def read_troubles(table: Path) -> list[Mapping[str, object]]:
    """The rows of an `audit.csv` that did not pass."""
    return troubles(read_csv(table, COLUMNS).rows)


def troubles(rows: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Failures first, each kind in the order of the table."""
    found = [row for row in rows if row["status"] in _TROUBLE]
    return sorted(found, key=lambda row: row["status"] != Verdict.FAILURE)


def _verdict(rows: Sequence[Mapping[str, object]], found: Sequence[object]) -> str:
    systems = len({row["system"] for row in rows if row["check"] in CHECKS})
    retrievers = sum(row["check"] == EMPTY_RETRIEVAL for row in rows)
    who = _counted(systems, "system")
    if retrievers:
        who += f" and {_counted(retrievers, 'retriever')}"
    if not found:
        return f"All checks that apply to the {who} passed."
    return f"{len(found)} of {len(rows)} checks of {who} did not pass."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

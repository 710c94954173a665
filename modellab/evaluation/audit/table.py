"""The table of the audit, a row per system and check, then one per retriever; and its page."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

import pandas as pd

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.frames import read_frame, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context
from modellab.core.text.escape import Markup, markdown_table
from modellab.evaluation.audit.checks import CHECKS, empty_retrieval
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.records import CheckStatus, Subject

COLUMNS = ("system", "check", "status", "value", "threshold", "message")
#: the check of retrievers, whose rows name a retriever as their system
EMPTY_RETRIEVAL = "empty_retrieval"

log = logging.getLogger(__name__)


def write_audit(
    table: Path,
    page: Path,
    dataset: str,
    subjects: Iterable[Subject],
    options: AuditOptions,
    contexts: Sequence[Path] = (),
    unanswerable: Container[str] = (),
) -> None:
    """Write `audit.csv` and `audit.md`.

    Args:
        table: Where the table is written.
        page: Where the page is written.
        dataset: Its name.
        subjects: The systems.
        options: The thresholds.
        contexts: The retrievers' passages, a file each.
        unanswerable: The ids of questions for which retrievers may find nothing.
    """
    found = audit_table(subjects, options, contexts, unanswerable)
    write_frame(table, found)
    with atomic_file(page) as handle:
        handle.write(audit_page(dataset, found))


def audit_table(
    subjects: Iterable[Subject],
    options: AuditOptions,
    contexts: Sequence[Path] = (),
    unanswerable: Container[str] = (),
) -> pd.DataFrame:
    """A row per system and check, in the order of both, then one per retriever."""
    found = [
        (subject.entry.name, name, check(subject, options))
        for subject in subjects
        for name, check in CHECKS.items()
    ]
    for path in contexts:
        rows = [one for one in read_rows(path, Context) if one.question_id not in unanswerable]
        outcome = empty_retrieval(rows, options)
        found.append((path.stem, EMPTY_RETRIEVAL, outcome))
    cells = [
        (system, check, one.verdict.value, one.value, one.threshold, one.message)
        for system, check, one in found
    ]
    return pd.DataFrame(cells, columns=list(COLUMNS), dtype=object)


def audit_page(dataset: str, table: pd.DataFrame) -> str:
    """Markdown: what is wrong, then how many systems passed each check."""
    found = troubles(table)
    lines = [f"# Audit of {dataset}", "", _summary(table, len(found)), ""]
    if len(found):
        cells = found[["system", "check", "status", "message"]].to_numpy()
        lines += [*markdown_table(("system", "check", "", ""), cells), ""]
    checks = dict.fromkeys([*CHECKS, *table["check"]])
    counts = pd.crosstab(table["check"], table["status"]).reindex(
        index=list(checks), columns=[verdict.value for verdict in CheckStatus], fill_value=0
    )
    body = ([Markup(name), *map(str, row)] for name, row in zip(checks, counts.values, strict=True))
    lines += markdown_table(("check", "ok", "warning", "failure", "not applicable"), body)
    return "\n".join(lines) + "\n"


def report_audits(tables: Sequence[Path], pages: Sequence[Path], strict: bool) -> None:
    """Log the checks that did not pass; if there are any and `strict`, raise InputError."""
    found = 0
    for table, page in zip(tables, pages, strict=True):
        for row in troubles(read_frame(table, required=COLUMNS)).to_dict("records"):
            log.warning("%(system)s: %(check)s: %(message)s (%(status)s)", row)
            found += 1
        log.info("all checks: %s", page)
    if found and strict:
        raise InputError(
            f"{found} checks of the audit did not pass (`audit: strict: true`); see "
            + ", ".join(map(str, pages))
        )


def troubles(table: pd.DataFrame) -> pd.DataFrame:
    """Failures, then warnings, each in the order of the table."""
    kinds = (CheckStatus.FAILURE, CheckStatus.WARNING)
    return pd.concat([table[table["status"] == kind] for kind in kinds])


def _summary(table: pd.DataFrame, wrong: int) -> str:
    of_retriever = table["check"] == EMPTY_RETRIEVAL
    who = _counted(table["system"][~of_retriever].nunique(), "system")
    if of_retriever.any():
        who += f" and {_counted(int(of_retriever.sum()), 'retriever')}"
    if not wrong:
        return f"All checks that apply to the {who} passed."
    return f"{wrong} of {len(table)} checks of {who} did not pass."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

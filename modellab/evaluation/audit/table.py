"""The table of the audit: a row per system and check, then one per retriever; the short form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from modellab.core.io.atomic import atomic_file
from modellab.core.io.frames import read_frame, write_frame
from modellab.core.text.escape import Markup, markdown_table
from modellab.evaluation.audit import CHECKS
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import Outcome, Subject, Verdict
from modellab.evaluation.audit.retrieval import CHECK as EMPTY_RETRIEVAL
from modellab.evaluation.audit.retrieval import audit_retrievers

COLUMNS = ("system", "check", "status", "value", "threshold", "message")
_TROUBLE = (Verdict.WARNING.value, Verdict.FAILURE.value)


def write_audit(
    table: Path,
    page: Path,
    dataset: str,
    subjects: Iterable[Subject],
    options: AuditOptions,
    contexts: Sequence[Path] = (),
) -> None:
    """Write `audit.csv` and `audit.md`; `contexts` are the files of the retrievers' passages."""
    found = audit_table(subjects, options, contexts)
    write_frame(table, found)
    with atomic_file(page) as handle:
        handle.write(audit_page(dataset, found))


def audit_table(
    subjects: Iterable[Subject], options: AuditOptions, contexts: Sequence[Path] = ()
) -> pd.DataFrame:
    """A row per system and check, in the order of both, then one per retriever."""
    found: list[tuple[str, str, Outcome]] = [
        (subject.entry.name, name, check(subject, options))
        for subject in subjects
        for name, check in CHECKS.items()
    ]
    for retriever, outcome in audit_retrievers(contexts, options).items():
        found.append((retriever, EMPTY_RETRIEVAL, outcome))
    rows = [
        (system, check, one.verdict.value, one.value, one.threshold, one.message)
        for system, check, one in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def audit_page(dataset: str, table: pd.DataFrame) -> str:
    """Markdown: what is wrong, then how many systems passed each check."""
    found = troubles(table)
    lines = [f"# Audit of {dataset}", "", _verdict(table, len(found)), ""]
    if len(found):
        cells = found[["system", "check", "status", "message"]].to_numpy()
        lines += [*markdown_table(("system", "check", "", ""), cells), ""]
    checks = dict.fromkeys([*CHECKS, *table["check"]])
    counts = pd.crosstab(table["check"], table["status"]).reindex(
        index=list(checks), columns=[verdict.value for verdict in Verdict], fill_value=0
    )
    lines += markdown_table(
        ("check", "ok", "warning", "failure", "not applicable"),
        (
            [Markup(name), *map(str, row)]
            for name, row in zip(checks, counts.to_numpy(), strict=True)
        ),
    )
    return "\n".join(lines) + "\n"


def read_troubles(table: Path) -> pd.DataFrame:
    """The rows of an `audit.csv` that did not pass."""
    return troubles(read_frame(table, required=COLUMNS))


def troubles(table: pd.DataFrame) -> pd.DataFrame:
    """Failures first, each kind in the order of the table."""
    found = table[table["status"].isin(_TROUBLE)]
    return found.loc[(found["status"] != Verdict.FAILURE.value).sort_values(kind="stable").index]


def _verdict(table: pd.DataFrame, wrong: int) -> str:
    of_retriever = table["check"] == EMPTY_RETRIEVAL
    who = _counted(table["system"][~of_retriever].nunique(), "system")
    if of_retriever.any():
        who += f" and {_counted(int(of_retriever.sum()), 'retriever')}"
    if not wrong:
        return f"All checks that apply to the {who} passed."
    return f"{wrong} of {len(table)} checks of {who} did not pass."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

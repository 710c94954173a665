"""Whether synthetic questions rank systems as people's do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from modellab.core.io.csv_file import read_csv
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import Outcome, Verdict, at_least, not_applicable
from modellab.evaluation.diagnostics.synthetic_ranking import COLUMNS

CHECK = "synthetic_ranking"
#: of fewer systems there is no ranking to speak of
_FEWEST = 3


def audit_ranking(table: Path | None, options: AuditOptions) -> dict[str, Outcome]:
    """By dataset of people's questions; nothing where there is no table."""
    rows = read_csv(table, COLUMNS).rows if table else ()
    return {row["dataset"]: synthetic_ranking(row, options) for row in rows}


def synthetic_ranking(row: Mapping[str, str], options: AuditOptions) -> Outcome:
    """Tau against the threshold, and whether its interval says that rankings agree at all."""
    systems, there = int(row["systems"]), row["dataset"]
    if systems < _FEWEST:
        return not_applicable(f"{systems} systems answered both; {_FEWEST} make a ranking")
    if not row["kendall_tau"]:
        return not_applicable("all systems have one score")
    tau, limit = float(row["kendall_tau"]), options.min_rank_correlation
    ends = f"{float(row['low']):.2f} to {float(row['high']):.2f}" if row["low"] else "no interval"
    found = f"Kendall's tau {tau:.2f} ({ends}) over {systems} systems"
    if tau >= limit and row["low"] and float(row["low"]) <= 0:
        message = f"too few questions to say that they rank as those of {there} do: {found}"
        return Outcome(Verdict.WARNING, message, tau, limit)
    return at_least(
        tau,
        limit,
        f"they rank systems otherwise than the questions of {there}: {found}; best here "
        f"{row['best']}, there {row['best_there']}",
    )

"""The leaderboard as files that a paper takes in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modellab.core.io.atomic import atomic_file
from modellab.core.io.csv_file import read_csv
from modellab.core.records import ModelScores
from modellab.evaluation.compare.verdict import Verdict
from modellab.reporting.papers.latex import latex_table
from modellab.reporting.papers.markdown import markdown_page
from modellab.reporting.papers.table import paper_table


def write_paper_tables(
    models: Sequence[ModelScores],
    statistics: Path,
    ranks: Path,
    verdict: Verdict,
    markdown: Path,
    latex: Path,
    missing: Sequence[str] = (),
) -> None:
    """Write both files from the scores, `statistics.csv` and `ranks.csv`."""
    columns = ("system", "component", "low", "high", "confidence")
    table = paper_table(
        models,
        read_csv(statistics, columns).rows,
        read_csv(ranks, ("system", "component", "rank", "not_distinguishable_from")).rows,
        verdict,
        missing,
    )
    for path, text in ((markdown, markdown_page(table)), (latex, latex_table(table))):
        with atomic_file(path) as handle:
            handle.write(text)

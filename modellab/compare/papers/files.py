"""The leaderboard as files that a paper takes in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modellab.compare.papers.latex import latex_table
from modellab.compare.papers.markdown import markdown_table
from modellab.compare.papers.table import paper_table
from modellab.compare.verdict import Verdict
from modellab.records import ModelScores
from modellab.storage.atomic import atomic_file
from modellab.storage.csvfile import read_csv


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
    for path, text in ((markdown, markdown_table(table)), (latex, latex_table(table))):
        with atomic_file(path) as handle:
            handle.write(text)

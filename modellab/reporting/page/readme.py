"""`results/{dataset}/README.md`: what to open, and what the rest is."""

from __future__ import annotations

from pathlib import Path

from modellab.core.io.atomic import atomic_file
from modellab.core.text.escape import markdown_text
from modellab.reporting.page.results import DatasetResults

#: by path, in the order of the list: what it is
_FILES = {
    "report/index.html": "open this first: the verdict, down to each answer",
    "leaderboard.csv": "a row per system (also `.md` and `.tex`); `verdict.json`: who is the best",
    "matrix.csv": "a row per question, with all answers; `matrix_long.csv`: a row per answer",
    "plots": "the plots as PNG, SVG and PDF",
    "statistics.csv": "intervals; `comparisons.csv`, `ranks.csv`: which differences count",
    "audit.md": "what may be wrong with the runs; `status.csv`: compared with your targets",
    "data_card.md": "what the questions are made of",
    "predictions": "every answer; `runs`: settings, machine and versions behind them",
    "scores": "every answer with its scores; `judgements`: what judges say of it",
    "journal": "answers as they arrived: a run that is started again continues from here",
}


def write_readme(results: DatasetResults, path: Path) -> None:
    """Write the list of what this dataset has; files of this run's own report are taken as made."""
    verdict = results.verdict
    lines = [f"# Results of {markdown_text(results.dataset)}", ""]
    if verdict is not None:
        lines += [markdown_text(verdict.text), ""]
    for name, what in _FILES.items():
        if name.startswith("report/") or (results.folder / name).exists():
            lines.append(f"- [{name}]({name}): {what}")
    with atomic_file(path) as handle:
        handle.write("\n".join(lines) + "\n")

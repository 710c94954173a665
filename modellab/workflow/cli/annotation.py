"""`modellab export-annotation` and `import-annotation`: people look at made questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export_annotation(
    questions: Annotated[Path, typer.Argument(help="questions.jsonl of a synthesis")],
    out: Annotated[Path, typer.Argument(help="the table to fill in: .csv or .json")],
) -> None:
    """Write a table with a row per question, its chunks, and marks to fill in with 1 or 0."""
    from modellab.evaluation.annotation import export_annotation as export

    typer.echo(f"{export(questions, out)} questions in {out}")


def import_annotation(
    questions: Annotated[Path, typer.Argument(help="questions.jsonl of a synthesis")],
    out: Annotated[Path, typer.Argument(help="takes the questions that pass")],
    tables: Annotated[list[Path], typer.Argument(help="the filled tables, one per annotator")],
    agreement: Annotated[
        Path | None, typer.Option(help="takes the agreement of annotators, as CSV")
    ] = None,
) -> None:
    """Keep the questions that every annotator let pass; tell how far annotators agree."""
    from modellab.core.io.csv_file import write_csv
    from modellab.evaluation.annotation import AGREEMENT_COLUMNS
    from modellab.evaluation.annotation import import_annotation as read_back

    found = read_back(questions, tables, out)
    typer.echo(f"{len(found.kept)} kept, {found.refused} refused, {found.unmarked} not marked")
    for row in found.agreement:
        kappa = "-" if row["kappa"] is None else f"{row['kappa']:.3f}"
        pair = f"{row['annotator_a']} and {row['annotator_b']}"
        typer.echo(f"{row['mark']}: kappa {kappa} over {row['n']} ({pair})")
    if agreement:
        write_csv(agreement, AGREEMENT_COLUMNS, found.agreement)

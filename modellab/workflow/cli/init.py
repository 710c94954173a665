"""`modellab init`: a new benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="where to; made if it is not there")] = Path(),
    questions: Annotated[
        Path | None,
        typer.Option("--from", help="your questions: CSV, TSV, JSON, Parquet, XLSX, ..."),
    ] = None,
    docs: Annotated[Path | None, typer.Option(help="your documents: a file or a folder")] = None,
) -> None:
    """Write a config, a Snakefile and .gitignore, by what is in the folder or named.

    Without questions and documents an example is written that runs at once.
    """
    from modellab.workflow.new_benchmark import write_benchmark

    written = write_benchmark(folder, questions, docs)
    typer.echo(f"written: {', '.join(map(str, written))}")
    place = "" if folder.resolve() == Path.cwd() else f" {folder}"
    typer.echo(f"Next: modellab run{place}")

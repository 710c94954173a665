"""`modellab export`: results in the formats of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modellab.workflow.cli.bundle import Configfiles, Datasets, Overrides


def export(
    to: Annotated[
        list[str] | None,
        typer.Option(
            help="parquet, trec, lm-eval, inspect or ro-crate; may be given again; default: all"
        ),
    ] = None,
    dataset: Datasets = None,
    output: Annotated[
        Path, typer.Option(help="the folder to write {dataset}/{format}/ into")
    ] = Path("exports"),
    configfile: Configfiles = None,
    config: Overrides = None,
) -> None:
    """Write predictions and scores in the formats of other programs."""
    from modellab.core.io.atomic import atomic_folder
    from modellab.workflow.bundles.writing import answered_models
    from modellab.workflow.cli.bundle import chosen
    from modellab.workflow.exports import EXPORTS
    from modellab.workflow.exports.protocol import Exported

    loaded = chosen(configfile, config, dataset)
    formats = {name: EXPORTS.load(name) for name in to or EXPORTS}
    for name in loaded.datasets:
        models = answered_models(loaded.config, name)
        exported = Exported(loaded.config, loaded.files, loaded.overrides, name, models)
        for form, member in formats.items():
            with atomic_folder(output / name / form) as folder:
                said = member.write(exported, folder)
                files = sum(path.is_file() for path in folder.rglob("*"))
            typer.echo(f"{output / name / form}: {files} files")
            for line in said:
                typer.echo(f"{name}: {form}: {line}", err=True)

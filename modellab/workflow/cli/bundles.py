"""`modellab bundle`, `verify`, `merge` and `export`: results for others and from others."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from modellab.workflow.cli.options import Benchmark, Datasets, MaxGb, Trust, load


def bundle(
    config: Benchmark = None,
    dataset: Datasets = None,
    output: Annotated[Path, typer.Option(help="the zip file to write")] = Path(
        "results-bundle.zip"
    ),
) -> None:
    """Write page, tables, predictions and config into a zip file that `modellab verify` checks."""
    from modellab.workflow.bundles.archive import manifest_text
    from modellab.workflow.bundles.writing import write_bundle

    loaded = load(config, dataset)
    manifest = write_bundle(*loaded, out=output)
    digest = sha256(manifest_text(manifest).encode()).hexdigest()
    names = ", ".join(loaded.datasets)
    typer.echo(f"{output}: {len(manifest.files)} files of {names}; bundle {digest}")


def verify(
    bundle: Annotated[Path, typer.Argument(help="the zip file that `modellab bundle` wrote")],
    trust: Trust = False,
    max_gb: MaxGb = 16.0,
) -> None:
    """Check every file of a bundle by its digest, and score its predictions again.

    Exit code 1 where a file is missing, extra or changed, or where a score differs.
    """
    from modellab.workflow.bundles.verifying import verify as findings

    failed = 0
    for finding in findings(bundle, trust, int(max_gb * 1e9)):
        typer.echo(finding.text, err=not finding.ok)
        failed += not finding.ok
    if failed:
        typer.echo("NOT verified", err=True)
        raise typer.Exit(1)
    typer.echo("verified")


def merge(
    bundles: Annotated[list[Path], typer.Argument(help="zip files that `modellab bundle` wrote")],
    output: Annotated[
        Path, typer.Option(help="the folder of results to write {dataset}/ into")
    ] = Path("merged"),
    dataset: Datasets = None,
    trust: Trust = False,
    max_gb: MaxGb = 16.0,
) -> None:
    """Compare the systems of several bundles that answered the same questions.

    Bundles with different questions or scoring rules are refused, as is one that fails its checks.
    """
    from modellab.workflow.bundles.merging import merge as merged
    from modellab.workflow.run_summary import print_leaderboards

    for name, models in merged(bundles, output, dataset or (), trust, int(max_gb * 1e9)):
        print_leaderboards(output, {name: models})
        typer.echo(f"Page: {output / name / 'report' / 'index.html'}")


def export(
    config: Benchmark = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORMAT",
            help="parquet, trec, lm-eval, inspect or ro-crate; may be given again; default: all",
        ),
    ] = None,
    dataset: Datasets = None,
    output: Annotated[
        Path, typer.Option(help="the folder to write {dataset}/{format}/ into")
    ] = Path("exports"),
) -> None:
    """Write predictions and scores in the formats of other programs."""
    from modellab.core.io.atomic import atomic_folder
    from modellab.workflow.bundles.writing import answered_models
    from modellab.workflow.exports import EXPORTS
    from modellab.workflow.exports.protocol import Exported

    loaded = load(config, dataset)
    formats = {name: EXPORTS.load(name) for name in to or EXPORTS}
    for name in loaded.datasets:
        models = answered_models(loaded.config, name)
        exported = Exported(loaded.config, loaded.files, loaded.overrides, name, models)
        for form, write in formats.items():
            with atomic_folder(output / name / form) as folder:
                notes = write(exported, folder)
                files = sum(path.is_file() for path in folder.rglob("*"))
            typer.echo(f"{output / name / form}: {files} files")
            for note in notes:
                typer.echo(f"{name}: {form}: {note}", err=True)

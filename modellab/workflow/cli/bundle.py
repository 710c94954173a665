"""`modellab bundle`: results as one file for others."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer


def bundle(
    dataset: Annotated[
        list[str] | None, typer.Option(help="may be given again; default: all of the config")
    ] = None,
    output: Annotated[Path, typer.Option(help="the zip file to write")] = Path(
        "results-bundle.zip"
    ),
    configfile: Annotated[
        list[Path] | None,
        typer.Option(help="config file; may be given again; default: config.yaml"),
    ] = None,
    config: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE as for snakemake; may be given again")
    ] = None,
) -> None:
    """Write page, tables, predictions and config into a zip file that `modellab verify` checks."""
    from modellab.config.loading import load_config
    from modellab.core.errors import InputError
    from modellab.workflow.bundles.manifest import manifest_text
    from modellab.workflow.bundles.writing import write_bundle
    from modellab.workflow.cli.preflight import overrides

    files, said = configfile or [Path("config.yaml")], overrides(config or [])
    loaded = load_config(files, said)
    names = dataset or list(loaded.datasets)
    unknown = [name for name in names if name not in loaded.datasets]
    if unknown:
        known = ", ".join(loaded.datasets)
        raise InputError(f"--dataset {unknown[0]}: not in the config (there: {known})")
    manifest = write_bundle(loaded, files, said, names, output)
    digest = sha256(manifest_text(manifest).encode()).hexdigest()
    typer.echo(f"{output}: {len(manifest.files)} files of {', '.join(names)}; bundle {digest}")

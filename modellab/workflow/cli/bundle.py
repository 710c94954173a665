"""`modellab bundle`: results as one file for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from modellab.config.schema import Config

Datasets = Annotated[
    list[str] | None, typer.Option(help="may be given again; default: all of the config")
]
Configfiles = Annotated[
    list[Path] | None,
    typer.Option(help="config file; may be given again; default: config.yaml"),
]
Overrides = Annotated[
    list[str] | None, typer.Option(help="KEY=VALUE as for snakemake; may be given again")
]


class Chosen(NamedTuple):
    """Datasets of a config, and what it was read from."""

    config: Config
    files: Sequence[Path]
    overrides: Mapping[str, object]
    datasets: Sequence[str]


def chosen(
    configfile: Sequence[Path] | None, config: Sequence[str] | None, dataset: Sequence[str] | None
) -> Chosen:
    """What the options of a command name. Raises InputError for an unknown dataset."""
    from modellab.config.loading import load_config
    from modellab.core.errors import InputError
    from modellab.workflow.cli.preflight import overrides

    files, said = configfile or [Path("config.yaml")], overrides(list(config or []))
    loaded = load_config(files, said)
    names = dataset or list(loaded.datasets)
    unknown = [name for name in names if name not in loaded.datasets]
    if unknown:
        known = ", ".join(loaded.datasets)
        raise InputError(f"--dataset {unknown[0]}: not in the config (there: {known})")
    return Chosen(loaded, files, said, names)


def bundle(
    dataset: Datasets = None,
    output: Annotated[Path, typer.Option(help="the zip file to write")] = Path(
        "results-bundle.zip"
    ),
    configfile: Configfiles = None,
    config: Overrides = None,
) -> None:
    """Write page, tables, predictions and config into a zip file that `modellab verify` checks."""
    from modellab.workflow.bundles.manifest import manifest_text
    from modellab.workflow.bundles.writing import write_bundle

    found = chosen(configfile, config, dataset)
    manifest = write_bundle(*found, out=output)
    digest = sha256(manifest_text(manifest).encode()).hexdigest()
    names = ", ".join(found.datasets)
    typer.echo(f"{output}: {len(manifest.files)} files of {names}; bundle {digest}")

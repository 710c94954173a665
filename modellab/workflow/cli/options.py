"""Options of several commands, and the config that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from modellab.core.errors import InputError

if TYPE_CHECKING:
    from modellab.config.schema import Config

Benchmark = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CONFIG|KEY=VALUE",
        help="a config file, its folder or `demo` (default: config.yaml), and keys to change",
    ),
]
Datasets = Annotated[
    list[str] | None,
    typer.Option("--dataset", metavar="NAME", help="may be given again; default: all"),
]
Results = Annotated[Path, typer.Option(help="the folder of the results")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Trust = Annotated[
    bool, typer.Option("--trust", help="load or query the embedder of a scorer that a bundle names")
]
MaxGb = Annotated[
    float, typer.Option(help="gigabytes (10^9 bytes) that a bundle may unpack to", min=0)
]


class LoadedConfig(NamedTuple):
    """A config with its sources, and the chosen datasets."""

    config: Config
    files: Sequence[Path]
    overrides: Mapping[str, object]
    datasets: Sequence[str]


def load(words: Sequence[str] | None, datasets: Sequence[str] | None = None) -> LoadedConfig:
    """Load the config that the argument `Benchmark` names.

    Raises:
        InputError: For a wrong config, and for an unknown dataset.
    """
    from modellab.config.loading import load_config
    from modellab.workflow.command_line import parse_arguments

    line = parse_arguments(words or ())
    if line.targets:
        wrong = f"{line.targets[0]}: neither a config file (.yaml) nor a folder with a config.yaml"
        raise InputError(f"{wrong}, nor KEY=VALUE")
    files, changed = line.configfiles, overrides(line.config)
    config = load_config(files, changed)
    for name in datasets or ():
        if name not in config.datasets:
            known = ", ".join(config.datasets)
            raise InputError(f"--dataset {name}: unknown; choose from: {known}")
    return LoadedConfig(config, files, changed, list(datasets or config.datasets))


def overrides(pairs: Sequence[str]) -> dict[str, Any]:
    """`key=value` with values as YAML, as Snakemake reads them. Raises InputError."""
    import yaml

    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"--config {pair}: not KEY=VALUE")
        try:
            # empty values are refused later; `null` is the default
            found[key] = value if value == "null" else yaml.safe_load(value)
        except yaml.YAMLError:
            raise InputError(f"--config {pair}: not valid YAML after the =") from None
    return found


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]

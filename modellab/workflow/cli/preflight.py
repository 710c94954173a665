"""`modellab preflight`: what a run would need, and whether it is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modellab.core.findings import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "failure": "bold red"}


def preflight(
    configfile: Annotated[
        list[Path] | None,
        typer.Option(help="config file; may be given again; default: config.yaml"),
    ] = None,
    config: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE as for snakemake; may be given again")
    ] = None,
    require_gpu: Annotated[
        str | None, typer.Option(help="fail unless a GPU has this in its name, such as H200")
    ] = None,
    slurm: Annotated[bool, typer.Option("--slurm", help="check for a SLURM cluster too")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="also write the findings to this file")
    ] = None,
) -> None:
    """Check machine, files and models before a run; exit code 1 if something would fail."""
    from modellab.config.loading import load_config

    loaded = load_config(configfile or [Path("config.yaml")], overrides(config or []))
    if report(loaded, require_gpu, slurm, json_file):
        raise typer.Exit(1)


def report(config: Any, require_gpu: str | None, slurm: bool, json_file: Path | None) -> bool:
    """Print the table, write the file; whether anything failed."""
    from dataclasses import asdict

    from modellab.core.io.jsonl import write_json
    from modellab.workflow.preflight import has_failed, preflight

    found = list(preflight(config, require_gpu, slurm))
    if json_file is not None:
        write_json(json_file, {"findings": [asdict(finding) for finding in found]})
    _print(found)
    return has_failed(found)


def _print(found: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False)
    for column in ("what", "", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in found:
        level = Text(finding.level.value, style=_COLOURS[finding.level.value])
        table.add_row(Text(finding.subject), level, Text(finding.message), Text(finding.advice))
    Console(width=None if sys.stdout.isatty() else 130).print(table)


def overrides(pairs: Sequence[str]) -> dict[str, Any]:
    """`key=value` with values as YAML, as Snakemake reads them. Raises InputError."""
    import yaml

    from modellab.core.errors import InputError

    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise InputError(f"--config {wrong[0]}: not KEY=VALUE")
    found = {}
    for pair in pairs:
        key, value = pair.split("=", 1)
        try:
            # nothing after the = is refused, `null` is the default
            found[key] = value if value == "null" else yaml.safe_load(value)
        except yaml.YAMLError:
            raise InputError(f"--config {pair}: not valid YAML after the =") from None
    return found

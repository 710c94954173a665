"""`modellab preflight`: what a run would need, and whether it is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modellab.workflow.cli.options import Configfiles, Overrides, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modellab.core.errors import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "failure": "bold red"}


def preflight(
    configfile: Configfiles = None,
    config: Overrides = None,
    require_gpu: Annotated[
        str | None, typer.Option(help="fail unless a GPU has this in its name, such as H200")
    ] = None,
    slurm: Annotated[bool, typer.Option("--slurm", help="check for a SLURM cluster too")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="also write the findings to this file")
    ] = None,
) -> None:
    """Check machine, files and models before a run; exit code 1 if something would fail."""
    if report(load(configfile, config).config, require_gpu, slurm, json_file):
        raise typer.Exit(1)


def report(config: Any, require_gpu: str | None, slurm: bool, json_file: Path | None) -> bool:
    """Print the findings, write the file; True if anything failed."""
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

"""`modellab preflight`: what a run needs, and whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modellab.workflow.cli.options import Configfiles, Overrides, load


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
    from dataclasses import asdict

    from modellab.core.io.jsonl import write_json
    from modellab.workflow import preflight as checks

    findings = list(checks.preflight(load(configfile, config).config, require_gpu, slurm))
    if json_file is not None:
        write_json(json_file, {"findings": [asdict(finding) for finding in findings]})
    checks.print_findings(findings)
    if checks.has_failed(findings):
        raise typer.Exit(1)

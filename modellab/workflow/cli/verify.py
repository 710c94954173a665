"""`modellab verify`: whether a bundle is what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def verify(
    bundle: Annotated[Path, typer.Argument(help="the zip file that `modellab bundle` wrote")],
    trust: Annotated[
        bool,
        typer.Option("--trust", help="load or ask the embedder of a scorer that the bundle names"),
    ] = False,
    max_gb: Annotated[
        float, typer.Option(help="gigabytes (10^9 bytes) that it may unpack to", min=0)
    ] = 16.0,
) -> None:
    """Check every file of a bundle by its digest, and score its predictions again.

    Exit code 1 where a file is missing, extra or changed, or where a score is another.
    """
    from modellab.workflow.bundles.verifying import verify as findings

    failed = 0
    for finding in findings(bundle, trust, int(max_gb * 1e9)):
        typer.echo(finding.text, err=not finding.ok)
        failed += not finding.ok
    if failed:
        typer.echo("NOT what it says", err=True)
        raise typer.Exit(1)
    typer.echo("the bundle is what it says")

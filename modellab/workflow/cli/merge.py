"""`modellab merge`: one comparison of several bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def merge(
    bundles: Annotated[list[Path], typer.Argument(help="zip files that `modellab bundle` wrote")],
    output: Annotated[
        Path, typer.Option(help="the folder of results to write {dataset}/ into")
    ] = Path("merged"),
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="may be given again; default: all that each bundle has"),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="load or ask the embedder of a scorer that a bundle names"),
    ] = False,
    max_gb: Annotated[
        float, typer.Option(help="gigabytes (10^9 bytes) that each may unpack to", min=0)
    ] = 16.0,
) -> None:
    """Compare the systems of several bundles that answered the same questions.

    Bundles whose questions or scoring rules differ are refused, as is one that is not what it says.
    """
    from modellab.workflow.bundles.merging import merge as merged
    from modellab.workflow.run_summary import print_leaderboards

    for name, models in merged(bundles, output, dataset or (), trust, int(max_gb * 1e9)):
        print_leaderboards(output, {name: models})
        typer.echo(f"Page: {output / name / 'report' / 'index.html'}")

"""`modellab dashboard`: look at all results in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def dashboard(
    port: Annotated[
        int | None,
        typer.Option(
            help="this port alone; default: the first free one of 7860 to 7870", min=1, max=65535
        ),
    ] = None,
    results: Annotated[Path, typer.Option(help="the folder of the results")] = Path("results"),
) -> None:
    """Serve the results folder on this machine, read-only, until Ctrl-C."""
    from modellab.core.errors import InputError
    from modellab.reporting.dashboard.page import index_page
    from modellab.reporting.dashboard.server import FIRST_PORT, HOST, LAST_PORT, make_server

    root = results.resolve()
    if not root.is_dir():
        raise InputError(f"--results {results}: no such folder; run snakemake first")
    first, last = (port, port) if port else (FIRST_PORT, LAST_PORT)
    with make_server(root, lambda: index_page(root), first, last) as server:
        typer.echo(f"http://{HOST}:{server.server_address[1]}/ shows {root}; Ctrl-C ends it")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("ended")

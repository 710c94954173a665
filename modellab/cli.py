"""The `modellab` command: what is useful outside of a run.

A new command is one file in `modellab/commands` and one line below.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import modellab
from modellab.commands.annotation import export_annotation, import_annotation
from modellab.commands.bundle import bundle
from modellab.commands.dashboard import dashboard
from modellab.commands.database import database
from modellab.commands.gpus import gpus
from modellab.commands.metrics import metrics
from modellab.commands.preflight import preflight
from modellab.commands.ranking import ranking
from modellab.commands.reference import reference
from modellab.commands.runs import runs
from modellab.commands.schema import schema
from modellab.commands.score import score
from modellab.commands.tiny_world import tiny_world
from modellab.commands.verify import verify
from modellab.errors import InputError


class Commands(TyperGroup):
    """What a user can put right is one line on stderr and exit code 1, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(bundle)
app.add_typer(database, name="database")
app.command()(dashboard)
app.command()(export_annotation)
app.command()(gpus)
app.command()(import_annotation)
app.command()(metrics)
app.command()(preflight)
app.command()(ranking)
app.command()(reference)
app.command()(runs)
app.command()(schema)
app.command()(score)
app.command()(tiny_world)
app.command()(verify)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(modellab.__version__)
        raise typer.Exit


@app.callback()
def _main(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="print and end"),
    ] = False,
) -> None:
    """Compare language models on your own documents and questions."""

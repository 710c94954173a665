"""The `modellab` command: what is useful outside of a run.

A new command is one file in `modellab/workflow/cli` and one line below.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from modellab.core.errors import InputError
from modellab.core.version import VERSION
from modellab.workflow.cli.annotation import export_annotation, import_annotation
from modellab.workflow.cli.bundle import bundle
from modellab.workflow.cli.dashboard import dashboard
from modellab.workflow.cli.export import export
from modellab.workflow.cli.gpus import gpus
from modellab.workflow.cli.init import init
from modellab.workflow.cli.merge import merge
from modellab.workflow.cli.metrics import metrics
from modellab.workflow.cli.plan import plan
from modellab.workflow.cli.preflight import preflight
from modellab.workflow.cli.ranking import ranking
from modellab.workflow.cli.reference import reference
from modellab.workflow.cli.run import PASSED_ON, run, smoke
from modellab.workflow.cli.runs import runs
from modellab.workflow.cli.schema import schema
from modellab.workflow.cli.score import score
from modellab.workflow.cli.show import open_page, show
from modellab.workflow.cli.verify import verify
from modellab.workflow.cli.why import why


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
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(short_help="write the config of a new benchmark")(init)
app.command(context_settings=PASSED_ON, short_help="run a benchmark")(run)
app.command(context_settings=PASSED_ON, short_help="run one question per model")(smoke)
app.command(short_help="calls, tokens and dollars of a run")(plan)
app.command(short_help="verdict and leaderboard of what is there")(show)
app.command(name="open", short_help="the page, in the browser")(open_page)
app.command(short_help="what would make a file again, and why")(why)
app.command(short_help="pack page, tables, predictions and config to hand on")(bundle)
app.command(short_help="look at all results in a browser")(dashboard)
app.command(short_help="results as Parquet, TREC runs, lm-eval samples, inspect logs, RO-Crate")(
    export
)
app.command()(export_annotation)
app.command(short_help="GPU slots: free, or held by which job")(gpus)
app.command()(import_annotation)
app.command(short_help="one comparison of several bundles")(merge)
app.command()(metrics)
app.command(short_help="what a run lacks, before it starts")(preflight)
app.command(short_help="rank embedders and models by several metrics")(ranking)
app.command()(reference)
app.command(short_help="earlier runs; of two names what changed")(runs)
app.command()(schema)
app.command()(score)
app.command(short_help="check a bundle, and score its answers again")(verify)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def _main(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="print and end"),
    ] = False,
) -> None:
    """Compare language models on your own documents and questions."""

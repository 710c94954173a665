"""The `modellab` command. A new command is a function in this folder and a line below."""

import json
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from modellab.core.errors import InputError
from modellab.core.project import VERSION
from modellab.workflow.cli.bundles import bundle, export, merge, verify
from modellab.workflow.cli.gpus import gpus
from modellab.workflow.cli.results import dashboard, open_page, runs, show
from modellab.workflow.cli.running import PASSED_ON, RUN_USAGE, init, plan, preflight, run, smoke
from modellab.workflow.cli.score import score
from modellab.workflow.cli.tables import export_annotation, import_annotation, ranking
from modellab.workflow.cli.why import why


def schema() -> None:
    """Print the JSON schema of the config, for editors."""
    from modellab.config.loading import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def reference() -> None:
    """Print the config reference in Markdown."""
    from modellab.config.reference import config_reference

    typer.echo(config_reference(), nl=False)


def metrics() -> None:
    """Print what every metric is, in Markdown."""
    from modellab.evaluation.metrics import families, metrics_page

    typer.echo(metrics_page(families()), nl=False)


class Commands(TyperGroup):
    """A user error is one line on stderr and exit code 1."""

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
for _function, _about in (
    (init, "write the config of a new benchmark"),
    (preflight, "what a run lacks, before it starts"),
    (plan, "calls, tokens and dollars of a run"),
    (run, "run a benchmark"),
    (smoke, "run one question per model"),
    (show, "verdict and leaderboard of existing results"),
    (open_page, "open the page in the browser"),
    (dashboard, "look at all results in a browser"),
    (runs, "list earlier runs, show one, compare two"),
    (why, "why a file would be made again"),
    (bundle, "pack page, tables, predictions and config to hand on"),
    (verify, "check a bundle, and score its answers again"),
    (merge, "one comparison of several bundles"),
    (export, "results as Parquet, TREC runs, lm-eval samples, inspect logs, RO-Crate"),
    (export_annotation, "generated questions as a table to mark"),
    (import_annotation, "keep the questions that every annotator accepted"),
    (score, "score a submission in the WattBot format"),
    (ranking, "rank embedders and models by several metrics"),
    (gpus, "GPU slots: free, or held by which job"),
    (metrics, "what every metric is, in Markdown"),
    (reference, "the config reference in Markdown"),
    (schema, "the JSON schema of the config, for editors"),
):
    _passed_on = _function in (run, smoke)
    app.command(
        name="open" if _function is open_page else None,
        short_help=_about,
        context_settings=PASSED_ON if _passed_on else None,
        options_metavar=RUN_USAGE if _passed_on else "[OPTIONS]",
    )(_function)


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

"""`modellab init`, `preflight`, `plan`, `run` and `smoke`: from the config to the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modellab.core.errors import InputError
from modellab.workflow.cli.options import Benchmark, load

if TYPE_CHECKING:
    from modellab.config.schema import Config
    from modellab.workflow.estimate import Estimate

#: unknown options are passed on to Snakemake
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
RUN_USAGE = "[CONFIG] [TARGET]... [KEY=VALUE]... [OPTION OF SNAKEMAKE]..."


def init(
    folder: Annotated[Path, typer.Argument(help="where to; created if it does not exist")] = Path(),
    questions: Annotated[
        Path | None,
        typer.Option("--from", help="your questions: CSV, TSV, JSON, Parquet, XLSX, ..."),
    ] = None,
    docs: Annotated[Path | None, typer.Option(help="your documents: a file or a folder")] = None,
    columns: Annotated[
        str,
        typer.Option(help="columns with other names: question=Frage,answer=Antwort"),
    ] = "",
) -> None:
    """Write a config, a Snakefile and .gitignore for the files in the folder or those named.

    Without questions and documents, it writes an example that runs immediately.
    """
    from modellab.workflow.new_benchmark import write_benchmark

    pairs = [pair.partition("=") for pair in columns.split(",") if pair]
    if bad := [name for name, sign, _ in pairs if not sign]:
        raise InputError(f"--columns: '{bad[0]}' is not FIELD=COLUMN, such as question=Frage")
    named = {name.strip(): column.strip() for name, _, column in pairs}
    written = write_benchmark(folder, questions, docs, named)
    typer.echo(f"written: {', '.join(map(str, written))}")
    place = "" if folder.resolve() == Path.cwd() else f" {folder}"
    typer.echo(f"Next: modellab run{place}")


def preflight(
    config: Benchmark = None,
    configfile: Annotated[list[str] | None, typer.Option(hidden=True)] = None,
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

    loaded = load([*(config or ()), *(configfile or ())])
    findings = list(checks.preflight(loaded.config, require_gpu, slurm))
    if json_file is not None:
        write_json(json_file, {"findings": [asdict(finding) for finding in findings]})
    checks.print_findings(findings)
    if checks.has_failed(findings):
        raise typer.Exit(1)


def run(ctx: typer.Context) -> None:
    """Run a benchmark. The arguments may be in any order.

    CONFIG is a YAML file, a folder with a config.yaml, or `demo`; default: config.yaml. TARGET is
    a file of the results or one of docs/tiers.md; default: everything that the config asks for.
    KEY=VALUE changes a key of the config, such as limit=5. -n lists what would be made.
    """
    _start(ctx.args)


def smoke(ctx: typer.Context) -> None:
    """Run one question per model, into a folder `smoke` of the results. Arguments as for `run`."""
    _start(ctx.args, smoke=True)


def _start(words: Sequence[str], smoke: bool = False) -> None:
    """Check the config, then run Snakemake in this process."""
    from dataclasses import replace

    from snakemake.cli import main

    from modellab.workflow.command_line import parse_arguments
    from modellab.workflow.estimate import SMOKE

    line = parse_arguments(words)
    config = load([*map(str, line.configfiles), *line.config]).config
    if smoke:
        own = (f"results={config.results / SMOKE}", "limit=1")
        line = replace(line, config=(*line.config, *own))
    main(line.snakemake())


def plan(config: Benchmark = None) -> None:
    """Estimate calls, tokens, dollars, hours and kWh of a run, judges included; asks nothing.

    Calls whose answers are in the journals are left out, if the passages are those of the last run.
    Dollars and tokens are upper bounds. Hours and kWh are extrapolated from the answers in the
    journals or from a smoke run.
    """
    from modellab.core.project import PROJECT
    from modellab.workflow.dry_run import waiting_jobs
    from modellab.workflow.estimate import estimate_run

    loaded = load(config).config
    # before the first answer, everything is to be asked
    begun = any(loaded.results.glob("*/journal/**/*.jsonl"))
    found = list(estimate_run(loaded, PROJECT, waiting_jobs(config or ()) if begun else None))
    if not found:
        typer.echo("No model is asked: no model of the config uses a prompt.")
        return
    for line in found:
        dollars = "no price known" if line.cost_usd is None else f"{line.cost_usd:.4f} USD"
        hours = "time unknown" if line.hours is None else f"{line.hours:.2f} hours"
        typer.echo(
            f"{line.dataset}: {line.name}: {line.calls:,} calls ({line.in_journal:,} of "
            f"{line.rows:,} in the journal), {line.prompt_tokens:,} tokens in, "
            f"{line.output_tokens:,} out, {dollars}, {hours}"
        )
    asked = [line for line in found if line.calls]
    typer.echo(
        f"total at most: {len(asked)} jobs ask a model, {sum(line.calls for line in found):,} "
        f"calls, {sum(line.prompt_tokens for line in found):,} tokens in, "
        f"{sum(line.output_tokens for line in found):,} out"
    )
    for what, values, unit in (
        ("cost", [line.cost_usd for line in asked], "USD"),
        ("time, one job after the other", [line.hours for line in asked], "hours"),
        ("energy of GPUs", [line.kwh for line in asked], "kWh"),
    ):
        known = [value for value in values if value is not None]
        lacking = len(values) - len(known)
        more = f", without {lacking} of {len(values)} jobs (unknown)" if lacking else ""
        total = f"{sum(known):.4f} {unit}{more}" if known or not values else "unknown"
        typer.echo(f"  {what}: {total}")
    _print_adaptive(loaded, found)
    if any(line.hours is None for line in asked):
        typer.echo("Times and energy are known after a first run: `modellab smoke` measures them.")


def _print_adaptive(config: Config, found: Sequence[Estimate]) -> None:
    """Adaptive datasets need fewer calls: only the first round is put to all models."""
    for name, dataset in config.datasets.items():
        if dataset.adaptive is None:
            continue
        lines = [line for line in found if line.dataset == name]
        least, most = sum(line.least_calls for line in lines), sum(line.calls for line in lines)
        costs = [line.cost_usd * line.least_calls / line.calls for line in lines if line.cost_usd]
        budget = dataset.adaptive.budget_usd
        limit = f"; no round begins beyond a budget of {budget:g} USD" if budget else ""
        typer.echo(
            f"  {name} is asked in up to {dataset.adaptive.rounds} rounds (`adaptive`); systems "
            f"that cannot be the best are dropped early: {least:,} to {most:,} calls, and the "
            f"first round costs {sum(costs):.4f} USD{limit}"
        )

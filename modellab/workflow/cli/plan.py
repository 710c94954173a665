"""`modellab plan`: what a whole run would ask, cost and take."""

from __future__ import annotations

from typing import Annotated

import typer


def plan(
    config: Annotated[
        str | None, typer.Argument(help="a config file or its folder; default: config.yaml")
    ] = None,
) -> None:
    """Estimate calls, tokens, dollars, hours and kWh of a run, judges included; asks nothing.

    Dollars and tokens are upper bounds. Hours and kWh are at the pace of the answers in the
    journals, or of a smoke run.
    """
    from modellab.config.loading import load_config
    from modellab.core.project import PROJECT
    from modellab.workflow.command_line import read_words
    from modellab.workflow.plan_of_run import plan as planned

    found = planned(load_config(read_words([config] if config else []).configfiles), PROJECT)
    if not found:
        typer.echo("No model is asked: none of the config reads a prompt.")
        return
    for line in found:
        cost = "no price known" if line.cost_usd is None else f"{line.cost_usd:.4f} USD"
        typer.echo(
            f"{line.dataset}: {line.who}: {line.calls:,} calls ({line.in_journal:,} of "
            f"{line.rows:,} in the journal), {line.prompt_tokens:,} tokens in, "
            f"{line.output_tokens:,} out, {cost}, {_hours(line.hours)}"
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
        more = f", without {lacking} of {len(values)} jobs: not known" if lacking else ""
        typer.echo(f"  {what}: {sum(known):.4f} {unit}{more}")
    if any(line.hours is None for line in asked):
        typer.echo("Times and energy are those of earlier answers: `modellab smoke` measures them.")


def _hours(hours: float | None) -> str:
    return "time not known" if hours is None else f"{hours:.2f} hours"
